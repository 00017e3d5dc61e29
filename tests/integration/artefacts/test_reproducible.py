"""The worker bundle has the same bytes from two folders, on two days, in two processes."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from gems_artefacts.bundle import OUR_PACKAGES, SOURCE_ROOT
from gems_artefacts.dependencies import REQUIREMENTS_NAME, read_pins

BUILD = "import sys, pathlib; from gems_artefacts.bundle import build_bundle; print(build_bundle(*map(pathlib.Path, sys.argv[1:])).path)"
# One pure package goes the way of all of them; to compile all takes a minute.
PINNED = "stamina"


def clone(folder: Path, modified_at: int) -> Path:
    folder.mkdir(parents=True)
    for package in OUR_PACKAGES:
        shutil.copytree(SOURCE_ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    (pin,) = [pin for pin in read_pins(SOURCE_ROOT / REQUIREMENTS_NAME) if pin.name == PINNED]
    (folder / REQUIREMENTS_NAME).write_text(f"{pin}\n")
    for file in folder.rglob("*"):
        os.utime(file, (modified_at, modified_at))
    return folder


def build(sources: Path, cache: Path, seed: str) -> Path:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE_ROOT), "PYTHONHASHSEED": seed}
    command = [sys.executable, "-c", BUILD, str(cache), str(sources)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=250)
    return Path(done.stdout.strip())


def test_the_bundle_is_the_same_bytes_from_two_folders(tmp_path: Path) -> None:
    first = build(clone(tmp_path / "a", 1_600_000_000), tmp_path / "cache-1", "1")
    second = build(clone(tmp_path / "a much longer name" / "b", 1_700_000_000), tmp_path / "cache-2", "2")
    assert first.name == second.name
    assert hashlib.sha256(first.read_bytes()).digest() == hashlib.sha256(second.read_bytes()).digest()
    with tarfile.open(first) as archive:
        assert {"PYTHON", "MACHINE", "worker/__main__.py", "stamina/__init__.py"} <= set(archive.getnames())
