"""The instances of the compute environments: where a task goes, and why it goes nowhere.

A task goes onto an instance that has room, in the order of the queue's environments; else an environment launches another,
within its vCPUs and what capacity there is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from gems_local.strict.batch.ids import Ids
from gems_local.strict.batch.model import Environment, Machine, Queue, Size, Task

# User guide, "Jobs stuck in a RUNNABLE status".
INVALID = "ACTION_REQUIRED - CE(s) associated with the job queue are invalid."
MAX_RESOURCE = (
    "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE - CE(s) associated with the job queue cannot meet the CPU "
    "requirement of the job."
)
REQUIREMENT = (
    "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - The job resource requirement (vCPU/memory/GPU) is higher than that "
    "can be met by the CE(s) attached to the job queue."
)
CAPACITY = (
    "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - Service cannot fulfill the capacity requested for instance type [{}]"
)


class _No(Enum):
    """Why an environment does not take a job now."""

    FULL = "its vCPUs are in use"
    CAPACITY = "no instance to be had"
    MAX_RESOURCE = "its vCPUs are fewer than the job's"
    REQUIREMENT = "no instance type is large enough"
    UNUSABLE = "disabled or invalid"


@dataclass(frozen=True)
class Blocked:
    """No environment takes the job now. ``reason`` is AWS's where the queue is stuck, None where the job only waits its turn."""

    reason: str | None


class Machines:
    """All instances.

    Args:
        size_of: of an instance type.
        ids: makes those of instances.
        idle_seconds: an instance without tasks is kept so long.
    """

    def __init__(self, size_of: Callable[[str], Size], ids: Ids, idle_seconds: float) -> None:
        self._size_of = size_of
        self._ids = ids
        self._idle_seconds = idle_seconds
        self._machines: dict[str, Machine] = {}
        # Those with a free vCPU: most of a thousand busy instances have none.
        self._with_room: dict[str, dict[str, Machine]] = {}
        self._vcpus: dict[str, int] = {}
        self._counts: dict[str, int] = {}
        self._limits: dict[str, int] = {}

    def limit(self, environment: str, instances: int | None) -> None:
        """Let no more than so many instances be had for an environment from now on; None for any number."""
        if instances is None:
            self._limits.pop(environment, None)
        else:
            self._limits[environment] = instances

    def limits(self) -> dict[str, int]:
        """Those that are set, by environment."""
        return dict(self._limits)

    def all(self) -> list[Machine]:
        """Every instance that is there."""
        return list(self._machines.values())

    def find(self, instance_id: str) -> Machine | None:
        """By its ``i-`` id."""
        return self._machines.get(instance_id)

    def room_for(self, needs: Size, queue: Queue) -> Machine | Blocked:
        """An instance with room, launched where need be; or why there is none."""
        refusals: list[tuple[Environment, _No]] = []
        for environment in queue.environments:
            found = self._in(environment, needs)
            if isinstance(found, Machine):
                return found
            refusals.append((environment, found))
        return Blocked(_reason(refusals))

    def place(self, task: Task) -> None:
        """Put a task onto its instance."""
        machine, needs = task.machine, task.job.submission.needs
        machine.tasks[task.task_id] = task
        machine.free = Size(machine.free.vcpus - needs.vcpus, machine.free.memory_mib - needs.memory_mib)
        if machine.free.vcpus < 1:
            self._with_room[machine.environment].pop(machine.instance_id, None)

    def remove(self, task: Task, now: float) -> None:
        """Take a task off its instance."""
        machine, needs = task.machine, task.job.submission.needs
        del machine.tasks[task.task_id]
        machine.free = Size(machine.free.vcpus + needs.vcpus, machine.free.memory_mib + needs.memory_mib)
        machine.idle_since = now
        if machine.instance_id in self._machines:
            self._with_room[machine.environment][machine.instance_id] = machine

    def take_away(self, machine: Machine) -> None:
        """An instance is gone; its tasks are the caller's matter."""
        del self._machines[machine.instance_id]
        self._with_room[machine.environment].pop(machine.instance_id, None)
        self._vcpus[machine.environment] -= machine.size.vcpus
        self._counts[machine.environment] -= 1

    def scale_down(self, now: float) -> None:
        """Let idle instances go."""
        for with_room in self._with_room.values():
            for machine in list(with_room.values()):
                if not machine.tasks and now >= machine.idle_since + self._idle_seconds:
                    self.take_away(machine)

    def _in(self, environment: Environment, needs: Size) -> Machine | _No:
        if not environment.usable:
            return _No.UNUSABLE
        if environment.most_vcpus < needs.vcpus:
            return _No.MAX_RESOURCE
        fitting = [name for name in environment.instance_types if self._size_of(name).holds(needs)]
        if not fitting:
            return _No.REQUIREMENT
        there = self._with_room.setdefault(environment.name, {}).values()
        with_room = next((machine for machine in there if machine.free.holds(needs)), None)
        return with_room or self._launched(environment, fitting[0])

    def _launched(self, environment: Environment, instance_type: str) -> Machine | _No:
        size = self._size_of(instance_type)
        if self._vcpus.get(environment.name, 0) + size.vcpus > environment.most_vcpus:
            return _No.FULL
        if self._counts.get(environment.name, 0) >= self._limits.get(environment.name, 2**31):
            return _No.CAPACITY
        return self._launch(environment, instance_type, size)

    def _launch(self, environment: Environment, instance_type: str, size: Size) -> Machine:
        machine = Machine(
            instance_id=self._ids.instance(),
            arn=self._ids.container_instance_arn(environment.cluster_arn),
            environment=environment.name,
            cluster_arn=environment.cluster_arn,
            market=environment.market,
            instance_type=instance_type,
            free=size,
            size=size,
        )
        self._machines[machine.instance_id] = machine
        self._with_room[environment.name][machine.instance_id] = machine
        self._vcpus[environment.name] = self._vcpus.get(environment.name, 0) + size.vcpus
        self._counts[environment.name] = self._counts.get(environment.name, 0) + 1
        return machine


def _reason(refusals: list[tuple[Environment, _No]]) -> str | None:
    kinds = {refusal for _, refusal in refusals}
    if _No.FULL in kinds:
        return None
    for environment, refusal in refusals:
        if refusal is _No.CAPACITY:
            return CAPACITY.format(environment.instance_types[0])
    if kinds <= {_No.UNUSABLE}:
        return INVALID
    return REQUIREMENT if _No.REQUIREMENT in kinds else MAX_RESOURCE
