"""A job's review as the API shows it: tables of fields."""

from __future__ import annotations

from gems_api.services.review.reading import ReviewedSample
from gems_api.services.review.work_list import Times, WorkList, WorkRow
from gems_api.services.state.work_note import WorkNote
from gems_core.fields import COUNT, FLAG, MOMENT, NUMBER, TEXT, TEXTS, Field, Shape, items, nested, word
from gems_core.review.events import EVENT, Event
from gems_core.review.job import JobReview
from gems_core.review.state import SampleReview, State
from gems_core.review.views import APPROVAL, OVERRIDE
from gems_core.review.waiting import Wait
from gems_report.verdict import Verdict

# Of one sample. A test has them all of the longest words, and one answer of Lambda's holds them.
MOST_SAID = 150

ENTRY: Shape[tuple[int, Event]] = Shape(
    "ReviewEntry",
    "entry",
    (
        Field("number", COUNT, "of the entry in the job's log", source=lambda said: said[0]),
        Field("event", nested(EVENT), "what was said", source=lambda said: said[1]),
    ),
)
SAMPLE: Shape[SampleReview] = Shape(
    "SampleReviewView",
    "sample",
    (
        Field("sample", TEXT, "its name"),
        Field("state", word(State), "how its review stands"),
        Field("assignee", TEXT, "who was asked to look; else `''`"),
        Field("overridden", COUNT, "how many calls are overridden", source=lambda review: len(review.overrides)),
        Field("approvals", items(APPROVAL), "of this round, the first before the second"),
        Field("final", FLAG, "whether two people have approved", source=lambda review: review.is_final),
        Field("comments", COUNT, "how many there are"),
        Field("rounds", COUNT, "how often it was opened again"),
        Field("last", COUNT, "the number of the entry that changed it last; 0: nobody has said anything"),
    ),
)
JOB_REVIEW: Shape[JobReview] = Shape(
    "JobReviewView",
    "review",
    (
        Field("session_key", TEXT, "the job"),
        Field("last", COUNT, "the number of the log's last entry; send it as `seen`"),
        Field("head", TEXT, "the SHA-256 of that entry"),
        Field(
            "samples",
            items(SAMPLE),
            "of which somebody has said something, by name; all others are open",
            source=lambda job: [job.reviews[name] for name in sorted(job.reviews)],
        ),
    ),
)
SAMPLE_REVIEW: Shape[ReviewedSample] = Shape(
    "ReviewedSampleView",
    "review of a sample",
    (
        Field("session_key", TEXT, "the job", source=lambda it: it.job.session_key),
        Field("last", COUNT, "the number of the log's last entry; send it as `seen`", source=lambda it: it.job.last),
        Field("results", TEXT, "the SHA-256 of the results as they are now; `''` where they cannot be read"),
        Field("review", nested(SAMPLE), "how it stands"),
        Field(
            "overrides",
            items(OVERRIDE),
            "those in force, by locus",
            source=lambda it: [it.review.overrides[locus] for locus in sorted(it.review.overrides)],
        ),
        Field(
            "entries",
            items(ENTRY),
            f"what was said, in order; the newest {MOST_SAID}",
            source=lambda it: it.job.said_of(it.review.sample)[-MOST_SAID:],
        ),
        Field("entries_total", COUNT, "how many there are", source=lambda it: len(it.job.said_of(it.review.sample))),
    ),
)
WORK_ROW: Shape[WorkRow] = Shape(
    "WorkRow",
    "sample that waits",
    (
        Field("session_key", TEXT, "its job", source=lambda row: str(row.note.session_key)),
        Field("prefix", TEXT, "the run's folder", source=lambda row: row.note.prefix),
        Field("sample", TEXT, "its name", source=lambda row: row.sample.name),
        Field("verdict", word(Verdict), "of its calls", source=lambda row: row.sample.verdict),
        Field("flags", TEXTS, "codes of its flags, each once", source=lambda row: row.sample.flags),
        Field("waits_for", word(Wait), "what somebody has to do next"),
        Field("assignee", TEXT, "who was asked to look; else `''`", source=lambda row: row.sample.progress.assignee),
        Field("approved_by", TEXTS, "who has approved", source=lambda row: row.sample.progress.approvers),
        Field("since", MOMENT, "since when it waits for this"),
    ),
)
WORK_RUN: Shape[WorkNote] = Shape(
    "WorkRun",
    "run that waits",
    (
        Field("session_key", TEXT, "its job", source=lambda note: str(note.session_key)),
        Field("prefix", TEXT, "its folder"),
        Field("samples", COUNT, "how many it has", source=lambda note: len(note.samples)),
        Field("waiting", COUNT, "how many of them wait", source=lambda note: note.waiting),
        Field("ended_at", MOMENT, "when its report was written"),
        Field("reviewed_at", MOMENT, "when the last sample was accepted or overridden", nullable=True),
        Field("approved_at", MOMENT, "when the last sample was approved by two", nullable=True),
    ),
)
WORK_TIMES: Shape[Times] = Shape(
    "WorkTimes",
    "times",
    (
        Field("to_review", NUMBER, "seconds from a run's end to its review, the median", nullable=True),
        Field("to_approval", NUMBER, "seconds from then to its approval, the median", nullable=True),
        Field("oldest", NUMBER, "seconds that the oldest sample has waited", nullable=True),
        Field("reviewed", COUNT, "of how many runs the first is the median"),
        Field("approved", COUNT, "of how many the second"),
    ),
)
WORK_LIST: Shape[WorkList] = Shape(
    "WorkListView",
    "work list",
    (
        Field("samples", items(WORK_ROW), "those that wait and pass the filter", source=lambda found: found.rows),
        Field("total", COUNT, "how many pass; `skip` shows more"),
        Field("runs", items(WORK_RUN), "that wait, the oldest first"),
        Field("times", nested(WORK_TIMES), "of these runs and of those that were done last"),
        Field("more_runs", FLAG, "whether more runs wait than are looked at"),
        Field("missing", TEXTS, "jobs whose review cannot be read now"),
    ),
)
