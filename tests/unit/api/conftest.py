"""A deployment in memory for every test."""

import pytest
from api_world import World


@pytest.fixture
def world() -> World:
    return World()
