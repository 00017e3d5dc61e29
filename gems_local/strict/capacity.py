"""What an account may have running: the capacity of each pool, and quotas of virtual processors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gems_local.strict.settings import Strictness

ON_DEMAND, SPOT = "on-demand", "spot"
_NO_CAPACITY = "InsufficientInstanceCapacity"
_NO_QUOTA = {ON_DEMAND: "VcpuLimitExceeded", SPOT: "MaxSpotInstanceCountExceeded"}


@dataclass(frozen=True)
class Pool:
    """Machines of one type, in one subnet ('' for any), of one market."""

    instance_type: str
    subnet: str
    market: str = ON_DEMAND

    def holds(self, other: Pool) -> bool:
        """Whether the machines of another pool come out of this one."""
        return (
            self.market == other.market
            and self.instance_type == other.instance_type
            and self.subnet in ("", other.subnet)
        )


@dataclass(frozen=True)
class Room:
    """How many instances more a pool takes, and EC2's code and message for asking for another one."""

    instances: int
    code: str
    message: str


class Capacity:
    """Decides how many instances a launch gets.

    Args:
        strictness: capacity and quotas.
        vcpus: virtual processors of an instance type.
    """

    def __init__(self, strictness: Strictness, vcpus: Callable[[str], int]) -> None:
        self._strictness = strictness
        self._vcpus = vcpus
        self._of_pools: dict[Pool, int] = {}

    def set(self, pool: Pool, instances: int) -> None:
        """Let a pool hold this many from now on; what runs goes on running."""
        self._of_pools[pool] = instances

    def room(self, pool: Pool, living: Mapping[Pool, int]) -> Room:
        """How many more a pool takes.

        Args:
            pool: where a launch is asked for.
            living: the instances that are there.
        """
        return min(self._in_pool(pool, living), self._in_quota(pool, living), key=lambda room: room.instances)

    def _in_pool(self, pool: Pool, living: Mapping[Pool, int]) -> Room:
        most = self._of_pools.get(pool, self._strictness.instances_per_pool)
        there = sum(count for other, count in living.items() if pool.holds(other))
        message = (
            f"We currently do not have sufficient {pool.instance_type} capacity ({pool.market}) in the zone of "
            f"{pool.subnet or 'the default subnet'}."
        )
        return Room(max(0, most - there), _NO_CAPACITY, message)

    def _in_quota(self, pool: Pool, living: Mapping[Pool, int]) -> Room:
        quota = self._strictness.spot_vcpus if pool.market == SPOT else self._strictness.on_demand_vcpus
        if quota is None:
            return Room(2**31, "", "")
        used = sum(
            count * self._vcpus(other.instance_type) for other, count in living.items() if other.market == pool.market
        )
        message = (
            f"You have requested more vCPU capacity than your current vCPU limit of {quota} allows ({pool.market})."
        )
        return Room(max(0, quota - used) // self._vcpus(pool.instance_type), _NO_QUOTA[pool.market], message)
