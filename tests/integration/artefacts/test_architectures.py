"""A worker bundle for another processor holds that processor's packages; both kinds are made on one machine."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import IO

import pytest

from gems_artefacts.architecture import ARM64, X86_64, Architecture, architecture_of_bundle
from gems_artefacts.bundle import build_bundle, bundle_version

# ELF's numbers of processors (e_machine), and where they stand.
ELF_MACHINE = {X86_64: 62, ARM64: 183}
_MACHINE_AT = slice(18, 20)


def read(archive: tarfile.TarFile, member: tarfile.TarInfo | str) -> bytes:
    content: IO[bytes] | None = archive.extractfile(member)
    assert content is not None
    return content.read()


@pytest.mark.parametrize("architecture", [X86_64, ARM64], ids=lambda each: each.name)
def test_every_library_of_a_bundle_is_of_its_architecture(tmp_path: Path, architecture: Architecture) -> None:
    bundle = build_bundle(tmp_path, architecture=architecture)
    with tarfile.open(bundle.path) as archive:
        libraries = [member for member in archive.getmembers() if ".so" in member.name]
        machines = {int.from_bytes(read(archive, member)[_MACHINE_AT], "little") for member in libraries}
        assert read(archive, "MACHINE").decode().strip() == architecture.machine
    assert machines == {ELF_MACHINE[architecture]}
    assert any("pyopal" in member.name for member in libraries)
    assert bundle.version == bundle_version(architecture=architecture)
    assert architecture_of_bundle(bundle.version) == architecture


def test_a_version_without_a_mark_is_of_the_commoner_architecture() -> None:
    assert architecture_of_bundle("0.1.0-0123456789ab") == X86_64
    assert architecture_of_bundle("0.1.0") == X86_64
