"""Keeping ``workers/<index>.json``: who a worker is, and what it said last."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace

from gems_api.services.context import Context
from gems_api.services.lifecycle.instance_tags import show
from gems_api.services.state.fleet_record import place_of
from gems_api.services.state.records import WorkerRecord
from gems_api.services.state.snapshot import Glance, Snapshot, Versioned
from gems_core import layout
from gems_core.errors import Conflict
from gems_core.manifest import Manifest
from gems_core.protocol import Failure, StatusReport
from gems_core.session_key import SessionKey
from gems_core.statuses import WorkerStatus, worker_may_become

LOG = logging.getLogger(__name__)
Worker = Versioned[WorkerRecord]


def register(context: Context, snapshot: Glance | Snapshot, report: StatusReport) -> Worker:
    """The record of the worker that speaks; at its first contact it is made.

    Its place among the job's instances is its index, whatever index it says (of a fleet's instances each says 0 until it is
    told its own): so there is one record of it, and nobody else's is taken for it.

    Args:
        context: the collaborators.
        snapshot: the job, in which the speaker is enrolled, and at least the record of the index that it says.
        report: what it says.

    Raises:
        Conflict: the record at its place is another instance's.
    """
    known = snapshot.worker_of(report.instance_id)
    if known is not None:
        return known
    index = place_of(snapshot.state.value, report.instance_id) if snapshot.state else None
    assert index is not None  # whoever is heard is enrolled
    session_key = snapshot.manifest.session_key
    record = WorkerRecord(report.instance_id, index, report.status, context.clock())
    etag = context.jobs.write(layout.worker_key(session_key, index), record, None)
    if etag is not None:
        facts = {"instance_id": report.instance_id, "instance_index": index}
        LOG.info("first contact", extra={"facts": {"session_key": str(session_key), **facts}})
        return Versioned(record, etag)
    held = read(context, session_key, index)
    if held is None or held.value.instance_id != report.instance_id:
        raise Conflict(
            f"{layout.worker_key(session_key, index)}: expected the record of {report.instance_id}, found "
            f"{held.value.instance_id if held else 'none'}; it does not fit state.json. Cancel the job, then retry it."
        )
    return held


def read(context: Context, session_key: SessionKey, index: int) -> Worker | None:
    """A worker's record."""
    return context.jobs.record(session_key, layout.worker_key(session_key, index), WorkerRecord.from_json)


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
) -> None:
    """Write what a worker has become; its tags are written only when its status or its share has changed.

    Args:
        context: the collaborators.
        manifest: the job's.
        worker: the record as it was read; if somebody has written it since, it is read again.
        report: what the worker said.
        statuses: what it goes through, in order.
        working_on: the share (or None) and the attempt it is at now.

    Raises:
        Conflict: others change the record all the time.
    """
    session_key = manifest.session_key
    key = layout.worker_key(session_key, worker.value.instance_index)

    def become(record: WorkerRecord | None) -> WorkerRecord:
        before = record or worker.value  # records are never deleted
        after = advance(before, statuses)
        return replace(
            after,
            updated_at=context.clock(),
            share=working_on[0],
            attempt=working_on[1],
            detail=report.detail,
            failure=report.failure if report.failure is not None else _kept_failure(before, after),
        )

    amended = context.jobs.amend(session_key, key, WorkerRecord.from_json, become, worker)
    if amended is None:
        raise Conflict(
            f"the record of {report.instance_id} in job {session_key} keeps changing; send the message again"
        )
    before, after = amended.before or worker.value, amended.after
    if after is not None and (after.value.status, after.value.share) != (before.status, before.share):
        _announce(context, manifest, after)


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
