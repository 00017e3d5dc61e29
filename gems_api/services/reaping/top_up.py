"""How many workers are worth launching beside those who live. Pure.

A worker that is launched costs its start, during which it types nothing; the typing costs the same whoever does it. So more
workers are worth their starts while they save time that a person notices, and each types for longer than it starts.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from gems_api.services.intake.costs import SECONDS_AN_HOUR, spending
from gems_api.services.reaping.watch import Watch
from gems_api.services.state.records import Step, WorkerRecord
from gems_api.services.state.snapshot import Snapshot
from gems_api.settings import Settings
from gems_core.prices import ON_DEMAND, SPOT, PriceTable
from gems_core.shares import Share
from gems_core.statuses import WorkerStatus

# A job is not made dearer for less than this, which is about the time that a launch takes to be of use.
LEAST_SAVED_SECONDS = 300
_BEGINNINGS = (WorkerStatus.COPYING, WorkerStatus.DOWNLOADING)


@dataclass(frozen=True)
class Means:
    """What may be spent on more workers.

    Attributes:
        prices: None when nobody has written any; then no budget can be kept, and none is.
        most: how many workers a launch may bring; None for any number.
        behind: how many jobs come before this one, where ``most`` is a matter of its turn.
    """

    prices: PriceTable | None = None
    most: int | None = None
    behind: int = 0


UNLIMITED = Means()


def worthwhile(watch: Watch, free: Sequence[Share], most: int, means: Means) -> int:
    """How many workers to launch beside those who live or are to come; 0 when they are not worth it.

    Args:
        watch: the job, of whose workers at least one lives or is to come.
        free: the shares that nobody is at.
        most: more are not wanted, or not allowed.
        means: what may be spent.
    """
    snapshot, now, settings = watch.snapshot, watch.now, watch.settings
    at_work, to_come = watch.at_work(), len(watch.to_come())
    pace = seconds_per_byte(snapshot, at_work, now, settings)
    loads = sorted((left_bytes(snapshot, share) * pace for share in free), reverse=True)
    beginnings = [_busy_seconds(snapshot, worker, pace, now) for worker in at_work]
    beginnings += [float(settings.start_seconds)] * to_come
    limits = [
        most,
        len(free) - to_come,  # who is to come takes a free share, too
        int(sum(loads) / settings.start_seconds),  # each is to type for longer than it starts
        means.most,
        _affordable(snapshot, sum(loads) + sum(beginnings), means, now, settings),
    ]
    count = min(limit for limit in limits if limit is not None)
    if count <= 0:
        return 0
    saved = _finish(beginnings, loads) - _finish([*beginnings, *[float(settings.start_seconds)] * count], loads)
    left_seconds = (snapshot.time_limit_at - now).total_seconds()
    return count if saved >= LEAST_SAVED_SECONDS and left_seconds >= settings.start_seconds else 0


def _finish(beginnings: Iterable[float], loads: Iterable[float]) -> float:
    """When the last of these loads is done, in seconds from now, if each goes to whoever is free first."""
    free_at = list(beginnings)
    heapq.heapify(free_at)
    for load in loads:
        heapq.heapreplace(free_at, free_at[0] + load)
    return max(free_at)


def left_bytes(snapshot: Snapshot, share: Share) -> int:
    """The reads of a share's samples that have no done-marker."""
    return sum(sample.size_bytes for sample in share.samples if sample.name not in snapshot.done)


def seconds_per_byte(snapshot: Snapshot, at_work: Sequence[WorkerRecord], now: datetime, settings: Settings) -> float:
    """How long a byte of reads takes to type: as finished shares of this job tell.

    Before any is finished it is the deployment's rate; or, if that is longer, as if those at work were half-way.
    """
    finished = [pace for worker in snapshot.workers.values() for pace in _finished_paces(snapshot, worker.value)]
    if finished:
        return median(finished)
    spent = [
        2 * (now - step.at).total_seconds() / size
        for worker in at_work
        if (step := _beginning(worker)) is not None and (size := _size(snapshot, step.share))
    ]
    return max([1 / settings.bytes_per_second, *([median(spent)] if spent else [])])


def _finished_paces(snapshot: Snapshot, worker: WorkerRecord) -> Iterator[float]:
    begun: Step | None = None
    for step in worker.steps:
        if step.status in _BEGINNINGS and (begun is None or begun.share != step.share):
            begun = step
        if step.status is WorkerStatus.UPLOADING and begun is not None and begun.share == step.share:
            size = _size(snapshot, step.share)
            if size:
                yield (step.at - begun.at).total_seconds() / size


def _size(snapshot: Snapshot, share: int | None) -> int:
    return 0 if share is None else snapshot.manifest.share(share).size_bytes


def _beginning(worker: WorkerRecord) -> Step | None:
    """When a worker began the share that it is at; None when it is at none."""
    if worker.share is None:
        return None
    begun = [step for step in worker.steps if step.share == worker.share and step.status in _BEGINNINGS]
    return begun[-1] if begun else None


def _busy_seconds(snapshot: Snapshot, worker: WorkerRecord, pace: float, now: datetime) -> float:
    """For how long a worker is still at its share."""
    step = _beginning(worker)
    if step is None or step.share is None:
        return 0.0
    share = snapshot.manifest.share(step.share)
    whole = share.size_bytes * pace
    unmarked = left_bytes(snapshot, share) * pace
    return max(0.0, min(unmarked, whole - (now - step.at).total_seconds()))


def _affordable(snapshot: Snapshot, work_seconds: float, means: Means, now: datetime, settings: Settings) -> int | None:
    """For how many starts the budget has money beside the work; None when there is no budget that can be kept."""
    budget, table = snapshot.manifest.budget_usd, means.prices
    if budget is None or table is None or snapshot.state is None or table.dearest is None:
        return None
    instances = [item for item in snapshot.state.value.instances if item.run == snapshot.run]
    spent = spending(instances, [item.ended_at or now for item in instances], table, table.dearest)
    known = [table.usd_per_hour(kind, market) for kind in settings.instance_types for market in (ON_DEMAND, SPOT)]
    usd_per_second = max((price for price in known if price is not None), default=table.dearest) / SECONDS_AN_HOUR
    left = budget - (spent.usd or 0.0) - work_seconds * usd_per_second
    return max(0, int(left / (settings.start_seconds * usd_per_second)))
