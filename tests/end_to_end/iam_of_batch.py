"""What AWS Batch asks IAM about a request, and ECS beneath it, read from the request and from the job that it names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_requests import REGION_KEY
from batch_requests import batch_arn, ecs_arn, submit_job, tag_job, terminate_job
from iam_of_ec2 import Unread
from iam_policy import Request, request

_SEEN = {
    "/v1/describecomputeenvironments": "DescribeComputeEnvironments",
    "/v1/describejobs": "DescribeJobs",
    "/v1/listjobs": "ListJobs",
}
_TAGS = "/v1/tags/"
# The policies say nothing of what else a job could put in its definition's place, so no job of GeMS's has it.
_SUBMITTED = {
    "arrayProperties", "containerOverrides", "jobDefinition", "jobName", "jobQueue", "propagateTags", "shareIdentifier",
    "tags", "timeout",
}  # fmt: skip
_OVERRIDDEN = {"environment"}


def asked_by_batch(batch: Any, path: str, call: Mapping[str, Any]) -> list[Request]:
    """All that must be allowed for a request.

    Args:
        batch: a client that no guard stands before.
        path: of the request, unquoted.
        call: its body.

    Raises:
        Unread: it cannot be told from the request.
    """
    if path in _SEEN:
        return [request(f"batch:{_SEEN[path]}", "*", REGION_KEY)]
    if path == "/v1/submitjob":
        return _submit(batch, call)
    if path == "/v1/terminatejob":
        return [terminate_job(call["jobId"], _tags_of(batch, call["jobId"]))]
    kind, _, name = path.removeprefix(_TAGS).rpartition(":")[2].partition("/")
    if path.startswith(_TAGS) and kind == "job":
        return [tag_job(name, call["tags"], _tags_of(batch, name))]
    raise Unread(f"{path} of AWS Batch")


def asked_by_ecs(action: str, call: Mapping[str, Any]) -> list[Request]:
    """The same for a request to ECS; machines are named by ARN, or by id in a cluster.

    Raises:
        Unread: it cannot be told from the request.
    """
    if action != "DescribeContainerInstances":
        raise Unread(f"{action} of ECS")
    cluster = call["cluster"].rpartition("/")[2]
    ids = [name.rpartition("/")[2] for name in call["containerInstances"]]
    arns = [ecs_arn("container-instance", f"{cluster}/{one}") for one in ids]
    if foreign := [name for name in call["containerInstances"] if "/" in name and name not in arns]:
        raise Unread(f"machines outside the cluster {cluster}: {foreign}")
    return [request("ecs:DescribeContainerInstances", arn, REGION_KEY) for arn in arns]


def _submit(batch: Any, call: Mapping[str, Any]) -> list[Request]:
    unread = set(call) - _SUBMITTED | set(call.get("containerOverrides", {})) - _OVERRIDDEN
    if unread:
        raise Unread(f"a job with {sorted(unread)}")
    queue, named = _name("job-queue", call["jobQueue"]), _name("job-definition", call["jobDefinition"])
    tags = call.get("tags", {})
    # AWS's reference has an ARN with the revision and one without; a job by name alone must be let by both.
    return [asked for definition in {named, _revision(batch, named)} for asked in submit_job(queue, definition, tags)]


def _name(kind: str, name_or_arn: str) -> str:
    beginning = batch_arn(kind, "")
    if name_or_arn.startswith("arn:") and not name_or_arn.startswith(beginning):
        raise Unread(f"{name_or_arn}, which is no {kind} of this account and region")
    return name_or_arn.removeprefix(beginning)


def _revision(batch: Any, definition: str) -> str:
    """The definition with the revision that a job by this name gets; the name itself where there is none."""
    if ":" in definition:
        return definition
    found = batch.describe_job_definitions(jobDefinitionName=definition, status="ACTIVE")["jobDefinitions"]
    return f"{definition}:{max(one['revision'] for one in found)}" if found else definition


def _tags_of(batch: Any, job: str) -> dict[str, str]:
    """A job's own; a child has none, whatever its array has."""
    if ":" in job:
        return {}
    found = batch.describe_jobs(jobs=[job])["jobs"]
    return dict(found[0].get("tags", {})) if found else {}
