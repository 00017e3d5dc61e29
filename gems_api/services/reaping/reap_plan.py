"""What the reaper is to do about one job. Pure: a snapshot and EC2's word in, actions out; ``reaper.py`` acts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from gems_api.services.fleet_ports import Instance
from gems_api.services.reaping.launch_plan import CallOff, Fail, Relaunch, Wait, plan_launch
from gems_api.services.reaping.top_up import UNLIMITED, Means
from gems_api.services.reaping.watch import Watch, queue_words
from gems_api.services.state.fleet_record import unplaced
from gems_api.services.state.records import Claim, ClaimState, JobState, LaunchedInstance, WorkerRecord
from gems_api.services.state.snapshot import Outline, Snapshot, Versioned
from gems_api.services.state.state_reasons import end_of
from gems_api.settings import Settings
from gems_core.statuses import FINAL_WORKER_STATUSES

SILENT_TERMINATION_FACTOR = 3
# How AWS Batch's reasons begin that do not pass by themselves (user guide, "Jobs stuck in a RUNNABLE status").
_MISCONFIGURED = "MISCONFIGURATION:"


@dataclass(frozen=True)
class MarkLost:
    """A worker that was at work is gone or silent."""

    worker: Versioned[WorkerRecord]
    reason: str


@dataclass(frozen=True)
class NeverCame:
    """A launched instance never made contact."""

    instance_id: str
    instance_index: int
    reason: str


@dataclass(frozen=True)
class FreeClaim:
    """A share's worker is gone: its try has ended. It counts unless EC2 took the machine."""

    claim: Versioned[Claim]
    reason: str
    counts: bool = True


@dataclass(frozen=True)
class Terminate:
    """Instances that do nothing for the job any more."""

    instance_ids: tuple[str, ...]


@dataclass(frozen=True)
class Finish:
    """The report is written, but its final worker is gone before it said so, or its time is over."""


@dataclass(frozen=True)
class ExpireLease:
    """The final worker is gone: anybody may take its lease."""


@dataclass(frozen=True)
class InQueue:
    """All that lives of the job waits for AWS Batch to place it."""

    reason: str


@dataclass(frozen=True)
class Served:
    """The job waited in AWS Batch's queue, and runs now."""


Action = (
    InQueue
    | Served
    | MarkLost
    | NeverCame
    | FreeClaim
    | Terminate
    | Finish
    | Fail
    | ExpireLease
    | Relaunch
    | CallOff
    | Wait
)


def is_calm(snapshot: Outline, instances: Mapping[str, Instance], now: datetime, settings: Settings) -> bool:
    """Whether a job needs nothing, as far as its state, its signs of life and EC2 tell; no claim or record is read.

    Doubt is never calm: whatever is merging, ends, waits for a launch, or has lost an instance is looked at whole.

    Args:
        snapshot: an outline of the job.
        instances: what EC2 lists of it, by id.
        now: the present.
        settings: the limits.
    """
    if snapshot.state is None or snapshot.ended or snapshot.lease is not None or snapshot.all_done:
        return False
    state = snapshot.state.value
    if state.unanswered or now > snapshot.time_limit_at or not _is_manned(snapshot, state, now):
        return False
    if not _queue_is_noted(state, instances) or unplaced(state, instances):
        return False
    if any(name in snapshot.earlier_runs and not item.is_gone for name, item in instances.items()):
        return False
    crew = {
        place: item for place, item in enumerate(state.instances) if item.run == state.run and item.ended_at is None
    }
    if not crew or set(instances) - {item.instance_id for item in state.instances}:
        return False
    return all(
        _seems_well(snapshot.heartbeats.get(place), item, instances, now, settings) for place, item in crew.items()
    )


def _queue_is_noted(state: JobState, instances: Mapping[str, Instance]) -> bool:
    """Whether the job's state says what AWS Batch's queue does."""
    words = queue_words(instances)
    return state.reason == words if words else state.waiting_since is None


def _is_manned(snapshot: Outline, state: JobState, now: datetime) -> bool:
    """Whether as many live as were asked for and are of use, or whoever is missing is launched at a later time."""
    if state.next_launch_at is not None:
        return now < state.next_launch_at
    crew = sum(item.run == state.run and item.ended_at is None for item in state.instances)
    unfinished = sum(not snapshot.is_done(share) for share in snapshot.manifest.shares)
    return crew >= min(state.workers or snapshot.manifest.workers, unfinished)


def _seems_well(
    beat: datetime | None,
    launched: LaunchedInstance,
    instances: Mapping[str, Instance],
    now: datetime,
    settings: Settings,
) -> bool:
    instance = instances.get(launched.instance_id)
    if instance is not None and instance.is_gone:
        return False
    if beat is None and instance is not None and instance.queued:
        return True
    since = beat or launched.launched_at
    since = since if instance is None else max(since, instance.launched_at)
    limit = settings.launch_limit_seconds if beat is None else settings.heartbeat_limit_seconds
    return (now - since).total_seconds() <= limit


def plan_reaping(
    snapshot: Snapshot, instances: Mapping[str, Instance], now: datetime, settings: Settings, means: Means = UNLIMITED
) -> list[Action]:
    """What to do about a job that has not ended.

    Every action is done by a conditional write or is harmless when done twice. Launching is planned only when nothing
    else is to be put in order first, so the reaper plans again after it has.

    Args:
        snapshot: the job.
        instances: what EC2 lists of it, by id.
        now: the present.
        settings: the limits.
        means: what may be spent on more workers.
    """
    watch = Watch(snapshot, instances, now, settings)
    merger_at_work = watch.merger_at_work()
    late = now > snapshot.time_limit_at
    if snapshot.report_written and (late or not merger_at_work):
        return [Finish()]  # a report that is there, and mailed, is no failure, however late it came
    if late:
        return [Fail(_too_late(snapshot))]
    if blocked := _misconfigured(watch):
        return [Fail(blocked)]
    repairs = [*_losses(watch), *_free_claims(watch), *_lease(watch, merger_at_work)]
    # How many to launch is known only when what the dead held is free again.
    settled = all(isinstance(action, Terminate) for action in repairs)
    if not settled:
        return repairs
    return [*repairs, *_queue(watch), *plan_launch(watch, means, merger_at_work=merger_at_work)]


def _misconfigured(watch: Watch) -> str:
    """What of AWS Batch somebody must repair before anything of the job can run; '' if nothing."""
    words = queue_words(watch.instances)
    if _MISCONFIGURED not in words:
        return ""
    return f"{words.partition(';')[0]}. Correct the compute environment or the job definition; `gems doctor` looks at them."


def _queue(watch: Watch) -> list[Action]:
    """The note that a job waits, or waits no more, where its state does not say so yet."""
    state, words = watch.snapshot.state, queue_words(watch.instances)
    if state is None:
        return []
    if words:
        return [] if state.value.reason == words else [InQueue(words)]
    runs = any(not instance.is_gone for instance in watch.instances.values())
    return [Served()] if runs and state.value.waiting_since is not None else []


def _too_late(snapshot: Snapshot) -> str:
    """That the time is over, and what had held the job up if that is known."""
    held_up = snapshot.state.value.reason if snapshot.state is not None else ""
    return f"the job's time limit of {snapshot.manifest.time_limit_seconds} seconds is over. {held_up}".strip()


def _losses(watch: Watch) -> list[Action]:
    actions: list[Action] = []
    # EC2 may not have known a machine yet when its run was ended.
    silent = [name for name in sorted(watch.snapshot.earlier_runs) if _lives(watch, name)]
    for worker in watch.snapshot.workers.values():
        record = worker.value
        if record.status not in FINAL_WORKER_STATUSES and watch.dead(record):
            actions.append(MarkLost(worker, watch.death(record)))
        # A silent machine may still be working (the API may have been out of reach): it is ended only later. So is one
        # that was told to leave and should have ended itself.
        limit = SILENT_TERMINATION_FACTOR * watch.settings.heartbeat_limit_seconds
        over = record.status in FINAL_WORKER_STATUSES
        if over and watch.silent_seconds(record) > limit and _lives(watch, record.instance_id):
            silent.append(record.instance_id)
    for instance_id, index, launched_at in watch.expected():
        if index is not None and (watch.gone(instance_id) or watch.overdue(instance_id, launched_at)):
            reason = _absence(watch, instance_id)
            actions.append(NeverCame(instance_id, index, reason))
            silent.append(instance_id)
    return [*actions, Terminate(tuple(silent))] if silent else actions


def _lives(watch: Watch, instance_id: str) -> bool:
    return instance_id in watch.instances and not watch.gone(instance_id)


def _absence(watch: Watch, instance_id: str) -> str:
    if watch.gone(instance_id):
        return f"{end_of(watch.instances[instance_id])}; it never made contact"
    return f"instance {instance_id} made no contact within {watch.settings.launch_limit_seconds} seconds"


def _free_claims(watch: Watch) -> list[Action]:
    """Claims whose time is over, and those of workers that are gone."""
    actions: list[Action] = []
    for claim in watch.snapshot.claims.values():
        if claim.value.state is not ClaimState.HELD or _is_done(watch, claim.value):
            continue
        owner = watch.snapshot.worker_of(claim.value.owner)
        if watch.gone(claim.value.owner):
            end, taken = end_of(watch.instances[claim.value.owner]), watch.taken_back(claim.value.owner)
            actions.append(FreeClaim(claim, end, counts=not taken))
        elif watch.waits(claim.value.owner):
            actions.append(FreeClaim(claim, f"the machine under {claim.value.owner} was taken away", counts=False))
        elif watch.snapshot.claim_ends(claim.value, watch.settings.claim_seconds) <= watch.now:
            actions.append(FreeClaim(claim, f"{claim.value.owner} fell silent"))
        elif owner is not None and watch.dead(owner.value):
            actions.append(FreeClaim(claim, watch.death(owner.value)))
    return actions


def _is_done(watch: Watch, claim: Claim) -> bool:
    return watch.snapshot.is_done(watch.snapshot.manifest.share(claim.share))


def _lease(watch: Watch, merger_at_work: bool) -> list[Action]:
    lease = watch.snapshot.lease
    if lease is None or merger_at_work:
        return []
    if lease.value.attempt >= watch.settings.max_attempts:
        reason = lease.value.reason or f"the final worker {lease.value.owner} is gone"
        return [Fail(f"merging failed {lease.value.attempt} times, the last time because {reason}")]
    return [ExpireLease()] if lease.value.expires_at > watch.now else []
