"""What IAM is asked about for the calls to AWS Batch, and to ECS beneath it: actions, resources and condition keys.

After the "Service Authorization Reference" of both. A child of an array job has no tags, so a policy sees none of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_requests import REGION_KEY, resource_tags
from iam_policy import Request, request
from stack_site import ACCOUNT, REGION


def batch_arn(kind: str, name: str) -> str:
    """The ARN of something in AWS Batch."""
    return f"arn:aws:batch:{REGION}:{ACCOUNT}:{kind}/{name}"


def ecs_arn(kind: str, name: str) -> str:
    """The ARN of something in ECS."""
    return f"arn:aws:ecs:{REGION}:{ACCOUNT}:{kind}/{name}"


def submit_job(queue: str, definition: str, tags: Mapping[str, str]) -> list[Request]:
    """All that must be allowed for a job: the queue, the definition, and the tags of the job that is being made.

    Args:
        queue: its name.
        definition: its name, or ``name:revision``.
        tags: of the job.
    """
    keys = _tag_keys(tags)
    tag = [request("batch:TagResource", batch_arn("job", "*"), keys)] if tags else []
    touched = [("job-queue", queue), ("job-definition", definition)]
    return [*(request("batch:SubmitJob", batch_arn(*each), keys) for each in touched), *tag]


def tag_job(job: str, tags: Mapping[str, str], held: Mapping[str, str]) -> Request:
    """Giving tags to a job that holds some already."""
    return request("batch:TagResource", batch_arn("job", job), _tag_keys(tags) | resource_tags(held))


def terminate_job(job: str, held: Mapping[str, str]) -> Request:
    """Ending a job, or a child ``job:index``, that holds these tags."""
    return request("batch:TerminateJob", batch_arn("job", job), {**REGION_KEY, **resource_tags(held)})


def _tag_keys(tags: Mapping[str, str]) -> dict[str, str | Sequence[str]]:
    keys: dict[str, str | Sequence[str]] = {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    return keys | ({"aws:TagKeys": [*tags]} if tags else {}) | REGION_KEY
