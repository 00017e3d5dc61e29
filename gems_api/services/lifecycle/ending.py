"""Ending a job, once and for all, and terminating what it leaves running."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from gems_api.services.context import Context
from gems_api.services.fleet_ports import Instance
from gems_api.services.lifecycle.mail import send_once
from gems_api.services.lifecycle.worker_records import advance
from gems_api.services.metrics import Metric, tell
from gems_api.services.shown.views import forget_view
from gems_api.services.state.fleet_record import all_ended, launch_number
from gems_api.services.state.records import JobState, WorkerRecord
from gems_api.services.state.snapshot import Snapshot, Versioned
from gems_api.services.storage.read_cache import in_parallel
from gems_api.settings import Settings
from gems_core import layout
from gems_core.errors import Conflict
from gems_core.protocol.failure import Failure
from gems_core.session_key import SessionKey
from gems_core.statuses import FINAL_WORKER_STATUSES, JobStatus, WorkerStatus, final_status, job_may_become


def read_state(context: Context, session_key: SessionKey) -> Versioned[JobState] | None:
    """The job's ``state.json``.

    Raises:
        JobUnreadable: GeMS did not write it.
    """
    return context.jobs.record(session_key, layout.state_key(session_key), JobState.from_json)


def amend_state(context: Context, session_key: SessionKey, change: Callable[[JobState], JobState]) -> None:
    """Change ``state.json``. A job that has ended keeps its reason; one without a state has none to change.

    Where others are faster at each try it is left: the reaper, or a worker's next message, finds the same out again.
    """

    def changed(state: JobState | None) -> JobState | None:
        if state is None:
            return None
        after = change(state)
        return after if state.finished_at is None else replace(after, reason=state.reason)

    context.jobs.amend(session_key, layout.state_key(session_key), JobState.from_json, changed)


def end_job(context: Context, snapshot: Snapshot, status: JobStatus, reason: str) -> bool:
    """Write how a run of a job ended: the run that was looked at, for what ends it says nothing of the next one.

    Returns:
        False when it had ended already; the first end stays.

    Raises:
        Conflict: others change its state all the time.
    """
    session_key = snapshot.manifest.session_key
    now = context.clock()

    def ended(state: JobState | None) -> JobState | None:
        before = state or JobState(JobStatus.LAUNCHING, 0, snapshot.manifest.created_at)
        if before.run != snapshot.run or not job_may_become(before.overall_status, status):
            return None
        return replace(before, overall_status=status, reason=reason, finished_at=now)

    amended = context.jobs.amend(session_key, layout.state_key(session_key), JobState.from_json, ended)
    if amended is None:
        raise Conflict(f"the state of job {session_key} keeps changing; try again")
    if amended.after is None:
        return False
    forget_view(context, session_key)
    context.history.event(session_key, now, "job ended", overall_status=status.value, reason=reason)
    ended_so = Metric[f"JOBS_{status.name}"]
    seconds = (now - snapshot.opened_at).total_seconds()
    counts = {Metric.SAMPLES_TYPED: snapshot.typed, Metric.SAMPLES_FAILED: snapshot.failed}
    tell(context.settings.stage, now, {ended_so: 1, Metric.JOB_SECONDS: seconds, **counts})
    return True


def finish_job(context: Context, snapshot: Snapshot) -> bool:
    """End a job whose report is written, by what became of its samples; not before its mail was seen to.

    Whoever marked the report written may have died before the mail.
    """
    if snapshot.mail is None:
        send_once(context, snapshot)
    reasons = sorted({marker.reason for marker in snapshot.done.values() if marker.reason})
    count = f"{snapshot.failed} of {len(snapshot.manifest.samples)} samples failed"
    reason = f"{count}: {'; '.join(reasons)}"[:2000] if snapshot.failed else ""
    return end_job(context, snapshot, final_status(snapshot.typed, snapshot.failed), reason)


def terminate_instances(context: Context, snapshot: Snapshot) -> list[str]:
    """Terminate every instance of a job that was launched until it was looked at: later ones are the next run's.

    Returns:
        the ids of all that are not known to be gone, sorted; empty when nothing was left to do.
    """
    session_key = snapshot.manifest.session_key
    listed = context.cloud.fleet.instances(str(session_key))
    launches = snapshot.state.value.launches if snapshot.state else 0
    seen = {instance.instance_id: instance for instance in listed if launch_number(instance, launches) <= launches}
    living = may_live(snapshot, seen, context.clock(), context.settings)
    context.cloud.fleet.terminate(living)
    now = context.clock()
    amend_state(context, session_key, lambda state: all_ended(state, snapshot.run, now))
    return living


def terminate_tagged(context: Context, session_key: SessionKey) -> list[str]:
    """Terminate every instance that EC2 shows with a job's tags, whatever the job's records say; the ids of those."""
    listed = context.cloud.fleet.instances(str(session_key))
    living = sorted(instance.instance_id for instance in listed if not instance.is_gone)
    context.cloud.fleet.terminate(living)
    return living


def may_live(snapshot: Snapshot, seen: Mapping[str, Instance], now: datetime, settings: Settings) -> list[str]:
    """The instances of a job that are not known to be gone, sorted.

    EC2's listing may not show a young instance yet, so those that launches were answered with a short while ago count too.
    Of an older one that is not listed any more nothing is asked: EC2 would refuse a whole call for it.

    Args:
        snapshot: the job.
        seen: what EC2 lists of it, by id.
        now: the present.
        settings: how long EC2's listings are not believed.
    """
    launched = snapshot.state.value.instances if snapshot.state else ()
    believed = now - timedelta(seconds=settings.launch_grace_seconds)
    young = {item.instance_id for item in launched if item.launched_at > believed} - set(seen)
    return sorted(young | {instance_id for instance_id, instance in seen.items() if not instance.is_gone})


def retire_workers(context: Context, snapshot: Snapshot, reason: str) -> None:
    """Say of every worker still at work that its instance was taken away, and why: a thousand within seconds."""

    def retire(worker: Versioned[WorkerRecord]) -> None:
        mark_lost(context, snapshot.manifest.session_key, worker, Failure(worker.value.status.value, reason))

    at_work = [worker for worker in snapshot.workers.values() if worker.value.status not in FINAL_WORKER_STATUSES]
    in_parallel(retire, at_work)


def mark_lost(context: Context, session_key: SessionKey, worker: Versioned[WorkerRecord], failure: Failure) -> bool:
    """Record that a worker is gone, unless it has spoken meanwhile. What it said itself of a failure stands.

    Returns:
        whether it was recorded.
    """
    record = worker.value
    lost = replace(
        advance(record, [WorkerStatus.LOST]),  # updated_at stays: it is when the worker last spoke
        failure=record.failure or failure,
    )
    key = layout.worker_key(session_key, record.instance_index)
    written = context.jobs.write(key, lost.stepped(record), worker.etag)
    if written is not None:
        context.history.event(
            session_key, context.clock(), "worker lost", instance_id=record.instance_id, reason=failure.reason
        )
    return written is not None
