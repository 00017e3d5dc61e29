"""The worker bundle: a `.tar.gz` of a directory that goes on PYTHONPATH (docs/contracts.md, section 5)."""

from __future__ import annotations

import compileall
import hashlib
import platform
import py_compile
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import gems_core
from gems_artefacts.architecture import Architecture
from gems_artefacts.carried import carried
from gems_artefacts.dependencies import REQUIREMENTS_NAME, install, is_wanted, read_pins
from gems_artefacts.tarball import write_tarball

OUR_PACKAGES = ("gems_core", "gems_formats", "gems_report", "worker")
SOURCE_ROOT = Path(gems_core.__file__).resolve().parent.parent


@dataclass(frozen=True)
class Bundle:
    """A built bundle and its version, which names its content."""

    version: str
    path: Path


def build_bundle(cache: Path, source_root: Path = SOURCE_ROOT, *, architecture: Architecture | None = None) -> Bundle:
    """The bundle of the worker as it stands, from the cache when nothing has changed.

    Args:
        cache: the folder of packed artefacts.
        source_root: holds the packages and the worker's requirements file.
        architecture: of the machines that shall run it; None for this one.

    Raises:
        BundleProblem: the dependencies cannot be had.
    """
    requirements = requirements_file(source_root)
    version = bundle_version(source_root, architecture)
    target = cache / f"worker-{version}.tar.gz"
    if not target.exists():
        with tempfile.TemporaryDirectory(prefix="gems-bundle-") as folder:
            _stage(Path(folder), source_root, requirements, architecture)
            write_tarball(target, {file.relative_to(folder).as_posix(): file for file in _files(Path(folder))})
    return Bundle(version, target)


def bundle_version(source_root: Path = SOURCE_ROOT, architecture: Architecture | None = None) -> str:
    """The version of the bundle that ``build_bundle`` would make, without making it."""
    mark = architecture.mark if architecture else ""
    return f"{gems_core.__version__}{mark}-{_content_digest(source_root, architecture)[:12]}"


def requirements_file(source_root: Path) -> Path:
    """The worker's pins."""
    return carried(REQUIREMENTS_NAME) if source_root == SOURCE_ROOT else source_root / REQUIREMENTS_NAME


def _stage(folder: Path, source_root: Path, requirements: Path, architecture: Architecture | None) -> None:
    install(requirements, folder, architecture)
    for file in _files(folder):
        if not is_wanted(file.relative_to(folder).as_posix()):
            file.unlink()
    for package in OUR_PACKAGES:
        shutil.copytree(source_root / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    # The scripts that boot a machine look for this Python, and see that its processor is this one.
    (folder / "PYTHON").write_text(f"{sys.version_info.major}.{sys.version_info.minor}\n")
    (folder / "MACHINE").write_text(f"{_machine(architecture)}\n")
    # Byte code by content, never checked: an instance need not compile botocore, and the bytes hold no time.
    # The paths within are relative, as the traceback on an instance should show them.
    compileall.compile_dir(
        folder,
        quiet=2,
        stripdir=folder,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )


def _machine(architecture: Architecture | None) -> str:
    return architecture.machine if architecture else platform.machine()


def _content_digest(source_root: Path, architecture: Architecture | None) -> str:
    system = "linux" if architecture else sys.platform
    made_for = f"cpython-{sys.version_info.major}.{sys.version_info.minor} {system} {_machine(architecture)}\n"
    digest = hashlib.sha256(made_for.encode())
    for pin in read_pins(requirements_file(source_root)):
        digest.update(f"{pin}\n".encode())
    for package in OUR_PACKAGES:
        for file in _sources(source_root / package):
            digest.update(f"{file.relative_to(source_root).as_posix()}\n".encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _sources(package: Path) -> Iterator[Path]:
    return (file for file in _files(package) if file.parent.name != "__pycache__")


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())
