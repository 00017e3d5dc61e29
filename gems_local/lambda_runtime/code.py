"""The folders that an environment sees: the unpacked zip and the runtime client, both read-only."""

from __future__ import annotations

import compileall
import ctypes
import shutil
import sys
import tempfile
import zipfile
from importlib import metadata
from pathlib import Path

# What AWS lays beside its Python; of this environment, so that the zip meets nothing else of it.
_RUNTIME = ("awslambdaric", "simplejson", "snapshot-restore-py")
# linux/prctl.h, linux/capability.h
_PR_CAPBSET_DROP = 24
_CAP_DAC_OVERRIDE = 1


def unpack(package: Path, folder: Path) -> Path:
    """Unpack a zip as Lambda does, then let nobody write there."""
    with zipfile.ZipFile(package) as archive:
        archive.extractall(folder)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    return folder


def runtime_folder(cache: Path) -> Path:
    """The runtime client alone, copied from this environment, from the cache when it is there."""
    versions = "-".join(metadata.version(name) for name in _RUNTIME)
    target = cache / f"lambda-runtime-{versions}-{sys.version_info.major}.{sys.version_info.minor}"
    if not target.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="runtime-", dir=cache) as made:
            for name in _RUNTIME:
                _copy(name, Path(made) / "files")
            compileall.compile_dir(Path(made) / "files", quiet=2)
            try:
                (Path(made) / "files").rename(target)
            except OSError:  # another process was faster
                if not target.exists():
                    raise
    return target


def obey_file_modes() -> None:
    """Have what this process starts from now on obey read-only folders even where it runs as root."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, _CAP_DAC_OVERRIDE, 0, 0, 0)


def _copy(name: str, target: Path) -> None:
    for file in metadata.files(name) or ():
        if ".." in file.parts or "tests" in file.parts or "__pycache__" in file.parts:
            continue
        destination = target / file
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(Path(str(file.locate())), destination)
