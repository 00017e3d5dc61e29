"""provision.sh on systems that are at hand: it does what is left to do, and refuses what it cannot do."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from machines import ROOT, TOOLS, Booted, shell, type_a_share

from gems_artefacts.bundle import OUR_PACKAGES
from gems_artefacts.local_artefact import LocalArtefact
from gems_artefacts.tarball import write_tarball

# A busy machine makes a tree in minutes.
pytestmark = pytest.mark.timeout(1200)


@pytest.fixture(scope="module")
def trixie() -> Path:
    return Path(shell(TOOLS / "bare-debian.sh", "trixie"))


def provision(tree: Path, scratch: Path, purpose: str, *variables: str) -> subprocess.CompletedProcess[str]:
    """The script in a tree that stays as it is; what changes is in ``scratch``."""
    command = [TOOLS / "in-tree.sh", "--scratch", scratch, "--bind", f"{ROOT / 'userdata'}:/mnt/userdata", tree]
    script = ["env", *variables, "bash", "/mnt/userdata/provision.sh", purpose]
    return subprocess.run([*map(str, command), *script], capture_output=True, text=True, check=False)


def bundle_for(python: str, folder: Path) -> Path:
    """The worker's bundle for another Python, of the same pins."""
    content = folder / "bundle"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-compile", "--no-deps", "--require-hashes"]
    wheels = ["--only-binary=:all:", f"--python-version={python}", f"--target={content}"]
    shell(*pip, *wheels, "-r", ROOT / "requirements-worker.txt")
    for package in OUR_PACKAGES:
        shutil.copytree(ROOT / package, content / package, ignore=shutil.ignore_patterns("__pycache__"))
    (content / "PYTHON").write_text(f"{python}\n")
    files = (path for path in content.rglob("*") if path.is_file())
    return write_tarball(folder / "worker.tar.gz", {path.relative_to(content).as_posix(): path for path in files})


def test_a_bare_debian_13_types_a_share_with_a_bundle_for_its_python(
    trixie: Path, tiny_reads: dict[str, bytes], artefacts: list[LocalArtefact], tmp_path: Path, table: dict[str, Booted]
) -> None:
    bundle = bundle_for("3.13", tmp_path)
    ours = [replace(one, version="3.13", path=bundle) if one.kind == "worker" else one for one in artefacts]
    boot = (str(TOOLS / "boot-tree.sh"), str(trixie))
    booted = table["bare Debian 13, Python 3.13"] = type_a_share(tmp_path / "cloud", tiny_reads, ours, boot)
    assert set(booted.outcomes.values()) == {"typed"}
    assert "bootstrap: packages openjdk-21-jre-headless, curl: " in booted.log


def test_debian_13_becomes_a_worker_for_a_bundle_of_its_python_and_the_second_call_does_nothing(
    trixie: Path, tmp_path: Path
) -> None:
    first = provision(trixie, tmp_path, "worker", "GEMS_BUNDLE_PYTHON=3.13")
    assert first.returncode == 0, first.stderr
    assert "provision: packages openjdk-21-jre-headless, curl: " in first.stderr
    marker = (tmp_path / "upper/opt/gems/provisioned").read_text().splitlines()
    assert {"purpose=worker", "system=debian-13", "python=/usr/bin/python3.13"} <= set(marker)
    second = provision(trixie, tmp_path, "worker", "GEMS_BUNDLE_PYTHON=3.13")
    assert second.returncode == 0
    assert second.stderr == ""


def test_debian_13_is_refused_for_a_bundle_of_another_python_before_anything_is_installed(
    trixie: Path, tmp_path: Path
) -> None:
    refused = provision(trixie, tmp_path, "worker")
    assert refused.returncode == 1
    assert "expected Python 3.11, which the worker bundle was made for, found debian-13, which has Python 3.13" in (
        refused.stderr
    )
    assert not (tmp_path / "upper/opt/gems").exists()


def test_a_development_machine_has_what_changing_gems_takes(bare: Path, tmp_path: Path) -> None:
    done = provision(bare, tmp_path, "develop")
    assert done.returncode == 0, done.stderr
    for program in ("javac", "mvn", "git", "make", "python3"):
        assert (
            (tmp_path / "upper/usr/bin" / program).is_symlink()
            or (bare / "usr/bin" / program).exists()
            or (tmp_path / "upper/usr/bin" / program).exists()
        )
