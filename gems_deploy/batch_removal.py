"""Ending what AWS Batch has of a stage: jobs in the queue, the queue itself, the machines, the stack."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from gems_core.errors import DeploymentFailed
from gems_deploy.site import BATCH, Site, doing
from gems_deploy.stack import PATIENCE_SECONDS, POLL_SECONDS, read_stack, remove_stack

# All that a job can be while it waits or runs (AWS Batch user guide, "Job states"); an array's parent is PENDING with its children.
_LIVING = ("SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING")
_REPAIR = "Use an administrator's credentials, or look at the queue in the AWS console, Batch."
_REASON = "gems ended the stage's queue"


def has_batch(site: Site) -> bool:
    """Whether the stage has a stack of infra/batch.yaml, be it half made."""
    return read_stack(site, BATCH) is not None


def queued_jobs(site: Site) -> tuple[str, ...]:
    """Ids of the jobs of AWS Batch that wait or run in the stage's queue; none where there is no queue.

    Raises:
        DeploymentFailed: the queue may not be looked at.
    """
    client, queue = site.client("batch"), site.stage.job_queue
    with doing(f"listing the jobs in the queue {queue}", _REPAIR):
        if not _queue(client, queue):
            return ()
        paginator = client.get_paginator("list_jobs")
        pages = (page for status in _LIVING for page in paginator.paginate(jobQueue=queue, jobStatus=status))
        return tuple(job["jobId"] for page in pages for job in page["jobSummaryList"])


def close_queue(site: Site) -> None:
    """Let nobody submit another job, for good.

    Raises:
        DeploymentFailed: AWS refused.
    """
    client, queue = site.client("batch"), site.stage.job_queue
    with doing(f"disabling the queue {queue}", _REPAIR):
        found = _queue(client, queue)
        if found and found[0]["state"] != "DISABLED":
            client.update_job_queue(jobQueue=queue, state="DISABLED")


def end_queued_jobs(site: Site, tell: Callable[[str], None]) -> None:
    """End all jobs in the queue, and wait until they have ended.

    Raises:
        DeploymentFailed: AWS refused, or they do not end.
    """
    client, deadline = site.client("batch"), time.monotonic() + PATIENCE_SECONDS
    told: frozenset[str] = frozenset()
    while living := queued_jobs(site):
        if new := [job for job in living if job not in told]:
            tell(f"ending the jobs {', '.join(new)} of AWS Batch")
            with doing("ending the jobs of AWS Batch", _REPAIR):
                for job in new:
                    client.terminate_job(jobId=job, reason=_REASON)
            told |= frozenset(new)
        if time.monotonic() > deadline:
            raise DeploymentFailed(
                f"AWS Batch: expected the jobs {', '.join(living)} to end, found them going on. {_REPAIR}"
            )
        time.sleep(POLL_SECONDS)


def remove_batch(site: Site, tell: Callable[[str], None]) -> None:
    """Remove queue, machines, roles and rights. CloudFormation takes the queue first, then its environments, then their role.

    Raises:
        DeploymentFailed: AWS refused, or something of it cannot be removed.
    """
    tell(f"removing the stack {site.stage.stack_of(BATCH)}: the queue, its compute environments and their machines")
    close_queue(site)
    remove_stack(site, BATCH)


def _queue(client: Any, name: str) -> list[dict[str, Any]]:  # noqa: ANN401 - of boto3
    found: list[dict[str, Any]] = client.describe_job_queues(jobQueues=[name])["jobQueues"]
    return found
