"""Waiting for what another process does: one way for all tests, with a bound that only a failure reaches."""

from __future__ import annotations

import time
from collections.abc import Callable

# Of a machine that does much else at the same time.
PATIENCE_SECONDS = 120.0
_LOOK_SECONDS = 0.05


def eventually(holds: Callable[[], object], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Look again and again until something holds.

    Args:
        holds: looks; what it does may fail the test at once.
        what: is to be so, for the message.
        seconds: after which it has failed.

    Raises:
        AssertionError: it never was so.
    """
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not so after {seconds:.0f} s: {what}"
        time.sleep(_LOOK_SECONDS)
