"""The pinned packages that a worker imports, copied from this environment or installed by pip."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from gems_artefacts.architecture import Architecture
from gems_core.errors import GemsError

REQUIREMENTS_NAME = "requirements-worker.txt"
_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)", re.MULTILINE)
_OF_PICTURES = ("_avif", "_webp", "_imagingft", "libavif", "libwebp", "libfreetype", "libharfbuzz", "libbrotli")
# Of botocore's 16 MB of service descriptions a worker reads these; the rest would only cost time to unpack.
BOTOCORE_SERVICES = frozenset({"s3", "dynamodb", "kms", "logs", "sts"})


class BundleProblem(GemsError):
    """The worker bundle cannot be built."""


@dataclass(frozen=True, order=True)
class Pin:
    """One package at one version."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name}=={self.version}"


def read_pins(requirements: Path) -> list[Pin]:
    """The pins of a compiled requirements file, in name order.

    Raises:
        BundleProblem: there is no such file, or no pin in it.
    """
    text = requirements.read_text() if requirements.is_file() else ""
    pins = sorted(Pin(match["name"], match["version"]) for match in _PIN.finditer(text))
    if not pins:
        raise BundleProblem(
            f"{requirements}: expected the pinned dependencies of the worker, found none. Run `make lock`."
        )
    return pins


def install(requirements: Path, target: Path, architecture: Architecture | None = None) -> None:
    """Put every pinned package under ``target``: copied when this environment has all of them, else by pip.

    Args:
        requirements: the pins.
        target: a folder.
        architecture: where they shall be imported, under Linux and this Python; None for here.

    Raises:
        BundleProblem: they cannot be had.
    """
    pins = read_pins(requirements)
    is_here = architecture is None or architecture.is_here
    if is_here and all(_installed(pin) for pin in pins):
        for pin in pins:
            _copy(pin, target)
    else:
        install_with_pip(requirements, target, () if is_here or architecture is None else architecture.wheels)


def is_wanted(name: str) -> bool:
    """Whether a file of a package belongs in the bundle.

    Args:
        name: its path below the folder of packages, with ``/``.
    """
    parts = name.split("/")
    if parts[0] in ("..", "bin") or "__pycache__" in parts:
        return False
    match parts:
        case ["botocore", "data", service, _, *_]:
            return service in BOTOCORE_SERVICES
        case (
            ["numpy", *_, "tests", _] | ["pyopal" | "scoring_matrices", "tests", *_] | ["archspec", "json", "tests", *_]
        ):
            return False
        # reportlab wants Pillow; a report has no pictures, and their codecs are half of its size.
        case ["PIL" | "pillow.libs", file] if file.startswith(_OF_PICTURES):
            return False
    return not parts[0].endswith(".dist-info") or parts[-1] in ("METADATA", "entry_points.txt")


def _installed(pin: Pin) -> bool:
    try:
        return metadata.version(pin.name) == pin.version
    except metadata.PackageNotFoundError:
        return False


def _copy(pin: Pin, target: Path) -> None:
    for file in metadata.files(pin.name) or ():
        if is_wanted(file.as_posix()):
            destination = target / file
            destination.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(Path(str(file.locate())), destination)


def install_with_pip(requirements: Path, target: Path, platforms: Sequence[str] = ()) -> None:
    """Have pip put the pinned packages under ``target``.

    Args:
        requirements: the pins, with hashes.
        target: a folder.
        platforms: those of another machine, under this Python, by pip's names: only wheels of these are taken.

    Raises:
        BundleProblem: with the end of what pip said.
    """
    options = ["--quiet", "--disable-pip-version-check", "--no-compile", "--require-hashes", "--no-deps"]
    if platforms:
        version = "{}.{}".format(*sys.version_info[:2])
        options += ["--only-binary=:all:", "--implementation=cp", f"--python-version={version}"]
        options += [f"--platform={platform}" for platform in platforms]
    command = [sys.executable, "-m", "pip", "install", *options, "--target", str(target), "-r", str(requirements)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        where = f" for {platforms[0]}" if platforms else ""
        raise BundleProblem(
            f"{requirements}: expected pip to install these packages{where}, it did not:\n{done.stderr.strip()[-800:]}\n"
            "Let this machine reach its package index, then run the command again."
        )
