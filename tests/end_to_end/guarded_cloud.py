"""A local cloud behind IAM: the policies of infra/ as CloudFormation renders them, with the cloud's own names in them."""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from aws_surroundings import aws_surroundings
from botocore.config import Config
from botocore.exceptions import ClientError
from cloud_site import Site, site_of

sys.path[:0] = [str(Path(__file__).parents[1] / "integration" / house) for house in ("infra", "strict")]

from iam_guard import Guard  # noqa: E402 - after the path is set
from iam_policy import concerns  # noqa: E402
from second_judge import Question, role_arn  # noqa: E402
from stack_site import DATA_BUCKETS, REGION, SENDER, Stack, make_batch_stack, make_stack, moto_account  # noqa: E402

from gems_core.engines import BATCH  # noqa: E402
from gems_local import stack as local_stack  # noqa: E402
from gems_local.settings import (  # noqa: E402
    ACCESS_KEY,
    BATCH_JOB_DEFINITION,
    BATCH_QUEUE,
    CONTROL_BUCKET,
    CREDENTIAL_KEY,
    CREDENTIAL_TABLE,
    DATA_BUCKET,
    INSTANCE_TYPE,
    JOB_ROLE,
    LAUNCH_TEMPLATE,
    SECRET_KEY,
    WORKER_ROLE,
    WORKER_ROLE_ARN,
)
from gems_local.settings import SENDER as LOCAL_SENDER  # noqa: E402
from gems_local.stack import CloudPlan, LocalCloud  # noqa: E402

Policies = dict[str, list[dict[str, Any]]]
# Those that ask for anything while jobs run here.
ROLES = ("api", "worker", "job")


@dataclass
class Guarded:
    """A local cloud behind the guard.

    Attributes:
        policies: by the role's short name, what the guard judges by.
    """

    site: Site
    guard: Guard
    policies: Policies

    @property
    def engine(self) -> str:
        return self.site.cloud.plan.engine

    def client(self, role: str, service: str) -> Any:
        """A client with the credentials of the API, of a machine or task, or of those that a worker got for its job."""
        match role:
            case "api":
                return self._client(service, ACCESS_KEY, SECRET_KEY)
            case "worker":
                sts = self.site.cloud.aws.sts()
                given: Any = sts.assume_role(RoleArn=WORKER_ROLE_ARN, RoleSessionName="a-machine")["Credentials"]
            case _:
                given = next(iter(self.guard.sessions.values())).credentials
        return self._client(service, given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])

    def refusal(self, role: str, service: str, operation: str, **arguments: Any) -> str:
        """The code of a request's refusal, which the guard has told of for this role and action; it is forgotten then."""
        client = self.client(role, service)
        with pytest.raises(ClientError) as caught:
            getattr(client, operation)(**arguments)
        action = f"{role} {service}:{client.meta.method_to_api_mapping[operation]} "
        told = [line for line in self.guard.refused if line.startswith((action, f"{role} asks what the guard cannot"))]
        assert told, f"{action}was not refused by the guard, but {self.guard.refused}"
        self.guard.refused.remove(told[-1])
        return str(caught.value.response["Error"]["Code"])

    def unasked(self) -> set[str]:
        """What the policies allow and nobody asked for, as "role statement action"; what they deny throughout is not allowed."""
        asked = {(one.asker, repr(one.asked)): one for one in list(self.guard.questions)}
        let = [one for one in asked.values() if one.allowed_by_us()]
        return {
            f"{role} {statement['Sid']} {action}"
            for role in ROLES
            for statement, action in _allowed(self.policies[role])
            if not _used({**statement, "Action": action}, role, let)
        }

    def _client(self, service: str, key: str, secret: str, token: str | None = None) -> Any:
        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=self.guard.endpoint,
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
        )


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _allowed(documents: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], str]]:
    statements = [statement for document in documents for statement in document["Statement"]]
    effects = {effect: [one for one in statements if one["Effect"] == effect] for effect in ("Allow", "Deny")}
    throughout = [one for one in effects["Deny"] if one["Resource"] == "*" and "Condition" not in one]
    denied = {action for one in throughout for action in _list(one["Action"])}
    yield from ((one, action) for one in effects["Allow"] for action in _list(one["Action"]) if action not in denied)


def _used(statement: dict[str, Any], role: str, let: list[Question]) -> bool:
    return any(one.asker == role_arn(role) and concerns(statement, one.asked) for one in let)


@contextmanager
def guarded_cloud(plan: CloudPlan, guard: Guard) -> Iterator[Guarded]:
    """Run the plan's cloud, whose API and workers reach AWS through the guard."""
    stack, environment = _rendered(plan.engine), local_stack.instance_environment
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            local_stack,
            "instance_environment",
            lambda endpoint, workers: {**environment(endpoint, workers), "AWS_ENDPOINT_URL": guard.endpoint},
        )
        # Nobody asks before the cloud is up but the reaper, which finds no jobs: it is let in when the policies stand.
        with LocalCloud(plan) as cloud:
            policies = _for_local_cloud(stack, cloud)
            guard.stand_before(cloud.aws, policies)
            guard.refused.clear()
            yield Guarded(site_of(cloud), guard, policies)
    guard.stop()


def _rendered(engine: str) -> Stack:
    """The policies of the engine's stacks as CloudFormation renders them."""
    with aws_surroundings(REGION), moto_account(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Tried to parse AWS")
        return make_batch_stack() if engine == BATCH else make_stack(InstanceTypes=INSTANCE_TYPE)


def _for_local_cloud(stack: Stack, cloud: LocalCloud) -> Policies:
    """The same policies, with the local cloud's names and ids where the stack's stand."""
    ec2 = cloud.aws.ec2()
    versions = ec2.describe_launch_template_versions(LaunchTemplateName=LAUNCH_TEMPLATE)["LaunchTemplateVersions"]
    aliases = {item["AliasName"]: item["TargetKeyId"] for item in cloud.aws.kms().list_aliases()["Aliases"] if "TargetKeyId" in item}  # fmt: skip
    names = {
        stack.outputs["ControlBucket"]: CONTROL_BUCKET,
        f":::{DATA_BUCKETS[0]}": f":::{DATA_BUCKET}",
        stack.outputs["CredentialTable"]: CREDENTIAL_TABLE,
        stack.ids["CredentialKey"]: aliases[CREDENTIAL_KEY],
        stack.ids["WorkerLaunchTemplate"]: versions[0]["LaunchTemplateId"],
        stack.ids["WorkerSecurityGroup"]: versions[0]["LaunchTemplateData"]["SecurityGroupIds"][0],
        stack.subnets[0]: subnet_of(cloud),
        "role/gems-dev-worker": f"role/{WORKER_ROLE}",
        "role/gems-dev-job": f"role/{JOB_ROLE}",
        SENDER: LOCAL_SENDER,
    }
    if cloud.plan.engine == BATCH:
        names["job-queue/gems-dev"] = f"job-queue/{BATCH_QUEUE}"
        names["job-definition/gems-dev-worker"] = f"job-definition/{BATCH_JOB_DEFINITION}"
    text = json.dumps(stack.policies)
    for theirs, ours in names.items():
        assert theirs in text
        text = text.replace(theirs, ours)
    policies: Policies = json.loads(text)
    return policies


def subnet_of(cloud: LocalCloud) -> str:
    """The one that instances of the local cloud are launched in."""
    return str(cloud.aws.ec2().describe_subnets()["Subnets"][0]["SubnetId"])
