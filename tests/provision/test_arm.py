"""A machine of the other architecture, each of whose programs QEMU runs: slow, and the only Arm to be had here."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest
from machines import TOOLS, Booted, shell, type_a_share
from tiny_run import TinyRun

from gems_artefacts.architecture import ARM64, X86_64
from gems_artefacts.checks import BUILT_JAR
from gems_artefacts.local_artefact import LocalArtefact
from gems_artefacts.publish import collect_artefacts

# Emulated, the tree, Java and the installation of packages take ten times as long.
pytestmark = pytest.mark.timeout(3600)
BOOT_TREE = str(TOOLS / "boot-tree.sh")
OTHER = X86_64 if platform.machine() == ARM64.machine else ARM64


@pytest.fixture(scope="module")
def bare() -> Path:
    """A bare Debian 12 of the other architecture."""
    return Path(shell(TOOLS / "bare-debian.sh", "bookworm", OTHER.debian))


@pytest.fixture(scope="module")
def artefacts(tiny_run: TinyRun, tmp_path_factory: pytest.TempPathFactory) -> list[LocalArtefact]:
    cache = tmp_path_factory.mktemp("cache")
    return collect_artefacts(BUILT_JAR, tiny_run.library, tiny_run.panel, cache, OTHER)


def test_a_bare_debian_of_the_other_architecture_types_a_share(
    bare: Path, tiny_reads: dict[str, bytes], artefacts: list[LocalArtefact], tmp_path: Path, table: dict[str, Booted]
) -> None:
    name = f"bare Debian 12, {OTHER.name}, QEMU"
    booted = table[name] = type_a_share(tmp_path, tiny_reads, artefacts, (BOOT_TREE, str(bare)))
    assert set(booted.outcomes.values()) == {"typed"}
