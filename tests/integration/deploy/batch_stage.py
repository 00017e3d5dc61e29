"""The deployed stage while AWS Batch places its workers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from batch_cloudformation import SERVICE_ROLE
from cloud_account import ACCOUNT, REGION, client
from deployment import Deployment
from moto.batch.models import batch_backends

from gems_deploy.parameters import Wishes

IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/gems-worker:1"
QUEUE = "gems-dev"


def wishes(deployed: Deployment, **asked: Any) -> Wishes:
    """All lists are named: moto cannot take up a list that the stack has."""
    outputs = deployed.outputs()
    lists = {
        "data_buckets": tuple(arn.rpartition(":")[2] for arn in outputs["DataBucketArns"].split(",")),
        "subnets": tuple(outputs["Subnets"].split(",")),
        "instance_types": tuple(outputs["InstanceTypes"].split(",")),
    }
    return Wishes(**(lists | asked))


def move_to_batch(deployed: Deployment, **asked: Any) -> list[str]:
    """Have AWS Batch place the stage's workers; what was told."""
    return deployed.deploy(deployed.run(wishes(deployed, engine="batch", **({"worker_image": IMAGE} | asked))))


def move_to_ec2(deployed: Deployment) -> list[str]:
    return deployed.deploy(deployed.run(wishes(deployed, engine="ec2")))


@dataclass
class Waiting:
    """A job that waits in the queue; moto's own would have ended at once."""

    job_id: str = str(UUID(int=1))
    status: str = "RUNNABLE"
    reasons: list[str] = field(default_factory=list)

    def describe_short(self) -> dict[str, Any]:
        return {"jobId": self.job_id, "jobName": "gems-0-0-0", "status": self.status}

    def terminate(self, reason: str) -> None:
        self.status = "FAILED"
        self.reasons.append(reason)


def submit() -> Waiting:
    """Put a job into the stage's queue."""
    backend, job = batch_backends[ACCOUNT][REGION], Waiting()
    queue = backend.get_job_queue(QUEUE)
    assert queue is not None
    queue.jobs.append(job)  # type: ignore[arg-type]
    backend._jobs[job.job_id] = job  # type: ignore[assignment]
    return job


def left_of_batch() -> list[str]:
    """Everything of AWS Batch, and of its stack, that the account has."""
    batch, iam = client("batch"), client("iam")
    roles = [role["RoleName"] for role in iam.list_roles()["Roles"]]
    definitions = batch.describe_job_definitions(status="ACTIVE")["jobDefinitions"]
    found = [
        *(one["jobQueueName"] for one in batch.describe_job_queues()["jobQueues"]),
        *(one["computeEnvironmentName"] for one in batch.describe_compute_environments()["computeEnvironments"]),
        *(one["arn"] for one in batch.list_scheduling_policies()["schedulingPolicies"]),
        *(one["jobDefinitionName"] for one in definitions),
        *(role for role in roles if role in ("gems-dev-instance", "gems-dev-execution")),
        *(one["LaunchTemplateName"] for one in client("ec2").describe_launch_templates()["LaunchTemplates"] if one["LaunchTemplateName"] == "gems-dev-batch"),
    ]  # fmt: skip
    assert SERVICE_ROLE not in found  # the account's, not the stage's
    return found
