"""A stage whose stack an older release made, and one with jobs at work."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from cloud_account import DATA_BUCKET, SENDER, client
from deployment import Deployment

from gems_cli import deploy as commands
from gems_core.errors import DeploymentFailed
from gems_deploy.findings import Level, examine
from gems_deploy.parameters import Wishes
from gems_deploy.site import STAGE

pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS")
JOB = "job-at-work"


def wishes(deployed: Deployment) -> Wishes:
    """All lists are named: moto cannot take up a list that the stack has."""
    outputs = deployed.outputs()
    return Wishes(
        (DATA_BUCKET,), SENDER, tuple(outputs["Subnets"].split(",")), tuple(outputs["InstanceTypes"].split(","))
    )


def change_sets() -> list[str]:
    found = client("cloudformation").list_change_sets(StackName="gems-dev-infra")["Summaries"]
    return [one["ChangeSetName"] for one in found if one["ExecutionStatus"] != "EXECUTE_COMPLETE"]


def make_older(deployed: Deployment) -> None:
    """Give the stack the template of a release without the role of jobs among its outputs."""
    text, lines = re.subn(r"\n +JobRoleArn: .*", "", STAGE.text())
    assert lines == 1
    deployed.give_template(text)


@pytest.fixture
def older(deployed: Deployment) -> Iterator[Deployment]:
    make_older(deployed)
    yield deployed
    deployed.give_template(STAGE.text())


@pytest.fixture
def busy(deployed: Deployment) -> Iterator[str]:
    """The control bucket of the stage while a job is at work."""
    bucket = deployed.outputs()["ControlBucket"]
    client("s3").put_object(Bucket=bucket, Key=f"active/{JOB}")
    yield bucket
    client("s3").delete_object(Bucket=bucket, Key=f"active/{JOB}")


def test_a_dry_run_tells_what_follows_from_the_changed_stack_and_leaves_no_change_set(older: Deployment) -> None:
    told = older.deploy(older.run(wishes(older)), dry_run=True)
    assert told[0].startswith("1/9 stack: update gems-dev-infra")
    assert "6/9 function: follows from the changed stack" in told
    assert change_sets() == []


def test_the_doctor_tells_the_repair_of_an_older_stack(older: Deployment) -> None:
    (finding,) = examine(older.facts(), [check for check in commands.CHECKS if check.name == "function"])
    assert finding.level is Level.FAIL
    assert "output JobRoleArn" in finding.found
    assert "gems deploy" in finding.repair


def test_a_dry_run_that_fails_leaves_no_change_set(deployed: Deployment) -> None:
    run = deployed.run(replace(wishes(deployed), others={"VolumeGigabytes": "60"}))

    def broken(*_: object) -> list[object]:
        raise DeploymentFailed("no jar")

    run.collect = broken  # type: ignore[assignment]
    with pytest.raises(DeploymentFailed, match="no jar"):
        deployed.deploy(run, dry_run=True)
    assert change_sets() == []


@contextmanager
def made_with(deployed: Deployment, ours: str, older: str) -> Iterator[None]:
    """The stack as a release made it whose template had another text: moto sees no change but the template's."""
    text = STAGE.text()
    assert ours in text
    deployed.give_template(text.replace(ours, older))
    yield
    deployed.give_template(text)


def test_a_stack_does_not_change_under_jobs_that_are_at_work(deployed: Deployment, busy: str) -> None:
    run = deployed.run(wishes(deployed))
    with made_with(deployed, "MaxSessionDuration: 3600", "MaxSessionDuration: 7200"):
        told = deployed.deploy(run, dry_run=True)
        assert f"only with --despite-jobs, because jobs are at work: {JOB}" in told[0]
        with pytest.raises(DeploymentFailed, match=f"found {JOB}.*--despite-jobs"):
            deployed.deploy(run)
        assert change_sets() == []
        assert (
            "MaxSessionDuration: 7200"
            in client("cloudformation").get_template(StackName="gems-dev-infra")["TemplateBody"]
        )
        run.despite_jobs = True
        assert "--despite-jobs" not in deployed.deploy(run)[0]


def test_a_change_that_jobs_do_not_feel_waits_for_none(deployed: Deployment, busy: str) -> None:
    with made_with(deployed, "VolumeType: gp3", "VolumeType: gp2"):
        told = deployed.deploy(deployed.run(wishes(deployed)))
    assert "modify WorkerLaunchTemplate" in told[0]


def test_the_names_that_a_removal_goes_by_are_the_stacks(deployed: Deployment) -> None:
    outputs, site = deployed.outputs(), deployed.site()
    assert outputs["ControlBucket"] == site.control_bucket
    assert outputs["PackagesBucket"] == site.packages_bucket
    assert outputs["CredentialTable"] == site.stage.credential_table
    assert outputs["ApiRole"] == site.stage.api_role
