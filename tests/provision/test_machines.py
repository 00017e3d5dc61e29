"""Machines that provision.sh makes, booted as EC2 boots them, each of which types a real share."""

from __future__ import annotations

from pathlib import Path

import pytest
from machines import SAMPLES, TOOLS, Booted, bake, type_a_share

from gems_artefacts.checks import BUILT_JAR
from gems_artefacts.inputs import find_library, find_panel
from gems_artefacts.local_artefact import LocalArtefact
from gems_artefacts.publish import collect_artefacts

# A busy machine makes a tree in minutes.
pytestmark = pytest.mark.timeout(1200)
BOOT_TREE = str(TOOLS / "boot-tree.sh")


@pytest.fixture(scope="module")
def baked(bare: Path, artefacts: list[LocalArtefact], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bake(bare, tmp_path_factory.mktemp("baked"), artefacts)


def test_a_bare_debian_becomes_a_worker_by_its_user_data_and_types_a_share(
    bare: Path, tiny_reads: dict[str, bytes], artefacts: list[LocalArtefact], tmp_path: Path, table: dict[str, Booted]
) -> None:
    booted = table["bare Debian 12"] = type_a_share(tmp_path, tiny_reads, artefacts, (BOOT_TREE, str(bare)))
    assert set(booted.outcomes.values()) == {"typed"}
    assert "bootstrap: packages openjdk-17-jre-headless, curl: " in booted.log
    assert not (bare / "opt" / "gems").exists(), "the tree itself was changed"


def test_a_baked_machine_installs_and_fetches_nothing_before_it_types(
    baked: Path, tiny_reads: dict[str, bytes], artefacts: list[LocalArtefact], tmp_path: Path, table: dict[str, Booted]
) -> None:
    booted = table["baked Debian 12"] = type_a_share(tmp_path, tiny_reads, artefacts, (BOOT_TREE, str(baked)))
    assert set(booted.outcomes.values()) == {"typed"}
    assert "bootstrap: packages" not in booted.log
    assert "fetched artefacts/" not in booted.log
    assert booted.first_sample_seconds < 15


def test_a_baked_image_keeps_no_cache_and_no_list_of_packages(baked: Path) -> None:
    kept = [path for path in ("var/lib/apt/lists", "var/cache/apt/archives") for path in (baked / path).glob("*.deb")]
    assert not kept
    assert not list((baked / "var/lib/apt/lists").glob("*"))
    assert list((baked / "opt/gems/artefacts").glob("*/content/index/*"))


def test_a_baked_machine_types_three_samples_of_a_real_library(
    bare: Path, shared_data: Path, tmp_path: Path, table: dict[str, Booted]
) -> None:
    artefacts = collect_artefacts(BUILT_JAR, find_library(None, print), find_panel(None), tmp_path / "cache")
    reads = sorted((shared_data / "miseq-dev").glob("*.fastq.gz"))[: 2 * SAMPLES]
    tree = bake(bare, tmp_path / "baked", artefacts)
    boot = (BOOT_TREE, str(tree))
    files = {path.name: path.read_bytes() for path in reads}
    booted = table["baked, 3.51.0, miseq-dev"] = type_a_share(tmp_path / "cloud", files, artefacts, boot)
    assert set(booted.outcomes.values()) == {"typed"}
