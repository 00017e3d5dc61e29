"""What this machine has of typer and panel, before anything is packed or typed."""

from __future__ import annotations

import re
from pathlib import Path

from gems_artefacts.carried import carried
from gems_artefacts.files import sha256_of
from gems_artefacts.java import find_java
from gems_core.errors import one_problem

BUILT_JAR = carried("hla-typer.jar")
LONGEST_PANEL_NAME = 40
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")


def panel_version(panel: Path) -> str:
    """The file's name and content, as artefacts are named: people choose a panel by that name."""
    name = _UNFIT.sub("-", panel.stem.removeprefix("panel-")).strip("-.")[:LONGEST_PANEL_NAME] or "panel"
    return f"{name}-{sha256_of(panel)[:12]}"


def check_jar(jar: Path) -> None:
    """See that there is a typer, and a Java to run it.

    Raises:
        InvalidInput: one of them is missing, or the Java is too old.
    """
    if not jar.is_file():
        raise one_problem(
            "typer_jar",
            str(jar),
            "the typer's jar",
            "no file",
            "Build it with `make jar`, install the wheel of a release, or name one with --typer-jar.",
        )
    find_java()
