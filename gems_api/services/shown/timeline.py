"""What each of a job's instances did, and when: for pages. Pure, over a snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from gems_api.services.state.records import LaunchedInstance, Step, WorkerRecord
from gems_api.services.state.snapshot import Snapshot
from gems_core.statuses import FINAL_WORKER_STATUSES, WorkerStatus


@dataclass(frozen=True)
class Bar:
    """What an instance did for a while; ``share`` is the one it was at."""

    status: WorkerStatus
    begins: datetime
    ends: datetime
    share: int | None = None

    @property
    def seconds(self) -> float:
        """How long."""
        return (self.ends - self.begins).total_seconds()


@dataclass(frozen=True)
class Lane:
    """An instance of a job, and all that it did.

    Attributes:
        index: its place among all instances of the job, from 0.
        run: the run of the job that it was launched in.
        ended_at: None while it may run.
    """

    instance_id: str
    index: int
    run: int
    market: str
    launched_at: datetime
    ended_at: datetime | None
    status: WorkerStatus
    bars: Sequence[Bar]


@dataclass(frozen=True)
class Timeline:
    """The instances of a job between its beginning and its end, or the present; by launch."""

    begins: datetime
    ends: datetime
    lanes: Sequence[Lane]


def timeline(snapshot: Snapshot, now: datetime) -> Timeline:
    """The timeline of all runs of a job.

    Args:
        snapshot: the job.
        now: the present, until which an instance that may still run is drawn.
    """
    state = snapshot.state.value if snapshot.state else None
    ends = (state.finished_at if state else None) or now
    instances = state.instances if state else ()
    records = {item.value.instance_id: item.value for item in snapshot.workers.values()}
    lanes = [_lane(item, place, records.get(item.instance_id), snapshot, ends) for place, item in enumerate(instances)]
    last = max([ends, *(bar.ends for lane in lanes for bar in lane.bars)])
    return Timeline(snapshot.manifest.created_at, last, lanes)


def _lane(
    instance: LaunchedInstance, place: int, record: WorkerRecord | None, snapshot: Snapshot, ends: datetime
) -> Lane:
    over = instance.ended_at or (ends if snapshot.ended else None)
    status = record.status if record else WorkerStatus.LAUNCHED if over is None else WorkerStatus.LOST
    first = Step(WorkerStatus.LAUNCHED, instance.launched_at)
    steps = [first, *(record.steps if record else ())]
    last = over or ends
    if record is not None and record.status is WorkerStatus.LOST:
        last = max(snapshot.last_seen(record), steps[-1].at)
    return Lane(
        instance.instance_id,
        record.instance_index if record else place,
        instance.run,
        instance.market,
        instance.launched_at,
        instance.ended_at,
        status,
        _bars(steps, max(last, steps[-1].at)),
    )


def _bars(steps: Sequence[Step], last: datetime) -> list[Bar]:
    """One for each step until the next one; what is over is drawn no further."""
    bars = [Bar(step.status, step.at, following.at, step.share) for step, following in pairwise(steps)]
    final = steps[-1]
    return bars if final.status in FINAL_WORKER_STATUSES else [*bars, Bar(final.status, final.at, last, final.share)]
