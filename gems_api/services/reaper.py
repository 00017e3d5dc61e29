"""The reaper: run on a schedule, it lets no job stay in a state for ever and no instance outlive its job."""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from gems_api.services.active_jobs import active_jobs, close_if_over, drop_unmade
from gems_api.services.context import Context
from gems_api.services.costs import over_budget
from gems_api.services.ending import amend_state, end_job, finish_job, mark_lost, retire_workers, terminate_instances
from gems_api.services.fleet_record import reconciled
from gems_api.services.job_store import JobUnreadable
from gems_api.services.launching import relaunch
from gems_api.services.ports import Instance
from gems_api.services.reap_plan import (
    Action,
    ExpireLease,
    Fail,
    Finish,
    FreeClaim,
    MarkLost,
    NeverCame,
    Relaunch,
    Terminate,
    plan_reaping,
)
from gems_api.services.records import WorkerRecord
from gems_api.services.snapshot import Snapshot
from gems_api.services.work import fail_exhausted, release_claim
from gems_core import layout, tags
from gems_core.errors import CloudRefused, InvalidInput, JobNotFound
from gems_core.protocol import Failure
from gems_core.session_key import SessionKey
from gems_core.statuses import JobStatus, WorkerStatus

# Losses are put in order, then claims are exhausted, then the rest is launched for.
ROUNDS = 4
LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reaped:
    """What a reaping did: action names by job, and the orphans that it terminated."""

    actions: Mapping[str, list[str]]
    orphans: list[str]


def reap(context: Context) -> Reaped:
    """Put in order whatever dead workers, lost messages and crashes have left. Safe to run twice at once."""
    by_job: dict[str, list[Instance]] = defaultdict(list)
    for instance in context.cloud.fleet.instances():
        owner = instance.tags.get(tags.CONTROL_BUCKET, context.settings.control_bucket)
        # Another deployment's instances are not ours to judge.
        if owner == context.settings.control_bucket and tags.SESSION_KEY in instance.tags:
            by_job[instance.tags[tags.SESSION_KEY]].append(instance)
    actions: dict[str, list[str]] = {}
    for session_key in _living_jobs(context, set(by_job)):
        try:
            done = _reap_job(context, session_key, by_job.get(str(session_key), []))
        except Exception:
            # One job's trouble, of whatever kind, must not keep the others from being looked after.
            LOG.exception("reaping failed", extra={"facts": {"session_key": str(session_key)}})
            continue
        if done:
            actions[str(session_key)] = done
    _sweep(context)
    return Reaped(actions, _terminate_orphans(context, by_job))


def _living_jobs(context: Context, tagged: set[str]) -> list[SessionKey]:
    """Those of the active index, and all that have instances."""
    return sorted({*active_jobs(context), *(key for text in tagged if (key := _parse(text)) is not None)}, key=str)


def _sweep(context: Context) -> None:
    """Tidy up after launches that died half-way; nothing of it costs money, so a refusal can wait for the next time."""
    try:
        removed = context.cloud.fleet.sweep(context.clock())
    except CloudRefused:
        LOG.warning("sweeping failed", exc_info=True)
        return
    if removed:
        LOG.info("swept", extra={"facts": {"removed": removed}})


def _parse(text: str) -> SessionKey | None:
    try:
        return SessionKey.parse(text)
    except InvalidInput:
        return None


def _reap_job(context: Context, session_key: SessionKey, listed: list[Instance]) -> list[str]:
    instances = {instance.instance_id: instance for instance in listed}
    done: list[str] = []
    for _ in range(ROUNDS):
        try:
            snapshot = context.jobs.load(session_key)
        except JobNotFound:
            drop_unmade(context, session_key)
            break
        if snapshot.ended:
            close_if_over(context, snapshot, instances)
            break
        snapshot = _reckon(context, fail_exhausted(context, snapshot), instances)
        spent = over_budget(snapshot, context.prices.table(), context.clock())
        if spent:
            return [*done, *(["Fail"] if _fail(context, snapshot, spent) else [])]
        plan = plan_reaping(snapshot, instances, context.clock(), context.settings)
        done += [type(action).__name__ for action in plan if _act(context, snapshot, action)]
        if all(isinstance(action, Terminate | Relaunch) for action in plan):
            break
    return done


def _reckon(context: Context, snapshot: Snapshot, instances: Mapping[str, Instance]) -> Snapshot:
    """Note which instances the job has and which are gone, for its cost and its members; the job as it is then."""
    now = context.clock()
    if snapshot.state is None or reconciled(snapshot.state.value, instances, now) == snapshot.state.value:
        return snapshot
    session_key = snapshot.manifest.session_key
    amend_state(context, session_key, lambda state: reconciled(state, instances, now))
    return context.jobs.load(session_key)


def _act(context: Context, snapshot: Snapshot, action: Action) -> bool:
    """Do one action; False when somebody else has, or the worker has spoken meanwhile."""
    session_key = snapshot.manifest.session_key
    match action:
        case MarkLost(worker, reason):
            done = mark_lost(context, session_key, worker, reason)
        case NeverCame():
            done = _note_absence(context, snapshot, action)
        case FreeClaim(claim, reason):
            done = release_claim(context, session_key, claim, reason)
        case Terminate(instance_ids):
            context.cloud.fleet.terminate(instance_ids)
            done = True
        case ExpireLease():
            done = _expire_lease(context, snapshot)
        case Relaunch(count):
            done = relaunch(context, snapshot, count)
        case Finish():
            done = finish_job(context, snapshot)
        case Fail(reason):
            done = _fail(context, snapshot, reason)
    return done


def _fail(context: Context, snapshot: Snapshot, reason: str) -> bool:
    failed = end_job(context, snapshot, JobStatus.FAILED, reason)
    if failed:
        terminate_instances(context, snapshot)
        retire_workers(context, snapshot, reason)
    return failed


def _expire_lease(context: Context, snapshot: Snapshot) -> bool:
    assert snapshot.lease is not None  # the plan expires only what there is
    lease = snapshot.lease.value
    expired = replace(lease, expires_at=context.clock(), reason=f"the final worker {lease.owner} is gone")
    key = layout.merge_lease_key(snapshot.manifest.session_key)
    return context.jobs.write(key, expired, snapshot.lease.etag) is not None


def _note_absence(context: Context, snapshot: Snapshot, absence: NeverCame) -> bool:
    """Give an instance that never made contact a record, so that its user sees what became of it."""
    index = absence.launch_index
    session_key = snapshot.manifest.session_key
    failure = _bootstrap_failure(context, session_key, absence)
    for candidate in [index, *range(max(snapshot.workers, default=-1) + 1, 2 * context.settings.max_workers + 1000)]:
        record = WorkerRecord(absence.instance_id, candidate, WorkerStatus.LOST, context.clock(), failure=failure)
        if context.jobs.write(layout.worker_key(session_key, candidate), record, None) is not None:
            context.jobs.event(
                session_key, context.clock(), "never came", instance_id=absence.instance_id, reason=absence.reason
            )
            return True
        if context.jobs.load(session_key).worker_of(absence.instance_id) is not None:
            return False
    return False


def _bootstrap_failure(context: Context, session_key: SessionKey, absence: NeverCame) -> Failure:
    """Why an instance never made contact: what its bootstrap script left among the job's events, if it could."""
    failure = Failure("bootstrap", absence.reason)
    folder = f"{layout.job_prefix(session_key)}events/"
    bucket = context.settings.control_bucket
    for entry in reversed(context.cloud.store.entries(bucket, folder)):
        stored = context.cloud.store.read(bucket, entry.key) if _left_by(entry.key, absence.instance_id) else None
        if stored is not None:
            try:
                event = json.loads(stored.body)
                found = {"phase": event["phase"], "reason": absence.reason, "log_tail": event["log_tail"]}
                return Failure.from_json(found)
            except (ValueError, KeyError, TypeError, InvalidInput):
                return failure
    return failure


def _left_by(key: str, instance_id: str) -> bool:
    return key.endswith(f"-{instance_id}.json")


def _terminate_orphans(context: Context, by_job: Mapping[str, list[Instance]]) -> list[str]:
    """Terminate what is tagged with a job that has ended or never was."""
    orphans = [
        instance.instance_id
        for text, instances in sorted(by_job.items())
        if _is_over(context, text)
        for instance in instances
        if not instance.is_gone
    ]
    if orphans:
        LOG.warning("orphans terminated", extra={"facts": {"instances": orphans}})
        context.cloud.fleet.terminate(orphans)
    return orphans


def _is_over(context: Context, text: str) -> bool:
    session_key = _parse(text)
    if session_key is None:
        return True
    try:
        snapshot = context.jobs.load(session_key)
    except JobNotFound:
        return True
    except JobUnreadable:
        return False  # what cannot be read cannot be judged; the machine's own switch ends it
    if snapshot.state is None or snapshot.state.value.finished_at is None or not snapshot.ended:
        return False
    # The final worker is given a moment to say COMPLETE and stop the instances itself.
    grace = timedelta(seconds=context.settings.end_grace_seconds)
    return context.clock() > snapshot.state.value.finished_at + grace
