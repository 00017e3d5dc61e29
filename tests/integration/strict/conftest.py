"""A stand-in of any strictness, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from strict_site import StandInServer, StrictSite

from gems_local.strict.settings import Strictness


@pytest.fixture(scope="module")
def server() -> Iterator[StandInServer]:
    server = StandInServer()
    yield server
    server.stop()


@pytest.fixture
def stand_in(server: StandInServer) -> Callable[..., StrictSite]:
    return lambda **strictness: server.start(Strictness(**strictness))
