"""Puts into an empty local AWS what a deployment would find: buckets, credentials, network, role, sender."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from gems_deploy.vault import Vault
from gems_local.aws import LocalAws
from gems_local.settings import (
    ACCOUNT_ID,
    CONTROL_BUCKET,
    CREDENTIAL_KEY,
    CREDENTIAL_TABLE,
    DATA_BUCKET,
    JOB_ROLE,
    LAUNCH_TEMPLATE,
    REGION,
    SENDER,
    WORKER_LOGS,
    WORKER_ROLE,
    Seeded,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


def seed(aws: LocalAws, secrets: Mapping[str, str]) -> Seeded:
    """Fill the local AWS.

    Args:
        aws: an empty one.
        secrets: credential name to value, put into CredStash.
    """
    # Each service loads its data at its first call, which is most of the time: let them load side by side.
    with ThreadPoolExecutor() as pool:
        network = pool.submit(_network, aws)
        others = [pool.submit(task) for task in (lambda: _buckets(aws), lambda: _roles(aws), lambda: _sender(aws))]
        others += [pool.submit(_credentials, aws, secrets), pool.submit(_logs, aws)]
        for other in others:
            other.result()
        return Seeded(network.result())


def _buckets(aws: LocalAws) -> None:
    s3 = aws.s3()
    for bucket in (CONTROL_BUCKET, DATA_BUCKET):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})


def _credentials(aws: LocalAws, secrets: Mapping[str, str]) -> None:
    kms, dynamodb = aws.kms(), aws.dynamodb()
    key_id = kms.create_key(Description="credstash")["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=CREDENTIAL_KEY, TargetKeyId=key_id)
    # The table of `credstash setup`, whose own function knows no endpoint.
    dynamodb.create_table(
        TableName=CREDENTIAL_TABLE,
        KeySchema=[{"AttributeName": "name", "KeyType": "HASH"}, {"AttributeName": "version", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "name", "AttributeType": "S"},
            {"AttributeName": "version", "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    vault = Vault(dynamodb, kms, CREDENTIAL_TABLE, CREDENTIAL_KEY)
    for name, value in secrets.items():
        vault.put(name, value, 1)


def _roles(aws: LocalAws) -> None:
    """The instances' and tasks' role, and the one that the API takes for a job of theirs; infra/gems.yaml says what each may do."""
    iam = aws.iam()
    services = ["ec2.amazonaws.com", "ecs-tasks.amazonaws.com"]
    iam.create_role(RoleName=WORKER_ROLE, AssumeRolePolicyDocument=_trust({"Service": services}))
    iam.create_instance_profile(InstanceProfileName=WORKER_ROLE)
    iam.add_role_to_instance_profile(InstanceProfileName=WORKER_ROLE, RoleName=WORKER_ROLE)
    iam.create_role(RoleName=JOB_ROLE, AssumeRolePolicyDocument=_trust({"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"}))


def _trust(principal: dict[str, str | list[str]]) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _sender(aws: LocalAws) -> None:
    aws.ses().verify_email_identity(EmailAddress=SENDER)


def _logs(aws: LocalAws) -> None:
    aws.logs().create_log_group(logGroupName=WORKER_LOGS)


def _network(aws: LocalAws) -> str:
    """Make the launch template that the infrastructure of a deployment owns; returns the subnet."""
    ec2 = aws.ec2()
    subnet = ec2.describe_subnets()["Subnets"][0]
    groups = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [subnet["VpcId"]]}])
    image = ec2.register_image(Name="gems-worker", Architecture="x86_64", RootDeviceName="/dev/xvda")
    ec2.create_launch_template(
        LaunchTemplateName=LAUNCH_TEMPLATE,
        LaunchTemplateData={
            "ImageId": image["ImageId"],
            "IamInstanceProfile": {"Name": WORKER_ROLE},
            "SecurityGroupIds": [groups["SecurityGroups"][0]["GroupId"]],
            "InstanceInitiatedShutdownBehavior": "terminate",
            "MetadataOptions": {
                "HttpTokens": "required",
                "HttpEndpoint": "enabled",
                "InstanceMetadataTags": "enabled",
            },
        },
    )
    return subnet["SubnetId"]
