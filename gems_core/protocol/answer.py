"""What the API answers a worker that spoke (docs/contracts.md, section 4)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from gems_core.errors import one_problem
from gems_core.fastq_names import SAMPLE_FILES, Sample
from gems_core.fields import MOMENT, TEXT, Field, Shape, items, nested, whole, word
from gems_core.shares import Share
from gems_core.statuses import JobStatus


class Instruction(StrEnum):
    """What the API tells a worker to do next."""

    WORK = "work"
    CONTINUE = "continue"
    MERGE = "merge"
    WAIT = "wait"
    LEAVE = "leave"
    STOP = "stop"


@dataclass(frozen=True)
class GrantedShare:
    """A share that a worker now holds, and the number of this try at it."""

    share: Share
    attempt: int


@dataclass(frozen=True)
class MergeLease:
    """The right to merge, until it expires."""

    owner: str
    expires_at: datetime


class MailState(StrEnum):
    """What became of the mail. ``sent`` is: accepted by SES, and no more is known."""

    SENT = "sent"
    NOT_ASKED = "not_asked"
    FAILED = "failed"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


# It is out of our hands.
MAIL_ACCEPTED = frozenset({MailState.SENT, MailState.DELIVERED, MailState.BOUNCED, MailState.COMPLAINED})


@dataclass(frozen=True)
class MailOutcome:
    """What became of the mail, and why when it failed."""

    state: MailState
    reason: str = ""


@dataclass(frozen=True)
class Answer:
    """What the API answers a worker; unused parts are None."""

    instruction: Instruction
    overall_status: JobStatus
    instance_index: int
    share: GrantedShare | None = None
    merge_lease: MergeLease | None = None
    mail: MailOutcome | None = None
    retry_after_seconds: int | None = None

    def as_json(self) -> dict[str, object]:
        """The answer's body."""
        return ANSWER.write(self)

    @classmethod
    def from_json(cls, value: object) -> Answer:
        """Read an answer of the API.

        Raises:
            InvalidInput: it has not the shape of one.
        """
        return cls(**ANSWER.read(value))


def _granted(index: int, attempt: int, samples: tuple[Sample, ...]) -> GrantedShare:
    return GrantedShare(Share(index, samples), attempt)


def _samples(value: object) -> tuple[Sample, ...]:
    if not isinstance(value, list):
        raise one_problem(
            "invalid_field",
            "granted share, field samples",
            "a list of samples",
            repr(value)[:120],
            "Report this as a bug.",
        )
    return tuple(Sample.from_json(sample) for sample in value)


GRANTED_SHARE: Shape[GrantedShare] = Shape(
    "GrantedShareBody",
    "granted share",
    (
        Field("index", whole(1), "counts from 1", source=lambda granted: granted.share.index),
        Field("attempt", whole(1), "which try at it"),
        Field(
            "samples",
            replace(items(SAMPLE_FILES), read=_samples),
            "what is to be typed",
            source=lambda granted: granted.share.samples,
        ),
    ),
)
MERGE_LEASE: Shape[MergeLease] = Shape(
    "LeaseView",
    "merge lease",
    (
        Field("owner", TEXT, "instance id of the final worker"),
        Field("expires_at", MOMENT, "when another worker may take it"),
    ),
)
MAIL_OUTCOME: Shape[MailOutcome] = Shape(
    "MailView",
    "mail outcome",
    (
        Field(
            "state",
            word(MailState),
            "`sent` (accepted by SES), `delivered`, `bounced`, `complained`, `not_asked` or `failed`",
        ),
        Field("reason", TEXT, "why it failed or came back; `''` when all is well", ""),
    ),
)
ANSWER: Shape[Answer] = Shape(
    "StatusAnswer",
    "answer of the API",
    (
        Field("instruction", word(Instruction), "what the worker does next"),
        Field("overall_status", word(JobStatus), "how the job stands"),
        Field("instance_index", whole(0), "the instance's place among all of the job's"),
        Field("share", nested(GRANTED_SHARE, _granted), "of `work`: the share that was granted", nullable=True),
        Field("merge_lease", nested(MERGE_LEASE, MergeLease), "of `merge`: the lease", nullable=True),
        Field("mail", nested(MAIL_OUTCOME, MailOutcome), "once the report is written: its mail", nullable=True),
        Field("retry_after_seconds", whole(0), "of `wait`: when to ask again", nullable=True),
    ),
)
