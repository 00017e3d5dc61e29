"""The policies that the template renders, held against a list of AWS's actions, resources and condition keys."""

from __future__ import annotations

import pytest
from policy_lint import Finding, lint
from stack_site import ACCOUNT, BATCH_ROLES, REGION, REST_API, ROLES, Stack

EC2 = f"arn:aws:ec2:{REGION}:{ACCOUNT}"
LOGS = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group"
GATEWAY = f"arn:aws:apigateway:{REGION}::/restapis"
# What policy_sentry says of the template and we leave, with the reason.
KNOWN: dict[str, dict[Finding, str]] = {
    "api": {
        Finding("LaunchOnSpot", "no resource of this action", "ec2:RunInstances"): "its list is older than this kind of resource; the simulator's has it",
        Finding("LaunchOnSpot", "no action on this resource", f"{EC2}:spot-instances-request/*"): "the same",
        Finding("AskForAFleet", "no action on this resource", f"{EC2}:network-interface/*"): "EC2 asks for it, whatever the list says",
        Finding("AskForAFleet", "no action on this resource", f"{EC2}:security-group/*"): "the same",
    },
    "deployer": {
        Finding("KeepLogsAsLong", "no action on this resource", f"{LOGS}:/aws/lambda/gems-dev:*"): "CloudWatch Logs wants a group's ARN so for some actions",
        Finding("KeepLogsAsLong", "no action on this resource", f"{LOGS}:/gems/dev/workers:*"): "the same",
        **{
            Finding("DeployTheGateway", "no resource of this action", f"apigateway:{method}"): "of API Gateway it has version 2 only, which has no REST APIs"
            for method in ("GET", "POST", "PUT", "PATCH")
        },
        Finding("DeployTheGateway", "no action on this resource", f"{GATEWAY}/{REST_API}"): "the same",
        Finding("DeployTheGateway", "no action on this resource", f"{GATEWAY}/{REST_API}/*"): "the same",
        Finding("FindTheGateway", "no resource of this action", "apigateway:GET"): "the same",
        Finding("FindTheGateway", "no action on this resource", GATEWAY): "the same",
        Finding("SeeWhatHasNoResource", "could name its resources", "kms:DescribeKey"): "`gems doctor` looks at keys of data buckets that it does not know beforehand; tells no secret",
        Finding("SeeWhatHasNoResource", "could name its resources", "servicequotas:GetServiceQuota"): "tells a number",
        Finding("SeeWhatHasNoResource", "could name its resources", "ses:GetEmailIdentity"): "the sender may be covered by its domain's identity; tells no secret",
    },
}  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_nothing_is_found_but_what_is_explained(stack: Stack, role: str) -> None:
    found = [finding for document in stack.policies[role] for finding in lint(document)]
    assert sorted(found) == sorted(KNOWN.get(role, {}))


# What it says besides where AWS Batch places the workers.
WITH_BATCH: dict[str, dict[Finding, str]] = {
    "api": {
        Finding("EndOneWorkerOfAJob", "no action on this resource", f"arn:aws:batch:{REGION}:{ACCOUNT}:job/*:*"): "the list has no ARN of a child, <job>:<index>",
        Finding("EndOneWorkerOfAJob", "no resource of this action", "batch:TerminateJob"): "the same",
        **{
            Finding("LaunchNothingItself", "could name its resources", action): "it forbids, and forbids all"
            for action in ("ec2:CreateFleet", "ec2:CreateLaunchTemplateVersion", "ec2:RunInstances", "iam:PassRole")
        },
    },
}  # fmt: skip


@pytest.mark.parametrize("role", [*ROLES, *BATCH_ROLES])
def test_with_batch_nothing_is_found_but_what_is_explained(batch_stack: Stack, role: str) -> None:
    found = [finding for document in batch_stack.policies[role] for finding in lint(document)]
    assert sorted(found) == sorted(KNOWN.get(role, {}) | WITH_BATCH.get(role, {}))


BUCKET, OBJECT = "arn:aws:s3:::b", "arn:aws:s3:::b/jobs/*"


@pytest.mark.parametrize(
    ("words", "finding"),
    [
        ({"Action": "s3:ReadObject", "Resource": OBJECT}, [("unknown action", "s3:ReadObject"), ("no action on this resource", OBJECT)]),
        ({"Action": "s3:GetObject", "Resource": BUCKET}, [("no resource of this action", "s3:GetObject"), ("no action on this resource", BUCKET)]),
        ({"Action": "s3:ListBucket", "Resource": [BUCKET, OBJECT]}, [("no action on this resource", OBJECT)]),
        ({"Action": "s3:GetObject", "Resource": OBJECT, "Condition": {"StringLike": {"s3:prefix": "jobs/*"}}}, [("key is never there", "s3:prefix of s3:GetObject")]),
        ({"Action": "ssm:GetParameters", "Resource": "*"}, [("could name its resources", "ssm:GetParameters")]),
        ({"Action": ["s3:GetObject", "s3:PutObject"], "Resource": OBJECT, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}, []),
        ({"Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringEquals": {"kms:EncryptionContext:mine": "1"}}}, []),
    ],
    ids=["action", "object", "bucket", "key", "star", "global-key", "key-of-ours"],
)  # fmt: skip
def test_words_that_do_not_go_together_are_found(words: dict[str, object], finding: list[tuple[str, str]]) -> None:
    found = lint({"Statement": [{"Sid": "Mine", "Effect": "Allow", **words}]})
    assert list(found) == [Finding("Mine", what, word) for what, word in finding]
