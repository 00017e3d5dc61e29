"""The stack of infra/gems.yaml, made in moto: its outputs, and its policies as CloudFormation rendered them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
from batch_cloudformation import batch_by_cloudformation
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID as ACCOUNT
from moto.ssm.models import ssm_backends

from gems_artefacts.architecture import X86_64
from gems_artefacts.bundle import SOURCE_ROOT
from gems_deploy.python_runtime import NEWEST

TEMPLATE = SOURCE_ROOT / "infra" / "gems.yaml"
REGION = "eu-central-1"
STACK = "gems-dev-infra"
BATCH_TEMPLATE = SOURCE_ROOT / "infra" / "batch.yaml"
BATCH_STACK = "gems-dev-batch"
SENDER = "gems@example.org"
IMAGE_PARAMETER = NEWEST.image(X86_64)
IMAGE = "ami-0debian12"
REST_API = "a1b2c3d4e5"
BASESPACE = "https://api.basespace.illumina.com"
DATA_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
DATA_BUCKETS = ("direct.typing", "second.data")
ROLES = ("api", "worker", "job", "deployer", "publisher")
# Those that a stage has besides when AWS Batch places its workers.
BATCH_ROLES = ("instance", "execution")
WORKER_IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/gems-worker:1"
REPOSITORY = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/gems-worker"
ISSUER = "token.actions.githubusercontent.com"
CI_SUBJECT = "repo:lab/gems:ref:refs/heads/main"
# What moto's CloudFormation cannot make; everything else of the template it makes.
NOT_IN_MOTO = frozenset(
    {
        "AWS::S3::BucketPolicy",
        "AWS::SES::EmailIdentity",
        "AWS::SES::ConfigurationSet",
        "AWS::SES::ConfigurationSetEventDestination",
        "AWS::Budgets::Budget",
        "AWS::CloudWatch::Alarm",
        "AWS::SNS::Subscription",
    }
)


@dataclass(frozen=True)
class Stack:
    """A made stack.

    Attributes:
        policies: by the role's short name, the documents that CloudFormation gave it.
        trusts: by the role's short name, who may take it.
        key_policy: of the key that seals the tokens.
        ids: physical ids by logical id.
    """

    outputs: Mapping[str, str]
    policies: Mapping[str, list[dict[str, Any]]]
    trusts: Mapping[str, dict[str, Any]]
    key_policy: dict[str, Any]
    ids: Mapping[str, str]
    subnets: tuple[str, ...]


def publish_image_parameter() -> None:
    """The public parameter of the default image, which moto does not know and lets nobody put."""
    boto3.client("ssm").put_parameter(Name="/gems/image", Value=IMAGE, Type="String", Overwrite=True)
    parameters = ssm_backends[ACCOUNT][REGION]._parameters
    parameters[IMAGE_PARAMETER] = parameters["/gems/image"]


def make_stack(**parameters: str) -> Stack:
    """Make the stack with two data buckets in the default VPC's first two subnets."""
    publish_image_parameter()
    found = boto3.client("ec2").describe_subnets()["Subnets"][:2]
    subnets = tuple(subnet["SubnetId"] for subnet in found)
    chosen = {
        "Stage": "dev", "Subnets": ",".join(subnets), "Vpc": found[0]["VpcId"], "MailSender": SENDER,
        "InstanceTypes": "c7i.xlarge,c6i.xlarge", "DataBucketArns": ",".join(f"arn:aws:s3:::{name}" for name in DATA_BUCKETS),
        "RestApiId": REST_API, "DataKeyArns": DATA_KEY, "PublisherIssuer": ISSUER, "PublisherSubject": CI_SUBJECT,
        "BaseSpaceUrl": BASESPACE, **parameters,
    }  # fmt: skip
    outputs, ids = _made(STACK, TEMPLATE, chosen)
    kms = boto3.client("kms")
    return Stack(
        outputs=outputs,
        policies={role: policies_of(f"gems-dev-{role}") for role in ROLES},
        trusts=_trusts(ROLES),
        # Here too moto's CloudFormation keeps the document where JSON should be.
        key_policy=kms.get_key_policy(KeyId=ids["CredentialKey"], PolicyName="default")["Policy"],  # type: ignore[arg-type]
        ids=ids,
        subnets=subnets,
    )


def _made(name: str, template: Path, chosen: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Make a stack: its outputs, and its resources' ids."""
    cloudformation = boto3.client("cloudformation")
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=template.read_text(),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in chosen.items()],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    resources = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
    ids = {item["LogicalResourceId"]: item["PhysicalResourceId"] for item in resources if "LogicalResourceId" in item}
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}, ids


def _trusts(roles: Iterable[str]) -> dict[str, Any]:
    iam = boto3.client("iam")
    return {role: iam.get_role(RoleName=f"gems-dev-{role}")["Role"]["AssumeRolePolicyDocument"] for role in roles}


def make_batch_stack() -> Stack:
    """Make the stage's stack with the engine batch, and Batch's stack after it; both in one, with the roles of both."""
    stage = make_stack(Engine="batch", Spot="true")
    chosen = {
        "Stage": "dev", "Subnets": ",".join(stage.subnets), "Vpc": boto3.client("ec2").describe_subnets()["Subnets"][0]["VpcId"],
        "InstanceTypes": "c7i.xlarge,c6i.xlarge", "Spot": "true", "VolumeGigabytes": "30", "LogDays": "90",
        "ControlBucket": stage.outputs["ControlBucket"], "WorkerRoleArn": stage.outputs["WorkerRoleArn"],
        "WorkerImage": WORKER_IMAGE, "ImageRepositoryArn": REPOSITORY, "Vcpus": "4", "MemoryMebibytes": "7372",
    }  # fmt: skip
    outputs, ids = _made(BATCH_STACK, BATCH_TEMPLATE, chosen)
    roles = (*ROLES, *BATCH_ROLES)
    return replace(
        stage,
        outputs={**stage.outputs, **outputs},
        policies={role: policies_of(f"gems-dev-{role}") for role in roles},
        trusts=_trusts(roles),
        ids={**stage.ids, **ids},
    )


def policies_of(role: str) -> list[dict[str, Any]]:
    """The inline policies of a role; GeMS has no others."""
    iam = boto3.client("iam")
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    documents = (iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names)
    # moto's CloudFormation keeps the document's Python text where JSON should be.
    return [ast.literal_eval(str(document)) for document in documents]


@contextmanager
def moto_account() -> Iterator[None]:
    """An empty account within this process."""
    with mock_aws(), batch_by_cloudformation():
        yield
