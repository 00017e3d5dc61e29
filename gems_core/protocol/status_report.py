"""What a worker says at ``POST /job/<session_key>/status`` (docs/contracts.md, section 4)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gems_core.fields import FLAG, TEXT, TEXTS, Field, Shape, checked, nested, optional, text, whole, word
from gems_core.protocol.failure import FAILURE, MOST_SAMPLES_AT_HAND, SAMPLES_AT_HAND, Failure
from gems_core.protocol.instance_ids import INSTANCE_ID
from gems_core.statuses import WorkerStatus


class Kind(StrEnum):
    """Why a worker speaks."""

    CLAIM = "claim"
    STATUS = "status"
    HEARTBEAT = "heartbeat"
    FINISHED = "finished"
    FAILED = "failed"


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
        Field("samples", SAMPLES_AT_HAND, f"being worked on, {MOST_SAMPLES_AT_HAND} at most"),
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
