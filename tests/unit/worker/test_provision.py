"""provision.sh as text and by its words; `make test-provision` runs it on bare machines."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import userdata

SCRIPT = Path(userdata.__file__).with_name("provision.sh")
SYSTEMS = ("debian-12", "debian-13", "ubuntu-24.04", "amzn-2023")


def run(*arguments: str, script: str | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
    """The script with a home of its own; ``script`` is given to bash in its place."""
    environment = {"PATH": os.environ["PATH"], **variables}
    command = ["bash", "-c", script, "bash"] if script else ["bash", str(SCRIPT)]
    return subprocess.run([*command, *arguments], env=environment, capture_output=True, text=True, check=False)


def functions() -> str:
    """The script without its last line, which runs it."""
    return SCRIPT.read_text().removesuffix('main "$@"\n')


def test_both_scripts_are_clean_for_shellcheck() -> None:
    shellcheck = shutil.which("shellcheck", path=f"{Path(sys.prefix) / 'bin'}:{os.environ['PATH']}")
    if shellcheck is None:
        pytest.skip("needs shellcheck")
    done = subprocess.run([shellcheck, *SCRIPT.parent.glob("*.sh")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_supported_system_has_a_java_a_python_and_what_developing_takes(system: str) -> None:
    told = functions() + f'packages_of {system}; printf "%s\\n" "$java" "$python" "$pythons" "$develop"'
    java, python, pythons, develop = run(script=told).stdout.splitlines()
    assert re.fullmatch(r"openjdk-\d\d-jre-headless|java-17-amazon-corretto-headless", java)
    assert python.startswith("python3")
    assert re.fullmatch(r"3\.\d\d( 3\.\d\d)*", pythons)
    assert "jdk" in develop or "devel" in develop


def test_another_system_is_told_which_ones_it_could_be() -> None:
    done = run(script=functions() + "packages_of plan9-4")
    assert done.returncode == 1
    assert "expected Debian 12 or 13, Ubuntu 24.04 or Amazon Linux 2023, found plan9-4" in done.stderr


def test_a_system_without_the_bundles_python_is_told_what_it_has() -> None:
    script = functions() + "system() { echo debian-13; }; find_python() { return 1; }; what_is_missing worker"
    done = run(script=script)
    assert done.returncode == 1
    assert (
        "expected Python 3.11, which the worker bundle was made for, found debian-13, which has Python 3.13"
        in done.stderr
    )


def test_python_of_another_version_than_the_bundles_is_not_taken(tmp_path: Path) -> None:
    done = run(script=functions() + "find_python", GEMS_BUNDLE_PYTHON="3.7")
    assert done.returncode != 0
    assert done.stdout == ""


def test_a_purpose_that_is_none_is_refused_by_name(tmp_path: Path) -> None:
    done = run("vacation", GEMS_ROOT=str(tmp_path))
    assert done.returncode == 1
    assert "expected worker, image, develop or bake, found 'vacation'" in done.stderr


def test_what_a_booting_machine_runs_has_neither_comments_nor_the_parts_for_images() -> None:
    script = userdata.provision_script()
    assert script.startswith("#!/usr/bin/env bash\nset -euo pipefail\n")
    assert "make_index()" not in script
    assert "make_index()" in SCRIPT.read_text()
    assert not re.search(r"^\s*#(?!!)", script, re.MULTILINE)
    assert subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode == 0
