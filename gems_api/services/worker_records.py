"""Keeping ``workers/<index>.json``: who a worker is, and what it said last."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from dataclasses import replace

from gems_api.services.context import Context
from gems_api.services.records import Claim, WorkerRecord
from gems_api.services.snapshot import Snapshot, Versioned
from gems_core import layout, tags
from gems_core.errors import CloudRefused, Conflict
from gems_core.manifest import Manifest
from gems_core.protocol import Failure, StatusReport
from gems_core.session_key import SessionKey
from gems_core.statuses import WorkerStatus, worker_may_become

LOG = logging.getLogger(__name__)
TRIES = 200


def register(context: Context, snapshot: Snapshot, report: StatusReport) -> WorkerRecord:
    """The record of the worker that speaks; at its first contact it gets an instance index and a record.

    The index is the machine's launch index where that is free (of two launches both have a 0), else the next free
    one. One conditional write makes it nobody else's.
    """
    known = snapshot.worker_of(report.instance_id)
    if known is not None:
        return known.value
    session_key = snapshot.manifest.session_key
    index = report.instance_index if report.instance_index not in snapshot.workers else _after(snapshot.workers)
    for candidate in range(index, index + TRIES):
        record = WorkerRecord(report.instance_id, candidate, report.status, context.clock())
        if context.jobs.write(layout.worker_key(session_key, candidate), record, None) is not None:
            tag(context, snapshot.manifest, record, (claim.value for claim in snapshot.claims.values()))
            context.jobs.event(
                session_key, context.clock(), "first contact", instance_id=report.instance_id, instance_index=candidate
            )
            return record
        holder = read(context, session_key, candidate)
        if holder is not None and holder.value.instance_id == report.instance_id:
            return holder.value
    raise Conflict(f"no free instance_index near {index} in job {session_key}; send the message again")


def _after(indices: Iterable[int]) -> int:
    return max(indices, default=-1) + 1


def read(context: Context, session_key: SessionKey, index: int) -> Versioned[WorkerRecord] | None:
    """A worker's record."""
    stored = context.cloud.store.read(context.settings.control_bucket, layout.worker_key(session_key, index))
    return None if stored is None else Versioned(WorkerRecord.from_json(json.loads(stored.body)), stored.etag)


def advance(record: WorkerRecord, statuses: Iterable[WorkerStatus]) -> WorkerRecord:
    """The record after these statuses, one after the other; one that is no news is passed over without harm."""
    for status in statuses:
        if worker_may_become(record.status, status):
            record = replace(record, status=status)
    return record


def update(
    context: Context,
    snapshot: Snapshot,
    report: StatusReport,
    statuses: list[WorkerStatus],
    working_on: tuple[int | None, int],
) -> WorkerRecord:
    """Write what a worker has become; its tag is written only when its status has changed.

    Args:
        context: the collaborators.
        snapshot: the job.
        report: what the worker said.
        statuses: what it goes through, in order.
        working_on: the share (or None) and the attempt it is at now.
    """
    session_key = snapshot.manifest.session_key
    index = register(context, snapshot, report).instance_index
    for _ in range(TRIES):
        held = read(context, session_key, index)
        assert held is not None  # register has made sure of it, and records are never deleted
        after = advance(held.value, statuses)
        after = replace(
            after,
            updated_at=context.clock(),
            share=working_on[0],
            attempt=working_on[1],
            detail=report.detail,
            failure=report.failure if report.failure is not None else _kept_failure(held.value, after),
        )
        if context.jobs.write(layout.worker_key(session_key, index), after, held.etag) is not None:
            if after.status is not held.value.status:
                _announce(context, snapshot, after)
            return after
    raise Conflict(f"the record of worker {index} in job {session_key} keeps changing; send the message again")


def _kept_failure(before: WorkerRecord, after: WorkerRecord) -> Failure | None:
    """A worker that was only thought lost sheds that failure when it speaks again."""
    revived = before.status is WorkerStatus.LOST and after.status is not WorkerStatus.LOST
    return None if revived else before.failure


def _announce(context: Context, snapshot: Snapshot, record: WorkerRecord) -> None:
    tag(context, snapshot.manifest, record, (claim.value for claim in snapshot.claims.values()))
    context.jobs.event(
        snapshot.manifest.session_key,
        context.clock(),
        "worker status",
        instance_id=record.instance_id,
        instance_index=record.instance_index,
        status=record.status.value,
        share=record.share,
    )


def file_names(manifest: Manifest, instance_id: str, claims: Iterable[Claim]) -> list[str]:
    """The read files of all shares that an instance holds or was the last to hold, share by share."""
    shares = sorted(claim.share for claim in claims if claim.owner == instance_id)
    return [name for share in shares for sample in manifest.share(share).samples for name in sample.file_names]


def tag(context: Context, manifest: Manifest, record: WorkerRecord, claims: Iterable[Claim]) -> None:
    """Show a worker's status in its instance's tags; a throttled or vanished instance is no failure of the job."""
    names = file_names(manifest, record.instance_id, claims)
    samples = tags.samples_value(names, layout.manifest_key(manifest.session_key))
    try:
        context.cloud.fleet.tag(record.instance_id, tags.worker_tags(record.instance_index, record.status, samples))
    except CloudRefused:
        facts = {"session_key": str(manifest.session_key), "instance_id": record.instance_id}
        LOG.warning("tag not written", exc_info=True, extra={"facts": facts})
