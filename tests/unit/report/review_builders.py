"""Reviews for tests: what people said of a report, as a proven log, and the report with it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from report_builders import FACTS, allele, locus, report_of, sample_of

from gems_core.people import Role
from gems_core.review.chain import Entry, prove
from gems_core.review.events import EVENT, Event, Kind, Reason
from gems_core.review.job import JobReview
from gems_report.formats import json_report
from gems_report.model import Choices, Report, RunFacts
from gems_report.reading import reviewed_report
from gems_report.result_digest import digest_of_report

KEY = "run-7.2026-11-29T12:00:00Z.0f"
BEGIN = datetime(2026, 11, 30, 10, tzinfo=UTC)
ROLES = {"rita": Role.REVIEWER, "anna": Role.APPROVER, "bert": Role.APPROVER}
OVERRIDE = {
    "locus": "A",
    "call": "A*68:01+A*03:01",
    "original": "A*02:01+A*03:01",
    "reason": Reason.PHASE,
    "words": "the reads show it",
}
Json = dict[str, Any]
Step = tuple[str, str, Json]

ACCEPTED: list[Step] = [("rita", "accept", {})]
OVERRIDDEN: list[Step] = [("rita", "comment", {"words": "odd"}), ("rita", "override", OVERRIDE)]
FIRST: list[Step] = [*OVERRIDDEN, ("anna", "approve", {})]
BOTH: list[Step] = [*FIRST, ("bert", "approve", {})]
REOPENED: list[Step] = [*BOTH, ("anna", "reopen", {"words": "another look"})]
OTHER_RESULTS: list[Step] = [(by, kind, {**more, "results": "f" * 64}) for by, kind, more in BOTH]
FAMILY: dict[str, tuple[list[Step], str]] = {
    "nobody": ([], "not_approved"),
    "commented": ([("rita", "comment", {"words": "odd"})], "not_approved"),
    "repeat": ([("rita", "repeat", {"words": "too few reads"})], "not_approved"),
    "assigned": ([("rita", "assign", {"assignee": "anna"})], "not_approved"),
    "accepted": (ACCEPTED, "not_approved"),
    "overridden": (OVERRIDDEN, "not_approved"),
    "first": (FIRST, "approved_once"),
    "both": (BOTH, "approved"),
    "reopened": (REOPENED, "not_approved"),
    "other results approved": (OTHER_RESULTS, "changed"),
    "other results accepted": ([("rita", "accept", {"results": "f" * 64})], "changed"),
}
"""Steps, and the standing that they lead to."""


def document(*, sample: str = "S1", key: str = KEY, others: Sequence[str] = ()) -> Json:
    """A report.json of one sample with two loci, and of others alike."""
    first = locus("A", "heterozygous", [allele("A*02:01"), allele("A*03:01")], "A*02:01+A*03:01")
    second = locus("B", "homozygous", [allele("B*07:02")], "B*07:02+B*07:02")
    facts = RunFacts(**{**vars(FACTS), "session_key": key})
    made = report_of(*(sample_of(name, first, second) for name in (sample, *others)), facts=facts)
    return dict(json.loads(json_report.render(made)))


def log_of(steps: Iterable[Step], results: str, *, sample: str = "S1", key: str = KEY) -> list[Entry]:
    """The log in which people say these things of a sample, a minute after each other."""
    entries: list[Entry] = []
    for number, (by, kind, more) in enumerate(steps):
        said: Json = {"results": results, **more}
        at = BEGIN + timedelta(minutes=number)
        event = Event(kind=Kind(kind), by=by, role=ROLES[by], at=at, sample=sample, **said)
        entries.append(Entry.following(key, entries[-1] if entries else None, EVENT.write(event)))
    return entries


def review_of(entries: Iterable[Entry], key: str = KEY) -> JobReview:
    return JobReview.of(prove(key, [(entry.number, entry.body) for entry in entries]))


def reviewed(steps: Iterable[Step], *, choices: Choices | None = None, of: Json | None = None) -> Report:
    """A report whose first sample people have reviewed."""
    read = of or document()
    first = read["samples"][0]
    entries = log_of(steps, digest_of_report(first), sample=first["sample"], key=read["session_key"])
    return reviewed_report(read, review_of(entries, read["session_key"]), choices)
