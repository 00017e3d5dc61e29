"""S3 decides writes of one key one after another; moto compares, and then writes, and lets another thread in between."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager, nullcontext

from gems_local.strict.call import Call

_READS = frozenset({"GET", "HEAD", "LIST"})
_LOCKS = 256


class S3Turns:
    """Lets one write of a key after the other through."""

    def __init__(self) -> None:
        # Two keys may share a lock: they wait for each other, and nothing else comes of it.
        self._locks = [threading.Lock() for _ in range(_LOCKS)]

    def of(self, call: Call) -> AbstractContextManager[object]:
        """What is held while moto answers this call."""
        if call.service != "s3" or call.action in _READS:
            return nullcontext()
        return self._locks[hash(call.environ.get("PATH_INFO", "")) % _LOCKS]
