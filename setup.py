"""What pyproject.toml cannot say: a wheel carries files that lie outside of the packages, and its commit."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
sys.path.insert(0, str(ROOT))

from gems_artefacts.carried import COMMIT, IN_CLONE  # noqa: E402 - after the path is set


class BuildWithData(build_py):
    """Copies what ``gems_artefacts.carried`` names into the package; what was not built (the typer's jar) is left out with a word."""

    def run(self) -> None:
        """Build the packages, then add what they carry."""
        super().run()
        if self.editable_mode:
            return
        target = Path(self.build_lib, "gems_artefacts", "data")
        target.mkdir(parents=True, exist_ok=True)
        for name, place in IN_CLONE.items():
            if (ROOT / place).is_file():
                shutil.copyfile(ROOT / place, target / name)
            else:
                self.announce(f"{place} is not there: this wheel goes without it", level=3)
        (target / COMMIT).write_text(f"{_commit()}\n", encoding="utf-8")


def _commit() -> str:
    """Twelve digits, with ``-dirty`` where files differ from it; ``unknown`` outside of a clone."""
    try:
        commit = _git("rev-parse", "--short=12", "HEAD")
        return commit + ("-dirty" if _git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _git(*words: str) -> str:
    return subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=True).stdout.strip()


setup(cmdclass={"build_py": BuildWithData})
