"""The Dockerfile, built for real with buildah on a debootstrapped base, and a share typed in that image."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from machines import TOOLS, Booted, shell, type_a_share

from gems_artefacts.local_artefact import LocalArtefact

# A busy machine makes a tree in minutes.
pytestmark = pytest.mark.timeout(1200)
BASE, IMAGE = "localhost/gems-base:12", "localhost/gems/worker"
SECRET = ("AKIA", "PRIVATE KEY", "aws_secret_access_key")


@pytest.fixture(scope="module", autouse=True)
def _buildah() -> None:
    if shutil.which("buildah") is None:
        pytest.skip("needs buildah")


@pytest.fixture(scope="module")
def image(bare: Path) -> str:
    """The worker's image, on the bare tree."""
    base = shell("buildah", "from", "scratch")
    shell("bash", "-c", 'cp -a "$0/." "$(buildah mount "$1")"', bare, base)
    shell("buildah", "commit", "--quiet", "--rm", "--format", "docker", base, BASE)
    shell(TOOLS / "image.sh", "worker", BASE=BASE)
    return IMAGE


@pytest.fixture(scope="module")
def mounted(image: str) -> Iterator[Path]:
    """The image's files."""
    container = shell("buildah", "from", "--pull-never", image)
    yield Path(shell("buildah", "mount", container))
    shell("buildah", "rm", container)


def test_a_share_is_typed_in_the_image_by_a_user_who_is_not_root(
    image: str, tiny_reads: dict[str, bytes], artefacts: list[LocalArtefact], tmp_path: Path, table: dict[str, Booted]
) -> None:
    boot = (str(TOOLS / "boot-image.sh"), image)
    booted = table["container"] = type_a_share(tmp_path, tiny_reads, artefacts, boot)
    assert set(booted.outcomes.values()) == {"typed"}
    assert "bootstrap: packages" not in booted.log
    assert booted.user_id == 10001


def test_the_image_says_what_it_is_and_runs_as_nobody_special(image: str) -> None:
    done = subprocess.run(["buildah", "inspect", "--type", "image", image], capture_output=True, text=True, check=True)
    config = json.loads(done.stdout)["Docker"]["config"]
    assert config["User"] == "10001:10001"
    labels = config["Labels"]
    for name in ("title", "description", "licenses", "version", "revision"):
        assert labels[f"org.opencontainers.image.{name}"]


def test_the_image_keeps_no_cache_and_no_secret(mounted: Path) -> None:
    for folder in ("var/lib/apt/lists", "var/cache/apt/archives", "root/.cache", "var/cache/debconf"):
        kept = [path for path in (mounted / folder).rglob("*") if path.is_file() and path.stat().st_size > 0]
        assert not [path for path in kept if path.name.endswith((".deb", "_Packages", "_InRelease", "-old"))], folder
    ours = [path for folder in ("opt", "root", "home", "usr/local") for path in (mounted / folder).rglob("*")]
    for path in ours:
        if path.is_file() and not path.is_symlink():
            text = path.read_text(errors="replace")
            assert not [word for word in SECRET if word in text], path
    assert not [name for name in os.environ if name.startswith("AWS_") and "SECRET" in name]
