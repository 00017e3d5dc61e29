"""Machines that provision.sh makes, booted as EC2 boots them, each of which types a real share."""

from __future__ import annotations

from pathlib import Path

import pytest
from machines import ROOT, TOOLS, Booted, shell, type_a_share
from tiny_run import TinyRun

from gems_artefacts.publish import LocalArtefact

BOOT_TREE = str(TOOLS / "boot-tree.sh")
IN_TREE = TOOLS / "in-tree.sh"


@pytest.fixture(scope="module")
def baked(bare: Path, artefacts_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bare tree after ``provision.sh bake``, as an image builder leaves it."""
    tree = tmp_path_factory.mktemp("baked") / "tree"
    shell("cp", "-a", bare, tree)
    binds = ["--bind", f"{ROOT / 'userdata'}:/mnt/userdata", "--bind", f"{artefacts_folder}:/mnt/control"]
    shell(IN_TREE, *binds, tree, "bash", "/mnt/userdata/provision.sh", "bake", "--artefacts", "/mnt/control")
    return tree


def test_a_bare_debian_becomes_a_worker_by_its_user_data_and_types_a_share(
    bare: Path, tiny_run: TinyRun, artefacts: list[LocalArtefact], tmp_path: Path, table: dict[str, Booted]
) -> None:
    booted = table["bare Debian 12"] = type_a_share(tmp_path, tiny_run, artefacts, (BOOT_TREE, str(bare)))
    assert set(booted.outcomes.values()) == {"typed"}
    assert "bootstrap: packages openjdk-17-jre-headless, curl: " in booted.log
    assert not (bare / "opt" / "gems").exists(), "the tree itself was changed"


def test_a_baked_machine_installs_and_fetches_nothing_before_it_types(
    baked: Path, tiny_run: TinyRun, artefacts: list[LocalArtefact], tmp_path: Path, table: dict[str, Booted]
) -> None:
    booted = table["baked Debian 12"] = type_a_share(tmp_path, tiny_run, artefacts, (BOOT_TREE, str(baked)))
    assert set(booted.outcomes.values()) == {"typed"}
    assert "bootstrap: packages" not in booted.log
    assert "fetched artefacts/" not in booted.log
    assert booted.first_sample_seconds < 15


def test_a_baked_image_keeps_no_cache_and_no_list_of_packages(baked: Path) -> None:
    kept = [path for path in ("var/lib/apt/lists", "var/cache/apt/archives") for path in (baked / path).glob("*.deb")]
    assert not kept
    assert not list((baked / "var/lib/apt/lists").glob("*"))
    assert list((baked / "opt/gems/artefacts").glob("*/content/index/*"))
