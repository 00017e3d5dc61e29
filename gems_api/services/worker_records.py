"""Keeping ``workers/<index>.json``: who a worker is, and what it said last."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from dataclasses import replace

from gems_api.services.context import Context
from gems_api.services.instance_tags import show
from gems_api.services.records import JobState, WorkerRecord
from gems_api.services.snapshot import Snapshot, Versioned
from gems_core import layout
from gems_core.errors import Conflict
from gems_core.manifest import Manifest
from gems_core.protocol import Failure, StatusReport
from gems_core.session_key import SessionKey
from gems_core.statuses import WorkerStatus, worker_may_become

LOG = logging.getLogger(__name__)
TRIES = 200
Worker = Versioned[WorkerRecord]


def index_of(state: JobState | None, instance_id: str) -> int | None:
    """The index that is kept for an instance: its place among all that the job's launches were answered with."""
    launched = state.instances if state is not None else ()
    return next((place for place, item in enumerate(launched) if item.instance_id == instance_id), None)


def register(context: Context, snapshot: Snapshot, report: StatusReport) -> Worker:
    """The record of the worker that speaks; at its first contact it gets an instance index and a record.

    One conditional write makes the index nobody else's. Every launched instance has an index kept for it; one whose
    launch was not written down takes its machine's launch index where that is free, else the next free one.
    """
    known = snapshot.worker_of(report.instance_id)
    if known is not None:
        return known
    kept = index_of(snapshot.state.value if snapshot.state else None, report.instance_id)
    return _enter(context, snapshot, report, report.instance_index if kept is None else kept) or _enter_anywhere(
        context, snapshot.manifest.session_key, report
    )


def _enter(context: Context, snapshot: Snapshot, report: StatusReport, index: int) -> Worker | None:
    """Take an index; None when it is another instance's."""
    session_key = snapshot.manifest.session_key
    record = WorkerRecord(report.instance_id, index, report.status, context.clock())
    etag = context.jobs.write(layout.worker_key(session_key, index), record, None)
    if etag is not None:
        facts = {"instance_id": report.instance_id, "instance_index": index}
        LOG.info("first contact", extra={"facts": {"session_key": str(session_key), **facts}})
        return Versioned(record, etag)
    holder = read(context, session_key, index)
    return holder if holder is not None and holder.value.instance_id == report.instance_id else None


def _enter_anywhere(context: Context, session_key: SessionKey, report: StatusReport) -> Worker:
    snapshot = context.jobs.load(session_key)
    known = snapshot.worker_of(report.instance_id)
    if known is not None:
        return known
    first = max(snapshot.workers, default=-1) + 1
    for index in range(first, first + TRIES):
        entered = _enter(context, snapshot, report, index)
        if entered is not None:
            return entered
    raise Conflict(f"no free instance_index near {first} in job {session_key}; send the message again")


def read(context: Context, session_key: SessionKey, index: int) -> Worker | None:
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
    manifest: Manifest,
    worker: Worker,
    report: StatusReport,
    *,
    statuses: list[WorkerStatus],
    working_on: tuple[int | None, int],
) -> WorkerRecord:
    """Write what a worker has become; its tags are written only when its status or its share has changed.

    Args:
        context: the collaborators.
        manifest: the job's.
        worker: the record as it was read; if somebody has written it since, it is read again.
        report: what the worker said.
        statuses: what it goes through, in order.
        working_on: the share (or None) and the attempt it is at now.
    """
    session_key = manifest.session_key
    key = layout.worker_key(session_key, worker.value.instance_index)
    for _ in range(TRIES):
        before = worker.value
        after = advance(before, statuses)
        after = replace(
            after,
            updated_at=context.clock(),
            share=working_on[0],
            attempt=working_on[1],
            detail=report.detail,
            failure=report.failure if report.failure is not None else _kept_failure(before, after),
        )
        etag = context.jobs.write(key, after, worker.etag)
        if etag is not None:
            if (after.status, after.share) != (before.status, before.share):
                _announce(context, manifest, Versioned(after, etag))
            return after
        worker = read(context, session_key, before.instance_index) or worker  # records are never deleted
    raise Conflict(f"the record of {report.instance_id} in job {session_key} keeps changing; send the message again")


def _kept_failure(before: WorkerRecord, after: WorkerRecord) -> Failure | None:
    """A worker that was only thought lost sheds that failure when it speaks again."""
    revived = before.status is WorkerStatus.LOST and after.status is not WorkerStatus.LOST
    return None if revived else before.failure


def _announce(context: Context, manifest: Manifest, worker: Worker) -> None:
    record = worker.value
    facts = {
        "session_key": str(manifest.session_key),
        "instance_id": record.instance_id,
        "instance_index": record.instance_index,
        "status": record.status.value,
        "share": record.share,
    }
    LOG.info("worker status", extra={"facts": facts})
    show(context, manifest, worker)
