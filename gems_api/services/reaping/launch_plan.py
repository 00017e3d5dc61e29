"""Which launch a job needs now, if any: for what nobody is left to do, or beside those who live. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gems_api.services.reaping.top_up import Means, worthwhile
from gems_api.services.reaping.watch import Watch
from gems_api.services.state.records import LaunchedInstance
from gems_api.services.state.snapshot import Snapshot
from gems_api.services.workers.next_step import claimable_shares
from gems_api.settings import Settings
from gems_core.prices import SPOT
from gems_core.shares import Share
from gems_core.statuses import WorkerStatus

# One launch may have bad luck. Where two bring no machine that gets ready, the cause lies in what all of them are given.
IDLE_LAUNCHES = 2


@dataclass(frozen=True)
class Fail:
    """The job cannot go on."""

    reason: str


@dataclass(frozen=True)
class Relaunch:
    """Work is left that wants hands.

    Attributes:
        count: how many workers.
        vital: whether nobody lives who would do the work without them. Only then does a refusal for good end the job.
    """

    count: int
    vital: bool = True


@dataclass(frozen=True)
class Wait:
    """Nothing of the job runs, and it is not its turn to launch."""

    behind: int


@dataclass(frozen=True)
class CallOff:
    """A launch that was put off is not worth making any more: those who live finish the job."""


def plan_launch(watch: Watch, means: Means, *, merger_at_work: bool) -> list[Fail | Relaunch | CallOff | Wait]:
    """The launch that a job in good order needs, as a list of one action at most.

    Args:
        watch: the job, in which no loss is left to be put in order.
        means: what may be spent on it.
        merger_at_work: whether somebody merges.
    """
    if merger_at_work or _must_wait(watch):
        return []
    snapshot, settings = watch.snapshot, watch.settings
    if snapshot.state is not None and snapshot.state.value.unanswered:
        means = replace(means, most=None)  # it may have been done; that it is repeated uses up nothing
    at_work, to_come = watch.at_work(), watch.to_come()
    free = claimable_shares(snapshot, watch.now, settings)
    over = _why_no_more_launches(snapshot, settings)
    if at_work or to_come:
        if _just_launched(watch):
            return []
        count = 0 if over else _beside_the_living(watch, means, free)
        return [Relaunch(count, vital=False)] if count else _called_off(snapshot)
    if over:
        reason = snapshot.state.value.reason if snapshot.state else ""
        return [Fail(" ".join(text for text in (over, _last_failure(snapshot), reason) if text))]
    wanted = 1 if snapshot.all_done else min(len(free), snapshot.manifest.workers)
    count = min(wanted, _launches_left(snapshot, settings))
    if count and means.most == 0:
        return [Wait(means.behind)]
    return [Relaunch(count if means.most is None else min(count, means.most))] if count else []


def _just_launched(watch: Watch) -> bool:
    """Whether the last launch may have brought instances that EC2 does not list yet."""
    state = watch.snapshot.state.value if watch.snapshot.state else None
    return state is None or (watch.now - state.launched_at).total_seconds() < watch.settings.launch_grace_seconds


def _beside_the_living(watch: Watch, means: Means, free: Sequence[Share]) -> int:
    """How many more workers shorten the job by more than they cost."""
    snapshot = watch.snapshot
    asked = (snapshot.state.value.workers if snapshot.state else 0) or snapshot.manifest.workers
    missing = asked - len(watch.at_work()) - len(watch.to_come())
    return worthwhile(watch, free, min(missing, _launches_left(snapshot, watch.settings)), means)


def _called_off(snapshot: Snapshot) -> list[Fail | Relaunch | CallOff | Wait]:
    state = snapshot.state.value if snapshot.state else None
    put_off = state is not None and (state.unanswered or state.next_launch_at is not None)
    return [CallOff()] if put_off else []


def _launches_left(snapshot: Snapshot, settings: Settings) -> int:
    """How many instances this run may still be given: in all, so many times the workers that it asked for."""
    if snapshot.state is None:
        return snapshot.manifest.workers
    state = snapshot.state.value
    return max(0, settings.max_launches * (state.workers or snapshot.manifest.workers) - state.launched_in_run)


def _why_no_more_launches(snapshot: Snapshot, settings: Settings) -> str:
    """Why launching once more would only cost money; '' if it need not."""
    state = snapshot.state.value if snapshot.state else None
    if state is None:
        return ""
    if not _launches_left(snapshot, settings):
        return f"{state.launched_in_run} instances in {state.fruitful_launches} launches did not finish the job."
    numbers = sorted({item.launch for item in state.instances if item.run == state.run})[-IDLE_LAUNCHES:]
    last = [item for item in state.instances if item.launch in numbers]
    if len(numbers) < IDLE_LAUNCHES or any(_may_be_well_made(snapshot, item) for item in last):
        return ""
    return f"No instance of {IDLE_LAUNCHES} launches in a row became ready to work."


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
    return f"The last one, {instance_id}, failed in {failure.phase}: {failure.reason.rstrip('. ')}."


def _must_wait(watch: Watch) -> bool:
    """Whether a launch may still be under way, or the last one was refused a short while ago."""
    state = watch.snapshot.state.value if watch.snapshot.state else None
    if state is not None and state.next_launch_at is not None:
        return watch.now < state.next_launch_at
    begun_at = state.launched_at if state is not None else watch.snapshot.manifest.created_at
    unanswered = state is None or state.unanswered > 0
    # Whoever made that launch may yet write down its answer.
    return unanswered and (watch.now - begun_at).total_seconds() < watch.settings.launch_grace_seconds
