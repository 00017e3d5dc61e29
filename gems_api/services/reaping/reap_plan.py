"""What the reaper is to do about one job. Pure: a snapshot and EC2's word in, actions out; ``reaper.py`` acts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from gems_api.services.ports import Instance
from gems_api.services.state.records import Claim, ClaimState, LaunchedInstance, WorkerRecord
from gems_api.services.state.snapshot import Outline, Reading, Snapshot, Versioned
from gems_api.services.workers.next_step import claimable_shares
from gems_api.settings import Settings
from gems_core.prices import SPOT
from gems_core.statuses import FINAL_WORKER_STATUSES, WorkerStatus

SILENT_TERMINATION_FACTOR = 3
# One launch may have bad luck. Where two bring no machine that gets ready, the cause lies in what all of them are given.
IDLE_LAUNCHES = 2


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
    """A share's worker is gone: its try has ended."""

    claim: Versioned[Claim]
    reason: str


@dataclass(frozen=True)
class Terminate:
    """Instances that do nothing for the job any more."""

    instance_ids: tuple[str, ...]


@dataclass(frozen=True)
class Finish:
    """The report is written, but its final worker is gone before it said so, or its time is over."""


@dataclass(frozen=True)
class Fail:
    """The job cannot go on."""

    reason: str


@dataclass(frozen=True)
class ExpireLease:
    """The final worker is gone: its lease is anybody's."""


@dataclass(frozen=True)
class Relaunch:
    """Work is left, and nobody to do it."""

    count: int


Action = MarkLost | NeverCame | FreeClaim | Terminate | Finish | Fail | ExpireLease | Relaunch


class _Watch:
    """Tells the living from the dead."""

    def __init__(
        self, snapshot: Snapshot, instances: Mapping[str, Instance], now: datetime, settings: Settings
    ) -> None:
        self.snapshot, self.instances, self.now, self.settings = snapshot, instances, now, settings

    def gone(self, instance_id: str) -> bool:
        """EC2 says outright that the instance is over. Not being listed says nothing, for listings lag behind."""
        instance = self.instances.get(instance_id)
        return instance is not None and instance.is_gone

    def silent_seconds(self, worker: WorkerRecord) -> float:
        return (self.now - self.snapshot.last_seen(worker)).total_seconds()

    def dead(self, worker: WorkerRecord) -> bool:
        return self.gone(worker.instance_id) or self.silent_seconds(worker) > self.settings.heartbeat_limit_seconds

    def death(self, worker: WorkerRecord) -> str:
        instance = self.instances.get(worker.instance_id)
        if instance is not None and instance.is_gone:
            return f"instance {worker.instance_id} is {instance.state}"
        return f"no sign of life from {worker.instance_id} for {self.silent_seconds(worker):.0f} seconds"

    def at_work(self) -> list[WorkerRecord]:
        workers = [worker.value for worker in self.snapshot.workers.values()]
        return [item for item in workers if item.status not in FINAL_WORKER_STATUSES and not self.dead(item)]

    def merger_at_work(self) -> bool:
        """Whether the lease's owner lives. A worker that failed at its share may merge all the same."""
        lease = self.snapshot.lease
        owner = self.snapshot.worker_of(lease.value.owner) if lease else None
        if lease is None or owner is None or lease.value.expires_at <= self.now:
            return False
        over = owner.value.status in (WorkerStatus.COMPLETE, WorkerStatus.LOST)
        return not over and not self.dead(owner.value)

    def expected(self) -> list[tuple[str, int | None, datetime]]:
        """Instances launched in this run that have not made contact: id, index (None: not entered yet), when launched."""
        known = {worker.value.instance_id for worker in self.snapshot.workers.values()}
        listed = self.snapshot.state.value.instances if self.snapshot.state else ()
        known |= set(self.snapshot.earlier_runs)
        launched: dict[str, tuple[int | None, datetime]] = {
            item.instance_id: (place, item.launched_at) for place, item in enumerate(listed)
        }
        for instance in self.instances.values():
            launched.setdefault(instance.instance_id, (None, instance.launched_at))
        return [(name, *facts) for name, facts in sorted(launched.items()) if name not in known]

    def overdue(self, launched_at: datetime) -> bool:
        return (self.now - launched_at).total_seconds() > self.settings.launch_limit_seconds


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
    if state.unanswered or state.next_launch_at is not None or now > _time_limit(snapshot):
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
    if beat is None:
        return (now - launched.launched_at).total_seconds() <= settings.launch_limit_seconds
    return (now - beat).total_seconds() <= settings.heartbeat_limit_seconds


def _time_limit(snapshot: Reading) -> datetime:
    return snapshot.opened_at + timedelta(seconds=snapshot.manifest.time_limit_seconds)


def plan_reaping(
    snapshot: Snapshot, instances: Mapping[str, Instance], now: datetime, settings: Settings
) -> list[Action]:
    """What to do about a job that has not ended.

    Every action is done by a conditional write or is harmless when done twice. Launching is planned only when nothing
    else is to be put in order first, so the reaper plans again after it has.

    Args:
        snapshot: the job.
        instances: what EC2 lists of it, by id.
        now: the present.
        settings: the limits.
    """
    watch = _Watch(snapshot, instances, now, settings)
    merger_at_work = watch.merger_at_work()
    late = now > _time_limit(snapshot)
    if snapshot.report_written and (late or not merger_at_work):
        return [Finish()]  # a report that is there, and mailed, is no failure, however late it came
    if late:
        return [Fail(_too_late(snapshot))]
    repairs = [*_losses(watch), *_free_claims(watch), *_lease(watch, merger_at_work)]
    # How many to launch is known only when what the dead held is free again.
    settled = all(isinstance(action, Terminate) for action in repairs)
    return [*repairs, *_relaunch(watch, merger_at_work)] if settled else repairs


def _too_late(snapshot: Snapshot) -> str:
    """That the time is over, and what had held the job up if that is known."""
    held_up = snapshot.state.value.reason if snapshot.state is not None else ""
    return f"the job's time limit of {snapshot.manifest.time_limit_seconds} seconds is over. {held_up}".strip()


def _losses(watch: _Watch) -> list[Action]:
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
        if index is not None and (watch.gone(instance_id) or watch.overdue(launched_at)):
            reason = _absence(watch, instance_id)
            actions.append(NeverCame(instance_id, index, reason))
            silent.append(instance_id)
    return [*actions, Terminate(tuple(silent))] if silent else actions


def _lives(watch: _Watch, instance_id: str) -> bool:
    return instance_id in watch.instances and not watch.gone(instance_id)


def _absence(watch: _Watch, instance_id: str) -> str:
    if watch.gone(instance_id):
        return f"instance {instance_id} is {watch.instances[instance_id].state} and never made contact"
    return f"instance {instance_id} made no contact within {watch.settings.launch_limit_seconds} seconds"


def _free_claims(watch: _Watch) -> list[Action]:
    """Claims whose time is over, and those of workers that are gone."""
    actions: list[Action] = []
    for claim in watch.snapshot.claims.values():
        if claim.value.state is not ClaimState.HELD or _is_done(watch, claim.value):
            continue
        owner = watch.snapshot.worker_of(claim.value.owner)
        if watch.gone(claim.value.owner):
            actions.append(FreeClaim(claim, f"instance {claim.value.owner} was terminated"))
        elif watch.snapshot.claim_ends(claim.value, watch.settings.claim_seconds) <= watch.now:
            actions.append(FreeClaim(claim, f"{claim.value.owner} fell silent"))
        elif owner is not None and watch.dead(owner.value):
            actions.append(FreeClaim(claim, watch.death(owner.value)))
    return actions


def _is_done(watch: _Watch, claim: Claim) -> bool:
    return watch.snapshot.is_done(watch.snapshot.manifest.share(claim.share))


def _lease(watch: _Watch, merger_at_work: bool) -> list[Action]:
    lease = watch.snapshot.lease
    if lease is None or merger_at_work:
        return []
    if lease.value.attempt >= watch.settings.max_attempts:
        reason = lease.value.reason or f"the final worker {lease.value.owner} is gone"
        return [Fail(f"merging failed {lease.value.attempt} times, at last because {reason}")]
    return [ExpireLease()] if lease.value.expires_at > watch.now else []


def _relaunch(watch: _Watch, merger_at_work: bool) -> list[Action]:
    """Launch for what is left, unless somebody lives who will take it or may yet come."""
    snapshot, settings = watch.snapshot, watch.settings
    to_come = [
        name for name, _, launched_at in watch.expected() if not watch.gone(name) and not watch.overdue(launched_at)
    ]
    if to_come or merger_at_work or watch.at_work():
        return []
    if _must_wait(watch):
        return []
    over = _why_no_more_launches(snapshot, settings)
    if over:
        reason = snapshot.state.value.reason if snapshot.state else ""
        return [Fail(" ".join(text for text in (over, _last_failure(snapshot), reason) if text))]
    free = len(claimable_shares(snapshot, watch.now, settings))
    count = 1 if snapshot.all_done else min(free, snapshot.manifest.workers)
    return [Relaunch(count)] if count else []


def _why_no_more_launches(snapshot: Snapshot, settings: Settings) -> str:
    """Why launching once more would only cost money; '' if it need not."""
    state = snapshot.state.value if snapshot.state else None
    if state is None:
        return ""
    if state.fruitful_launches >= settings.max_launches:
        return f"{state.fruitful_launches} launches did not finish the job."
    numbers = sorted({item.launch for item in state.instances if item.run == state.run})[-IDLE_LAUNCHES:]
    last = [item for item in state.instances if item.launch in numbers]
    if len(numbers) < IDLE_LAUNCHES or any(_may_be_well_made(snapshot, item) for item in last):
        return ""
    return f"No instance of {IDLE_LAUNCHES} launches in a row got ready to work."


def _may_be_well_made(snapshot: Snapshot, launched: LaunchedInstance) -> bool:
    """Whether an instance got as far as work, or was taken back by EC2 before anybody could tell."""
    merged = snapshot.lease is not None and snapshot.lease.value.attempt > 0
    claimed = any(claim.value.owner == launched.instance_id for claim in snapshot.claims.values())
    record = snapshot.worker_of(launched.instance_id)
    told_to_leave = record is not None and record.value.status is WorkerStatus.COMPLETE
    silent = record is None or record.value.failure is None or not record.value.failure.log_tail
    return merged or claimed or told_to_leave or (launched.market == SPOT and silent)


def _last_failure(snapshot: Snapshot) -> str:
    """What this run's last failed worker said, or what is known of it."""
    records = [worker.value for worker in snapshot.workers.values()]
    told = [
        (record.updated_at, record.instance_id, record.failure)
        for record in records
        if record.failure is not None and record.instance_id not in snapshot.earlier_runs
    ]
    if not told:
        return ""
    _, instance_id, failure = max(told, key=lambda item: item[:2])
    return f"At last {instance_id} failed in {failure.phase}: {failure.reason.rstrip('. ')}."


def _must_wait(watch: _Watch) -> bool:
    """Whether a launch may still be under way, or the last one was refused a short while ago."""
    state = watch.snapshot.state.value if watch.snapshot.state else None
    if state is not None and state.next_launch_at is not None:
        return watch.now < state.next_launch_at
    begun_at = state.launched_at if state is not None else watch.snapshot.manifest.created_at
    unanswered = state is None or state.unanswered > 0
    # Whoever made that launch may yet write down its answer.
    return unanswered and (watch.now - begun_at).total_seconds() < watch.settings.launch_grace_seconds
