"""What a worker says, and what it is told: ``POST /job/<session_key>/status``."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gems_api.services.context import Context
from gems_api.services.lifecycle.ending import finish_job
from gems_api.services.lifecycle.mail import send_once
from gems_api.services.lifecycle.worker_records import Worker, register, update
from gems_api.services.shown.views import keep_fresh
from gems_api.services.state.records import Lease
from gems_api.services.state.snapshot import Glance, Reading, Snapshot
from gems_api.services.workers.enrolment import enrolled
from gems_api.services.workers.next_step import Asker
from gems_api.services.workers.work import Grant, give_up_claim, give_up_lease, grant, grant_quickly, renew_lease
from gems_core import layout
from gems_core.errors import Conflict, one_problem
from gems_core.layout import REPORT_FORMATS
from gems_core.protocol import Answer, Failure, Instruction, Kind, MailOutcome, StatusReport
from gems_core.session_key import SessionKey
from gems_core.shares import Share
from gems_core.statuses import FINAL_WORKER_STATUSES, JobStatus, WorkerStatus, running_status

RETRY_SECONDS = 5
_BEFORE_WORK = frozenset({WorkerStatus.LAUNCHED, WorkerStatus.BOOTSTRAPPING})
_MERGE_STATUSES = frozenset({WorkerStatus.MERGING, WorkerStatus.REPORT_WRITTEN, WorkerStatus.EMAIL_SENT})
_ENDING_STATUSES = frozenset({WorkerStatus.EMAIL_SENT, WorkerStatus.COMPLETE})


@dataclass(frozen=True)
class _Message:
    """What a worker said, who it is, and as much of its job as the message needs."""

    context: Context
    snapshot: Glance | Snapshot
    worker: Worker
    report: StatusReport

    @property
    def session_key(self) -> SessionKey:
        return self.snapshot.manifest.session_key

    @property
    def asker(self) -> Asker:
        return Asker(self.worker.value.instance_id, self.worker.value.instance_index)

    @property
    def whole(self) -> Snapshot:
        """All of the job: a message of its end is answered from no less."""
        assert isinstance(self.snapshot, Snapshot)
        return self.snapshot

    @property
    def merges(self) -> bool:
        """Whether the speaker holds the right to merge."""
        return self.snapshot.merge_owner == self.report.instance_id

    def record(self, statuses: list[WorkerStatus], working_on: tuple[int | None, int]) -> None:
        manifest = self.snapshot.manifest
        update(self.context, manifest, self.worker, self.report, statuses=statuses, working_on=working_on)


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
    snapshot = _what_it_needs(context, session_key, report)
    context.members.check(snapshot, report.instance_id)
    if not snapshot.ended:
        snapshot = enrolled(context, snapshot, report.instance_id)
    if report.instance_id in snapshot.earlier_runs or (snapshot.ended and snapshot.merge_owner != report.instance_id):
        # Its share and its attempt are another's by now, or nobody's; nothing of it is written down.
        return Answer(Instruction.STOP, _standing(snapshot, report), report.instance_index)
    if report.share is not None:
        _named_share(snapshot, report)
    worker = register(context, snapshot, report)
    context.jobs.beat(session_key, worker.value.instance_index)
    outcome = _take_in(_Message(context, snapshot, worker, report))
    if report.kind in (Kind.HEARTBEAT, Kind.STATUS):  # who waits for work need not wait for this
        keep_fresh(context, snapshot.manifest)
    waiting = outcome.grant.instruction is Instruction.WAIT
    return Answer(
        outcome.grant.instruction,
        _overall_status(context, snapshot, report, outcome),
        worker.value.instance_index,
        outcome.grant.share,
        outcome.grant.lease,
        outcome.mail,
        RETRY_SECONDS if waiting else None,
    )


def _what_it_needs(context: Context, session_key: SessionKey, report: StatusReport) -> Glance | Snapshot:
    """The job as far as a message needs it. The few messages of a job's end are answered from all that there is."""
    if report.status in _MERGE_STATUSES | _ENDING_STATUSES and report.kind is Kind.STATUS:
        return context.jobs.load(session_key)
    # Who is at a share does not merge.
    return context.jobs.glance(session_key, report.instance_index, lease=report.share is None)


def _overall_status(context: Context, snapshot: Reading, report: StatusReport, outcome: _Outcome) -> JobStatus:
    """The job's status after the message, as far as this worker's own standing and the job's end tell it."""
    if outcome.grant.instruction is Instruction.MERGE:
        return JobStatus.MERGING
    if not snapshot.ended and report.kind is Kind.STATUS and report.status in _ENDING_STATUSES:
        return context.jobs.load(snapshot.manifest.session_key).overall_status
    return _standing(snapshot, report)


def _standing(snapshot: Reading, report: StatusReport) -> JobStatus:
    """The job's status by its own end, or by the speaker alone."""
    if snapshot.final_status is not None:
        return snapshot.final_status
    begun = report.status not in _BEFORE_WORK
    return running_status(begun=begun, merging=snapshot.merge_owner == report.instance_id)


def _take_in(message: _Message) -> _Outcome:
    if message.snapshot.ended:
        return _after_the_end(message)
    match message.report.kind:
        case Kind.HEARTBEAT:
            renew_lease(message.context, message.snapshot, message.report.instance_id)
            return _CONTINUE
        case Kind.STATUS:
            return _status(message)
        case Kind.FAILED:
            return _failed(message)
        case Kind.FINISHED:
            _check_finished(message)
            return _next_work(message, after=message.report.share)
        case Kind.CLAIM:
            return _next_work(message)


def _after_the_end(message: _Message) -> _Outcome:
    """The final worker may still say how it ended. One that was shown as ended already is at work no more."""
    snapshot, report = message.snapshot, message.report
    if not snapshot.report_written or snapshot.final_status is JobStatus.CANCELLED:
        return _Outcome(Grant(Instruction.STOP))
    if message.worker.value.status not in FINAL_WORKER_STATUSES or report.status in FINAL_WORKER_STATUSES:
        message.record([report.status], (None, 0))
    said = report.kind is Kind.STATUS and report.status is WorkerStatus.REPORT_WRITTEN
    return _Outcome(Grant(Instruction.CONTINUE), send_once(message.context, message.whole) if said else None)


def _status(message: _Message) -> _Outcome:
    context, snapshot, report = message.context, message.snapshot, message.report
    if report.status in _MERGE_STATUSES and not message.merges:
        return _Outcome(Grant(Instruction.LEAVE))
    if report.status is WorkerStatus.REPORT_WRITTEN:
        _check_report(context, snapshot)
    message.record([report.status], (report.share, report.attempt))
    if not message.merges:
        return _CONTINUE
    if report.status is WorkerStatus.REPORT_WRITTEN:
        _mark_report_written(context, snapshot, report.instance_id)
        return _Outcome(Grant(Instruction.CONTINUE), send_once(context, message.whole))
    renew_lease(context, snapshot, report.instance_id)
    if report.status in _ENDING_STATUSES and snapshot.report_written:
        finish_job(context, message.whole)
    return _CONTINUE


def _check_report(context: Context, snapshot: Reading) -> None:
    """No mail is sent about a report that is not there."""
    manifest = snapshot.manifest
    if not context.reports.is_any_there(manifest, REPORT_FORMATS):
        keys = [layout.report_key(manifest.prefix, manifest.session_key, extension) for extension in REPORT_FORMATS]
        raise Conflict(f"REPORT_WRITTEN was said, but none of {', '.join(keys)} is in bucket {manifest.bucket}")


def _mark_report_written(context: Context, snapshot: Reading, instance_id: str) -> None:
    session_key = snapshot.manifest.session_key

    def written(lease: Lease | None) -> Lease:
        assert lease is not None  # it is never deleted
        if lease.report_written_at is not None:
            return lease
        if lease.owner != instance_id:
            raise Conflict("the merge lease expired and another worker took it; its report counts")
        return replace(lease, report_written_at=context.clock())

    key = layout.merge_lease_key(session_key)
    if context.jobs.amend(session_key, key, Lease.from_json, written, snapshot.lease) is None:
        raise Conflict("the merge lease keeps changing; send the message again")


def _named_share(snapshot: Reading, report: StatusReport) -> Share:
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


def _check_finished(message: _Message) -> None:
    share = _named_share(message.snapshot, message.report)
    missing = message.context.jobs.unmarked(message.session_key, share)
    if missing:
        raise Conflict(
            f"share {share.index} is not finished: no done-marker is in S3 for {', '.join(missing)}. "
            "Write the markers, then send finished again."
        )


def _next_work(message: _Message, after: int | None = None) -> _Outcome:
    """Grant what comes next: what a look at nothing else gives, or else what the whole job has to give."""
    quickly = grant_quickly(message.context, message.snapshot.manifest, message.asker, after)
    return _granted(message, quickly or grant(message.context, message.session_key, message.asker))


def _granted(message: _Message, granted: Grant) -> _Outcome:
    """Record where a grant leaves the worker."""
    # The done-markers prove the upload, whatever reports were lost; who leaves has nothing more to say.
    proven = [WorkerStatus.UPLOADING] if message.report.kind is Kind.FINISHED else []
    left = [WorkerStatus.COMPLETE] if granted.instruction is Instruction.LEAVE else []
    working_on = (granted.share.share.index, granted.share.attempt) if granted.share else (None, 0)
    message.record([*proven, message.report.status, *left], working_on)
    return _Outcome(granted)


def _failed(message: _Message) -> _Outcome:
    """Take a share back from a worker that failed at it; a worker that failed outside a share is done with."""
    report = message.report
    failure = report.failure or Failure(report.status.value, "the worker gave no reason")
    message = replace(message, report=replace(report, status=WorkerStatus.FAILED, failure=failure))
    _take_back(message, f"{report.instance_id} failed in {failure.phase}: {failure.reason}")
    if report.share is None:
        message.record([WorkerStatus.FAILED], (None, 0))
        return _Outcome(Grant(Instruction.LEAVE))
    return _granted(message, grant(message.context, message.session_key, message.asker, avoid=report.share))


def _take_back(message: _Message, reason: str) -> None:
    """Take from a worker what it holds."""
    context, report = message.context, message.report
    snapshot = context.jobs.load_work(message.session_key)
    held = snapshot.held_share(report.instance_id)
    taken = True
    if held is not None and report.share in (None, held.value.share):
        taken = give_up_claim(context, message.session_key, held, reason, counts=not report.machine_taken)
    if snapshot.lease is not None and snapshot.merge_owner == report.instance_id:
        taken = give_up_lease(context, message.session_key, snapshot.lease, reason) and taken
    if not taken:
        raise Conflict(
            f"what {report.instance_id} holds of job {message.session_key} keeps changing; send the message again"
        )
