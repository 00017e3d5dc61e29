"""Notices in the control bucket: a queue of what is owed, and a record of each, which stays so that none is sent again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gems_api.services.state.notice import Notice
from gems_api.services.state.snapshot import Versioned
from gems_api.services.storage.conditional import read_unless_damaged
from gems_api.services.store_ports import Store
from gems_core import layout

# At a look; the next tick has the rest.
MOST_OWED = 100


@dataclass(frozen=True)
class Notices:
    """Owes, reads and settles notices."""

    store: Store
    bucket: str

    def owe(self, notice: Notice) -> None:
        """Put a notice into the queue, then its record; what is recorded stays as it is."""
        self.store.put(self.bucket, layout.owed_notice_key(notice.id), notice.to_bytes())
        self.store.create(self.bucket, layout.notice_key(notice.id), notice.to_bytes())

    def owed(self) -> Iterator[str]:
        """The ids of what is owed."""
        for entry in self.store.entries(self.bucket, layout.OWED_NOTICES_PREFIX, most=MOST_OWED):
            yield entry.key.removeprefix(layout.OWED_NOTICES_PREFIX)

    def record(self, notice_id: str) -> Versioned[Notice] | None:
        """How far a notice is. Who died between its two writes has left no record: it is made of the queue's copy.

        Returns:
            None where neither can be read.
        """
        found = self._read(layout.notice_key(notice_id))
        if found is not None:
            return found
        owed = self._read(layout.owed_notice_key(notice_id))
        if owed is None:
            return None
        self.store.create(self.bucket, layout.notice_key(notice_id), owed.value.to_bytes())
        return self._read(layout.notice_key(notice_id))

    def write(self, notice: Notice, etag: str) -> str | None:
        """Write a record over the one that was read; the new entity tag, None where somebody was faster."""
        return self.store.replace(self.bucket, layout.notice_key(notice.id), notice.to_bytes(), etag)

    def settle(self, notice_id: str) -> None:
        """Take a notice out of the queue."""
        self.store.delete(self.bucket, layout.owed_notice_key(notice_id))

    def _read(self, key: str) -> Versioned[Notice] | None:
        notice, etag = read_unless_damaged(self.store, self.bucket, key, Notice.from_bytes)
        return None if notice is None or etag is None else Versioned(notice, etag)
