"""The worker's proof of which instance it is, kept fresh."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from gems_core.identity import IdentityProof

# It is good for fifteen minutes; a message that is tried again for ten seconds must not outlive it.
RENEWED_AFTER_SECONDS = 600.0


class Identity:
    """Signs a proof when it is first needed, and anew before it ages. The worker's threads share one.

    Args:
        sign: makes a proof.
        clock: seconds that only go forward.
    """

    def __init__(self, sign: Callable[[], IdentityProof], clock: Callable[[], float] = time.monotonic) -> None:
        self._sign = sign
        self._clock = clock
        self._lock = threading.Lock()
        self._header = ""
        self._signed_at = 0.0

    def header(self) -> str:
        """The value of ``GeMS-Identity``.

        Raises:
            CloudRefused: there are no credentials to sign with.
        """
        with self._lock:
            now = self._clock()
            if not self._header or now - self._signed_at > RENEWED_AFTER_SECONDS:
                self._header, self._signed_at = self._sign().encode(), now
            return self._header

    def renew(self, refused: str) -> str:
        """A proof other than the one that was refused: the machine's clock or its credentials may have changed."""
        with self._lock:
            if self._header == refused:
                self._header = ""
        return self.header()
