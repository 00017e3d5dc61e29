"""The work list: what waits for whom across runs, and how long runs took from their end to their review and approval.

A look costs two listings, one more of a single key for each run that waits (is the note behind its log?), and one read of each
note that this process has not read before.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from gems_api.services.context import Context
from gems_api.services.review.work_notes import enter_work
from gems_api.services.state.work_note import WorkNote, WorkSample
from gems_api.services.storage.read_cache import in_parallel
from gems_api.services.store_ports import Entry
from gems_core.errors import GemsError
from gems_core.people import Caller
from gems_core.review.waiting import Wait
from gems_core.session_key import SessionKey
from gems_report.verdict import Verdict

LOG = logging.getLogger(__name__)
# 16 requests run at once: some 400 of 20 ms take half a second.
MOST_RUNS = 200
# Of the runs that are done, for the times alone.
MOST_DONE = 50
DEFAULT_LIMIT = 100
LARGEST_LIMIT = 500


@dataclass(frozen=True)
class WorkFilter:
    """Which samples are asked for; '' and None ask for all.

    Attributes:
        run: a part of the folder's name, or a whole session key.
        person: only what waits for this one.
        asks: who looks: what is assigned to this one comes first.
        skip: so many samples before the first that is told.
    """

    asks: Caller
    flag: str = ""
    verdict: Verdict | None = None
    run: str = ""
    waits_for: Wait | None = None
    person: Caller | None = None
    skip: int = 0
    limit: int = DEFAULT_LIMIT

    def admits_run(self, note: WorkNote) -> bool:
        """Whether a run passes."""
        return not self.run or self.run == str(note.session_key) or self.run.lower() in note.prefix.lower()

    def admits(self, row: WorkRow) -> bool:
        """Whether a sample passes."""
        sample = row.sample
        return (
            (not self.flag or self.flag in sample.flags)
            and self.verdict in (None, sample.verdict)
            and self.waits_for in (None, row.waits_for)
            and (self.person is None or sample.progress.is_for(self.person))
        )


@dataclass(frozen=True)
class WorkRow:
    """A sample that waits."""

    note: WorkNote
    sample: WorkSample
    waits_for: Wait

    @property
    def since(self) -> datetime:
        """Since when."""
        return self.sample.progress.since or self.note.ended_at

    def is_assigned_to(self, person: Caller) -> bool:
        """Whether this person was asked to look."""
        return self.waits_for is Wait.ASSIGNED and self.sample.progress.assignee == person.name

    def order(self, asks: Caller) -> tuple[object, ...]:
        """Assigned to who asks, then REVIEW and FAIL, then the oldest."""
        first = not self.is_assigned_to(asks)
        return first, self.sample.verdict is Verdict.PASS, self.since, str(self.note.session_key), self.sample.name


@dataclass(frozen=True)
class Times:
    """How long runs took, in seconds; None where no run tells.

    Attributes:
        to_review: the median from a run's end until the last of its samples was accepted or overridden.
        to_approval: the median from then until the last second approval.
        oldest: how long the sample waits that has waited longest.
        reviewed, approved: how many runs tell.
    """

    to_review: float | None
    to_approval: float | None
    oldest: float | None
    reviewed: int
    approved: int


@dataclass(frozen=True)
class WorkList:
    """What a look at the list found.

    Attributes:
        rows: as many as were asked for.
        total: how many samples pass the filter.
        runs: that wait and pass the filter of runs, the oldest first.
        flags: all that the waiting samples of these runs have.
        more_runs: whether more runs wait than were looked at; the newest are missing then.
        missing: session keys, or keys of notes, that could not be looked at.
    """

    rows: Sequence[WorkRow]
    total: int
    runs: Sequence[WorkNote]
    times: Times
    flags: Sequence[str]
    more_runs: bool
    missing: Sequence[str]


def work_list(context: Context, wanted: WorkFilter) -> WorkList:
    """What waits for whom.

    Raises:
        CloudRefused: S3 does not say which runs wait.
    """
    listed = context.work_notes.waiting(MOST_RUNS + 1)
    missing: list[str] = []
    waiting = [note for note in _current(context, listed[:MOST_RUNS], missing) if not note.is_done]
    runs = [note for note in waiting if wanted.admits_run(note)]
    done = in_parallel(context.work_notes.listed, context.work_notes.done(MOST_DONE))
    rows = [row for note in runs for row in _rows(note)]
    found = sorted(filter(wanted.admits, rows), key=lambda row: row.order(wanted.asks))
    ended = [note for note in done if note is not None and wanted.admits_run(note)]
    return WorkList(
        found[wanted.skip : wanted.skip + wanted.limit],
        len(found),
        runs,
        _times([*runs, *ended], rows, context.clock()),
        sorted({flag for row in rows for flag in row.sample.flags}),
        len(listed) > MOST_RUNS,
        missing,
    )


def _rows(note: WorkNote) -> Iterator[WorkRow]:
    for sample in note.samples:
        wait = sample.progress.waits_for
        if wait is not None:
            yield WorkRow(note, sample, wait)


def _current(context: Context, listed: Sequence[Entry], missing: list[str]) -> Iterator[WorkNote]:
    """Each note as its log is now; those that cannot be read are told."""

    def look(entry: Entry) -> WorkNote | None:
        try:
            return _up_to_date(context, entry)
        except GemsError:
            LOG.warning("a run of the work list cannot be read", exc_info=True, extra={"facts": {"key": entry.key}})
            return None

    for entry, note in zip(listed, in_parallel(look, listed), strict=True):
        if note is None:
            missing.append(_job_of(entry))
        else:
            yield note


def _up_to_date(context: Context, entry: Entry) -> WorkNote | None:
    note = context.work_notes.listed(entry)
    session_key = SessionKey.parse(_job_of(entry))
    is_its = note is not None and note.session_key == session_key
    if is_its and note is not None and context.review_log.length(str(session_key)) == note.last:
        return note
    manifest = context.jobs.manifest(session_key)
    return enter_work(context, manifest) if manifest is not None else None


def _job_of(entry: Entry) -> str:
    return entry.key.rpartition("/")[2].partition("-")[2].removesuffix(".json")


def _times(notes: Sequence[WorkNote], rows: Sequence[WorkRow], now: datetime) -> Times:
    to_review = _spans(notes, lambda note: note.ended_at, lambda note: note.reviewed_at)
    to_approval = _spans(notes, lambda note: note.reviewed_at, lambda note: note.approved_at)
    oldest = max(((now - row.since).total_seconds() for row in rows), default=None)
    return Times(
        median(to_review) if to_review else None,
        median(to_approval) if to_approval else None,
        oldest,
        len(to_review),
        len(to_approval),
    )


_Moment = Callable[[WorkNote], datetime | None]


def _spans(notes: Sequence[WorkNote], begins: _Moment, ends: _Moment) -> list[float]:
    pairs = [(begins(note), ends(note)) for note in notes]
    return [max(0.0, (end - begin).total_seconds()) for begin, end in pairs if begin is not None and end is not None]
