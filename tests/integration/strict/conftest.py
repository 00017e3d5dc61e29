"""A stand-in of any strictness, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from strict_site import StandInServer, StrictSite
from wire_watch import WATCH

from gems_local.strict.settings import Strictness

# What tests send to see it refused.
WRONG_ON_PURPOSE = (
    "request.InstanceType: 'c99.large' is none of its",
    "batch SubmitJob request.tags: at most 50 of them, found 51",
    # AWS takes either case and answers in small letters, whatever its model says.
    "batch DescribeJobDefinitions answer.jobDefinitions[].retryStrategy.evaluateOnExit[].action: ",
    "batch SubmitJob request.tags{}: at most 256, found 257",
)


@pytest.fixture(scope="module")
def server() -> Iterator[StandInServer]:
    """Every request of a module's tests, and every answer, is as botocore's models say."""
    WATCH.clear()
    server = StandInServer()
    yield server
    server.stop()
    assert WATCH.seen
    assert [found for found in WATCH.found if not any(one in found for one in WRONG_ON_PURPOSE)] == []


@pytest.fixture
def stand_in(server: StandInServer) -> Callable[..., StrictSite]:
    return lambda **strictness: server.start(Strictness(**strictness))
