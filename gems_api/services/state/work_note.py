"""What the work list knows of a job: which of its samples wait, and for what. Made of the run's summary and the review's log."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from gems_core.json_input import parse_json
from gems_core.review.job import JobReview
from gems_core.review.state import State
from gems_core.review.waiting import Progress
from gems_core.session_key import SessionKey
from gems_report.pages import RunPage
from gems_report.verdict import Verdict

FORMAT = 1


@dataclass(frozen=True)
class WorkSample:
    """A sample, as the work list shows it.

    Attributes:
        flags: codes of its own flags and those of its calls, each once.
    """

    name: str
    verdict: Verdict
    flags: tuple[str, ...]
    progress: Progress = field(default_factory=Progress)


@dataclass(frozen=True)
class WorkNote:
    """A job's results in the work list (``worklist/open/…``, ``worklist/done/…``).

    It only repeats what the run's summary and the log say. ``last`` tells up to which entry of the log; where the log is longer,
    the note is made again.

    Attributes:
        ended_at: when this run's report was written.
        last: the number of the log's last entry that it knows.
    """

    session_key: SessionKey
    prefix: str
    created_at: datetime
    ended_at: datetime
    last: int
    samples: tuple[WorkSample, ...]

    @classmethod
    def of(cls, page: RunPage, created_at: datetime, ended_at: datetime) -> WorkNote:
        """Of a run of which nobody has said anything."""
        samples = tuple(
            WorkSample(
                row.sample,
                row.verdict,
                tuple(dict.fromkeys((*row.flags, *(code for cell in row.loci for code in cell.flags)))),
            )
            for row in page.samples
        )
        return cls(SessionKey.parse(page.session_key), page.prefix, created_at, ended_at, 0, samples)

    def reviewed(self, job: JobReview) -> WorkNote:
        """The same with what the log says now."""
        samples = tuple(
            replace(one, progress=Progress.of(job.of_sample(one.name), (event for _, event in job.said_of(one.name))))
            for one in self.samples
        )
        return replace(self, last=job.last, samples=samples)

    @property
    def waiting(self) -> int:
        """How many of its samples wait for somebody."""
        return sum(one.progress.waits_for is not None for one in self.samples)

    @property
    def is_done(self) -> bool:
        """Whether nothing of it waits for anybody."""
        return not self.waiting

    @property
    def reviewed_at(self) -> datetime | None:
        """When the last of its samples was accepted or overridden for the first time; None while one was not."""
        return _latest([one.progress.reviewed_at for one in self.samples])

    @property
    def approved_at(self) -> datetime | None:
        """When the last of its samples got its second approval; None while one has not."""
        return _latest([one.progress.approved_at for one in self.samples])

    def to_bytes(self) -> bytes:
        """The document. A sample is a list, for a run has up to thousands."""
        return json.dumps(
            {
                "format": FORMAT,
                "session_key": str(self.session_key),
                "prefix": self.prefix,
                "created_at": self.created_at.isoformat(),
                "ended_at": self.ended_at.isoformat(),
                "last": self.last,
                "samples": [_written(one) for one in self.samples],
            },
            separators=(",", ":"),
        ).encode()

    @classmethod
    def from_bytes(cls, body: bytes) -> WorkNote:
        """The inverse of ``to_bytes``.

        Raises:
            ValueError, KeyError, TypeError, AttributeError, InvalidInput: GeMS did not write it.
        """
        document: Mapping[str, Any] = parse_json(body)
        if document["format"] != FORMAT:
            raise ValueError(f"format {document['format']!r}")
        return cls(
            SessionKey.parse(document["session_key"]),
            str(document["prefix"]),
            datetime.fromisoformat(document["created_at"]),
            datetime.fromisoformat(document["ended_at"]),
            int(document["last"]),
            tuple(_read(one) for one in document["samples"]),
        )


def _latest(moments: Sequence[datetime | None]) -> datetime | None:
    known = [moment for moment in moments if moment is not None]
    return max(known) if known and len(known) == len(moments) else None


def _written(one: WorkSample) -> list[object]:
    said = one.progress
    moments = [_told(moment) for moment in (said.since, said.reviewed_at, said.approved_at)]
    return [one.name, one.verdict, one.flags, said.state, said.assignee, said.approvers, *moments]


def _read(value: Sequence[Any]) -> WorkSample:
    name, verdict, flags, state, assignee, approvers, *moments = value
    since, reviewed_at, approved_at = (datetime.fromisoformat(text) if text else None for text in moments)
    progress = Progress(State(state), str(assignee), tuple(map(str, approvers)), since, reviewed_at, approved_at)
    return WorkSample(str(name), Verdict(verdict), tuple(map(str, flags)), progress)


def _told(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
