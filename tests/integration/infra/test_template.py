"""What infra/gems.yaml makes, seen in the stand-in and in the template's own text."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from stack_site import ACCOUNT, IMAGE, NOT_IN_MOTO, SENDER, Stack
from template_file import load_template, properties

from gems_core import tags


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return load_template()


def of_type(template: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    return {name: item for name, item in template["Resources"].items() if item["Type"] == kind}


def test_the_stand_in_makes_all_but_a_few_kinds_of_resources(template: dict[str, Any], stack: Stack) -> None:
    skipped = {name for kind in NOT_IN_MOTO for name in of_type(template, kind)}
    assert set(template["Resources"]) - skipped == set(stack.ids)


@pytest.mark.parametrize("bucket", ["ControlBucket", "PackagesBucket"])
def test_buckets_are_encrypted_closed_and_speak_tls_only(template: dict[str, Any], bucket: str) -> None:
    made = properties(template, bucket)
    assert set(made["PublicAccessBlockConfiguration"].values()) == {True}
    assert made["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert made["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    (statement,) = properties(template, f"{bucket}Policy")["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_control_bucket_keeps_old_versions_for_a_while_and_jobs_for_a_year(template: dict[str, Any]) -> None:
    made = properties(template, "ControlBucket")
    assert made["VersioningConfiguration"] == {"Status": "Enabled"}
    rules = {rule["Id"]: rule for rule in made["LifecycleConfiguration"]["Rules"]}
    assert rules["replaced-and-unfinished"]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert {rule.get("Prefix") for rule in rules.values()} == {
        "jobs/", "closed/", "idempotency/", "basespace/", "basespace/pending/", "basespace/used/", "seen/", "worklist/", None,
    }  # fmt: skip
    assert rules["launches"]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}
    assert template["Parameters"]["JobDays"]["Default"] >= 365


def test_data_and_keys_outlive_the_stack(template: dict[str, Any]) -> None:
    kept = {name for name, item in template["Resources"].items() if item.get("DeletionPolicy") == "Retain"}
    assert kept == {"ControlBucket", "CredentialKey", "CredentialTable", "SenderIdentity"}


@pytest.mark.parametrize(
    ("role", "principal"),
    [
        ("ApiRole", {"Service": ["lambda.amazonaws.com", "apigateway.amazonaws.com", "events.amazonaws.com"]}),
        ("JobRole", {"AWS": {"GetAtt": "ApiRole.Arn"}}),
    ],
)
def test_a_role_is_taken_only_by_whom_it_is_for(template: dict[str, Any], role: str, principal: dict[str, Any]) -> None:
    (statement,) = properties(template, role)["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == principal
    assert (statement["Effect"], statement["Action"]) == ("Allow", "sts:AssumeRole")


def test_the_jobs_role_is_taken_in_an_instances_name(template: dict[str, Any]) -> None:
    (statement,) = properties(template, "JobRole")["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Condition"] == {"StringLike": {"sts:RoleSessionName": {"If": ["UseBatch", "b-*", "i-*"]}}}


def test_the_workers_role_is_for_instances_or_for_tasks_and_never_for_both(stack: Stack, batch_stack: Stack) -> None:
    (on_ec2,), (with_batch,) = (each.trusts["worker"]["Statement"] for each in (stack, batch_stack))
    assert on_ec2 == {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    assert with_batch["Principal"] == {"Service": "ecs-tasks.amazonaws.com"}
    assert with_batch["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_without_a_key_of_the_datas_no_policy_is_made_for_one(template: dict[str, Any]) -> None:
    assert template["Parameters"]["DataKeyArns"]["Default"] == ""
    made = {item["Condition"] for item in of_type(template, "AWS::IAM::Policy").values()}
    assert made == {"HasDataKeys", "UseBaseSpace"}


def test_basespace_is_off_and_then_no_role_may_do_anything_for_it(template: dict[str, Any]) -> None:
    assert template["Parameters"]["BaseSpaceUrl"]["Default"] == ""
    ours = {name: item for name, item in template["Resources"].items() if "BaseSpace" in name}
    assert set(ours) == {"ApiBaseSpace", "JobBaseSpace", "DeployerBaseSpace"}
    assert {item["Condition"] for item in ours.values()} == {"UseBaseSpace"}
    outputs = {name: item for name, item in template["Outputs"].items() if name.startswith("BaseSpace")}
    assert all(item["Condition"] in ("UseBaseSpace", "HasBaseSpaceSite") for item in outputs.values())


def test_nothing_comes_in_to_a_worker(template: dict[str, Any], stack: Stack) -> None:
    (group,) = of_type(template, "AWS::EC2::SecurityGroup").values()
    assert "SecurityGroupIngress" not in group["Properties"]
    assert not of_type(template, "AWS::EC2::SecurityGroupIngress")
    groups = boto3.client("ec2").describe_security_groups(GroupIds=[stack.ids["WorkerSecurityGroup"]])
    assert groups["SecurityGroups"][0]["IpPermissions"] == []
    ports = {(rule["FromPort"], rule["ToPort"]) for rule in group["Properties"]["SecurityGroupEgress"]}
    assert ports == {(443, 443), (80, 80)}


def test_the_launch_template_holds_what_a_worker_must_be(stack: Stack) -> None:
    versions = boto3.client("ec2").describe_launch_template_versions(LaunchTemplateId=stack.outputs["LaunchTemplate"])
    (version,) = versions["LaunchTemplateVersions"]
    data = version["LaunchTemplateData"]
    assert data["ImageId"] == IMAGE
    assert data["InstanceInitiatedShutdownBehavior"] == "terminate"
    assert data["MetadataOptions"] == {
        "HttpEndpoint": "enabled", "HttpTokens": "required", "HttpPutResponseHopLimit": 1, "InstanceMetadataTags": "enabled",
    }  # fmt: skip
    (disk,) = data["BlockDeviceMappings"]
    assert disk["Ebs"] == {"VolumeType": "gp3", "VolumeSize": 30, "Encrypted": True, "DeleteOnTermination": True}
    assert "KeyName" not in data
    ours = [{"Key": tags.CONTROL_BUCKET, "Value": stack.outputs["ControlBucket"]}]
    assert {item["ResourceType"]: item["Tags"] for item in data["TagSpecifications"]} == {
        "instance": ours,
        "volume": ours,
    }


def test_logs_end_and_the_budget_tells_before_the_month_is_over(template: dict[str, Any]) -> None:
    for group in ("ApiLogs", "WorkerLogs"):
        assert properties(template, group)["RetentionInDays"] == {"Ref": "LogDays"}
    budget = properties(template, "Budget")
    assert budget["Budget"]["BudgetLimit"] == {"Amount": {"Ref": "MonthlyBudgetUsd"}, "Unit": "USD"}
    told = {one["Notification"]["NotificationType"] for one in budget["NotificationsWithSubscribers"]}
    assert told == {"ACTUAL", "FORECASTED"}


def test_outputs_name_the_settings_that_they_are_for(stack: Stack) -> None:
    assert stack.outputs["MailSender"] == SENDER
    assert stack.outputs["Subnets"] == ",".join(stack.subnets)
    assert stack.outputs["InstanceTypes"] == "c7i.xlarge,c6i.xlarge"
    assert stack.outputs["CredentialKey"] == "alias/gems-dev"
