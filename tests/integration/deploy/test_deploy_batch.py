"""``gems deploy --engine batch``: a stage that moves to AWS Batch, is looked at and broken there, and moves back."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any

import pytest
from batch_stage import IMAGE, QUEUE, left_of_batch, move_to_batch, move_to_ec2, submit, wishes
from cloud_account import ACCOUNT, REGION, Account, client, surroundings
from deployment import Deployment
from moto.batch.models import batch_backends
from test_deployer import granted

from gems_cli.deploy import CHECKS
from gems_core.errors import DeploymentFailed, UsageProblem
from gems_deploy.batch_parameters import memory_of
from gems_deploy.ecr import ecr_image
from gems_deploy.findings import Finding, Level, examine
from gems_deploy.function import read_function
from gems_deploy.instance_types import describe
from gems_deploy.site import BATCH, STAGE
from gems_deploy.stack import LARGEST_TEMPLATE_BYTES, read_stack

pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS")
MANIFEST = json.dumps(
    {
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": {"digest": "sha256:0"},
        "layers": [],
    }
)
OF_BATCH = ("job queue", "compute environments", "job definition", "container image")


def environment() -> dict[str, str]:
    held: dict[str, str] = client("lambda").get_function_configuration(FunctionName="gems-dev")["Environment"][
        "Variables"
    ]
    return held


def trusted(role: str) -> str:
    document: Any = client("iam").get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    held = ast.literal_eval(document) if isinstance(document, str) else document
    return str(held["Statement"][0]["Principal"]["Service"])


@pytest.fixture(scope="module")
def moved(deployed: Deployment, account: Account) -> Iterator[list[str]]:
    """The stage with AWS Batch, and what its move told; with its image pushed. It moves back at the end."""
    with surroundings(account):
        ecr = client("ecr")
        ecr.create_repository(repositoryName="gems-worker")
        ecr.put_image(repositoryName="gems-worker", imageManifest=MANIFEST, imageTag="1")
        yield move_to_batch(deployed)
        move_to_ec2(deployed)
        ecr.delete_repository(repositoryName="gems-worker", force=True)


def test_the_template_fits_into_a_request() -> None:
    assert len(BATCH.text().encode()) < LARGEST_TEMPLATE_BYTES


def test_the_queue_is_made_before_the_function_is_told_of_it(moved: list[str]) -> None:
    assert moved[0].startswith("1/10 stack: update gems-dev-infra")
    assert moved[1] == "2/10 AWS Batch: create gems-dev-batch; every resource of infra/batch.yaml"
    (function,) = (line for line in moved if line.startswith("7/10 function: update "))
    assert {"GEMS_ENGINE", "GEMS_BATCH_QUEUE", "GEMS_BATCH_JOB_DEFINITION"} <= set(re.split(r", | ", function))


def test_the_function_is_told_who_launches_workers_and_where(deployed: Deployment, moved: list[str]) -> None:
    found = environment()
    assert (found["GEMS_ENGINE"], found["GEMS_BATCH_QUEUE"], found["GEMS_BATCH_JOB_DEFINITION"]) == (
        "batch", "gems-dev", "gems-dev-worker",
    )  # fmt: skip
    assert found["GEMS_WORKER_ROLE"].endswith(":role/gems-dev-worker")


def test_the_workers_role_is_now_for_tasks(moved: list[str]) -> None:
    assert trusted("gems-dev-worker") == "ecs-tasks.amazonaws.com"


def test_one_worker_fills_one_machine(deployed: Deployment, moved: list[str]) -> None:
    (definition,) = client("batch").describe_job_definitions(jobDefinitionName="gems-dev-worker", status="ACTIVE")["jobDefinitions"]  # fmt: skip
    container = definition["containerProperties"]
    needs = {one["type"]: int(one["value"]) for one in container["resourceRequirements"]}
    machines = describe(deployed.site(), deployed.outputs()["InstanceTypes"].split(","))
    least = min(one["MemoryInfo"]["SizeInMiB"] for one in machines)
    assert {one["VCpuInfo"]["DefaultVCpus"] for one in machines} == {needs["VCPU"]}
    assert needs["MEMORY"] == memory_of(least) < least
    assert container["image"] == IMAGE


def test_a_repeat_keeps_engine_and_image_and_finds_nothing_to_do(deployed: Deployment, moved: list[str]) -> None:
    told = deployed.deploy()
    assert told[0] == "1/10 stack: nothing to do"
    assert told[1] == "2/10 AWS Batch: nothing to do"
    assert told[6] == "7/10 function: nothing to do"


def test_another_image_is_a_new_revision_and_waits_for_no_job(deployed: Deployment, moved: list[str]) -> None:
    bucket = deployed.outputs()["ControlBucket"]
    client("s3").put_object(Bucket=bucket, Key="active/job-at-work")
    other = IMAGE.replace(":1", ":2")
    try:
        told = deployed.deploy(deployed.run(wishes(deployed, worker_image=other)))
    finally:
        client("s3").delete_object(Bucket=bucket, Key="active/job-at-work")
    assert "modify WorkerDefinition" in told[1]
    (active,) = client("batch").describe_job_definitions(jobDefinitionName="gems-dev-worker", status="ACTIVE")["jobDefinitions"]  # fmt: skip
    assert (active["containerProperties"]["image"], active["revision"]) == (other, 2)
    assert look(deployed, "container image").found == f"{other} is not there"
    move_to_batch(deployed)


def test_an_image_elsewhere_is_not_looked_at(deployed: Deployment, moved: list[str]) -> None:
    facts = deployed.facts()
    assert facts.batch is not None
    elsewhere = {**facts.batch.parameters, "WorkerImage": "ghcr.io/lab/gems-worker:1"}
    facts.__dict__["batch"] = replace(facts.batch, parameters=elsewhere)
    (finding,) = examine(facts, [check for check in CHECKS if check.name == "container image"])
    assert finding.found == "ghcr.io/lab/gems-worker:1: not in ECR, so it must be public; not looked at"


def test_a_limit_of_vcpus_is_kept_until_another_is_named(deployed: Deployment, moved: list[str]) -> None:
    move_to_batch(deployed, most_vcpus=64)
    deployed.deploy(deployed.run(wishes(deployed)))
    (found,) = client("batch").describe_compute_environments()["computeEnvironments"]
    assert int(found["computeResources"]["maxvCpus"]) == 64
    move_to_batch(deployed, most_vcpus=1024)


def test_the_deployers_role_may_do_what_a_renewal_with_batch_and_the_doctor_ask(
    deployed: Deployment, moved: list[str], account: Account
) -> None:
    account.calls.clear()
    move_to_batch(deployed, most_vcpus=512)
    examine(deployed.facts(), CHECKS)
    move_to_batch(deployed, most_vcpus=1024)
    asked = set(account.calls)
    assert {"batch:DescribeJobQueues", "ecr:DescribeImages", "cloudformation:ExecuteChangeSet"} <= asked
    assert sorted(action for action in asked if not granted(action)) == []


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"instance_types": ("c7i.xlarge", "c7i.2xlarge")}, "found c7i.2xlarge (8), c7i.xlarge (4)"),
        ({"most_vcpus": 2}, "--most-vcpus: expected at least 4"),
    ],
)
def test_what_batch_could_not_place_is_refused_before_anything_changes(
    deployed: Deployment, moved: list[str], asked: dict[str, Any], told: str
) -> None:
    before = environment()
    with pytest.raises(UsageProblem, match=re.escape(told)):
        move_to_batch(deployed, **asked)
    assert environment() == before


def look(deployed: Deployment, name: str) -> Finding:
    (finding,) = examine(deployed.facts(), [check for check in CHECKS if check.name == name])
    return finding


@pytest.mark.parametrize("name", OF_BATCH)
def test_a_stage_with_batch_in_order_fails_no_check(deployed: Deployment, moved: list[str], name: str) -> None:
    finding = look(deployed, name)
    assert (finding.level, finding.repair) == (Level.OK, "")
    assert "off" not in finding.found


def test_the_doctor_compares_both_templates(deployed: Deployment, moved: list[str]) -> None:
    assert look(deployed, "template").level is Level.OK


@contextmanager
def queue_disabled() -> Iterator[None]:
    client("batch").update_job_queue(jobQueue=QUEUE, state="DISABLED")
    yield
    client("batch").update_job_queue(jobQueue=QUEUE, state="ENABLED")


@contextmanager
def changed(thing: Any, attribute: str, value: object) -> Iterator[None]:
    """Something of moto's while it is otherwise."""
    held = getattr(thing, attribute)
    setattr(thing, attribute, value)
    yield
    setattr(thing, attribute, held)


def queue_invalid() -> AbstractContextManager[None]:
    return changed(_batch().get_job_queue(QUEUE), "status", "INVALID")


def shares_gone() -> AbstractContextManager[None]:
    return changed(_batch().get_job_queue(QUEUE), "schedule_policy", None)


def environment_disabled() -> AbstractContextManager[None]:
    return changed(_environment(), "state", "DISABLED")


def other_types() -> AbstractContextManager[None]:
    held = _environment()
    return changed(held, "compute_resources", {**held.compute_resources, "instanceTypes": ["m5.large"]})


def no_machine_fits() -> AbstractContextManager[None]:
    held = _environment()
    return changed(held, "compute_resources", {**held.compute_resources, "maxvCpus": 2})


def definition_deregistered() -> AbstractContextManager[None]:
    return changed(_definition(), "status", "INACTIVE")


def container(**other: object) -> AbstractContextManager[None]:
    held = _definition()
    return changed(held, "container_properties", {**held.container_properties, **other})


def retries_all() -> AbstractContextManager[None]:
    return changed(_definition(), "retry_strategy", {"attempts": 3, "evaluateOnExit": []})


@contextmanager
def image_gone() -> Iterator[None]:
    ecr, name = client("ecr"), {"repositoryName": "gems-worker"}
    (held,) = ecr.batch_get_image(**name, imageIds=[{"imageTag": "1"}])["images"]
    ecr.batch_delete_image(**name, imageIds=[{"imageTag": "1"}])
    yield
    ecr.put_image(**name, imageManifest=held["imageManifest"], imageTag="1")


def _batch() -> Any:
    return batch_backends[ACCOUNT][REGION]


def _environment() -> Any:
    return _batch().get_compute_environment("gems-dev-ondemand")


def _definition() -> Any:
    (active,) = (one for one in _batch().get_job_definitions("gems-dev-worker") if one.status == "ACTIVE")
    return active


@pytest.mark.parametrize(
    ("name", "broken", "found"),
    [
        ("job queue", queue_disabled, "gems-dev is DISABLED and VALID"),
        ("job queue", queue_invalid, "gems-dev is ENABLED and INVALID"),
        ("job queue", shares_gone, "no scheduling policy"),
        ("compute environments", environment_disabled, "gems-dev-ondemand is DISABLED and VALID: Compute environment is"),
        ("compute environments", other_types, "gems-dev-ondemand has other instance types"),
        ("compute environments", no_machine_fits, "at most 2 vCPUs at once"),
        ("job definition", definition_deregistered, "no active revision"),
        ("job definition", lambda: container(image="else:1"), "the image is else:1, not"),
        ("job definition", lambda: container(command=["sh"]), "the command is ['sh'], not"),
        ("job definition", lambda: container(jobRoleArn="arn:admin"), "the role is arn:admin, not"),
        ("job definition", retries_all, "the retry strategy is"),
        ("container image", image_gone, f"{IMAGE} is not there"),
    ],
    ids=["disabled", "invalid", "no-shares", "no-machines", "types", "small", "deregistered", "image", "command", "role", "retries", "no-image"],
)  # fmt: skip
def test_what_is_broken_of_batch_fails_and_tells_its_repair(
    deployed: Deployment, moved: list[str], name: str, broken: Any, found: str
) -> None:
    with broken():
        finding = look(deployed, name)
    assert finding.level is Level.FAIL
    assert found in finding.found
    assert finding.repair
    assert look(deployed, name).level is Level.OK


def test_a_stage_does_not_leave_a_queue_that_has_jobs_and_is_back_on_ec2_afterwards(
    deployed: Deployment, moved: list[str]
) -> None:
    job = submit()
    planned = deployed.deploy(deployed.run(wishes(deployed, engine="ec2")), dry_run=True)
    (line,) = (line for line in planned if "AWS Batch" in line)
    assert line.startswith("7/10 AWS Batch: remove gems-dev-batch; only with --despite-jobs")
    assert job.job_id in line
    with pytest.raises(DeploymentFailed, match=f"found {job.job_id}"):
        move_to_ec2(deployed)
    left = look(deployed, "job queue")
    assert left.level is Level.WARN
    assert left.found == "GeMS launches workers itself, and the stack gems-dev-batch is still there"
    job.status = "SUCCEEDED"
    told = move_to_ec2(deployed)
    assert "7/10 AWS Batch: remove gems-dev-batch" in told
    assert left_of_batch() == []
    assert read_stack(deployed.site(), BATCH) is None
    assert "GEMS_BATCH_QUEUE" not in environment()
    assert environment()["GEMS_ENGINE"] == "ec2"
    assert trusted("gems-dev-worker") == "ec2.amazonaws.com"
    assert {look(deployed, name).found for name in OF_BATCH} == {"off: GeMS launches workers itself"}
    move_to_batch(deployed)


def test_jobs_are_ended_with_the_queue_where_that_is_asked_for(deployed: Deployment, moved: list[str]) -> None:
    job = submit()
    run = replace(deployed.run(wishes(deployed, engine="ec2")), despite_jobs=True)
    deployed.deploy(run)
    assert job.reasons == ["gems ended the stage's queue"]
    assert left_of_batch() == []


def test_a_first_move_wants_an_image(deployed: Deployment) -> None:
    with pytest.raises(UsageProblem, match="expected --worker-image, found none"):
        deployed.deploy(deployed.run(wishes(deployed, engine="batch")), dry_run=True)


def test_an_image_without_batch_is_refused(deployed: Deployment) -> None:
    with pytest.raises(UsageProblem, match="Say --engine batch, or leave them out"):
        deployed.deploy(deployed.run(wishes(deployed, worker_image=IMAGE)), dry_run=True)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        (IMAGE, {"imageTag": "1"}),
        (IMAGE.removesuffix(":1"), {"imageTag": "latest"}),
        (f"{IMAGE}@sha256:{'0' * 64}", {"imageDigest": f"sha256:{'0' * 64}"}),
        ("ghcr.io/lab/gems-worker:1", None),
        ("gems-worker", None),
    ],
    ids=["tag", "latest", "digest", "elsewhere", "no-registry"],
)
def test_an_image_in_ecr_is_known_by_its_address(address: str, name: dict[str, str] | None) -> None:
    found = ecr_image(address)
    assert (found.name if found else None) == name


def test_a_stage_that_never_had_batch_has_the_function_of_before(deployed: Deployment) -> None:
    function = read_function(deployed.site())
    assert function is not None
    assert not any(name.startswith("GEMS_BATCH") for name in function.environment)
    assert deployed.outputs()["Engine"] == "ec2"
    assert STAGE.text() != BATCH.text()
