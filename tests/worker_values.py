"""Values of a worker that tests launch."""

from __future__ import annotations

from gems_core.layout import ARTEFACT_KINDS
from gems_core.manifest import Artefact
from userdata import Bootstrap

BOOTSTRAP = Bootstrap(
    "gems-data-run-class-2-261123-12:00:0000000001",
    "https://api.test",
    "eu-west-1",
    "gems-control",
    {kind: Artefact("1", f"artefacts/{kind}/1/{kind}", "0" * 64) for kind in ARTEFACT_KINDS},
    "gems.worker.token",
    "credential-store",
    7200,
)
