"""The commands themselves; last in this folder, for the stage is gone then."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from batch_stage import left_of_batch, move_to_batch, submit
from click.testing import CliRunner
from cloud_account import DATA_BUCKET, client, function_zip
from deployment import Deployment

from gems_cli import deploy as commands
from gems_core.errors import DeploymentFailed
from gems_deploy import checks_before
from gems_deploy.artefacts import Named
from gems_deploy.function import read_function
from gems_deploy.site import STAGE
from gems_deploy.stack import read_stack
from gems_deploy.under_way import end_instances

pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS")
JOB = "job-at-work"


def test_the_command_shows_what_it_would_do(
    deployed: Deployment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "jar").touch()
    monkeypatch.setattr(checks_before, "BUILT_JAR", tmp_path / "jar")
    monkeypatch.setattr(Named, "collect", lambda _named, kinds, architecture: deployed.artefacts(kinds, architecture))
    monkeypatch.setattr(commands, "package", lambda _stage: function_zip(tmp_path, "third"))
    done = CliRunner().invoke(commands.deploy, ["--stage", "dev", "--dry-run", "--api-url", "https://hla.example.org/"])
    (function,) = re.findall(r"6/9 function: update (.*)", done.output)
    assert {"GEMS_API_URL", "code"} <= set(function.split(", "))
    assert "9/9 smoke test: GET https://hla.example.org/healthz" in done.output
    assert done.exit_code == 0


def test_the_command_takes_engine_image_and_limit(
    deployed: Deployment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "jar").touch()
    monkeypatch.setattr(checks_before, "BUILT_JAR", tmp_path / "jar")
    asked = ["--stage", "dev", "--dry-run", "--engine", "batch"]
    done = CliRunner().invoke(commands.deploy, asked)
    assert "expected --worker-image, found none" in str(done.exception)
    done = CliRunner().invoke(commands.deploy, [*asked, "--worker-image", "ghcr.io/lab/gems:1", "--most-vcpus", "2"])
    assert "--most-vcpus: expected at least 4, the vCPUs of one machine, found 2" in str(done.exception)


def test_nothing_is_deployed_when_a_check_fails(
    deployed: Deployment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(checks_before, "BUILT_JAR", tmp_path / "none")
    done = CliRunner().invoke(commands.deploy, ["--stage", "dev"])
    assert isinstance(done.exception, DeploymentFailed)
    assert "make jar" in done.output


def test_a_stage_name_that_aws_would_refuse_is_refused(deployed: Deployment) -> None:
    done = CliRunner().invoke(commands.doctor, ["--stage", "My-Stage"])
    assert "lower-case letters" in str(done.exception)


def launch(bucket: str) -> str:
    """A worker's machine, and a job that it works on; its id."""
    client("s3").put_object(Bucket=bucket, Key=f"active/{JOB}")
    image, *_ = client("ec2").describe_images(Owners=["self"])["Images"]
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "gems:control_bucket", "Value": bucket}]}]
    made = client("ec2").run_instances(ImageId=image["ImageId"], MinCount=1, MaxCount=1, TagSpecifications=tags)
    return str(made["Instances"][0]["InstanceId"])


def state_of(instance: str) -> str:
    (reservation,) = client("ec2").describe_instances(InstanceIds=[instance])["Reservations"]
    return str(reservation["Instances"][0]["State"]["Name"])


def test_a_stage_is_not_removed_while_a_job_or_a_machine_is_at_work(deployed: Deployment) -> None:
    bucket = deployed.outputs()["ControlBucket"]
    instance = launch(bucket)
    try:
        done = CliRunner().invoke(commands.undeploy, ["--stage", "dev", "--yes"])
        assert isinstance(done.exception, DeploymentFailed)
        assert JOB in str(done.exception)
        assert instance in str(done.exception)
        assert "gems undeploy --terminate" in str(done.exception)
        assert read_function(deployed.site()) is not None
        assert state_of(instance) == "running"
    finally:
        client("s3").delete_object(Bucket=bucket, Key=f"active/{JOB}")
        client("ec2").terminate_instances(InstanceIds=[instance])


def test_machines_of_other_deployments_are_left_alone(deployed: Deployment) -> None:
    instance = launch(DATA_BUCKET)
    end_instances(deployed.site(), lambda _line: None)
    assert state_of(instance) == "running"
    client("ec2").terminate_instances(InstanceIds=[instance])


def test_a_removed_stage_keeps_its_data_and_its_tokens_and_leaves_no_machine(deployed: Deployment) -> None:
    outputs = deployed.outputs()
    move_to_batch(deployed)
    instance, waiting = launch(outputs["ControlBucket"]), submit()
    text = STAGE.text()
    deployed.give_template(text[: text.index("\nOutputs:")] + "\n")  # none, as after a creation that failed
    done = CliRunner().invoke(commands.undeploy, ["--stage", "dev", "--yes", "--terminate"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    told = f"jobs {JOB} and instances {instance} and jobs of AWS Batch {waiting.job_id}"
    assert f"at work, and ended with the stage: {told}" in done.output
    assert state_of(instance) == "terminated"
    assert waiting.status == "FAILED"
    assert done.output.index("removing the stack gems-dev-batch") < done.output.index(
        "removing the stack gems-dev-infra"
    )
    assert left_of_batch() == []
    assert read_stack(deployed.site()) is None
    assert read_function(deployed.site()) is None
    buckets = {bucket["Name"] for bucket in client("s3").list_buckets()["Buckets"]}
    assert {outputs["ControlBucket"], DATA_BUCKET} <= buckets
    assert outputs["PackagesBucket"] not in buckets
    assert outputs["CredentialTable"] in client("dynamodb").list_tables()["TableNames"]
