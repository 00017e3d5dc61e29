"""Who of a job's workers lives, who is dead, and who is still to come, as its records and EC2 tell together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from gems_api.services.ports import Instance
from gems_api.services.state.records import WorkerRecord
from gems_api.services.state.snapshot import Snapshot
from gems_api.services.state.state_reasons import end_of, was_taken_back
from gems_api.settings import Settings
from gems_core.statuses import FINAL_WORKER_STATUSES, WorkerStatus


class Watch:
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
        """How long a worker has said nothing."""
        return (self.now - self.snapshot.last_seen(worker)).total_seconds()

    def dead(self, worker: WorkerRecord) -> bool:
        """Whether a worker is gone, or silent for too long."""
        return self.gone(worker.instance_id) or self.silent_seconds(worker) > self.settings.heartbeat_limit_seconds

    def death(self, worker: WorkerRecord) -> str:
        """Why a worker is taken for dead."""
        instance = self.instances.get(worker.instance_id)
        if instance is not None and instance.is_gone:
            return end_of(instance)
        return f"no sign of life from {worker.instance_id} for {self.silent_seconds(worker):.0f} seconds"

    def taken_back(self, instance_id: str) -> bool:
        """Whether EC2 says that it took the spot instance back, which says nothing of what was done on it."""
        instance = self.instances.get(instance_id)
        return instance is not None and instance.is_gone and was_taken_back(instance)

    def at_work(self) -> list[WorkerRecord]:
        """The workers that live and have not ended."""
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
        """Whether an instance should have made contact by now."""
        return (self.now - launched_at).total_seconds() > self.settings.launch_limit_seconds

    def to_come(self) -> list[str]:
        """Launched instances that may yet make contact."""
        return [
            name for name, _, launched_at in self.expected() if not self.gone(name) and not self.overdue(launched_at)
        ]
