"""Reaping one job: look, plan, act, until there is nothing more to put in order."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from gems_api.services.context import Context
from gems_api.services.fleet_ports import Host, Instance
from gems_api.services.intake.costs import over_budget
from gems_api.services.lifecycle.ending import amend_state, end_job, finish_job, mark_lost, may_live, retire_workers
from gems_api.services.lifecycle.instance_tags import Debt, owes
from gems_api.services.lifecycle.launching import call_off, relaunch, wait
from gems_api.services.lifecycle.mail import send_once
from gems_api.services.reaping.closing import close_if_over, drop_unmade
from gems_api.services.reaping.last_words import LastWords
from gems_api.services.reaping.launch_plan import CallOff, Fail, Relaunch, Wait
from gems_api.services.reaping.queue import Turn
from gems_api.services.reaping.reap_plan import (
    Action,
    ExpireLease,
    Finish,
    FreeClaim,
    InQueue,
    MarkLost,
    NeverCame,
    Served,
    Terminate,
    is_calm,
    plan_reaping,
)
from gems_api.services.reaping.top_up import Means
from gems_api.services.state.fleet_record import NO_HOSTS, all_ended, reconciled, unplaced
from gems_api.services.state.records import JobState, WorkerRecord
from gems_api.services.state.snapshot import Outline, Snapshot
from gems_api.services.workers.work import fail_exhausted, release_claim
from gems_core import layout
from gems_core.errors import CloudRefused, JobNotFound
from gems_core.prices import ON_DEMAND
from gems_core.session_key import SessionKey
from gems_core.statuses import FINAL_WORKER_STATUSES, JobStatus, WorkerStatus

LOG = logging.getLogger(__name__)
# Losses are put in order, then claims are exhausted, then the rest is launched for.
ROUNDS = 4
# Of whom a tick asks what they run on: twenty calls a thousand. The others are asked for at the next one.
MOST_ASKED = 1000
_LEFT_BEHIND = "its job ended while it was working"


@dataclass(frozen=True)
class Looked:
    """What looking at a job came to.

    Attributes:
        actions: the names of what was done.
        useless: instances to terminate while the job goes on, or because it has just been ended.
        orphans: instances to terminate because their job is over or never was.
        debt: the job, where tags of its workers are owed.
    """

    actions: tuple[str, ...] = ()
    useless: frozenset[str] = frozenset()
    orphans: frozenset[str] = frozenset()
    debt: Debt | None = None


def reap_job(
    context: Context,
    session_key: SessionKey,
    instances: Mapping[str, Instance],
    *,
    thorough: bool,
    turn: Turn | None = None,
) -> Looked:
    """Put one job in order.

    Args:
        context: the collaborators.
        session_key: the job.
        instances: what EC2 lists of it, by id.
        thorough: whether to read all of it, though its outline be calm.
        turn: how many workers it may launch now; None for any number.

    Returns:
        what was done, and what is to be terminated: the caller does so for all jobs at once.

    Raises:
        JobUnreadable: its folder holds something that GeMS did not write.
        CloudRefused: what was not done yet is done the next time.
    """
    try:
        outline = context.jobs.outline(session_key)
        if not thorough and _needs_nothing(context, outline, instances):
            return Looked()
        return _look_whole(context, session_key, instances, turn)
    except JobNotFound:
        drop_unmade(context, session_key)
        return Looked(orphans=frozenset(_living(instances)))


def _needs_nothing(context: Context, outline: Outline, instances: Mapping[str, Instance]) -> bool:
    now = context.clock()
    return is_calm(outline, instances, now, context.settings) and not over_budget(outline, context.prices.table(), now)


def _look_whole(
    context: Context, session_key: SessionKey, instances: Mapping[str, Instance], turn: Turn | None
) -> Looked:
    done: list[str] = []
    useless: set[str] = set()
    words = LastWords(context.history, session_key)
    for _ in range(ROUNDS):
        snapshot = context.jobs.load(session_key)
        if snapshot.ended:
            return Looked(tuple(done), frozenset(useless), _after_the_end(context, snapshot, instances))
        snapshot = _reckon(context, fail_exhausted(context, snapshot, context.jobs.load), instances)
        plan = _plan(context, snapshot, instances, turn)
        for action in plan:
            if isinstance(action, Fail):
                useless.update(may_live(snapshot, instances, context.clock(), context.settings))
            if isinstance(action, Terminate):
                useless.update(action.instance_ids)
            if _act(context, snapshot, action, words):
                done.append(type(action).__name__)
        if all(isinstance(action, Terminate | Relaunch | CallOff | Wait | InQueue | Served) for action in plan):
            break
    debt = Debt(snapshot, _living(instances)) if owes(snapshot) else None
    return Looked(tuple(done), frozenset(useless), debt=debt)


def _plan(context: Context, snapshot: Snapshot, instances: Mapping[str, Instance], turn: Turn | None) -> list[Action]:
    now, prices = context.clock(), context.prices.table()
    spent = over_budget(snapshot, prices, now)
    if spent and not snapshot.report_written:
        return [Fail(spent)]
    means = Means(prices) if turn is None else Means(prices, turn.workers, turn.behind)
    return plan_reaping(snapshot, instances, now, context.settings, means)


def _reckon(context: Context, snapshot: Snapshot, instances: Mapping[str, Instance]) -> Snapshot:
    """Note which instances the job has and which are gone, for its cost and its members; the job as it is then."""
    now = context.clock()
    if snapshot.state is None:
        return snapshot
    hosts = _hosts(context, snapshot.state.value, instances)
    if reconciled(snapshot.state.value, instances, now, hosts) == snapshot.state.value:
        return snapshot
    session_key = snapshot.manifest.session_key
    amend_state(context, session_key, lambda state: reconciled(state, instances, now, hosts))
    return fail_exhausted(context, context.jobs.load(session_key), context.jobs.load)


def _hosts(context: Context, state: JobState, instances: Mapping[str, Instance]) -> Mapping[str, Host]:
    """What instances run on that were placed since the last look.

    One that ended before anybody could look is taken to have run on the preferred type, on demand: it cost no more.
    """
    asked = unplaced(state, instances)[:MOST_ASKED]
    if not asked:
        return NO_HOSTS
    gone = {name for name in asked if instances[name].is_gone}
    presumed = dict.fromkeys(gone, Host(context.settings.instance_types[0], ON_DEMAND))
    try:
        return {**presumed, **context.cloud.fleet.hosts(asked)}
    except CloudRefused:
        LOG.warning("not known what workers run on", exc_info=True, extra={"facts": {"instances": asked[:10]}})
        return presumed


def _living(instances: Mapping[str, Instance]) -> list[str]:
    return [instance_id for instance_id, instance in instances.items() if not instance.is_gone]


def _after_the_end(context: Context, snapshot: Snapshot, instances: Mapping[str, Instance]) -> frozenset[str]:
    """What is left of a job that has ended: its instances to terminate, its workers' records, its place in the index."""
    state = snapshot.state.value if snapshot.state else None
    living = frozenset(_living(instances))
    told = _tell_failure(context, snapshot)
    # The final worker is given a moment to say COMPLETE and stop the instances itself.
    grace = timedelta(seconds=context.settings.end_grace_seconds)
    if living and (state is None or state.finished_at is None or context.clock() <= state.finished_at + grace):
        return frozenset()
    retire_workers(context, snapshot, _LEFT_BEHIND)
    if living:
        _note_ends(context, snapshot)
    snapshot = context.jobs.load(snapshot.manifest.session_key)
    if told and all(worker.value.status in FINAL_WORKER_STATUSES for worker in snapshot.workers.values()):
        close_if_over(context, snapshot, instances)
    return living


def _tell_failure(context: Context, snapshot: Snapshot) -> bool:
    """Nobody is to wait for the mail of a report that will not be; what cannot be sent now is sent at a later look.

    Returns:
        whether no later look is needed for it.
    """
    if snapshot.overall_status is JobStatus.FAILED and snapshot.mail is None:
        try:
            send_once(context, snapshot)
        except CloudRefused:
            LOG.warning(
                "mail not begun", exc_info=True, extra={"facts": {"session_key": str(snapshot.manifest.session_key)}}
            )
            return False
    return True


def _act(context: Context, snapshot: Snapshot, action: Action, words: LastWords) -> bool:
    """Do one action; False when somebody else has, or the worker has spoken meanwhile."""
    session_key = snapshot.manifest.session_key
    match action:
        case MarkLost(worker, reason):
            failure = words.failure(worker.value.instance_id, reason, worker.value)
            done = mark_lost(context, session_key, worker, failure)
        case NeverCame():
            done = _note_absence(context, snapshot, action, words)
        case FreeClaim(claim, reason, counts):
            done = release_claim(context, session_key, claim, words.reason(claim.value.owner, reason), counts=counts)
        case Terminate():
            done = True  # the caller terminates
        case InQueue() | Served():
            done = _note_queue(context, session_key, action)
        case ExpireLease():
            done = _expire_lease(context, snapshot)
        case Relaunch() | Wait() | CallOff():
            done = _see_to_launch(context, snapshot, action)
        case Finish():
            done = finish_job(context, snapshot)
        case Fail(reason):
            done = end_job(context, snapshot, JobStatus.FAILED, reason)
            retire_workers(context, snapshot, reason)
            _note_ends(context, snapshot)
    return done


def _see_to_launch(context: Context, snapshot: Snapshot, action: Relaunch | Wait | CallOff) -> bool:
    session_key = snapshot.manifest.session_key
    match action:
        case Relaunch(count, vital):
            return relaunch(context, snapshot, count, vital=vital)
        case Wait(behind):
            wait(context, session_key, behind)
        case CallOff():
            assert snapshot.state is not None  # only what was put off is called off
            call_off(context, session_key, snapshot.state.value)
    return True


def _note_queue(context: Context, session_key: SessionKey, action: InQueue | Served) -> bool:
    now = context.clock()

    def noted(state: JobState) -> JobState:
        if isinstance(action, InQueue):
            return state.waiting(now, None, action.reason)
        return replace(state.served(now), reason="")

    amend_state(context, session_key, noted)
    return True


def _note_ends(context: Context, snapshot: Snapshot) -> None:
    """All instances of the run are gone, or are terminated when the caller is done: their cost ends here."""
    now = context.clock()
    amend_state(context, snapshot.manifest.session_key, lambda state: all_ended(state, snapshot.run, now))


def _expire_lease(context: Context, snapshot: Snapshot) -> bool:
    assert snapshot.lease is not None  # the plan expires only what there is
    lease = snapshot.lease.value
    expired = replace(lease, expires_at=context.clock(), reason=f"the final worker {lease.owner} is gone")
    key = layout.merge_lease_key(snapshot.manifest.session_key)
    return context.jobs.write(key, expired, snapshot.lease.etag) is not None


def _note_absence(context: Context, snapshot: Snapshot, absence: NeverCame, words: LastWords) -> bool:
    """Give an instance that never made contact a record, so that its user sees what became of it."""
    session_key, index = snapshot.manifest.session_key, absence.instance_index
    failure = words.failure(absence.instance_id, absence.reason)
    record = WorkerRecord(absence.instance_id, index, WorkerStatus.LOST, context.clock(), failure=failure).stepped(None)
    if context.jobs.write(layout.worker_key(session_key, index), record, None) is None:
        return False  # it has spoken at last, or is seen to have not when the job is looked at again
    context.history.event(
        session_key, context.clock(), "never came", instance_id=absence.instance_id, reason=absence.reason
    )
    return True
