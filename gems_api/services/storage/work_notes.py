"""The notes of the work list in the control bucket: one a job, among those that wait or those that are done (docs/review.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gems_api.services.state.snapshot import Versioned
from gems_api.services.state.work_note import WorkNote
from gems_api.services.storage.conditional import read_unless_damaged, write_over
from gems_api.services.storage.read_cache import ReadCache
from gems_api.services.store_ports import Entry, Store
from gems_core import layout
from gems_core.session_key import SessionKey


@dataclass(frozen=True)
class WorkNotes:
    """Reads and writes notes. One that is damaged says nothing, and is made again of what it repeats."""

    store: Store
    bucket: str
    cache: ReadCache

    def waiting(self, most: int) -> list[Entry]:
        """The notes of jobs that wait, the oldest job first."""
        return self.store.entries(self.bucket, layout.WORK_OPEN_PREFIX, most=most)

    def done(self, most: int) -> list[Entry]:
        """The notes of jobs that are done, the newest job first."""
        return self.store.entries(self.bucket, layout.WORK_DONE_PREFIX, most=most)

    def listed(self, entry: Entry) -> WorkNote | None:
        """The note of a listing; None if it is gone, or damaged."""
        held = self.cache.get(entry.key, entry.etag)
        if isinstance(held, WorkNote):
            return held
        found = self._read(entry.key)
        if found is None or found.value is None:
            return None
        self.cache.keep(entry.key, found.etag, found.value)
        return found.value

    def find(self, session_key: SessionKey, created_at: datetime) -> Versioned[WorkNote | None] | None:
        """A job's note among those that wait; without a value where it is damaged."""
        return self._read(layout.work_open_key(session_key, created_at))

    def waits(self, session_key: SessionKey, created_at: datetime) -> bool:
        """Whether a job has such a note."""
        return self.store.exists(self.bucket, layout.work_open_key(session_key, created_at))

    def write(self, note: WorkNote, etag: str | None) -> bool:
        """Write a job's note, if nobody else has since it was read.

        Args:
            note: what it says.
            etag: of what was read; None where there was none that could be read.
        """
        key = layout.work_open_key(note.session_key, note.created_at)
        return write_over(self.store, self.bucket, key, note.to_bytes(), etag) is not None

    def finish(self, note: WorkNote) -> None:
        """Move a job's note to those that are done."""
        key = layout.work_done_key(note.session_key, note.created_at)
        self.store.put(self.bucket, key, note.to_bytes())
        self.drop(note.session_key, note.created_at)

    def drop(self, session_key: SessionKey, created_at: datetime) -> None:
        """Take a job's note away from those that wait."""
        self.store.delete(self.bucket, layout.work_open_key(session_key, created_at))

    def resume(self, session_key: SessionKey, created_at: datetime) -> None:
        """Take a job's note away from those that are done."""
        self.store.delete(self.bucket, layout.work_done_key(session_key, created_at))

    def _read(self, key: str) -> Versioned[WorkNote | None] | None:
        note, etag = read_unless_damaged(self.store, self.bucket, key, WorkNote.from_bytes)
        return Versioned(note, etag) if etag is not None else None
