"""No waiting between attempts, no sockets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import stamina
from worker_fakes import MemoryStore


@pytest.fixture(autouse=True)
def _without_waiting(socket_disabled: None) -> Iterator[None]:
    stamina.set_testing(True, attempts=5)
    yield
    stamina.set_testing(False)


@pytest.fixture
def store() -> MemoryStore:
    """An empty object store."""
    return MemoryStore()
