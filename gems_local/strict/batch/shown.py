"""Jobs as DescribeJobs and ListJobs tell them (API reference, JobDetail and JobSummary)."""

from __future__ import annotations

from typing import Any

from gems_local.settings import ACCOUNT_ID
from gems_local.strict.batch.model import Attempt, Job, Machine, Retry, Size, Status, Submission

_NAMES = {"onStatusReason": "on_status_reason", "onReason": "on_reason", "onExitCode": "on_exit_code"}


def job_arn(region: str, job: Job) -> str:
    """Its ARN."""
    return f"arn:aws:batch:{region}:{ACCOUNT_ID}:job/{job.job_id}"


def summary(region: str, job: Job) -> dict[str, Any]:
    """Of ListJobs."""
    last = job.attempts[-1] if job.attempts else None
    ended = {"exitCode": last.exit_code, "reason": last.reason} if last is not None else {}
    return _told(
        **_common(region, job),
        jobDefinition=job.submission.definition.arn,
        container=_told(**ended) or None,
        arrayProperties=_array(job),
    )


def detail(region: str, job: Job) -> dict[str, Any]:
    """Of DescribeJobs."""
    submission = job.submission
    return _told(
        **_common(region, job),
        jobQueue=submission.queue_arn,
        jobDefinition=submission.definition.arn,
        schedulingPriority=submission.priority if submission.share else None,
        parameters={},
        dependsOn=[],
        attempts=[_attempt(one) for one in job.attempts],
        retryStrategy=_retry(submission.retry),
        timeout=_told(attemptDurationSeconds=submission.timeout_seconds) or None,
        container=_container(job),
        arrayProperties=_array(job),
        # A child has no tags of its own.
        tags=dict(submission.tags) if job.parent is None else {},
        propagateTags=submission.propagate_tags,
        platformCapabilities=["EC2"],
    )


def _common(region: str, job: Job) -> dict[str, Any]:
    return {
        "jobArn": job_arn(region, job),
        "jobId": job.job_id,
        "jobName": job.submission.name,
        "status": job.status.value,
        "statusReason": job.status_reason,
        "shareIdentifier": job.submission.share or None,
        "createdAt": _milliseconds(job.created_at),
        "startedAt": _milliseconds(job.started_at),
        "stoppedAt": _milliseconds(job.stopped_at),
        "isTerminated": job.terminated,
        "isCancelled": job.cancelled,
    }


def _array(job: Job) -> dict[str, Any] | None:
    if job.index is not None:
        return {"index": job.index}
    if not job.children:
        return None
    # As AWS, with every status, those of nobody too.
    counted = {status.value: job.counts[status] for status in Status}
    return {"size": len(job.children), "statusSummary": counted}


def _container(job: Job) -> dict[str, Any]:
    submission, task, last = job.submission, job.task, job.attempts[-1] if job.attempts else None
    where: dict[str, Any] = {}
    if task is not None:
        where = {"taskArn": task.arn, "containerInstanceArn": task.machine.arn, "logStreamName": task.log_stream}
    elif last is not None:
        where = _placed(last)
    return _told(
        image=submission.definition.container.get("image"),
        command=list(submission.command),
        jobRoleArn=submission.definition.container.get("jobRoleArn"),
        executionRoleArn=submission.definition.container.get("executionRoleArn"),
        environment=environment_pairs(submission),
        resourceRequirements=[
            {"type": "VCPU", "value": str(submission.needs.vcpus)},
            {"type": "MEMORY", "value": str(submission.needs.memory_mib)},
        ],
        volumes=[],
        mountPoints=[],
        ulimits=[],
        networkInterfaces=[],
        secrets=[],
        **where,
    )


def environment_pairs(submission: Submission) -> list[dict[str, str]]:
    """The variables of a container, as lists of AWS have them."""
    return [{"name": name, "value": value} for name, value in submission.environment.items()]


def _placed(attempt: Attempt) -> dict[str, Any]:
    return _told(
        taskArn=attempt.task_arn,
        containerInstanceArn=attempt.instance_arn,
        logStreamName=attempt.log_stream,
        exitCode=attempt.exit_code,
        reason=attempt.reason,
    )


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return _told(
        container={**_placed(attempt), "networkInterfaces": []},
        startedAt=_milliseconds(attempt.started_at),
        stoppedAt=_milliseconds(attempt.stopped_at),
        statusReason=attempt.status_reason,
    )


def _retry(retry: Retry) -> dict[str, Any]:
    rules = [
        {
            **_told(**{name: getattr(rule, own) for name, own in _NAMES.items()}),
            "action": "RETRY" if rule.retry else "EXIT",
        }
        for rule in retry.rules
    ]
    return {"attempts": retry.attempts, "evaluateOnExit": rules}


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else int(seconds * 1000)


def _told(**members: object) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def container_instance(machine: Machine, region: str) -> dict[str, Any]:
    """An instance as ECS tells it."""
    running = sum(task.running_since is not None for task in machine.tasks.values())
    attributes = {"ecs.instance-type": machine.instance_type, "ecs.availability-zone": f"{region}a"}
    return {
        "containerInstanceArn": machine.arn,
        "ec2InstanceId": machine.instance_id,
        "status": "ACTIVE",
        "agentConnected": True,
        "runningTasksCount": running,
        "pendingTasksCount": len(machine.tasks) - running,
        "registeredResources": _resources(machine.size),
        "remainingResources": _resources(machine.free),
        "attributes": [{"name": name, "value": value} for name, value in attributes.items()],
    }


def _resources(size: Size) -> list[dict[str, Any]]:
    # ECS counts a vCPU as 1,024.
    return [
        {"name": "CPU", "type": "INTEGER", "integerValue": size.vcpus * 1024},
        {"name": "MEMORY", "type": "INTEGER", "integerValue": size.memory_mib},
    ]
