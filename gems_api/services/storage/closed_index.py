"""The closed jobs: what each is shown as for ever, and a note of each, which S3 lists newest first."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from gems_api.services.state.unreadable import reading
from gems_api.services.store_ports import Entry, Store
from gems_core import layout
from gems_core.json_input import parse_json
from gems_core.session_key import SessionKey

T = TypeVar("T")


@dataclass(frozen=True)
class ClosedIndex:
    """A summary and a note in the control bucket for each closed job."""

    store: Store
    bucket: str

    def enter(self, session_key: SessionKey, created_at: datetime, summary: bytes) -> None:
        """Write a job's summary, and note it among the closed ones; writing both again changes nothing."""
        self.store.put(self.bucket, layout.summary_key(session_key), summary)
        # The note's content, and so its entity tag, changes with the summary: what was read of it once need not be again.
        digest = hashlib.sha256(summary).hexdigest().encode()
        self.store.put(self.bucket, layout.closed_key(session_key, created_at), digest)

    def summary(self, session_key: SessionKey, parse: Callable[[Any], T]) -> T | None:
        """A closed job's summary; None if it never was closed.

        Raises:
            JobUnreadable: GeMS did not write it.
        """
        key = layout.summary_key(session_key)
        with reading(session_key, f"s3://{self.bucket}/{key}"):
            stored = self.store.read(self.bucket, key)
            return None if stored is None else parse(parse_json(stored.body))

    def notes(self, after: str, most: int) -> list[Entry]:
        """The next notes of the list.

        Args:
            after: a place in the list (``layout.place_in_list``); '' is its beginning.
            most: how many.
        """
        return self.store.entries(self.bucket, layout.CLOSED_PREFIX, layout.CLOSED_PREFIX + after, most=most)
