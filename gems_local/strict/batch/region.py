"""AWS Batch in one region, free of any protocol: requests and answers are those of its API, as dictionaries."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Protocol

from gems_local.settings import ACCOUNT_ID
from gems_local.strict.batch import shown
from gems_local.strict.batch.ids import Ids
from gems_local.strict.batch.listing import Listings
from gems_local.strict.batch.machines import Machines
from gems_local.strict.batch.model import Definition, Environment, Job, Queue, Size
from gems_local.strict.batch.refusals import Refused
from gems_local.strict.batch.scheduler import Scheduler
from gems_local.strict.batch.submissions import read_submission
from gems_local.strict.settings import Strictness

MOST_IDS = 100
LONGEST_REASON = 1024


class Catalogue(Protocol):
    """What was made before any job: queues with their environments, and job definitions."""

    def queues(self) -> Iterable[Queue]:
        """Every queue."""

    def queue(self, named: str) -> Queue | None:
        """By name or ARN."""

    def definition(self, named: str) -> Definition | None:
        """An active revision, by name (the latest), ``name:revision`` or ARN."""

    def size_of(self, instance_type: str) -> Size:
        """What an instance offers to tasks."""

    def has_cluster(self, name: str) -> bool:
        """Whether an ECS cluster is an environment's."""


class BatchRegion:
    """AWS Batch in one region.

    Args:
        region: its name.
        catalogue: queues and definitions.
        strictness: delays.
        clock: tells seconds since the epoch.
        ids: makes ids.

    Attributes:
        lock: held while anything below is asked or changed.
        scheduler: all jobs.
        invalid: names of environments that are, whatever the catalogue says.
    """

    def __init__(
        self, region: str, catalogue: Catalogue, strictness: Strictness, clock: Callable[[], float], ids: Ids
    ) -> None:
        self.region = region
        self.lock = threading.RLock()
        self.invalid: set[str] = set()
        self._catalogue = catalogue
        machines = Machines(catalogue.size_of, ids, strictness.batch_idle_seconds)
        self.scheduler = Scheduler(self._queues, machines, clock, ids, strictness.batch_stuck_seconds)
        self._listings = Listings(self.scheduler, catalogue.queue, clock, strictness.batch_listed_after_seconds)

    def answer(self, action: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Do what is due, then one of ``OPERATIONS``.

        Raises:
            Refused: AWS would refuse the request.
        """
        with self.lock:
            self.scheduler.advance()
            return OPERATIONS[action](self, request)

    def submit(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """SubmitJob."""
        queue = self._catalogue.queue(str(request.get("jobQueue", "")))
        definition = self._catalogue.definition(str(request.get("jobDefinition", "")))
        job = self.scheduler.submit(read_submission(request, queue, definition))
        return {"jobArn": shown.job_arn(self.region, job), "jobId": job.job_id, "jobName": job.submission.name}

    def describe(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """DescribeJobs: unknown ids are left out."""
        ids = request.get("jobs") or []
        if len(ids) > MOST_IDS:
            raise Refused(f"At most {MOST_IDS} jobs can be described at a time; found {len(ids)}")
        found = [self._find(str(job_id)) for job_id in dict.fromkeys(ids)]
        return {"jobs": [shown.detail(self.region, job) for job in found if job is not None]}

    def list(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """ListJobs."""
        jobs, token = self._listings.page(request)
        listed = {"jobSummaryList": [shown.summary(self.region, job) for job in jobs]}
        return listed if token is None else {**listed, "nextToken": token}

    def terminate(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """TerminateJob."""
        self.scheduler.terminate(*self._to_end(request))
        return {}

    def cancel(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """CancelJob."""
        self.scheduler.cancel(*self._to_end(request))
        return {}

    def container_instances(self, request: Mapping[str, Any]) -> dict[str, Any] | None:
        """ECS's DescribeContainerInstances; None for a cluster of none of the environments.

        Instances that are gone are answered as MISSING.
        """
        cluster = str(request.get("cluster", "default")).rpartition("/")[2]
        if not self._catalogue.has_cluster(cluster):
            return None
        asked = request.get("containerInstances") or []
        if not 1 <= len(asked) <= MOST_IDS:
            raise Refused(
                f"Expected 1 to {MOST_IDS} container instances; found {len(asked)}", "InvalidParameterException"
            )
        with self.lock:
            self.scheduler.advance()
            there = {one.arn.rpartition("/")[2]: one for one in self.scheduler.machines.all()}
            found = [(str(arn), there.get(str(arn).rpartition("/")[2])) for arn in asked]
            told = [shown.container_instance(one, self.region) for _, one in found if one is not None]
        return {
            "containerInstances": told,
            "failures": [{"arn": arn, "reason": "MISSING"} for arn, one in found if one is None],
        }

    def _queues(self) -> Iterator[Queue]:
        for queue in self._catalogue.queues():
            yield replace(queue, environments=tuple(self._as_it_is(one) for one in queue.environments))

    def _as_it_is(self, environment: Environment) -> Environment:
        return replace(environment, usable=environment.usable and environment.name not in self.invalid)

    def _find(self, job_id: str) -> Job | None:
        return self.scheduler.find(job_id.removeprefix(f"arn:aws:batch:{self.region}:{ACCOUNT_ID}:job/"))

    def _to_end(self, request: Mapping[str, Any]) -> tuple[Job, str]:
        reason = str(request.get("reason", ""))
        if not 1 <= len(reason) <= LONGEST_REASON:
            raise Refused(f"The reason must have 1 to {LONGEST_REASON} characters; found {len(reason)}")
        job = self._find(str(request.get("jobId", "")))
        if job is None:
            raise Refused(f"Job {request.get('jobId')} does not exist")
        return job, reason


OPERATIONS: Mapping[str, Callable[[BatchRegion, Mapping[str, Any]], dict[str, Any]]] = {
    "SubmitJob": BatchRegion.submit,
    "DescribeJobs": BatchRegion.describe,
    "ListJobs": BatchRegion.list,
    "TerminateJob": BatchRegion.terminate,
    "CancelJob": BatchRegion.cancel,
}
