"""What a worker and the API say to each other at ``POST /job/<session_key>/status`` (docs/contracts.md, section 4)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from gems_core.endings import Cause
from gems_core.errors import one_problem
from gems_core.fastq_names import SAMPLE_FILES, Sample
from gems_core.fields import (
    FLAG,
    MOMENT,
    TEXT,
    TEXTS,
    Field,
    Shape,
    checked,
    items,
    nested,
    optional,
    parsed,
    text,
    whole,
    word,
)
from gems_core.shares import Share
from gems_core.statuses import JobStatus, WorkerStatus

LOG_TAIL_LINES = 20
# Of a done-marker, to the API and the worker alike. Its reason has at most 4,000 characters, each of at most 12 bytes in JSON's ASCII.
LARGEST_MARKER_BYTES = 64 * 1024
_INSTANCE_ID = re.compile(r"[A-Za-z0-9-]{1,64}")


def parse_instance_id(text: str) -> str:
    """The id of an instance, such as ``i-0f2a``, as somebody outside gives it.

    Raises:
        ValueError: no instance is named so.
    """
    if not _INSTANCE_ID.fullmatch(text):
        raise ValueError(text)
    return text


INSTANCE_ID = parsed(parse_instance_id, "an instance id such as i-0f2a")


class Kind(StrEnum):
    """Why a worker speaks."""

    CLAIM = "claim"
    STATUS = "status"
    HEARTBEAT = "heartbeat"
    FINISHED = "finished"
    FAILED = "failed"


class Instruction(StrEnum):
    """What the API tells a worker to do next."""

    WORK = "work"
    CONTINUE = "continue"
    MERGE = "merge"
    WAIT = "wait"
    LEAVE = "leave"
    STOP = "stop"


LONGEST_REASON = 2000


def told_reason(text: str) -> str:
    """A reason as done-markers and reports can hold it: of at most 2,000 characters, all of which UTF-8 has."""
    return text[:LONGEST_REASON].encode(errors="replace").decode()


@dataclass(frozen=True)
class Failure:
    """Why something failed: the phase, a reason for people, and the last lines of the log.

    Attributes:
        cause: in one word, where a program has ended badly; None where nothing has, or nobody knows.
        exit_code: of that program, as a shell tells it; None as ``cause``.
        samples: those that were being worked on.
    """

    phase: str
    reason: str
    log_tail: tuple[str, ...] = ()
    cause: Cause | None = None
    exit_code: int | None = None
    samples: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The failure as a JSON object."""
        return FAILURE.write(self)

    @classmethod
    def from_json(cls, value: object) -> Failure:
        """Read a failure from outside; overlong texts are cut, not refused, for a reason must never be lost.

        Raises:
            InvalidInput: it has not the shape of one.
        """
        return cls(**FAILURE.read(value))


MOST_SAMPLES_AT_HAND = 16


def _last_lines(lines: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(line[:500] for line in lines[-LOG_TAIL_LINES:])


def _first_names(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name[:256] for name in names[:MOST_SAMPLES_AT_HAND])


FAILURE: Shape[Failure] = Shape(
    "FailureBody",
    "failure",
    (
        Field("phase", text(100_000).then(lambda phase: phase[:100]), "what was being done"),
        Field("reason", text(1_000_000).then(lambda reason: reason[:2000]), "why it failed, for people"),
        optional("log_tail", TEXTS.then(_last_lines), f"the last lines of the log, {LOG_TAIL_LINES} at most", ()),
        optional("cause", word(Cause), "of a program that ended badly, in one word", nullable=True),
        optional("exit_code", whole(0), "of that program; 128 and its number for a signal", nullable=True),
        optional("samples", TEXTS.then(_first_names), f"what was being worked on, {MOST_SAMPLES_AT_HAND} at most", ()),
    ),
)


@dataclass(frozen=True)
class Vitals:
    """How a worker's machine is; None is what could not be read.

    Attributes:
        step: that it is at; '' between steps.
        samples: at hand.
        free_memory_mb: what can be had without swapping, MiB.
        free_disk_mb: MiB.
        load: of the last minute, as ``uptime`` tells it.
        still_seconds: how long neither step, samples nor detail have changed.
    """

    step: str
    samples: tuple[str, ...]
    free_memory_mb: int | None
    free_disk_mb: int | None
    load: float
    still_seconds: int

    @classmethod
    def from_json(cls, value: object) -> Vitals:
        """Read what a worker says, or what was kept of it.

        Raises:
            InvalidInput: it has not the shape of vitals.
        """
        return cls(**VITALS.read(value))


_HIGHEST_LOAD = 1_000_000
_LOAD = checked(
    lambda value: isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _HIGHEST_LOAD,
    f"a number from 0 to {_HIGHEST_LOAD}",
    {"type": "number", "minimum": 0, "maximum": _HIGHEST_LOAD},
    blank=float,
)
VITALS: Shape[Vitals] = Shape(
    "VitalsBody",
    "vitals",
    (
        Field("step", TEXT, "what it is working on; `''` between steps"),
        Field("samples", TEXTS.then(_first_names), f"being worked on, {MOST_SAMPLES_AT_HAND} at most"),
        Field("free_memory_mb", whole(0), "what can be had without swapping, MiB", nullable=True),
        Field("free_disk_mb", whole(0), "MiB", nullable=True),
        Field("load", _LOAD, "of the last minute"),
        Field("still_seconds", whole(0), "how long neither step, samples nor detail have changed"),
    ),
)


@dataclass(frozen=True)
class StatusReport:
    """One message of a worker.

    Attributes:
        instance_index: as the API gave it, or the machine's launch index before that; counts from 0.
        share: the share it works on, or None between shares.
        attempt: which try at that share; 0 between shares.
        samples_done: names of the samples of that share whose done-markers are written.
        machine_taken: whether it failed only because its machine is taken away, so that its try does not count.
        vitals: of a heartbeat: how the machine is.
    """

    instance_id: str
    instance_index: int
    status: WorkerStatus
    kind: Kind
    share: int | None = None
    attempt: int = 0
    detail: str = ""
    samples_done: tuple[str, ...] = ()
    failure: Failure | None = None
    machine_taken: bool = False
    vitals: Vitals | None = None

    def as_json(self) -> dict[str, object]:
        """The request's body."""
        return STATUS_REPORT.write(self)

    @classmethod
    def from_json(cls, value: object) -> StatusReport:
        """Read a message from outside.

        Raises:
            InvalidInput: with every field that is wrong.
        """
        return cls(**STATUS_REPORT.read(value))


STATUS_REPORT: Shape[StatusReport] = Shape(
    "StatusBody",
    "status report",
    (
        Field("instance_id", INSTANCE_ID, "the proven instance's"),
        Field("instance_index", whole(0), "as the API gave it, or the machine's launch index before that"),
        Field("status", word(WorkerStatus), "what the worker is doing"),
        Field("kind", word(Kind), "why it speaks"),
        optional("share", whole(1), "the share it works on; null between shares", nullable=True),
        optional("attempt", whole(0), "which try at that share; 0 between shares", 0),
        optional("detail", text(100_000).then(lambda detail: detail[:500]), "for people, such as `sample 2 of 3`", ""),
        optional("samples_done", TEXTS, "samples of that share whose done-markers are written", ()),
        optional("machine_taken", FLAG, "failed only because the machine is taken away", absent=False),
        optional("failure", nested(FAILURE, Failure), "of kind `failed`: why", nullable=True),
        optional("vitals", nested(VITALS, Vitals), "of kind `heartbeat`: how the machine is", nullable=True),
    ),
)


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


class SampleOutcome(StrEnum):
    """How a sample ended."""

    TYPED = "typed"
    FAILED = "failed"


@dataclass(frozen=True)
class DoneMarker:
    """A sample is finished, one way or the other. Written by the worker after its results are in S3."""

    sample: str
    outcome: SampleOutcome
    reason: str
    share: int
    attempt: int
    instance_id: str
    finished_at: datetime

    def as_json(self) -> dict[str, object]:
        """The marker's document."""
        return DONE_MARKER.write(self)

    @classmethod
    def from_json(cls, value: object) -> DoneMarker:
        """Read a marker.

        Raises:
            InvalidInput: it has not the shape of one.
        """
        return cls(**DONE_MARKER.read(value))


DONE_MARKER: Shape[DoneMarker] = Shape(
    "DoneMarker",
    "done-marker",
    (
        Field("sample", TEXT, "its name"),
        Field("outcome", word(SampleOutcome, "typed or failed"), "how it ended"),
        Field("reason", text(4000), "why it failed; `''` when it did not", ""),
        Field("share", whole(1), "the share it is in"),
        Field("attempt", whole(0), "which try at that share"),
        Field("instance_id", TEXT, "who finished it"),
        Field("finished_at", MOMENT, "when"),
    ),
)


@dataclass(frozen=True)
class CredentialsRequest:
    """A worker asks for its job's credentials (``POST /job/<session_key>/credentials``)."""

    instance_id: str

    def as_json(self) -> dict[str, object]:
        """The request's body."""
        return CREDENTIALS_REQUEST.write(self)

    @classmethod
    def from_json(cls, value: object) -> CredentialsRequest:
        """Read a request from outside.

        Raises:
            InvalidInput: with every field that is wrong.
        """
        return cls(**CREDENTIALS_REQUEST.read(value))


CREDENTIALS_REQUEST: Shape[CredentialsRequest] = Shape(
    "CredentialsBody", "request for credentials", (Field("instance_id", INSTANCE_ID, "the proven instance's"),)
)


@dataclass(frozen=True)
class StopRequest:
    """The final worker has its job's instances ended (``POST /stop_instances``)."""

    session_key: str
    instance_id: str

    def as_json(self) -> dict[str, object]:
        """The request's body."""
        return STOP_REQUEST.write(self)

    @classmethod
    def from_json(cls, value: object) -> StopRequest:
        """Read a request from outside.

        Raises:
            InvalidInput: with every field that is wrong.
        """
        return cls(**STOP_REQUEST.read(value))


STOP_REQUEST: Shape[StopRequest] = Shape(
    "StopBody",
    "stop request",
    (Field("session_key", TEXT, "the job"), Field("instance_id", INSTANCE_ID, "the proven instance's")),
)
