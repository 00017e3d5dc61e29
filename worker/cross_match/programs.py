"""Finds the cross_match that runs here: the site's, or GeMS's own."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

USUAL_NAME = "cross_match"
REPLACEMENT = (sys.executable, "-P", "-m", "worker.cross_match.program")
"""GeMS's own program, run without the working directory on its path: a sample's folder holds no code."""


class Owner(StrEnum):
    """Whose program it is."""

    SITE = "site"
    GEMS = "gems"


@dataclass(frozen=True)
class Program:
    """A program to run.

    Attributes:
        command: what starts it; its arguments follow.
        shown: the name that stands for it in results, which tell no paths of a machine.
        remark: what people should know about its choice; '' for nothing.
    """

    owner: Owner
    command: tuple[str, ...]
    shown: str
    remark: str = ""


def find(named: str, artefact: Path | None, replacement: tuple[str, ...] = REPLACEMENT) -> Program:
    """The program that the settings name, else the site's artefact, else the replacement.

    Args:
        named: a command on ``PATH`` or a path.
        artefact: fetched and checked, or None.
        replacement: what starts GeMS's own.
    """
    found = shutil.which(named)
    # The usual name is only looked for; another one was promised by somebody.
    remark = (
        ""
        if found or named == USUAL_NAME
        else f"GEMS_CROSS_MATCH names {named}, which is not a program on this machine"
    )
    if found or artefact:
        return Program(Owner.SITE, (found or str(artefact),), "cross_match", remark)
    return Program(Owner.GEMS, replacement, "gems-cross-match", remark)
