"""What AWS Batch tells of jobs and their children, as instances.

A listing by status shows a hundred children a call, so those that wait are not listed: they are what is left of an array
when all others are known. Who moves on meanwhile is taken to wait for one tick more, which ends nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from gems_api.services.fleet_ports import Instance
from gems_core.batch_ids import worker_of

if TYPE_CHECKING:
    from mypy_boto3_batch.client import BatchClient
    from mypy_boto3_batch.literals import JobStatusType
    from mypy_boto3_batch.type_defs import JobDetailTypeDef, JobSummaryTypeDef

# DescribeJobs takes a hundred ids, ListJobs gives a hundred a page (AWS Batch API reference).
MOST_DESCRIBED = 100
WAITING: tuple[JobStatusType, ...] = ("SUBMITTED", "PENDING", "RUNNABLE")
LIVING: tuple[JobStatusType, ...] = (*WAITING, "STARTING", "RUNNING")
FINAL: tuple[JobStatusType, ...] = ("SUCCEEDED", "FAILED")
# So many launches are asked about at once: AWS Batch admits some 50 calls a second.
_AT_ONCE = 4
# EC2 shows a terminated instance for an hour, too.
_SHOWN_AFTER_END = timedelta(hours=1)
_STATES = {"STARTING": "pending", "RUNNING": "running", "SUCCEEDED": "terminated", "FAILED": "terminated"}


class Listing:
    """Reads jobs of one queue."""

    def __init__(self, client: BatchClient, queue: str) -> None:
        self._client = client
        self._queue = queue

    def named(self, beginning: str) -> list[JobDetailTypeDef]:
        """All jobs whose names begin so, ended ones too."""
        summaries = self._pages(jobQueue=self._queue, filters=[{"name": "JOB_NAME", "values": [f"{beginning}*"]}])
        return self.described(item["jobId"] for item in summaries if item["jobName"].startswith(beginning))

    def recent(self, oldest: datetime, now: datetime) -> list[JobDetailTypeDef]:
        """Jobs that live, and those that were made after ``oldest`` and ended within the hour."""
        after = {"name": "AFTER_CREATED_AT", "values": [str(int(oldest.timestamp() * 1000))]}
        living = [item["jobId"] for status in LIVING for item in self._pages(jobQueue=self._queue, jobStatus=status)]
        ended = [
            item["jobId"]
            for item in self._pages(jobQueue=self._queue, filters=[after])
            if now - _moment(item.get("stoppedAt", 0)) < _SHOWN_AFTER_END
        ]
        return self.described(dict.fromkeys([*living, *ended]))

    def described(self, job_ids: Iterable[str]) -> list[JobDetailTypeDef]:
        """What AWS Batch knows of jobs or children; of those that it does not know, nothing."""
        asked = list(job_ids)
        parts = [asked[start : start + MOST_DESCRIBED] for start in range(0, len(asked), MOST_DESCRIBED)]
        return [job for part in parts for job in self._client.describe_jobs(jobs=part)["jobs"]]

    def workers_of(self, jobs: Sequence[JobDetailTypeDef]) -> list[Instance]:
        """The workers of many launches."""
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            return [worker for workers in threads.map(self.workers, jobs) for worker in workers]

    def workers(self, job: JobDetailTypeDef) -> list[Instance]:
        """The workers of one launch: a plain job itself, or the children of an array."""
        tags = job.get("tags", {})
        size = job.get("arrayProperties", {}).get("size")
        if size is None:
            return [_instance(job, tags)]
        return list(self._children(job, size, tags).values())

    def living_children(self, job: JobDetailTypeDef) -> list[str]:
        """The ids of an array's children that have not ended."""
        size = job.get("arrayProperties", {}).get("size") or 0
        ended = {item["jobId"] for status in FINAL for item in self._of_status(job, status)}
        return [child for child in (f"{job['jobId']}:{index}" for index in range(size)) if child not in ended]

    def _children(self, job: JobDetailTypeDef, size: int, tags: Mapping[str, str]) -> dict[str, Instance]:
        waits = _instance({**job, "status": "RUNNABLE"}, tags)
        children = {
            worker_of(f"{job['jobId']}:{index}"): replace(waits, instance_id=worker_of(f"{job['jobId']}:{index}"))
            for index in range(size)
        }
        statuses: list[JobStatusType] = ["STARTING", "RUNNING", "SUCCEEDED", "FAILED"]
        for summary in (item for status in statuses for item in self._of_status(job, status)):
            instance = _instance(summary, tags)
            children[instance.instance_id] = instance
        # Only the head of the queue is told why it waits, and nobody asks while others of the job run.
        runs = any(not child.queued and not child.is_gone for child in children.values())
        for summary in () if runs else self._of_status(job, "RUNNABLE", first_page=True):
            name = worker_of(summary["jobId"])
            if summary.get("statusReason") and children[name].queued:
                children[name] = replace(children[name], state_reason=summary["statusReason"])
        return children

    def _of_status(
        self, job: JobDetailTypeDef, status: JobStatusType, *, first_page: bool = False
    ) -> Iterator[JobSummaryTypeDef]:
        """The children of a status, asked for only if there are any."""
        if not job.get("arrayProperties", {}).get("statusSummary", {}).get(status):
            return
        if first_page:
            yield from self._client.list_jobs(arrayJobId=job["jobId"], jobStatus=status)["jobSummaryList"]
        else:
            yield from self._pages(arrayJobId=job["jobId"], jobStatus=status)

    def _pages(self, **query: Any) -> Iterator[JobSummaryTypeDef]:  # noqa: ANN401 - boto3 types each parameter
        for page in self._client.get_paginator("list_jobs").paginate(**query):
            yield from page["jobSummaryList"]


def _instance(job: JobDetailTypeDef | JobSummaryTypeDef | Mapping[str, Any], tags: Mapping[str, str]) -> Instance:
    """A job or a child, whole or from a listing."""
    status: str = job["status"]
    began = None if status in (*WAITING, "STARTING") else job.get("startedAt")
    return Instance(
        worker_of(job["jobId"]),
        _STATES.get(status, "pending"),
        _moment(began or job["createdAt"]),
        tags,
        market="",
        state_reason=_reason(job) if status != "SUCCEEDED" else "",
        queued=not began,
    )


def _reason(job: Mapping[str, Any]) -> str:
    """AWS Batch's words, and the container's behind them. A shared kill has its reason in the container alone."""
    words = [job.get("statusReason", ""), job.get("container", {}).get("reason", "")]
    return "; ".join(dict.fromkeys(word.strip() for word in words if word.strip()))


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
