"""What a local instance finds in its environment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gems_local.machine import instance_environment

ENDPOINT = "http://127.0.0.1:4566"


def test_an_instance_installs_nothing_on_the_users_machine() -> None:
    assert instance_environment(ENDPOINT, 1)["GEMS_INSTALL"] == "no"


def test_the_worker_runs_on_the_python_that_its_bundle_was_made_with() -> None:
    named = instance_environment(ENDPOINT, 1)["GEMS_PYTHON"]
    told = subprocess.run(
        [named, "-c", "import sys; print(*sys.version_info[:2], sys.prefix == sys.base_prefix)"],
        env={}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert told.stdout.split() == [str(part) for part in sys.version_info[:2]] + ["True"]


def test_the_java_that_was_checked_is_the_one_that_instances_find(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "java").write_text("#!/bin/sh\necho 'openjdk version \"17.0.2\"' >&2\n")
    (tmp_path / "java").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin")
    assert instance_environment(ENDPOINT, 1)["PATH"].split(os.pathsep)[0] == str(tmp_path)
