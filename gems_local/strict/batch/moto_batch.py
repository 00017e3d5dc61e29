"""What moto's Batch holds: environments, queues, policies and definitions, as the scheduler wants them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from moto.batch.models import BatchBackend, ComputeEnvironment, JobDefinition, JobQueue, batch_backends
from moto.ec2.models.instance_types import INSTANCE_TYPES

from gems_local.settings import ACCOUNT_ID
from gems_local.strict.batch.model import Definition, Environment, FairShare, Queue, Size

# What a machine's kernel and agent keep of its memory, about (user guide, "Compute resource memory management").
KEPT_SHARE = 0.08
# API reference, FairsharePolicy.
SHORTEST_WINDOW_SECONDS = 600.0
CLUSTERS = "AWSBatch-"
_OPTIMAL = ("c5", "m5", "r5")


def size_of(instance_type: str) -> Size:
    """What an instance offers to tasks."""
    facts = INSTANCE_TYPES[instance_type]
    return Size(facts["VCpuInfo"]["DefaultVCpus"], int(facts["MemoryInfo"]["SizeInMiB"] * (1 - KEPT_SHARE)))


class MotoCatalogue:
    """The catalogue of one region.

    Attributes:
        priorities: of scheduling, by definition's ARN, which moto does not keep; what is not here counts as 0.
    """

    def __init__(self, region: str) -> None:
        self.priorities: dict[str, int | None] = {}
        self._region = region

    def queues(self) -> Iterator[Queue]:
        """Every queue."""
        self.name_clusters()
        for found in self._batch._job_queues.values():
            yield self._queue(found)

    def queue(self, named: str) -> Queue | None:
        """A queue by name or ARN."""
        found = self._batch.get_job_queue(named)
        return None if found is None else self._queue(found)

    def definition(self, named: str) -> Definition | None:
        """An active revision of a definition, by name (the latest), ``name:revision`` or ARN."""
        try:
            found = self._batch.get_job_definition(named)
        except ValueError:  # a revision that is no number
            return None
        if found is None or found.status != "ACTIVE" or found.container_properties is None:
            return None
        return Definition(
            name=found.name,
            arn=found.arn,
            container=found.container_properties,
            retry=found.retry_strategy,
            timeout_seconds=_timeout(found),
            priority=self.priorities.get(found.arn, 0),
            propagate_tags=bool(found.propagate_tags),
        )

    def size_of(self, instance_type: str) -> Size:
        """What an instance offers to tasks."""
        return size_of(instance_type)

    def has_cluster(self, name: str) -> bool:
        """Whether an ECS cluster is an environment's."""
        return any(one.ecs_name == name for one in self._batch._compute_environments.values())

    def name_clusters(self) -> None:
        """Give the environments' ECS clusters AWS's names of today, ``AWSBatch-<environment>-<id>``: policies live by them."""
        for found in self._batch._compute_environments.values():
            if not found.ecs_name.startswith(CLUSTERS):
                ecs, old = self._batch.ecs_backend, found.ecs_name
                cluster = ecs.create_cluster(f"{CLUSTERS}{found.name}-{old.rpartition('_')[2]}")
                found.set_ecs(cluster.arn, cluster.name)
                ecs.delete_cluster(old)

    def resize(self, arn: str, changes: Mapping[str, Any]) -> None:
        """Change an environment's resources, which moto leaves as they are."""
        found = self._batch.get_compute_environment_by_arn(arn)
        if found is not None and found.compute_resources:
            found.compute_resources = {**found.compute_resources, **changes}

    @property
    def _batch(self) -> BatchBackend:
        return batch_backends[ACCOUNT_ID][self._region]

    def _queue(self, found: JobQueue) -> Queue:
        return Queue(
            name=found.name,
            arn=found.arn,
            priority=int(found.priority),
            enabled=found.state == "ENABLED",
            environments=tuple(_environment(one) for one in found.environments),
            policy=self._policy(found.schedule_policy),
        )

    def _policy(self, arn: str | None) -> FairShare | None:
        found = self._batch._scheduling_policies.get(arn) if arn else None
        if found is None:
            return None
        policy = cast(dict[str, Any], found.fairshare_policy)
        weights = {one["shareIdentifier"]: float(one.get("weightFactor", 1.0)) for one in policy["shareDistribution"]}
        return FairShare(weights, float(policy["shareDecaySeconds"]) or SHORTEST_WINDOW_SECONDS)


def _timeout(found: JobDefinition) -> int | None:
    seconds = (found.timeout or {}).get("attemptDurationSeconds")
    return None if seconds is None else int(seconds)


def _environment(found: ComputeEnvironment) -> Environment:
    resources = found.compute_resources or {}
    types = {one for name in resources.get("instanceTypes", ()) for one in _types(name)}
    return Environment(
        name=found.name,
        arn=found.arn,
        cluster_arn=found.ecs_arn,
        market=resources.get("type", "EC2"),
        instance_types=tuple(sorted(types, key=lambda name: (size_of(name).vcpus, size_of(name).memory_mib, name))),
        most_vcpus=int(resources.get("maxvCpus", 0)),
        usable=found.state != "DISABLED",
    )


def _types(name: str) -> list[str]:
    if name in INSTANCE_TYPES:
        return [name]
    families = _OPTIMAL if name == "optimal" else (name,)
    return [one for one in INSTANCE_TYPES if one.partition(".")[0] in families]
