"""Calls to an engine that no role of a stage with this engine may make, each close to one that some role may."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from guarded_cloud import Guarded, subnet_of

from gems_core import tags
from gems_core.engines import BATCH, EC2
from gems_local.settings import (
    BATCH_JOB_DEFINITION,
    BATCH_QUEUE,
    CONTROL_BUCKET,
    INSTANCE_TYPE,
    LAUNCH_TEMPLATE,
    REGION,
)

CODES = {"ec2": "UnauthorizedOperation", "batch": "AccessDeniedException"}
OURS = {tags.CONTROL_BUCKET: CONTROL_BUCKET, tags.SESSION_KEY: "k"}
ANOTHERS = {tags.CONTROL_BUCKET: "another"}


@dataclass(frozen=True)
class Forbidden:
    """A call of boto3's.

    Attributes:
        role: the short name of who makes it.
        service: whose it is.
    """

    role: str
    service: str
    operation: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


def forbidden(guarded: Guarded) -> Iterator[Forbidden]:
    """What is refused with the cloud's engine, and a launch by the other one."""
    return {EC2: _of_ec2, BATCH: _of_batch}[guarded.engine](guarded)


def _of_ec2(guarded: Guarded) -> Iterator[Forbidden]:
    foreign, launch = _foreign_instance(guarded), _launch(guarded)
    ours = [{"Key": tags.CONTROL_BUCKET, "Value": CONTROL_BUCKET}]
    for role in ("api", "worker", "job"):
        yield Forbidden(role, "ec2", "terminate_instances", {"InstanceIds": [foreign]})
        yield Forbidden(role, "ec2", "run_instances", launch)
        yield Forbidden(role, "batch", "submit_job", _submission())
    yield Forbidden("api", "ec2", "create_tags", {"Resources": [foreign], "Tags": ours})
    yield Forbidden("api", "ec2", "run_instances", {**launch, "IamInstanceProfile": {"Name": "admin"}})


def _of_batch(guarded: Guarded) -> Iterator[Forbidden]:
    foreign, submission = _foreign_job(guarded), _submission()
    ours = [{"Key": key, "Value": value} for key, value in OURS.items()]
    tagged = [{"ResourceType": kind, "Tags": ours} for kind in ("instance", "volume")]
    for role in ("api", "worker", "job"):
        yield Forbidden(role, "batch", "terminate_job", {"jobId": foreign, "reason": "not ours"})
        yield Forbidden(role, "batch", "submit_job", {**submission, "tags": {}})
        yield Forbidden(role, "ec2", "run_instances", {**_launch(guarded), "TagSpecifications": tagged})
    arn = guarded.site.cloud.aws.batch().describe_jobs(jobs=[foreign])["jobs"][0]["jobArn"]
    yield Forbidden("api", "batch", "tag_resource", {"resourceArn": arn, "tags": OURS})
    for other in (
        {"jobQueue": "payroll"},
        {"jobDefinition": "payroll"},
        {"jobDefinition": f"arn:aws:batch:{REGION}:999999999999:job-definition/{BATCH_JOB_DEFINITION}:1"},
        {"tags": ANOTHERS},
        {"containerOverrides": {"command": ["true"]}},
    ):
        yield Forbidden("api", "batch", "submit_job", {**submission, **other})
    for role in ("worker", "job"):
        yield Forbidden(role, "batch", "submit_job", submission)
        yield Forbidden(role, "batch", "list_jobs", {"jobQueue": BATCH_QUEUE})


def _foreign_instance(guarded: Guarded) -> str:
    """An instance in the account that is not one of GeMS's."""
    ec2 = guarded.site.ec2
    image = ec2.describe_images(Owners=["self"])["Images"][0]["ImageId"]
    made = ec2.run_instances(MinCount=1, MaxCount=1, ImageId=image)["Instances"][0]["InstanceId"]
    ec2.terminate_instances(InstanceIds=[made])
    return str(made)


def _foreign_job(guarded: Guarded) -> str:
    """A job in the account's queue that is another deployment's."""
    batch = guarded.site.cloud.aws.batch()
    theirs = {**_submission(), "tags": ANOTHERS, "containerOverrides": {"command": ["true"]}}
    made = batch.submit_job(**theirs)["jobId"]
    batch.terminate_job(jobId=made, reason="it is there, and that is all")
    return str(made)


def _launch(guarded: Guarded) -> dict[str, Any]:
    """GeMS's launch without its tags."""
    return {
        "MinCount": 1, "MaxCount": 1, "LaunchTemplate": {"LaunchTemplateName": LAUNCH_TEMPLATE}, "InstanceType": INSTANCE_TYPE,
        "SubnetId": subnet_of(guarded.site.cloud),
    }  # fmt: skip


def _submission() -> dict[str, Any]:
    """GeMS's job."""
    return {
        "jobName": "gems-k", "jobQueue": BATCH_QUEUE, "jobDefinition": BATCH_JOB_DEFINITION, "shareIdentifier": "lab",
        "tags": OURS,
    }  # fmt: skip
