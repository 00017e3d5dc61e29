"""AWS Batch in memory: workers wait until a test places them, and come back when their machine is taken away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from api_fakes import FakeFleet

from gems_api.services.fleet_ports import Host, Instance, Launch, Launched, LaunchOutcome

JOB = "0e1f2d3c-4b5a-6978-8796-a5b4c3d2e1f"
ON_SPOT = Host("c7i.xlarge", "spot")
MISCONFIGURED = "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - The job needs 8 vCPUs, and no instance type has them."


@dataclass
class QueuedFleet(FakeFleet):
    """A fleet that queues."""

    asked_hosts: int = 0

    def _launch(self, launch: Launch) -> LaunchOutcome:
        self.launches.append(launch)
        job = f"{JOB}{len(self.launches):x}"
        names = [f"b-{job}-{index}" for index in range(launch.count)]
        for name in names:
            tags = dict(launch.tags)
            self.known[name] = Instance(name, "pending", self.clock(), tags, market="", queued=True)
        return LaunchOutcome(tuple(Launched(name, index, "", "") for index, name in enumerate(names)))

    def place(self, names: Sequence[str], host: Host = ON_SPOT) -> None:
        """Start workers on machines."""
        for name in names:
            now = self.clock()
            self.known[name] = replace(
                self.known[name], state="running", queued=False, launched_at=now, state_reason=""
            )
            self.placed[name] = host

    def take_back(self, name: str) -> None:
        """Take the machine under a worker, which waits for another then."""
        self.known[name] = replace(self.known[name], state="pending", queued=True)

    def tell(self, reason: str) -> None:
        """Say why the head of the queue waits."""
        head = next(name for name, instance in self.known.items() if instance.queued and not instance.is_gone)
        self.known[head] = replace(self.known[head], state_reason=reason)

    def fail(self, name: str, reason: str) -> None:
        """End a worker."""
        self.known[name] = replace(self.known[name], state="terminated", state_reason=reason)

    def hosts(self, instance_ids: Sequence[str]) -> dict[str, Host]:
        self.asked_hosts += 1
        return {name: self.placed[name] for name in instance_ids if name in self.placed}
