"""Whether a token is one of those in force, without asking CredStash at every request."""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from gems_api.services.ports import Clock, Credentials
from gems_core.errors import CloudRefused

# Whoever guesses makes the keeper look this often at most, in each process.
LOOK_AGAIN_SECONDS = 5
# Keeps keys that are derived for browsers' sessions from any other use of a token.
_SEALS = b"gems browser sessions, 1"


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
        return self._judge(name, lambda held: _is_among(digest, held))

    def judge_seal(self, name: str, opens: Callable[[bytes], bool]) -> Verdict:
        """Whether something was sealed under a token that is in force under a name.

        Args:
            name: of the tokens.
            opens: whether a sealing key (``sealing_key``) opens it.

        Raises:
            CloudRefused: the tokens cannot be read.
        """
        return self._judge(name, lambda held: any(opens(_sealing_key(digest)) for digest in held.digests))

    def newest_sealing_key(self, name: str) -> bytes:
        """The sealing key of the newest token.

        Raises:
            CloudRefused: the tokens cannot be read.
        """
        held = self._held_now(name)
        if not held.digests:
            raise CloudRefused(f"there is no token {name}")
        return _sealing_key(held.digests[0])

    def _judge(self, name: str, fits: Callable[[_Held], bool]) -> Verdict:
        held = self._held_now(name)
        if fits(held):
            return Verdict.RIGHT
        newer = self._look_again(name, held)
        if newer is None:
            return Verdict.UNSURE
        return Verdict.RIGHT if fits(newer) else Verdict.WRONG

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


def sealing_key(token: str) -> bytes:
    """A key that is as good as long as a token is in force, and that does not tell the token."""
    return _sealing_key(_digest(token))


def _sealing_key(digest: bytes) -> bytes:
    return hmac.digest(digest, _SEALS, "sha256")


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()


def _is_among(digest: bytes, held: _Held) -> bool:
    # All are compared, whichever fits.
    return sum(hmac.compare_digest(digest, known) for known in held.digests) > 0
