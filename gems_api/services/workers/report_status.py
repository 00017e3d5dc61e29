"""What a worker says, and what it is told: ``POST /job/<session_key>/status``.

A message is read in three steps: who speaks (``speaker``), what it leads to (``replies``), and the answer.
"""

from __future__ import annotations

from gems_api.services.context import Context
from gems_api.services.shown.views import keep_fresh
from gems_api.services.state.snapshot import Glance, Reading, Snapshot
from gems_api.services.workers.replies import (
    ENDING_STATUSES,
    MERGE_STATUSES,
    Message,
    Reply,
    named_share,
    reply_to,
)
from gems_api.services.workers.speaker import enrolled, register
from gems_core.protocol.answer import Answer, Instruction
from gems_core.protocol.status_report import Kind, StatusReport
from gems_core.session_key import SessionKey
from gems_core.statuses import JobStatus, WorkerStatus, running_status

RETRY_SECONDS = 5
_BEFORE_WORK = frozenset({WorkerStatus.LAUNCHED, WorkerStatus.BOOTSTRAPPING})


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
        named_share(snapshot, report)
    worker = register(context, snapshot, report)
    context.jobs.beat(session_key, worker.value.instance_index, report.vitals)
    reply = reply_to(Message(context, snapshot, worker, report))
    if report.kind in (Kind.HEARTBEAT, Kind.STATUS):  # who waits for work need not wait for this
        keep_fresh(context, snapshot.manifest)
    waiting = reply.grant.instruction is Instruction.WAIT
    return Answer(
        reply.grant.instruction,
        _overall_status(context, snapshot, report, reply),
        worker.value.instance_index,
        reply.grant.share,
        reply.grant.lease,
        reply.mail,
        RETRY_SECONDS if waiting else None,
    )


def _what_it_needs(context: Context, session_key: SessionKey, report: StatusReport) -> Glance | Snapshot:
    """The job as far as a message needs it. The few messages of a job's end are answered from all that there is."""
    if report.status in MERGE_STATUSES | ENDING_STATUSES and report.kind is Kind.STATUS:
        return context.jobs.load(session_key)
    # Who is at a share does not merge.
    return context.jobs.glance(session_key, report.instance_index, lease=report.share is None)


def _overall_status(context: Context, snapshot: Reading, report: StatusReport, reply: Reply) -> JobStatus:
    """The job's status after the message, as far as this worker's own standing and the job's end tell it."""
    if reply.grant.instruction is Instruction.MERGE:
        return JobStatus.MERGING
    if not snapshot.ended and report.kind is Kind.STATUS and report.status in ENDING_STATUSES:
        return context.jobs.load(snapshot.manifest.session_key).overall_status
    return _standing(snapshot, report)


def _standing(snapshot: Reading, report: StatusReport) -> JobStatus:
    """The job's status by its own end, or by the speaker alone."""
    if snapshot.final_status is not None:
        return snapshot.final_status
    begun = report.status not in _BEFORE_WORK
    return running_status(begun=begun, merging=snapshot.merge_owner == report.instance_id)
