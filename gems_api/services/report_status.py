"""What a worker says, and what it is told: ``POST /job/<session_key>/status``."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gems_api.services.context import Context
from gems_api.services.ending import finish_job
from gems_api.services.mail import send_once
from gems_api.services.records import Heartbeat
from gems_api.services.snapshot import Snapshot
from gems_api.services.work import Grant, grant, release_claim, renew_claim, renew_lease
from gems_api.services.worker_records import register, update
from gems_core import layout
from gems_core.errors import Conflict, one_problem
from gems_core.layout import REPORT_FORMATS
from gems_core.protocol import Answer, Failure, Instruction, Kind, MailOutcome, StatusReport
from gems_core.session_key import SessionKey
from gems_core.shares import Share
from gems_core.statuses import JobStatus, WorkerStatus, running_status

RETRY_SECONDS = 5
REPORT_TRIES = 10
_MERGE_STATUSES = frozenset({WorkerStatus.MERGING, WorkerStatus.REPORT_WRITTEN, WorkerStatus.EMAIL_SENT})
_ENDING_STATUSES = frozenset({WorkerStatus.EMAIL_SENT, WorkerStatus.COMPLETE})


@dataclass(frozen=True)
class _Outcome:
    grant: Grant
    mail: MailOutcome | None = None


_CONTINUE = _Outcome(Grant(Instruction.CONTINUE))


def report_status(context: Context, session_key: SessionKey, report: StatusReport) -> Answer:
    """Take in one message of a worker and tell it what to do.

    Raises:
        JobNotFound: no such job.
        NotAllowed: the instance is not the job's.
        Conflict: EC2 does not show the instance yet, or ``finished`` was said of a share that is not.
        InvalidInput: the message names a share that the job has not.
    """
    snapshot = context.jobs.load(session_key)
    context.members.check(snapshot, report.instance_id)
    if report.instance_id in snapshot.earlier_runs:
        # Its share and its attempt are another's by now; nothing of it is written down.
        return Answer(Instruction.STOP, snapshot.overall_status, report.instance_index)
    index = register(context, snapshot, report).instance_index
    context.jobs.beat(session_key, index, Heartbeat(report.instance_id, context.clock()))
    outcome = _take_in(context, snapshot, report)
    waiting = outcome.grant.instruction is Instruction.WAIT
    return Answer(
        outcome.grant.instruction,
        _overall_status(context, snapshot, report, outcome),
        index,
        outcome.grant.share,
        outcome.grant.lease,
        outcome.mail,
        RETRY_SECONDS if waiting else None,
    )


def _overall_status(context: Context, snapshot: Snapshot, report: StatusReport, outcome: _Outcome) -> JobStatus:
    """The job's status after the message, without reading the whole job again."""
    if outcome.grant.instruction is Instruction.MERGE:
        return JobStatus.MERGING
    if snapshot.ended:
        return snapshot.overall_status
    if report.status in _ENDING_STATUSES:
        return context.jobs.load(snapshot.manifest.session_key).overall_status
    return running_status([*snapshot.crew_statuses, report.status], merging=snapshot.merging)


def _take_in(context: Context, snapshot: Snapshot, report: StatusReport) -> _Outcome:
    if snapshot.ended:
        return _after_the_end(context, snapshot, report)
    if report.kind is Kind.HEARTBEAT:
        renew_claim(context, snapshot, report.instance_id)
        renew_lease(context, snapshot, report.instance_id)
        return _CONTINUE
    if report.kind is Kind.STATUS:
        return _status(context, snapshot, report)
    if report.kind is Kind.FAILED:
        return _failed(context, snapshot, report)
    if report.kind is Kind.FINISHED:
        _check_finished(snapshot, report)
    return _next_work(context, snapshot, report)


def _after_the_end(context: Context, snapshot: Snapshot, report: StatusReport) -> _Outcome:
    """The final worker may still say how it ended; everybody else stops."""
    if snapshot.merge_owner != report.instance_id or not snapshot.report_written:
        return _Outcome(Grant(Instruction.STOP))
    if snapshot.overall_status is JobStatus.CANCELLED:
        return _Outcome(Grant(Instruction.STOP))
    update(context, snapshot, report, [report.status], (None, 0))
    mail = send_once(context, snapshot) if report.status is WorkerStatus.REPORT_WRITTEN else None
    return _Outcome(Grant(Instruction.CONTINUE), mail)


def _status(context: Context, snapshot: Snapshot, report: StatusReport) -> _Outcome:
    if report.status in _MERGE_STATUSES and snapshot.merge_owner != report.instance_id:
        return _Outcome(Grant(Instruction.LEAVE))
    if report.status is WorkerStatus.REPORT_WRITTEN:
        _check_report(context, snapshot)
    update(context, snapshot, report, [report.status], (report.share, report.attempt))
    renew_claim(context, snapshot, report.instance_id)
    if snapshot.merge_owner != report.instance_id:
        return _CONTINUE
    if report.status is WorkerStatus.REPORT_WRITTEN:
        _mark_report_written(context, snapshot, report.instance_id)
        return _Outcome(Grant(Instruction.CONTINUE), send_once(context, snapshot))
    renew_lease(context, snapshot, report.instance_id)
    if report.status in _ENDING_STATUSES and snapshot.report_written:
        finish_job(context, snapshot)
    return _CONTINUE


def _check_report(context: Context, snapshot: Snapshot) -> None:
    """No mail is sent about a report that is not there."""
    manifest = snapshot.manifest
    keys = [layout.report_key(manifest.prefix, manifest.session_key, extension) for extension in REPORT_FORMATS]
    if not any(context.cloud.store.exists(manifest.bucket, key) for key in keys):
        raise Conflict(f"REPORT_WRITTEN was said, but none of {', '.join(keys)} is in bucket {manifest.bucket}")


def _mark_report_written(context: Context, snapshot: Snapshot, instance_id: str) -> None:
    key = layout.merge_lease_key(snapshot.manifest.session_key)
    for _ in range(REPORT_TRIES):
        assert snapshot.lease is not None  # it is never deleted
        lease = snapshot.lease.value
        if lease.report_written_at is not None:
            return
        if lease.owner != instance_id:
            raise Conflict("the merge lease expired and another worker took it; its report counts")
        if context.jobs.write(key, replace(lease, report_written_at=context.clock()), snapshot.lease.etag) is not None:
            return
        snapshot = context.jobs.load(snapshot.manifest.session_key)
    raise Conflict("the merge lease keeps changing; send the message again")


def _named_share(snapshot: Snapshot, report: StatusReport) -> Share:
    try:
        return snapshot.manifest.share(report.share if report.share is not None else 0)
    except KeyError:
        raise one_problem(
            "unknown_share",
            "status report, field share",
            f"a share of the job, 1 to {len(snapshot.manifest.shares)}",
            repr(report.share),
            "Name the share that the API granted.",
        ) from None


def _check_finished(snapshot: Snapshot, report: StatusReport) -> None:
    share = _named_share(snapshot, report)
    missing = snapshot.unfinished(share)
    if missing:
        raise Conflict(
            f"share {share.index} is not finished: no done-marker is in S3 for {', '.join(missing)}. "
            "Write the markers, then send finished again."
        )


def _next_work(context: Context, snapshot: Snapshot, report: StatusReport, avoid: int | None = None) -> _Outcome:
    """Grant what comes next, and record where that leaves the worker."""
    granted = grant(context, snapshot, report.instance_id, avoid)
    # The done-markers prove the upload, whatever reports were lost; who leaves has nothing more to say.
    proven = [WorkerStatus.UPLOADING] if report.kind is Kind.FINISHED else []
    left = [WorkerStatus.COMPLETE] if granted.instruction is Instruction.LEAVE else []
    working_on = (granted.share.share.index, granted.share.attempt) if granted.share else (None, 0)
    update(context, snapshot, report, [*proven, report.status, *left], working_on)
    return _Outcome(granted)


def _failed(context: Context, snapshot: Snapshot, report: StatusReport) -> _Outcome:
    """Take a share back from a worker that failed at it; a worker that failed outside a share is done with."""
    failure = report.failure or Failure(report.status.value, "the worker gave no reason")
    report = replace(report, status=WorkerStatus.FAILED, failure=failure)
    reason = f"{report.instance_id} failed in {failure.phase}: {failure.reason}"
    after = _take_back(context, snapshot, report, reason)
    if report.share is None:
        update(context, after, report, [WorkerStatus.FAILED], (None, 0))
        return _Outcome(Grant(Instruction.LEAVE))
    return _next_work(context, after, report, avoid=report.share)


def _take_back(context: Context, snapshot: Snapshot, report: StatusReport, reason: str) -> Snapshot:
    """Take from a worker what it holds; the job as it is then.

    Its own heartbeat, which runs beside, may renew the claim or the lease meanwhile: then it is read again.
    """
    session_key = snapshot.manifest.session_key
    for _ in range(REPORT_TRIES):
        held = snapshot.held_share(report.instance_id)
        taken = True
        if held is not None and report.share in (None, held.value.share):
            taken = release_claim(context, session_key, held, reason)
        if snapshot.merge_owner == report.instance_id:
            taken = _give_up_lease(context, snapshot, reason) and taken
        snapshot = context.jobs.load(session_key)
        if taken:
            return snapshot
    raise Conflict(f"what {report.instance_id} holds of job {session_key} keeps changing; send the message again")


def _give_up_lease(context: Context, snapshot: Snapshot, reason: str) -> bool:
    assert snapshot.lease is not None  # the caller owns it
    session_key = snapshot.manifest.session_key
    ended = replace(snapshot.lease.value, owner="", expires_at=context.clock(), reason=reason)
    written = context.jobs.write(layout.merge_lease_key(session_key), ended, snapshot.lease.etag)
    if written is not None:
        context.jobs.event(session_key, context.clock(), "merge lease given back", reason=reason)
    return written is not None
