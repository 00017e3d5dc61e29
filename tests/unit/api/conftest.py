"""A deployment in memory for every test."""

from collections.abc import Iterator

import pytest
from api_world import World

from gems_api.services.storage import read_cache


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture(scope="module")
def one_reader() -> Iterator[None]:
    """Records are read one after the other: over a store in memory a thread costs more than what it reads."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(read_cache, "READERS", 1)
        yield
