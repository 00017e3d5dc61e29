"""AWS Batch behind the Fleet protocol: a launch is one job, a plain one or an array, and its children are the workers.

SubmitJob knows no client token. So a launch has a name, and is looked up by it before it is submitted: repeated, also
when the Lambda died in between, it is one job.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from gems_api.aws.batch.hosts import Hosts
from gems_api.aws.batch.listing import FINAL, Listing
from gems_api.aws.batch.names import fit_tags, name_of_jobs, name_of_launch, share_of
from gems_api.aws.errors import code_of, message_of, refused, refusing
from gems_api.services.fleet_ports import Host, Instance, Launch, Launched, LaunchOutcome, LaunchUnanswered, Refusal
from gems_api.services.ports import Clock
from gems_api.settings import Settings
from gems_core import tags as words
from gems_core.batch_ids import child_of, worker_of
from gems_core.errors import CloudRefused
from userdata import variables

if TYPE_CHECKING:
    from mypy_boto3_batch.client import BatchClient
    from mypy_boto3_batch.type_defs import JobDetailTypeDef
    from mypy_boto3_ecs.client import ECSClient

# AWS Batch user guide, "Service quotas": an array job has at most 10,000 children, and at least two.
MOST_WORKERS = 10_000
# A timeout may not be shorter (AWS Batch API reference, JobTimeout).
LEAST_TIMEOUT_SECONDS = 60
# Nothing says whether a job was made when AWS Batch itself is at fault.
_FAULT = "ServerException"
_TERMINATED = "GeMS ended it: its work is done, or nobody wants it any more"


class BatchFleet:
    """Submits, lists and terminates one deployment's workers.

    Args:
        client: repeats what is throttled.
        submitter: a client that repeats nothing, for a repeated SubmitJob makes a second job.
        ecs: makes a client of ECS.
        settings: where to submit what.
        clock: tells the time.
    """

    def __init__(
        self,
        client: BatchClient,
        submitter: BatchClient,
        ecs: Callable[[], ECSClient],
        settings: Settings,
        clock: Clock = lambda: datetime.now(UTC),
    ) -> None:
        self._clock = clock
        self._client = client
        self._submitter = submitter
        self._settings = settings
        self._listing = Listing(client, settings.batch_queue)
        self._hosts = Hosts(client, ecs)

    def launch(self, launch: Launch) -> LaunchOutcome:
        """See Fleet. All workers of a launch are one job, or none."""
        request = self._request(launch)
        try:
            earlier = [job for job in self._listing.named(request["jobName"]) if self._is_ours(job)]
        except (ClientError, BotoCoreError) as error:
            raise LaunchUnanswered(f"AWS Batch does not say whether it has {request['jobName']}: {error}") from error
        # A name that merely begins so is that of another launch.
        known = next((job["jobId"] for job in earlier if job["jobName"] == request["jobName"]), None)
        try:
            job_id = known or self._submitter.submit_job(**request)["jobId"]
        except ParamValidationError as error:
            raise CloudRefused(f"the launch is not a valid request to AWS Batch: {error}") from error
        except BotoCoreError as error:
            raise LaunchUnanswered(f"AWS Batch did not answer a launch of {launch.count} workers: {error}") from error
        except ClientError as error:
            if code_of(error) == _FAULT:
                raise LaunchUnanswered(f"AWS Batch failed at a launch: {message_of(error)}") from error
            return LaunchOutcome(refusals=(Refusal(code_of(error), message_of(error)),))
        names = [job_id] if launch.count == 1 else [f"{job_id}:{index}" for index in range(launch.count)]
        return LaunchOutcome(tuple(Launched(worker_of(name), index, "", "") for index, name in enumerate(names)))

    def _request(self, launch: Launch) -> Any:  # noqa: ANN401 - the array is there or not
        if not 1 <= launch.count <= MOST_WORKERS:
            raise CloudRefused(f"count: expected 1 to {MOST_WORKERS} workers, found {launch.count}")
        try:
            environment = variables(launch.bootstrap)
        except ValueError as error:
            raise CloudRefused(str(error)) from error
        # Until the worker's own limit: GeMS's reaper ends it before, and a queue is not in this time.
        seconds = max(launch.bootstrap.dead_man_seconds, LEAST_TIMEOUT_SECONDS)
        return {
            "jobName": name_of_launch(launch.tags),
            "jobQueue": self._settings.batch_queue,
            "jobDefinition": self._settings.batch_job_definition,
            **({"arrayProperties": {"size": launch.count}} if launch.count > 1 else {}),
            "shareIdentifier": share_of(launch.tags),
            "containerOverrides": {
                "environment": [{"name": name, "value": value} for name, value in sorted(environment.items())]
            },
            "timeout": {"attemptDurationSeconds": seconds},
            "tags": fit_tags(launch.tags),
            "propagateTags": True,
        }

    def sweep(self, now: datetime) -> list[str]:  # noqa: ARG002 - nothing is left beside jobs
        """See Fleet."""
        return []

    def instances(self, session_key: str | None = None) -> list[Instance]:
        """See Fleet."""
        with refusing("AWS Batch ListJobs"):
            if session_key is None:
                now = self._clock()
                horizon = timedelta(seconds=self._settings.job_limit_seconds) + timedelta(days=1)
                jobs = self._listing.recent(now - horizon, now)
            else:
                jobs = self._listing.named(name_of_jobs(self._settings.control_bucket, session_key))
            return self._listing.workers_of([job for job in jobs if self._is_ours(job)])

    def _is_ours(self, job: JobDetailTypeDef) -> bool:
        tags = job.get("tags", {})
        return tags.get(words.CONTROL_BUCKET) == self._settings.control_bucket and words.SESSION_KEY in tags

    def instance(self, instance_id: str) -> Instance | None:
        """See Fleet. A child's tags are its parent's."""
        child = child_of(instance_id)
        if child is None:
            return None
        parent = child.partition(":")[0]
        with refusing("AWS Batch DescribeJobs"):
            known = {job["jobId"]: job for job in self._listing.described(dict.fromkeys([child, parent]))}
        if child not in known or parent not in known:
            return None
        return self._listing.workers({**known[child], "arrayProperties": {}, "tags": known[parent].get("tags", {})})[0]

    def hosts(self, instance_ids: Sequence[str]) -> Mapping[str, Host]:
        """See Fleet."""
        children = {child_of(instance_id): instance_id for instance_id in instance_ids}
        with refusing("AWS Batch and ECS, asked what workers run on,"):
            found = self._hosts.of(self._listing.described(child for child in children if child is not None))
        return {children[child]: host for child, host in found.items()}

    def tag(self, instance_ids: Sequence[str], tags: Mapping[str, str]) -> None:
        """See Fleet. Children have no tags of their own, and their array says nothing of one of them: nothing is done."""

    def terminate(self, instance_ids: Sequence[str]) -> None:
        """See Fleet. One call ends an array of which nobody is to live on; a worker that still waits is taken out of the queue."""
        asked: dict[str, set[str]] = defaultdict(set)
        for child in filter(None, map(child_of, instance_ids)):
            asked[child.partition(":")[0]].add(child)
        kept: list[str] = []
        last: Exception | None = None
        for job in self._described_for_ending(asked):
            for target in self._targets(job, asked[job["jobId"]]):
                try:
                    self._client.terminate_job(jobId=target, reason=_TERMINATED)
                except (ClientError, BotoCoreError) as error:
                    last, kept = error, [*kept, target]
        if last is not None:
            raise refused(f"AWS Batch TerminateJob of {len(kept)} jobs ({', '.join(kept[:3])})", last) from last

    def _described_for_ending(self, asked: Mapping[str, set[str]]) -> list[JobDetailTypeDef]:
        with refusing("AWS Batch DescribeJobs"):
            return [job for job in self._listing.described(asked) if job["status"] not in FINAL]

    def _targets(self, job: JobDetailTypeDef, asked: set[str]) -> list[str]:
        """What to end: the job, if all that live of it are asked for, else those that are."""
        if job["jobId"] in asked:
            return [job["jobId"]]
        with refusing("AWS Batch ListJobs"):
            living = self._listing.living_children(job)
        return [job["jobId"]] if asked.issuperset(living) else [child for child in living if child in asked]
