"""Puts into the local AWS what a deployment with AWS Batch would find: environment, queue, policy and job definition."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import userdata
from gems_local.aws import LocalAws
from gems_local.settings import (
    ACCOUNT_ID,
    BATCH_ENVIRONMENT,
    BATCH_IMAGE,
    BATCH_JOB_DEFINITION,
    BATCH_QUEUE,
    BATCH_ROLE,
    INSTANCE_TYPE,
    WORKER_LOGS,
    WORKER_ROLE_ARN,
)
from gems_local.strict.batch.moto_batch import size_of

if TYPE_CHECKING:
    from mypy_boto3_batch.type_defs import RetryStrategyTypeDef

# A job takes a little less than its machine has, as in AWS.
SPARE_MIB = 256
# A machine that goes takes nobody's work with it; whatever else ends an attempt is the API's matter.
RETRY: RetryStrategyTypeDef = {
    "attempts": 3,
    "evaluateOnExit": [{"onStatusReason": "Host EC2*", "action": "RETRY"}, {"onReason": "*", "action": "EXIT"}],
}


def seed_batch(aws: LocalAws, subnet_id: str, workers: int) -> None:
    """Make them.

    Args:
        aws: the local AWS.
        subnet_id: of the machines.
        workers: how many tasks run at once; others wait.
    """
    size = size_of(INSTANCE_TYPE)
    _roles(aws)
    batch = aws.batch()
    groups = aws.ec2().describe_security_groups()["SecurityGroups"]
    batch.create_compute_environment(
        computeEnvironmentName=BATCH_ENVIRONMENT,
        type="MANAGED",
        state="ENABLED",
        serviceRole=f"arn:aws:iam::{ACCOUNT_ID}:role/{BATCH_ROLE}",
        computeResources={
            "type": "EC2",
            "allocationStrategy": "BEST_FIT_PROGRESSIVE",
            "minvCpus": 0,
            "maxvCpus": workers * size.vcpus,
            "instanceTypes": [INSTANCE_TYPE],
            "subnets": [subnet_id],
            "securityGroupIds": [groups[0]["GroupId"]],
            "instanceRole": BATCH_ROLE,
        },
    )
    policy = batch.create_scheduling_policy(name=BATCH_QUEUE, fairsharePolicy={"shareDistribution": []})
    batch.create_job_queue(
        jobQueueName=BATCH_QUEUE,
        state="ENABLED",
        priority=1,
        schedulingPolicyArn=policy["arn"],
        computeEnvironmentOrder=[{"order": 1, "computeEnvironment": BATCH_ENVIRONMENT}],
    )
    batch.register_job_definition(
        jobDefinitionName=BATCH_JOB_DEFINITION,
        type="container",
        schedulingPriority=0,
        propagateTags=True,
        retryStrategy=RETRY,
        containerProperties={
            "image": BATCH_IMAGE,
            "command": ["bash", str(Path(userdata.__file__).with_name("bootstrap.sh"))],
            "jobRoleArn": WORKER_ROLE_ARN,
            "resourceRequirements": [
                {"type": "VCPU", "value": str(size.vcpus)},
                {"type": "MEMORY", "value": str(size.memory_mib - SPARE_MIB)},
            ],
            "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": WORKER_LOGS}},
        },
    )


def _roles(aws: LocalAws) -> None:
    """Of the service and of its machines; infra tells what each may do."""
    iam = aws.iam()
    iam.create_role(RoleName=BATCH_ROLE, AssumeRolePolicyDocument="{}")
    iam.create_instance_profile(InstanceProfileName=BATCH_ROLE)
    iam.add_role_to_instance_profile(InstanceProfileName=BATCH_ROLE, RoleName=BATCH_ROLE)
