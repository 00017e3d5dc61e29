"""Whether a token is one of those in force, without asking CredStash at every request."""

from __future__ import annotations

import hashlib
import hmac
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from gems_api.services.ports import Clock, Credentials

# Whoever guesses makes the keeper look this often at most, in each process.
LOOK_AGAIN_SECONDS = 5


class Verdict(Enum):
    """What is known of a token; it may be UNSURE when it is newer than the last look."""

    RIGHT = "right"
    WRONG = "wrong"
    UNSURE = "unsure"


@dataclass(frozen=True)
class _Held:
    digests: tuple[bytes, ...]
    expires_at: datetime


class TokenKeeper:
    """Holds the digests of the tokens in force for a while; one that is unknown makes it look again at once.

    Args:
        credentials: where the tokens are.
        clock: tells the time.
        seconds: how long they are held. A token that was retired works at most so long.
    """

    def __init__(self, credentials: Credentials, clock: Clock, seconds: int) -> None:
        self._credentials = credentials
        self._clock = clock
        self._lifetime = timedelta(seconds=seconds)
        self._held: dict[str, _Held] = {}
        self._looked_at: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def judge(self, name: str, offered: str) -> Verdict:
        """Whether a token is one of those in force under a name, in time that does not depend on where they differ.

        Raises:
            CloudRefused: the tokens cannot be read.
        """
        digest = _digest(offered)
        held = self._held_now(name)
        if _is_among(digest, held):
            return Verdict.RIGHT
        newer = self._look_again(name, held)
        if newer is None:
            return Verdict.UNSURE
        return Verdict.RIGHT if _is_among(digest, newer) else Verdict.WRONG

    def _held_now(self, name: str) -> _Held:
        held = self._held.get(name)
        if held is not None and held.expires_at > self._clock():
            return held
        with self._lock:
            held = self._held.get(name)
            if held is None or held.expires_at <= self._clock():
                held = self._look(name)
            return held

    def _look_again(self, name: str, known: _Held) -> _Held | None:
        """The tokens as they are now, or None when somebody made the keeper look a moment ago."""
        with self._lock:
            held = self._held[name]
            if held is not known:
                return held
            now = self._clock()
            looked_at = self._looked_at.get(name)
            if looked_at is not None and now - looked_at < timedelta(seconds=LOOK_AGAIN_SECONDS):
                return None
            self._looked_at[name] = now
            return self._look(name)

    def _look(self, name: str) -> _Held:
        digests = tuple(_digest(secret) for secret in self._credentials.secrets(name) if secret)
        self._held[name] = _Held(digests, self._clock() + self._lifetime)
        return self._held[name]


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()


def _is_among(digest: bytes, held: _Held) -> bool:
    # All are compared, whichever fits.
    return sum(hmac.compare_digest(digest, known) for known in held.digests) > 0
