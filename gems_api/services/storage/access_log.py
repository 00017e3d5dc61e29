"""The access log in the control bucket: an object for each look at results, created once, by day and person."""

from __future__ import annotations

import json
import logging
import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from gems_api.services.storage.read_cache import in_parallel
from gems_api.services.store_ports import Entry, Store, TooLarge
from gems_core import layout
from gems_core.errors import InvalidInput
from gems_core.json_input import ODD_CONTENT, parse_json
from gems_core.review.looks import LOOK, Look

LOG = logging.getLogger(__name__)
# Who loads a page again, or lets a program ask again and again, looks once.
ONE_LOOK = timedelta(minutes=1)
MOST_REMEMBERED = 5000


@dataclass(frozen=True)
class AccessLog:
    """Adds entries and reads them; nobody changes them (the role of the API may not)."""

    store: Store
    bucket: str

    def add(self, look: Look) -> None:
        """Write an entry.

        Raises:
            CloudRefused: S3 refuses.
        """
        key = layout.seen_key(look.by, look.at, secrets.token_hex(4))
        self.store.create(self.bucket, key, json.dumps(LOOK.write(look)).encode())

    def of_day(self, day: date, person: str = "") -> Iterator[Look]:
        """The entries of a day (UTC), of everybody or of one person; in order of time for each person.

        Raises:
            CloudRefused: S3 refuses.
        """
        for look in in_parallel(self._read, self.store.entries(self.bucket, layout.seen_prefix(day, person))):
            if look is not None:
                yield look

    def _read(self, entry: Entry) -> Look | None:
        try:
            stored = self.store.read(self.bucket, entry.key)
            return None if stored is None else Look(**LOOK.read(parse_json(stored.body)))
        except (*ODD_CONTENT, InvalidInput, TooLarge):
            LOG.warning("an entry of the access log cannot be read", extra={"facts": {"key": entry.key}})
            return None


@dataclass(frozen=True)
class RecentLooks:
    """What this process has noted a moment ago, so that the same look is not noted twice."""

    _held: OrderedDict[tuple[str, str, str, str], datetime] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def is_new(self, look: Look) -> bool:
        """Whether the same person has not looked at the same within the last minute."""
        key = (look.by, look.session_key, look.sample, look.what)
        with self._lock:
            last = self._held.get(key)
            return last is None or look.at - last >= ONE_LOOK

    def keep(self, look: Look) -> None:
        """Remember a look that was noted."""
        with self._lock:
            self._held[look.by, look.session_key, look.sample, look.what] = look.at
            if len(self._held) > MOST_REMEMBERED:
                self._held.popitem(last=False)
