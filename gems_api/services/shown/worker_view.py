"""The workers of a job as ``GET /job`` shows them, and its instances that never spoke."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gems_api.services.shown.texts import Limits, told
from gems_api.services.state.records import ClaimState
from gems_api.services.state.snapshot import Snapshot
from gems_core.fields import COUNT, MOMENT, TEXT, TEXTS, Field, Shape, nested, whole, word
from gems_core.protocol.failure import FAILURE, Failure
from gems_core.protocol.status_report import VITALS, Vitals
from gems_core.statuses import FINAL_WORKER_STATUSES, WorkerStatus


@dataclass(frozen=True)
class WorkerView:
    """A worker of a job, or an instance that never spoke."""

    instance_id: str
    instance_index: int
    status: WorkerStatus
    run: int
    samples: Sequence[str] = ()
    detail: str = ""
    share: int | None = None
    attempt: int = 0
    last_heartbeat: datetime | None = None
    vitals: Vitals | None = None
    failure: Failure | None = None


WORKER_VIEW: Shape[WorkerView] = Shape(
    "WorkerView",
    "worker",
    (
        Field("instance_id", TEXT, "of its EC2 instance"),
        Field("instance_index", COUNT, "its place among all instances of the job, from 0"),
        Field("samples", TEXTS, "read files of the shares it did or does"),
        Field("status", word(WorkerStatus), "what it is doing"),
        Field("detail", TEXT, "what it said of that"),
        Field("share", whole(1), "the share it works on", nullable=True),
        Field("attempt", COUNT, "which try at that share"),
        Field("run", whole(1), "the run of the job that its instance was launched in"),
        Field("last_heartbeat", MOMENT, "its last sign of life", nullable=True),
        Field(
            "vitals",
            nested(VITALS),
            "how its machine is; null of large jobs and of workers that are gone",
            nullable=True,
        ),
        Field("failure", nested(FAILURE), "why it failed", nullable=True),
    ),
)


def workers_seen(snapshot: Snapshot, limits: Limits) -> list[WorkerView]:
    """Workers by index; launched instances that have not made contact yet come last."""
    names, earlier = _file_names(snapshot), snapshot.earlier_runs
    failed = [index for index, worker in sorted(snapshot.workers.items()) if worker.value.failure is not None]
    with_log = frozenset(failed[: limits.log_tails])
    contacted = [
        WorkerView(
            worker.value.instance_id,
            index,
            worker.value.status,
            run=earlier.get(worker.value.instance_id, snapshot.run),
            samples=names.get(worker.value.instance_id, ()),
            detail=told(worker.value.detail, limits),
            share=worker.value.share,
            attempt=worker.value.attempt,
            last_heartbeat=snapshot.last_seen(worker.value),
            vitals=None if worker.value.status in FINAL_WORKER_STATUSES else snapshot.vitals.get(index),
            failure=_failure(worker.value.failure, limits, with_log=index in with_log),
        )
        for index, worker in sorted(snapshot.workers.items())
    ]
    return contacted + _silent_instances(snapshot, earlier)


def _file_names(snapshot: Snapshot) -> dict[str, list[str]]:
    """By instance: the read files of all shares that it holds or was the last to hold, share by share."""
    found: dict[str, list[str]] = defaultdict(list)
    for _, claim in sorted(snapshot.claims.items()):
        if claim.value.state is not ClaimState.FREE:
            share = snapshot.manifest.share(claim.value.share)
            found[claim.value.owner] += [name for sample in share.samples for name in sample.file_names]
    return found


def _failure(failure: Failure | None, limits: Limits, *, with_log: bool) -> Failure | None:
    if failure is None:
        return None
    log_tail = failure.log_tail if with_log else ()
    phase, reason = told(failure.phase, limits), told(failure.reason, limits)
    return replace(failure, phase=phase, reason=reason, log_tail=log_tail, samples=failure.samples[: limits.samples])


def _silent_instances(snapshot: Snapshot, earlier: Mapping[str, int]) -> list[WorkerView]:
    """Launched instances that never spoke; their index is their place among all that the job has launched."""
    known = {worker.value.instance_id for worker in snapshot.workers.values()}
    launched = snapshot.state.value.instances if snapshot.state else ()
    return [
        _silent_instance(
            item.instance_id,
            index,
            earlier.get(item.instance_id, snapshot.run),
            gone=snapshot.ended or item.ended_at is not None or item.instance_id in earlier,
            placed=bool(item.market),
        )
        for index, item in enumerate(launched)
        if item.instance_id not in known
    ]


def _silent_instance(instance_id: str, index: int, run: int, *, gone: bool, placed: bool) -> WorkerView:
    if not gone:
        detail = "has not made contact" if placed else "AWS Batch has not placed it yet"
        return WorkerView(instance_id, index, WorkerStatus.LAUNCHED, run, detail=detail)
    if not placed:
        return WorkerView(
            instance_id, index, WorkerStatus.COMPLETE, run, detail="was taken out of the queue of AWS Batch"
        )
    failure = Failure("bootstrap", "it never made contact, and was terminated")
    return WorkerView(instance_id, index, WorkerStatus.LOST, run, failure=failure)
