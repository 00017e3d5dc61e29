"""AWS Batch in memory: the deployment's own adapter above, the rules of ``gems_local.strict.batch`` below, on simulated time.

Only boto3 and HTTP are left out between them. What is throttled is asked again as boto3 does, which takes time.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from api_memory import TYPE, VCPUS, Calls, SimulatedClock
from botocore.exceptions import ClientError

from gems_api.aws.batch.fleet import BatchFleet
from gems_api.aws.batch.identity import BatchIdentifier
from gems_api.services.fleet_ports import Fleet
from gems_api.services.ports import Identifier
from gems_api.settings import Settings
from gems_core.batch_ids import child_of, worker_of
from gems_core.identity import IdentityProof
from gems_local.strict.batch.ids import Ids
from gems_local.strict.batch.model import EC2, Definition, Environment, FairShare, Queue, Size, Task
from gems_local.strict.batch.refusals import Refused
from gems_local.strict.batch.region import BatchRegion
from gems_local.strict.settings import BATCH_REQUESTS, Strictness
from gems_local.strict.throttling import TokenBuckets

REGION, QUEUE, DEFINITION = "eu-central-1", "gems", "gems-worker"
CLUSTER = f"arn:aws:ecs:{REGION}:123456789012:cluster/AWSBatch-gems"
MACHINE, NEEDS = Size(VCPUS, 7536), Size(VCPUS, 7200)
# As gems_api.aws.clients sets boto3's tries; the pause between two is assumed to be the longest that it may take.
TRIES = 5
PAUSES = (1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True)
class _Catalogue:
    """One fair queue of one environment on demand."""

    queue_now: Queue

    def queues(self) -> Iterable[Queue]:
        return [self.queue_now]

    def queue(self, named: str) -> Queue | None:
        return self.queue_now if named == QUEUE else None

    def definition(self, named: str) -> Definition | None:
        needs = [
            {"type": "VCPU", "value": str(NEEDS.vcpus)},
            {"type": "MEMORY", "value": str(NEEDS.memory_mib)},
        ]
        container = {"image": "worker:1", "resourceRequirements": needs}
        return Definition(DEFINITION, f"arn:{DEFINITION}:1", container, priority=0) if named == DEFINITION else None

    def size_of(self, instance_type: str) -> Size:
        assert instance_type == TYPE
        return MACHINE

    def has_cluster(self, name: str) -> bool:
        return CLUSTER.endswith(f"/{name}")


class _Client:
    """What the adapter asks of boto3's clients of AWS Batch and ECS."""

    def __init__(self, region: BatchRegion, calls: Calls, clock: SimulatedClock, tries: int) -> None:
        self._region, self._calls, self._tries = region, calls, tries
        self._buckets = TokenBuckets(lambda: clock.seconds() + calls.elapsed)

    def submit_job(self, **request: object) -> dict[str, Any]:
        return self._ask("SubmitJob", request)

    def describe_jobs(self, **request: object) -> dict[str, Any]:
        return self._ask("DescribeJobs", request)

    def list_jobs(self, **request: object) -> dict[str, Any]:
        return self._ask("ListJobs", request)

    def terminate_job(self, **request: object) -> dict[str, Any]:
        return self._ask("TerminateJob", request)

    def describe_container_instances(self, **request: object) -> dict[str, Any]:
        self._calls.note("ecs", "DescribeContainerInstances")
        return self._region.container_instances(request) or {}

    def get_paginator(self, operation: str) -> _Pages:
        return _Pages(self, operation)

    def describe_compute_environments(self) -> dict[str, Any]:
        self._admit("DescribeComputeEnvironments")
        return {"computeEnvironments": [{"ecsClusterArn": CLUSTER, "computeResources": {"type": EC2}}]}

    def _ask(self, action: str, request: Mapping[str, object]) -> dict[str, Any]:
        self._admit(action)
        try:
            return self._region.answer(action, request)
        except Refused as problem:
            raise _error(action, problem.code, str(problem)) from problem

    def _admit(self, action: str) -> None:
        """Wait for a token, as often as boto3 would."""
        for number in range(self._tries):
            self._calls.note("batch", action)
            if self._buckets.take(action, BATCH_REQUESTS):
                return
            self._calls.throttled[("batch", action)] += 1
            self._calls.waited += PAUSES[min(number, len(PAUSES) - 1)]
        raise _error(action, "TooManyRequestsException", "Too Many Requests")


@dataclass(frozen=True)
class _Pages:
    """A paginator."""

    client: _Client
    operation: str

    def paginate(self, **request: object) -> Iterator[dict[str, Any]]:
        if self.operation != "list_jobs":
            yield self.client.describe_compute_environments()
            return
        token: dict[str, object] = {}
        while True:
            page = self.client.list_jobs(**request, **token)
            yield page
            if "nextToken" not in page:
                return
            token = {"nextToken": page["nextToken"]}


def _error(action: str, code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, action)


@dataclass(frozen=True)
class _Sessions:
    """STS: believes the security token, which names the worker, and knows its task."""

    machines: MemoryBatch
    calls: Calls

    def name(self, proof: IdentityProof) -> str:
        self.calls.note("sts", "GetCallerIdentity")
        task = self.machines.task(proof.security_token)
        return task.task_id if task is not None else ""


class MemoryBatch:
    """One region of AWS Batch with as many machines as a job has workers, and what runs its containers.

    Attributes:
        fleet: the deployment's adapter to it.
        identifier: likewise.
    """

    def __init__(
        self, calls: Calls, clock: SimulatedClock, strictness: Strictness, settings: Settings, workers: int
    ) -> None:
        environment = Environment("gems", "arn:gems", CLUSTER, EC2, (TYPE,), workers * VCPUS)
        queue = Queue(QUEUE, f"arn:{QUEUE}", 1, enabled=True, environments=(environment,), policy=FairShare({}, 600))
        numbers = itertools.count(1)
        ids = Ids(REGION, lambda digits: f"{next(numbers):0{digits}x}")
        self._region = BatchRegion(REGION, _Catalogue(queue), strictness, clock.seconds, ids)
        # The adapter asks for nothing but what these have.
        client: Any = _Client(self._region, calls, clock, TRIES)
        submitter: Any = _Client(self._region, calls, clock, 1)
        self.fleet: Fleet = BatchFleet(client, submitter, lambda: client, settings)
        self.identifier: Identifier = BatchIdentifier(cast("Any", _Sessions(self, calls)), client)

    def living(self) -> list[str]:
        """The workers that have a machine."""
        with self._region.lock:
            self._region.scheduler.advance()
            return [worker_of(task.job.job_id) for task in self._region.scheduler.tasks()]

    def task(self, worker: str) -> Task | None:
        """A worker's container."""
        job = self._region.scheduler.find(child_of(worker) or "")
        return None if job is None else job.task

    def begin(self, worker: str) -> None:
        """A worker's container runs."""
        task = self.task(worker)
        if task is not None:
            self._region.scheduler.started(task.task_id)

    def switch_off(self, worker: str) -> None:
        """A worker's container ends by itself."""
        task = self.task(worker)
        if task is not None:
            self._region.scheduler.ended(task.task_id, 0)
