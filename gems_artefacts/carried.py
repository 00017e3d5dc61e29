"""Files that belong to the code and lie outside of it in a clone; an installed wheel carries them as package data.

Imports nothing but the standard library, for ``setup.py`` asks it what to carry.
"""

from __future__ import annotations

from pathlib import Path

_DATA = Path(__file__).with_name("data")
_ROOT = Path(__file__).resolve().parent.parent
# By the name that each has in the wheel.
IN_CLONE = {
    "hla-typer.jar": "hla-typer/target/hla-typer.jar",
    "pom.xml": "hla-typer/pom.xml",
    "requirements-worker.txt": "requirements-worker.txt",
    "requirements.txt": "requirements.txt",
    "gems.yaml": "infra/gems.yaml",
    "batch.yaml": "infra/batch.yaml",
    "zappa_settings.json": "zappa_settings.json",
}
# The commit that a wheel was built from; a clone asks git.
COMMIT = "commit"


def carried(name: str) -> Path:
    """Where a file is: carried by the installation, or else in the clone, whether it is there or not."""
    installed = _DATA / name
    return installed if installed.exists() else _ROOT / IN_CLONE[name]


def carried_commit() -> str:
    """The commit that this installation was built from; '' in a clone."""
    path = _DATA / COMMIT
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""
