"""What a worker and the API say to each other at ``POST /job/<session_key>/status`` (docs/contracts.md, section 4)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from gems_core.errors import one_problem
from gems_core.fastq_names import Sample
from gems_core.fields import NO_MOMENT, FieldReader, parse_moment
from gems_core.shares import Share
from gems_core.statuses import JobStatus, WorkerStatus

LOG_TAIL_LINES = 20
# Of a done-marker, to the API and the worker alike. Its reason has at most 4,000 characters, each of at most 12 bytes in JSON's ASCII.
LARGEST_MARKER_BYTES = 64 * 1024
EXPECTED_INSTANCE_ID = "an instance id such as i-0f2a"
_INSTANCE_ID = re.compile(r"[A-Za-z0-9-]{1,64}")


def parse_instance_id(text: str) -> str:
    """The id of an instance, such as ``i-0f2a``, as somebody outside gives it.

    Raises:
        ValueError: no instance is named so.
    """
    if not _INSTANCE_ID.fullmatch(text):
        raise ValueError(text)
    return text


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


@dataclass(frozen=True)
class Failure:
    """Why something failed: the phase, a reason for people, and the last lines of the log."""

    phase: str
    reason: str
    log_tail: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """``{"phase", "reason", "log_tail"}``."""
        return {"phase": self.phase, "reason": self.reason, "log_tail": list(self.log_tail)}

    @classmethod
    def from_json(cls, value: object) -> Failure:
        """Read a failure from outside; overlong texts are cut, not refused, for a reason must never be lost.

        Raises:
            InvalidInput: it has not the shape of one.
        """
        fields = FieldReader(value, "failure")
        phase = fields.text("phase", longest=100_000)
        reason = fields.text("reason", longest=1_000_000)
        log_tail = fields.texts("log_tail")
        fields.finish()
        return cls(phase[:100], reason[:2000], tuple(line[:500] for line in log_tail[-LOG_TAIL_LINES:]))


@dataclass(frozen=True)
class StatusReport:
    """One message of a worker.

    Attributes:
        instance_index: as the API gave it, or the machine's launch index before that; counts from 0.
        share: the share it works on, or None between shares.
        attempt: which try at that share; 0 between shares.
        samples_done: names of the samples of that share whose done-markers are written.
        machine_taken: whether it failed only because its machine is taken away, so that its try does not count.
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

    def as_json(self) -> dict[str, object]:
        """The request's body."""
        return {
            "instance_id": self.instance_id,
            "instance_index": self.instance_index,
            "status": self.status.value,
            "kind": self.kind.value,
            "share": self.share,
            "attempt": self.attempt,
            "detail": self.detail,
            "samples_done": list(self.samples_done),
            "failure": self.failure.as_json() if self.failure else None,
            "machine_taken": self.machine_taken,
        }

    @classmethod
    def from_json(cls, value: object) -> StatusReport:
        """Read a message from outside.

        Raises:
            InvalidInput: with every field that is wrong.
        """
        fields = FieldReader(value, "status report")
        instance_id = fields.parsed("instance_id", parse_instance_id, EXPECTED_INSTANCE_ID, "")
        instance_index = fields.integer("instance_index", minimum=0)
        status = fields.parsed("status", WorkerStatus, f"one of {', '.join(WorkerStatus)}", WorkerStatus.FAILED)
        kind = fields.parsed("kind", Kind, f"one of {', '.join(Kind)}", Kind.STATUS)
        share = fields.optional_integer("share", minimum=1)
        attempt = fields.integer("attempt", minimum=0, default=0)
        detail = fields.text("detail", longest=100_000, default="")[:500]
        samples_done = fields.texts("samples_done")
        taken = fields.flag("machine_taken")
        fields.finish()
        failure = fields.nested("failure")
        report = cls(
            instance_id, instance_index, status, kind, share, attempt, detail, samples_done, machine_taken=taken
        )
        return report if failure is None else replace(report, failure=Failure.from_json(failure))


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
    """What became of the mail."""

    SENT = "sent"
    NOT_ASKED = "not_asked"
    FAILED = "failed"


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
        return {
            "instruction": self.instruction.value,
            "overall_status": self.overall_status.value,
            "instance_index": self.instance_index,
            "share": self.share and {**self.share.share.as_json(), "attempt": self.share.attempt},
            "merge_lease": self.merge_lease
            and {"owner": self.merge_lease.owner, "expires_at": self.merge_lease.expires_at.isoformat()},
            "mail": self.mail and {"state": self.mail.state.value, "reason": self.mail.reason},
            "retry_after_seconds": self.retry_after_seconds,
        }

    @classmethod
    def from_json(cls, value: object) -> Answer:
        """Read an answer of the API.

        Raises:
            InvalidInput: it has not the shape of one.
        """
        fields = FieldReader(value, "answer of the API")
        instruction = fields.parsed("instruction", Instruction, f"one of {', '.join(Instruction)}", Instruction.STOP)
        overall_status = fields.parsed("overall_status", JobStatus, f"one of {', '.join(JobStatus)}", JobStatus.FAILED)
        instance_index = fields.integer("instance_index", minimum=0)
        retry_after_seconds = fields.optional_integer("retry_after_seconds", minimum=0)
        fields.finish()
        share, lease, mail = fields.nested("share"), fields.nested("merge_lease"), fields.nested("mail")
        return cls(
            instruction,
            overall_status,
            instance_index,
            None if share is None else _granted_share(share),
            None if lease is None else _merge_lease(lease),
            None if mail is None else _mail_outcome(mail),
            retry_after_seconds,
        )


def _granted_share(value: object) -> GrantedShare:
    fields = FieldReader(value, "granted share")
    index = fields.integer("index", minimum=1)
    attempt = fields.integer("attempt", minimum=1)
    fields.finish()
    samples = fields.nested("samples")
    if not isinstance(samples, list):
        raise one_problem(
            "invalid_field",
            "granted share, field samples",
            "a list of samples",
            repr(samples)[:120],
            "Report this as a bug.",
        )
    return GrantedShare(Share(index, tuple(Sample.from_json(sample) for sample in samples)), attempt)


def _merge_lease(value: object) -> MergeLease:
    fields = FieldReader(value, "merge lease")
    owner = fields.text("owner")
    expires_at = fields.parsed("expires_at", parse_moment, "an ISO 8601 time with a zone", NO_MOMENT)
    fields.finish()
    return MergeLease(owner, expires_at)


def _mail_outcome(value: object) -> MailOutcome:
    fields = FieldReader(value, "mail outcome")
    state = fields.parsed("state", MailState, f"one of {', '.join(MailState)}", MailState.FAILED)
    reason = fields.text("reason", default="")
    fields.finish()
    return MailOutcome(state, reason)


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
        return {
            "sample": self.sample,
            "outcome": self.outcome.value,
            "reason": self.reason,
            "share": self.share,
            "attempt": self.attempt,
            "instance_id": self.instance_id,
            "finished_at": self.finished_at.isoformat(),
        }

    @classmethod
    def from_json(cls, value: object) -> DoneMarker:
        """Read a marker.

        Raises:
            InvalidInput: it has not the shape of one.
        """
        fields = FieldReader(value, "done-marker")
        marker = cls(
            fields.text("sample"),
            fields.parsed("outcome", SampleOutcome, "typed or failed", SampleOutcome.FAILED),
            fields.text("reason", longest=4000, default=""),
            fields.integer("share", minimum=1),
            fields.integer("attempt", minimum=0),
            fields.text("instance_id"),
            fields.parsed("finished_at", parse_moment, "an ISO 8601 time with a zone", NO_MOMENT),
        )
        fields.finish()
        return marker
