"""Shared surroundings; the stand-ins for programs and jobs are those of the unit tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parents[2] / "unit" / "worker")]

from worker_cloud import LocalAws, local_aws  # noqa: E402 - after the path is set


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalAws]:
    """A fresh local AWS; nothing of the developer's own AWS configuration reaches it."""
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with local_aws() as cloud:
        yield cloud
