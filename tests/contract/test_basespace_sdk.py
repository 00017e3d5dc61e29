"""Illumina's own Python SDK before our stand-in: what it asks is answered as it expects.

The SDK is on no package index (docs/adr/0020). Where somebody has installed it from Illumina's repository, this runs.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).parents[1] / "integration" / "basespace"))
api_module = pytest.importorskip(
    "BaseSpacePy.api.BaseSpaceAPI", reason="Illumina's SDK is on no package index, and is not installed here"
)


def test_the_sdk_reads_a_launch_its_sample_and_the_samples_files_from_the_stand_in() -> None:
    from stand_in import CLIENT, serving  # noqa: PLC0415 - on the path above

    with serving() as basespace:
        key, _, secret = CLIENT.partition(":")
        sample = basespace.sample("K1")
        launched = basespace.account.launch([sample], "2")
        api: Any = api_module.BaseSpaceAPI(key, secret, basespace.url, "v1pre3", launched.session_id, basespace.token())
        assert api.getAppSessionById(launched.session_id).Id == launched.session_id
        assert api.getUserById("current").Id == "1001"
        assert len(api.getSampleFilesById(sample)) == 2
