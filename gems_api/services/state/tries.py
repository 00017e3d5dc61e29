"""The record of failed tries to sign in under a name. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from gems_core.fields import parse_moment
from gems_core.json_input import parse_json

# NIST SP 800-63B (3.2.2) limits failed tries to a hundred; people mistype a few times.
FREE_TRIES = 5
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=1)


@dataclass(frozen=True)
class Tries:
    """The failed tries to sign in under a name, and names that share its place.

    Attributes:
        count: since the last quiet hour.
        last_at: the latest.
    """

    count: int
    last_at: datetime

    def wait(self, now: datetime) -> timedelta:
        """How long until the next try is looked at: it doubles with each failure after the free ones."""
        if self.count < FREE_TRIES:
            return timedelta()
        whole = min(LONGEST_WAIT, timedelta(seconds=2 ** min(self.count - FREE_TRIES + 1, 16)))
        return max(timedelta(), self.last_at + whole - now)

    def one_more(self, now: datetime) -> Tries:
        """With the try of now, which counts as failed until it is taken back."""
        return Tries(1 if now - self.last_at >= FORGOTTEN_AFTER else self.count + 1, now)

    def one_less(self) -> Tries:
        """Without a try that was right."""
        return Tries(max(0, self.count - 1), self.last_at)

    def to_bytes(self) -> bytes:
        """The object."""
        return json.dumps({"count": self.count, "last_at": self.last_at.isoformat()}).encode()

    @classmethod
    def from_bytes(cls, body: bytes) -> Tries:
        """Of an object. Raises ValueError, KeyError, TypeError: GeMS did not write it."""
        document = parse_json(body)
        return cls(int(document["count"]), parse_moment(document["last_at"]))
