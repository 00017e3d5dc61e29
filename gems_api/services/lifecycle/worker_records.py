"""Keeping ``workers/<index>.json``: who a worker is, and what it said last."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace

from gems_api.services.context import Context
from gems_api.services.lifecycle.instance_tags import is_news, show
from gems_api.services.metrics import Metric, tell
from gems_api.services.state.records import WorkerRecord
from gems_api.services.state.snapshot import Versioned
from gems_core import layout
from gems_core.errors import Conflict
from gems_core.manifest import Manifest
from gems_core.protocol.failure import Failure
from gems_core.protocol.status_report import StatusReport
from gems_core.statuses import WorkerStatus, worker_may_become

LOG = logging.getLogger(__name__)
Worker = Versioned[WorkerRecord]


def advance(record: WorkerRecord, statuses: Iterable[WorkerStatus]) -> WorkerRecord:
    """The record after these statuses, one after the other; one that says nothing new is passed over without harm."""
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
    """Write what a worker has become; its tags are written only for what they show.

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
        changed = replace(
            after,
            updated_at=context.clock(),
            share=working_on[0],
            attempt=working_on[1],
            detail=report.detail,
            failure=report.failure if report.failure is not None else _kept_failure(before, after),
        )
        return changed.stepped(before)

    amended = context.jobs.amend(session_key, key, WorkerRecord.from_json, become, worker)
    if amended is None:
        raise Conflict(
            f"the record of {report.instance_id} in job {session_key} keeps changing; send the message again"
        )
    before, after = amended.before or worker.value, amended.after
    if after is not None and (after.value.status, after.value.share) != (before.status, before.share):
        _announce(context, manifest, after, shown=is_news(before.status, after.value.status))
    if after is not None and before.steps and after.value.status is not before.status:
        last = before.steps[-1]
        seconds = (after.value.updated_at - last.at).total_seconds()
        tell(context.settings.stage, context.clock(), {Metric.STEP_SECONDS: seconds}, step=last.status.value)


def _kept_failure(before: WorkerRecord, after: WorkerRecord) -> Failure | None:
    """A worker that was only thought lost sheds that failure when it speaks again."""
    revived = before.status is WorkerStatus.LOST and after.status is not WorkerStatus.LOST
    return None if revived else before.failure


def _announce(context: Context, manifest: Manifest, worker: Worker, *, shown: bool) -> None:
    record = worker.value
    facts = {
        "session_key": str(manifest.session_key),
        "instance_id": record.instance_id,
        "instance_index": record.instance_index,
        "status": record.status.value,
        "share": record.share,
    }
    LOG.info("worker status", extra={"facts": facts})
    if shown:
        show(context, manifest, worker)
