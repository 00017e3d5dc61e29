"""Who of a job's workers lives, who is dead, and who is still to come, as its records and EC2 tell together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from gems_api.services.fleet_ports import Instance
from gems_api.services.shown.publishable import publishable
from gems_api.services.state.records import WorkerRecord
from gems_api.services.state.snapshot import Snapshot
from gems_api.services.state.state_reasons import end_of, was_taken_back
from gems_api.settings import Settings
from gems_core.statuses import FINAL_WORKER_STATUSES, WorkerStatus

IN_QUEUE = "its workers wait in the queue of AWS Batch"
NOT_COUNTED = "waiting does not count against its time limit"


def queue_words(instances: Mapping[str, Instance]) -> str:
    """Why nothing of a job runs, if all that lives of it waits in AWS Batch's queue; '' if anything runs, or nothing lives.

    Args:
        instances: what is listed of the job, by id.
    """
    living = [instance for instance in instances.values() if not instance.is_gone]
    if not living or not all(instance.queued for instance in living):
        return ""
    reasons = sorted({publishable(instance.state_reason).rstrip(". ") for instance in living if instance.state_reason})
    return f"{IN_QUEUE}{''.join(f': {reason}' for reason in reasons[:1])}; {NOT_COUNTED}"


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

    def waits(self, instance_id: str) -> bool:
        """Whether a worker waits for a place to run, for the first time or because its machine was taken away."""
        instance = self.instances.get(instance_id)
        return instance is not None and instance.queued and not instance.is_gone

    def silent_seconds(self, worker: WorkerRecord) -> float:
        """How long a worker has said nothing, of the time in which it could: its machine may have been exchanged."""
        instance = self.instances.get(worker.instance_id)
        seen = self.snapshot.last_seen(worker)
        return (self.now - (seen if instance is None else max(seen, instance.launched_at))).total_seconds()

    def dead(self, worker: WorkerRecord) -> bool:
        """Whether a worker is gone, or silent for too long."""
        if self.gone(worker.instance_id):
            return True
        silent = self.silent_seconds(worker) > self.settings.heartbeat_limit_seconds
        return silent and not self.waits(worker.instance_id)

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
        return [item for item in self._living() if not self.waits(item.instance_id)]

    def _living(self) -> list[WorkerRecord]:
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
        """Instances launched in this run that have not made contact: id, index (None: not entered yet), since when they run."""
        known = {worker.value.instance_id for worker in self.snapshot.workers.values()}
        listed = self.snapshot.state.value.instances if self.snapshot.state else ()
        known |= set(self.snapshot.earlier_runs)
        launched: dict[str, tuple[int | None, datetime]] = {
            item.instance_id: (place, item.launched_at) for place, item in enumerate(listed)
        }
        for instance in self.instances.values():
            place, noted = launched.get(instance.instance_id, (None, instance.launched_at))
            launched[instance.instance_id] = (place, max(noted, instance.launched_at))
        return [(name, *facts) for name, facts in sorted(launched.items()) if name not in known]

    def overdue(self, instance_id: str, launched_at: datetime) -> bool:
        """Whether an instance should have made contact by now."""
        seconds = (self.now - launched_at).total_seconds()
        return seconds > self.settings.launch_limit_seconds and not self.waits(instance_id)

    def to_come(self) -> list[str]:
        """Launched instances that may yet make contact, or make it again."""
        back = [item.instance_id for item in self._living() if self.waits(item.instance_id)]
        return back + [
            name
            for name, _, launched_at in self.expected()
            if not self.gone(name) and not self.overdue(name, launched_at)
        ]
