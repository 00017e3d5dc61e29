"""What each kind of message leads to."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gems_api.services.context import Context
from gems_api.services.lifecycle.ending import finish_job
from gems_api.services.lifecycle.mail import send_once
from gems_api.services.lifecycle.worker_records import Worker, update
from gems_api.services.state.snapshot import Glance, Reading, Snapshot
from gems_api.services.workers.merge_lease import give_up_lease, mark_report_written, renew_lease
from gems_api.services.workers.next_step import Asker
from gems_api.services.workers.work import Grant, give_up_claim, grant, grant_quickly
from gems_core import layout
from gems_core.errors import Conflict, one_problem
from gems_core.layout import REPORT_FORMATS
from gems_core.protocol.answer import Instruction, MailOutcome
from gems_core.protocol.failure import Failure
from gems_core.protocol.status_report import Kind, StatusReport
from gems_core.session_key import SessionKey
from gems_core.shares import Share
from gems_core.statuses import FINAL_WORKER_STATUSES, JobStatus, WorkerStatus

MERGE_STATUSES = frozenset({WorkerStatus.MERGING, WorkerStatus.REPORT_WRITTEN, WorkerStatus.EMAIL_SENT})
ENDING_STATUSES = frozenset({WorkerStatus.EMAIL_SENT, WorkerStatus.COMPLETE})


@dataclass(frozen=True)
class Message:
    """What a worker said, who it is, and as much of its job as the message needs."""

    context: Context
    snapshot: Glance | Snapshot
    worker: Worker
    report: StatusReport

    @property
    def session_key(self) -> SessionKey:
        """The job."""
        return self.snapshot.manifest.session_key

    @property
    def asker(self) -> Asker:
        """The speaker, where it asks for work."""
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
        """Write down what the speaker has become, and the share (or None) and attempt that it is at."""
        manifest = self.snapshot.manifest
        update(self.context, manifest, self.worker, self.report, statuses=statuses, working_on=working_on)


@dataclass(frozen=True)
class Reply:
    """What a message led to: what the worker is told, and what became of the mail."""

    grant: Grant
    mail: MailOutcome | None = None


_CONTINUE = Reply(Grant(Instruction.CONTINUE))


def reply_to(message: Message) -> Reply:
    """Do what a message asks for.

    Raises:
        Conflict: what it says does not fit what S3 holds.
    """
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


def _after_the_end(message: Message) -> Reply:
    """The final worker may still say how it ended. One that was shown as ended already is at work no more."""
    snapshot, report = message.snapshot, message.report
    if not snapshot.report_written or snapshot.final_status is JobStatus.CANCELLED:
        return Reply(Grant(Instruction.STOP))
    if message.worker.value.status not in FINAL_WORKER_STATUSES or report.status in FINAL_WORKER_STATUSES:
        message.record([report.status], (None, 0))
    said = report.kind is Kind.STATUS and report.status is WorkerStatus.REPORT_WRITTEN
    return Reply(Grant(Instruction.CONTINUE), send_once(message.context, message.whole) if said else None)


def _status(message: Message) -> Reply:
    context, snapshot, report = message.context, message.snapshot, message.report
    if report.status in MERGE_STATUSES and not message.merges:
        return Reply(Grant(Instruction.LEAVE))
    if report.status is WorkerStatus.REPORT_WRITTEN:
        _check_report(context, snapshot)
    message.record([report.status], (report.share, report.attempt))
    if not message.merges:
        return _CONTINUE
    if report.status is WorkerStatus.REPORT_WRITTEN:
        mark_report_written(context, snapshot, report.instance_id)
        return Reply(Grant(Instruction.CONTINUE), send_once(context, message.whole))
    renew_lease(context, snapshot, report.instance_id)
    if report.status in ENDING_STATUSES and snapshot.report_written:
        finish_job(context, message.whole)
    return _CONTINUE


def _check_report(context: Context, snapshot: Reading) -> None:
    """No mail is sent about a report that is not there."""
    manifest = snapshot.manifest
    if not context.reports.is_any_there(manifest, REPORT_FORMATS):
        keys = [layout.report_key(manifest.prefix, manifest.session_key, extension) for extension in REPORT_FORMATS]
        raise Conflict(
            f"the worker reported REPORT_WRITTEN, but none of {', '.join(keys)} is in bucket {manifest.bucket}"
        )


def _check_finished(message: Message) -> None:
    share = named_share(message.snapshot, message.report)
    missing = message.context.jobs.unmarked(message.session_key, share)
    if missing:
        raise Conflict(
            f"share {share.index} is not finished: no done-marker is in S3 for {', '.join(missing)}. "
            "Write the markers, then send finished again."
        )


def _next_work(message: Message, after: int | None = None) -> Reply:
    """Grant what comes next: what a look at nothing else gives, or else what the whole job has to give."""
    quickly = grant_quickly(message.context, message.snapshot.manifest, message.asker, after)
    return _granted(message, quickly or grant(message.context, message.session_key, message.asker))


def _granted(message: Message, granted: Grant) -> Reply:
    """Record where a grant leaves the worker."""
    # The done-markers prove the upload, whatever reports were lost; who leaves has nothing more to say.
    proven = [WorkerStatus.UPLOADING] if message.report.kind is Kind.FINISHED else []
    left = [WorkerStatus.COMPLETE] if granted.instruction is Instruction.LEAVE else []
    working_on = (granted.share.share.index, granted.share.attempt) if granted.share else (None, 0)
    message.record([*proven, message.report.status, *left], working_on)
    return Reply(granted)


def _failed(message: Message) -> Reply:
    """Take a share back from a worker that failed at it; a worker that failed outside a share is done with."""
    report = message.report
    failure = report.failure or Failure(report.status.value, "the worker gave no reason")
    message = replace(message, report=replace(report, status=WorkerStatus.FAILED, failure=failure))
    _take_back(message, f"{report.instance_id} failed in {failure.phase}: {failure.reason}")
    if report.share is None:
        message.record([WorkerStatus.FAILED], (None, 0))
        return Reply(Grant(Instruction.LEAVE))
    return _granted(message, grant(message.context, message.session_key, message.asker, avoid=report.share))


def _take_back(message: Message, reason: str) -> None:
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


def named_share(snapshot: Reading, report: StatusReport) -> Share:
    """The share that a message names.

    Raises:
        InvalidInput: the job has no such share.
    """
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
