"""Shared surroundings; the stand-ins for programs and jobs are those of the unit tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parents[2] / "unit" / "worker")]

from worker_cloud import LocalAws, local_aws  # noqa: E402 - after the path is set


@pytest.fixture(autouse=True)
def _no_aws_of_the_developer(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def cloud() -> Iterator[LocalAws]:
    """A local AWS, shared; whoever uses it resets it first."""
    with local_aws() as aws:
        yield aws


@pytest.fixture
def aws(cloud: LocalAws) -> LocalAws:
    """A fresh local AWS."""
    cloud.reset()
    return cloud
