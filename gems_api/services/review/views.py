"""A job's review as the API shows it: tables of fields."""

from __future__ import annotations

from gems_api.services.review.reading import JobReview, ReviewedSample
from gems_core.fields import COUNT, FLAG, MOMENT, TEXT, Field, Shape, items, nested, word
from gems_core.review.chain import NOTHING_BEFORE
from gems_core.review.events import EVENT, REASON, Event
from gems_core.review.state import Approval, Override, SampleReview, State

# Of one sample. A test has them all of the longest words, and one answer of Lambda's holds them.
MOST_SAID = 150

OVERRIDE: Shape[Override] = Shape(
    "ReviewOverride",
    "override",
    (
        Field("locus", TEXT, "where"),
        Field("original", TEXT, "what the typer called"),
        Field("call", TEXT, "what stands instead"),
        Field("reason", REASON, "why"),
        Field("words", TEXT, "the person's own"),
        Field("by", TEXT, "who"),
        Field("at", MOMENT, "when"),
    ),
)
APPROVAL: Shape[Approval] = Shape(
    "ReviewApproval",
    "approval",
    (
        Field("by", TEXT, "who"),
        Field("at", MOMENT, "when"),
        Field("results", TEXT, "the SHA-256 of what was approved"),
    ),
)
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
        Field("session_key", TEXT, "the job", source=lambda job: str(job.session_key)),
        Field("last", COUNT, "the number of the log's last entry; send it as `seen`"),
        Field(
            "head",
            TEXT,
            "the SHA-256 of that entry",
            source=lambda job: job.end.sha256 if job.end else NOTHING_BEFORE,
        ),
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
        Field("session_key", TEXT, "the job", source=lambda it: str(it.job.session_key)),
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
