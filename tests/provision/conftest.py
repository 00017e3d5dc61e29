"""Machines for the tests of provisioning: trees of a bare Debian, a tiny run, and local clouds that boot such trees."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parents[1] / "end_to_end")]

from cloud_site import job_files  # noqa: E402 - after the path is set
from machines import SAMPLES, TOOLS, Booted, shell  # noqa: E402 - after the path is set
from tiny_run import TinyRun, make_tiny_run  # noqa: E402

from gems_artefacts.checks import BUILT_JAR  # noqa: E402
from gems_artefacts.local_artefact import LocalArtefact  # noqa: E402
from gems_artefacts.publish import collect_artefacts  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def _root() -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root, who alone may mount a tree")


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory: pytest.TempPathFactory) -> TinyRun:
    return make_tiny_run(tmp_path_factory.mktemp("tiny"), SAMPLES)


@pytest.fixture(scope="session")
def tiny_reads(tiny_run: TinyRun) -> dict[str, bytes]:
    return job_files(tiny_run.reads, SAMPLES)


@pytest.fixture(scope="session")
def artefacts(tiny_run: TinyRun, tmp_path_factory: pytest.TempPathFactory) -> list[LocalArtefact]:
    return collect_artefacts(BUILT_JAR, tiny_run.library, tiny_run.panel, tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def bare() -> Path:
    """A Debian 12 as the cloud's image has it."""
    return Path(shell(TOOLS / "bare-debian.sh", "bookworm"))


@pytest.fixture(scope="session")
def table() -> Iterator[dict[str, Booted]]:
    """Takes what was measured; printed in the end."""
    rows: dict[str, Booted] = {}
    yield rows
    sys.__stderr__.write("\nseconds from the kernel to     first sample  share of 3\n") if sys.__stderr__ else None
    for name, row in rows.items():
        if sys.__stderr__:
            sys.__stderr__.write(f"{name:30} {row.first_sample_seconds:13.1f} {row.share_seconds:11.1f}\n")
