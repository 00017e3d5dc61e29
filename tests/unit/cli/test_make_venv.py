"""tools/make-venv.sh: which Python the virtualenv is made with, and when."""

from __future__ import annotations

import subprocess
from pathlib import Path

from gems_artefacts.bundle import SOURCE_ROOT

# Says that it is new enough and makes a virtualenv in which `pip` does nothing.
PYTHON = """#!/bin/sh
if [ "$2" = venv ]; then
    mkdir -p "$3/bin"
    printf '#!/bin/sh\\n' > "$3/bin/pip"
    chmod +x "$3/bin/pip"
    basename "$0" > "$3/made-by"
fi
"""


def make_venv(folder: Path, *pythons: str, named: str = "") -> str:
    """The Python that made the virtualenv where there are these."""
    found = folder / "bin"
    found.mkdir(exist_ok=True)
    for name in pythons:
        (found / name).write_text(PYTHON)
        (found / name).chmod(0o755)
    script = SOURCE_ROOT / "tools" / "make-venv.sh"
    venv = folder / "venv"
    command = ["/bin/bash", str(script), str(venv), "requirements.txt"]
    environment = {"PATH": f"{found}:/usr/bin:/bin", "GEMS_VENV_PYTHON": named}
    subprocess.run(command, env=environment, check=True, capture_output=True, cwd=folder)
    return (venv / "made-by").read_text().strip()


def test_a_python_that_lambda_runs_is_taken_where_another_one_is_the_usual(tmp_path: Path) -> None:
    assert make_venv(tmp_path, "python3", "python3.11", "python3.12") == "python3.11"


def test_the_newer_one_of_them_is_taken(tmp_path: Path) -> None:
    assert make_venv(tmp_path, "python3", "python3.11", "python3.13") == "python3.13"


def test_one_that_is_named_comes_first(tmp_path: Path) -> None:
    assert make_venv(tmp_path, "python3.11", "python3.13", named="python3.11") == "python3.11"


def test_a_virtualenv_whose_making_was_interrupted_is_made_again(tmp_path: Path) -> None:
    # Python is there before pip is.
    python = tmp_path / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch(mode=0o755)
    assert make_venv(tmp_path, "python3.11") == "python3.11"


def test_a_virtualenv_that_works_stays(tmp_path: Path) -> None:
    make_venv(tmp_path, "python3.11")
    (tmp_path / "venv" / "made-by").write_text("an earlier Python")
    assert make_venv(tmp_path, "python3.11") == "an earlier Python"
