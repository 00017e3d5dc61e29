from __future__ import annotations

from collections.abc import Iterator

import pytest
from stand_in import StandIn, serving


@pytest.fixture
def basespace() -> Iterator[StandIn]:
    with serving() as stand_in:
        yield stand_in
