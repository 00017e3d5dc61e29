"""Listing jobs, newest first: ``GET /job``.

A job is in the active index or among the closed ones, whose notes S3 lists in order. A page costs a listing of each and one
read a job. A request looks at so many jobs and no more: a page may be short, or empty, and yet have a next one.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from gems_api.services.context import Context
from gems_api.services.shown.fitting import LARGEST_BYTES
from gems_api.services.shown.job_filter import JobFilter, place_of
from gems_api.services.shown.job_view import unreadable_view
from gems_api.services.shown.nameless import nameless
from gems_api.services.shown.summaries import read_summary
from gems_api.services.shown.views import show_job
from gems_api.services.state.document import JobDocument, encoded
from gems_api.services.state.unreadable import JobUnreadable
from gems_api.services.storage.read_cache import in_parallel
from gems_api.services.store_ports import Entry
from gems_core import layout
from gems_core.errors import InvalidInput, JobNotFound
from gems_core.json_input import parse_json
from gems_core.session_key import SessionKey

LOG = logging.getLogger(__name__)
# A few listings, and some 150 reads of which 16 run at once: under half a second with S3's 20 ms a read.
MOST_NAMES = 5000
MOST_READS = 150
_PAGE = 1000


@dataclass(frozen=True)
class Page:
    """Some jobs, and the cursor of the next page if there may be one.

    Attributes:
        alone: whether one job was asked for by its key; users are then told its log lines, too.
    """

    jobs: list[JobDocument]
    next_before: str | None
    alone: bool = False

    @property
    def seen_at(self) -> datetime | None:
        """When the one job asked for was read; None for what can change no more, and for lists."""
        return self.jobs[0].seen_at if self.alone and self.jobs else None

    def bodies(self, *, with_logs: bool, with_names: bool = True) -> list[bytes]:
        """The jobs' JSON objects; ``with_logs`` of one that was asked for alone, and samples by name or not at all."""
        if not with_names:
            return [encoded(nameless(parse_json(job.without_logs))) for job in self.jobs]
        return [job.whole if self.alone and with_logs else job.without_logs for job in self.jobs]


@dataclass(frozen=True)
class _Candidate:
    """A job that may belong on the page; an active one is known already, a closed one by its note."""

    place: str
    session_key: SessionKey
    document: JobDocument | None = None
    version: str = ""


def list_jobs(context: Context, wanted: JobFilter) -> Page:
    """The jobs that pass a filter, newest first; one that cannot be read is among them, with the reason."""
    if wanted.session_key is not None:
        document = _readable(context, wanted.session_key)
        passes = document is not None and (not wanted.asks_for_content or wanted.admits(document.content))
        return Page([document] if document is not None and passes else [], None, alone=True)
    keys = context.active.jobs()
    active = _active(context, wanted, keys)
    if not wanted.may_be_closed:
        return _Collector(wanted).page([(active, None)], context)
    return _Collector(wanted).page(_chunks(context, wanted, active, frozenset(keys)), context)


def _readable(context: Context, session_key: SessionKey, *, active: bool = False) -> JobDocument | None:
    """A job's document; None if there is no such job."""
    try:
        return show_job(context, session_key, active=active)
    except JobNotFound:
        return None
    except JobUnreadable as error:
        return _unreadable(session_key, error)


def _unreadable(session_key: SessionKey, error: JobUnreadable) -> JobDocument:
    """One damaged job must not hide all the others, nor vanish from its user's sight."""
    LOG.warning("job cannot be read", exc_info=error, extra={"facts": {"session_key": str(session_key)}})
    return JobDocument.of(unreadable_view(session_key, str(error)))


def _active(context: Context, wanted: JobFilter, keys: Sequence[SessionKey]) -> list[_Candidate]:
    """The active jobs that may be on the page, in order."""
    keys = [key for key in keys if wanted.may_admit(key)]
    documents = in_parallel(lambda key: _readable(context, key, active=True), keys)
    found = [
        _Candidate(place_of(document.content), key, document)
        for key, document in zip(keys, documents, strict=True)
        if document is not None
    ]
    return sorted((item for item in found if item.place > (wanted.before or "")), key=lambda item: item.place)


Chunk = tuple[list[_Candidate], str | None]


def _chunks(
    context: Context, wanted: JobFilter, active: Sequence[_Candidate], open_keys: frozenset[SessionKey]
) -> Iterator[Chunk]:
    """The list piece by piece, each with the place where it ends; None at the list's end."""
    before, looked_at = wanted.before or "", 0
    size = _PAGE if wanted.by_key else min(_PAGE, wanted.limit + len(open_keys) + 1)
    while True:
        entries = context.closed.notes(before, size)
        looked_at += len(entries)
        parsed = [item for entry in entries if (item := _closed(entry)) is not None]
        too_old = any(wanted.is_older(layout.place_parts(item.place)[1]) for item in parsed[-1:])
        end = None if len(entries) < size or too_old else entries[-1].key.removeprefix(layout.CLOSED_PREFIX)
        closed = [item for item in parsed if item.session_key not in open_keys and wanted.may_admit(item.session_key)]
        here = [item for item in active if item.place > before and (end is None or item.place <= end)]
        yield sorted([*closed, *here], key=lambda item: item.place), end
        if end is None:
            return
        before = end
        if looked_at >= MOST_NAMES:
            yield [], before
            return


def _closed(entry: Entry) -> _Candidate | None:
    place = entry.key.removeprefix(layout.CLOSED_PREFIX)
    try:
        return _Candidate(place, layout.place_parts(place)[0], version=entry.etag)
    except (ValueError, InvalidInput):
        LOG.warning("not a job among the closed ones", extra={"facts": {"key": entry.key}})
        return None


class _Collector:
    """Gathers a page until it is full, too large, or enough was looked at."""

    def __init__(self, wanted: JobFilter) -> None:
        self._wanted = wanted
        self._jobs: list[JobDocument] = []
        self._size_bytes = 0
        self._reads = 0
        self._place: str | None = None

    def page(self, chunks: Iterator[Chunk] | list[Chunk], context: Context) -> Page:
        end: str | None = None
        for candidates, end in chunks:
            for batch in _batches(candidates, self._wanted.limit + 1):
                documents = in_parallel(lambda item: item.document or _summary(context, item), batch)
                for candidate, document in zip(batch, documents, strict=True):
                    if not self._take(candidate, document):
                        return Page(self._jobs, self._place)
                self._reads += len(batch)
                if self._reads >= MOST_READS and (end is not None or batch[-1] is not candidates[-1]):
                    return Page(self._jobs, self._place)
            self._place = end or self._place
        return Page(self._jobs, end)

    def _take(self, candidate: _Candidate, document: JobDocument | None) -> bool:
        """Add a job to the page if it belongs there; False when the page was full before it."""
        if document is not None and self._wanted.admits(document.content):
            size_bytes = len(document.without_logs)
            full = self._jobs and self._size_bytes + size_bytes > LARGEST_BYTES
            if full or len(self._jobs) == self._wanted.limit:
                return False
            self._jobs.append(document)
            self._size_bytes += size_bytes
        self._place = candidate.place
        return True


def _batches(items: Sequence[_Candidate], size: int) -> Iterator[Sequence[_Candidate]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _summary(context: Context, item: _Candidate) -> JobDocument | None:
    try:
        return read_summary(context, item.session_key, item.version) or show_job(context, item.session_key)
    except JobNotFound:
        return None
    except JobUnreadable as error:
        return _unreadable(item.session_key, error)
