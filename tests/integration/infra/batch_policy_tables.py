"""What roles may and must not do where AWS Batch places the workers, beside what they may and must not do anyway."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aws_requests import REGION_KEY, pass_role
from batch_requests import batch_arn, ecs_arn, submit_job, tag_job, terminate_job
from iam_policy import request
from policy_tables import (
    ALLOWED,
    JOB,
    REFUSED,
    Ask,
    Refusal,
    control,
    fleet,
    free,
    in_control,
    launch,
    ours,
    template,
    worker_log,
)
from stack_site import ACCOUNT, REGION, REPOSITORY

from gems_core import tags

PARENT = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
CLUSTER = "AWSBatch-gems-dev-spot-1a2b"
THEIRS = {tags.CONTROL_BUCKET: "gems-other"}


def submit(
    queue: str = "gems-dev", definition: str = "gems-dev-worker", tagged: Mapping[str, str] | None = None
) -> Ask:
    """A job with tags; ours when none are given."""
    return lambda stack: submit_job(queue, definition, ours(stack) if tagged is None else tagged)


def tag_with_ours(held: Mapping[str, str]) -> Ask:
    """Give a job that is there our tag."""
    return lambda stack: [tag_job(PARENT, ours(stack), held)]


def end_job(job: str, held: Mapping[str, str] | None = None) -> Ask:
    """Terminate a job with these tags; ours when none are given."""
    return lambda stack: [terminate_job(job, ours(stack) if held is None else held)]


def batch(action: str, kind: str = "", name: str = "") -> Ask:
    return lambda _stack: [request(f"batch:{action}", batch_arn(kind, name) if kind else "*", REGION_KEY)]


def ecs(action: str, kind: str, name: str, **keys: str) -> Ask:
    return lambda _stack: [request(f"ecs:{action}", ecs_arn(kind, name), {**REGION_KEY, **keys})]


def ecr(action: str, repository: str = REPOSITORY) -> Ask:
    return lambda _stack: [request(f"ecr:{action}", repository, REGION_KEY)]


def batch_cloudformation(action: str, stack_name: str = "gems-dev-batch") -> Ask:
    arn = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{stack_name}/1"
    return lambda _stack: [request(f"cloudformation:{action}", arn)]


def passing(role: str, service: str) -> Ask:
    return lambda _stack: [pass_role(role, service)]


def allow(statement: dict[str, Any]) -> None:
    """Loosens a statement that forbids."""
    statement["Effect"] = "Allow"


def _rest(rows: Sequence[Any], name: Callable[[Any], str], without: Callable[[str], bool]) -> list[Any]:
    return [row for row in rows if not without(name(row))]


def _launches(what: str) -> bool:
    """Rows about launches by GeMS itself, which are all refused with Batch."""
    return what.startswith(("launch", "give a fleet", "hand the worker's role", "change another template"))


def _of_instances(what: str) -> bool:
    """Rows that name what an instance writes, which a worker of Batch writes in its own name."""
    return what in ("leave a failure event", "keep its boot's log", "keep a log")


def _with_batch(table: Mapping[str, list[Any]], name: Callable[[Any], str]) -> dict[str, list[Any]]:
    kept = {"api": _launches, "worker": _of_instances, "job": _of_instances}
    return {role: _rest(rows, name, kept.get(role, lambda _what: False)) for role, rows in table.items()}


def _added(old: Mapping[str, list[Any]], new: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    return {role: [*old.get(role, []), *new.get(role, [])] for role in {**old, **new}}


_NEW_ALLOWED: dict[str, list[tuple[str, Ask]]] = {
    "api": [
        ("submit workers", submit()),
        ("submit workers by a revision", submit(definition="gems-dev-worker:7")),
        ("end a job of its workers", end_job(PARENT)),
        ("end one worker of a job", end_job(f"{PARENT}:3", {})),
        ("list jobs", batch("ListJobs")),
        ("look at jobs", batch("DescribeJobs")),
        ("look at environments", batch("DescribeComputeEnvironments")),
        ("see what machine a worker has", ecs("DescribeContainerInstances", "container-instance", f"{CLUSTER}/9")),
    ],
    "worker": [
        ("leave a failure event", in_control("PutObject", f"{JOB}/events/20261123T100000.1Z-b-{PARENT}-3.json")),
        ("keep its boot's log", in_control("PutObject", f"{JOB}/logs/b-{PARENT}-3/bootstrap.log")),
    ],
    "job": [("keep a log", in_control("PutObject", f"{JOB}/logs/b-{PARENT}-3/worker/1.jsonl"))],
    "deployer": [
        ("change the stack of Batch", batch_cloudformation("ExecuteChangeSet")),
        ("register a definition of another image", batch("RegisterJobDefinition", "job-definition", "gems-dev-worker")),
        ("tag it", batch("TagResource", "job-definition", "gems-dev-worker:8")),
        ("take the one before out of use", batch("DeregisterJobDefinition", "job-definition", "gems-dev-worker:1")),
        ("give containers the worker's role", passing("gems-dev-worker", "ecs-tasks.amazonaws.com")),
        ("give ECS the role that starts them", passing("gems-dev-execution", "ecs-tasks.amazonaws.com")),
        ("let machines be of other types", batch("UpdateComputeEnvironment", "compute-environment", "gems-dev-spot")),
        ("give them their role", passing("gems-dev-instance", "ec2.amazonaws.com")),
        ("give them another disk", lambda s: template("CreateLaunchTemplateVersion", s.ids["MachineLaunchTemplate"])(s)),
        ("look at the queue", batch("DescribeJobQueues")),
        ("see whether the image is there", ecr("DescribeImages")),
    ],
    "instance": [
        ("join a cluster of Batch", ecs("RegisterContainerInstance", "cluster", CLUSTER)),
        ("tag itself then", ecs("TagResource", "container-instance", f"{CLUSTER}/9", **{"ecs:CreateAction": "RegisterContainerInstance"})),
        ("hear what to run", ecs("Poll", "container-instance", f"{CLUSTER}/9")),
        ("say how a task is", ecs("SubmitTaskStateChange", "cluster", CLUSTER)),
        ("find where to poll", lambda _s: [request("ecs:DiscoverPollEndpoint", "*", REGION_KEY)]),
    ],
    "execution": [
        ("fetch the image", ecr("BatchGetImage")),
        ("sign in to ECR", lambda _s: [request("ecr:GetAuthorizationToken", "*", REGION_KEY)]),
        ("write what a container prints", worker_log("PutLogEvents", "/gems/dev/containers")),
    ],
}  # fmt: skip

_NEW_REFUSED: dict[str, list[Refusal]] = {
    "api": [
        Refusal("launch an instance itself", launch(), ("LaunchNothingItself",), allow),
        Refusal("launch a fleet itself", fleet(), ("LaunchNothingItself",), allow),
        Refusal("submit to another queue", submit(queue="payroll"), ("SubmitWorkers",), free("Resource")),
        Refusal("submit by another definition", submit(definition="payroll:1"), ("SubmitWorkers",), free("Resource")),
        Refusal("submit by a definition of a longer name", submit(definition="gems-dev-worker2:1"), ("SubmitWorkers",), free("Resource")),
        Refusal("submit without our tag", submit(tagged={}), ("SubmitWorkers",), free("Condition")),
        Refusal("submit for another control bucket", submit(tagged=THEIRS), ("SubmitWorkers", "TagWhatIsBeingSubmitted"), free("Condition")),
        Refusal("make another deployment's job its own by a tag", tag_with_ours(THEIRS), ("TagWhatIsBeingSubmitted",), free("Condition")),
        Refusal("tag a queue", batch("TagResource", "job-queue", "gems-dev"), ("TagWhatIsBeingSubmitted",), free("Condition", "Resource")),
        Refusal("end an untagged job", end_job(PARENT, {}), ("EndOurJobs",), free("Condition")),
        Refusal("end another deployment's job", end_job(PARENT, THEIRS), ("EndOurJobs",), free("Condition")),
        Refusal("register a definition", batch("RegisterJobDefinition", "job-definition", "gems-dev-worker"), ("SubmitWorkers",), free("Action", "Condition")),
        Refusal("change the queue", batch("UpdateJobQueue", "job-queue", "gems-dev"), ("SubmitWorkers",), free("Action", "Condition")),
        Refusal("hand on the worker's role", passing("gems-dev-worker", "ecs-tasks.amazonaws.com"), ("LaunchNothingItself",), allow),
        Refusal("look at machines of another cluster", ecs("DescribeContainerInstances", "container-instance", "payroll/9"), ("SeeMachines",), free("Resource")),
        Refusal("run a task itself", ecs("RunTask", "task-definition", "gems:1"), ("SeeMachines",), free("Action", "Resource")),
    ],
    "worker": [
        Refusal("submit workers", submit(), ("ReadArtefacts",), free("Action", "Resource")),
        Refusal("end even itself", end_job(PARENT), ("ReadArtefacts",), free("Action", "Resource")),
        Refusal("leave an event in an instance's name", in_control("PutObject", f"{JOB}/events/20261123T100000.1Z-i-1.json"), ("SayWhyAWorkerEnded",), free("Resource")),
        Refusal("act as a machine", ecs("Poll", "container-instance", f"{CLUSTER}/9"), ("ReadArtefacts",), free("Action", "Resource")),
    ],
    "job": [
        Refusal("write a log in an instance's name", in_control("PutObject", f"{JOB}/logs/i-1/worker/1.jsonl"), ("KeepLogs",), free("Resource")),
        Refusal("submit workers", submit(), ("KeepLogs",), free("Action", "Resource")),
    ],
    "deployer": [
        Refusal("change another stack of Batch", batch_cloudformation("ExecuteChangeSet", "gems-prod-batch"), ("ChangeTheStackOfBatch",), free("Resource")),
        Refusal("register another definition", batch("RegisterJobDefinition", "job-definition", "payroll"), ("NewDefinition",), free("Resource")),
        Refusal("give containers its own role", passing("gems-dev-deployer", "ecs-tasks.amazonaws.com"), ("GiveContainersTheirRolesOnly",), free("Resource")),
        Refusal("give machines the worker's role", passing("gems-dev-worker", "ec2.amazonaws.com"), ("GiveMachinesTheirRoleOnly",), free("Resource")),
        Refusal("give Lambda the worker's role", passing("gems-dev-worker", "lambda.amazonaws.com"), ("GiveContainersTheirRolesOnly",), free("Condition")),
        Refusal("change another environment", batch("UpdateComputeEnvironment", "compute-environment", "payroll"), ("NewMachines",), free("Resource")),
        Refusal("submit a job", submit(), ("NewDefinition",), free("Action", "Resource")),
        Refusal("replace the image", ecr("PutImage"), ("SeeTheImage",), free("Action")),
    ],
    "instance": [
        Refusal("join another cluster", ecs("RegisterContainerInstance", "cluster", "payroll"), ("JoinAClusterOfBatch",), free("Resource")),
        Refusal("make a cluster", ecs("CreateCluster", "cluster", CLUSTER), ("JoinAClusterOfBatch",), free("Action")),
        Refusal("tag what is there", ecs("TagResource", "container-instance", f"{CLUSTER}/9"), ("TagItselfWhenItJoins",), free("Condition")),
        Refusal("read a worker's token", lambda s: [request("dynamodb:Query", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{s.outputs['CredentialTable']}")], ("JoinAClusterOfBatch",), free("Action", "Resource")),
        Refusal("read an artefact", in_control("GetObject", "artefacts/current.json"), ("JoinAClusterOfBatch",), free("Action", "Resource")),
        Refusal("hand on its role", passing("gems-dev-instance", "ec2.amazonaws.com"), ("JoinAClusterOfBatch",), free("Action", "Resource")),
    ],
    "execution": [
        Refusal("fetch another image", ecr("BatchGetImage", f"{REPOSITORY}2"), ("FetchTheImage",), free("Resource")),
        Refusal("replace the image", ecr("PutImage"), ("FetchTheImage",), free("Action")),
        Refusal("log among workers' lines", worker_log("PutLogEvents"), ("WriteWhatTheContainerPrints",), free("Resource")),
        Refusal("read records", lambda s: [request("s3:GetObject", f"arn:aws:s3:::{control(s)}/{JOB}/job.json")], ("FetchTheImage",), free("Action", "Resource")),
    ],
}  # fmt: skip

BATCH_ALLOWED: dict[str, list[tuple[str, Ask]]] = _added(_with_batch(ALLOWED, lambda row: str(row[0])), _NEW_ALLOWED)
BATCH_REFUSED: dict[str, list[Refusal]] = _added(_with_batch(REFUSED, lambda row: str(row.what)), _NEW_REFUSED)
# By the engine that launches a stage's workers.
TABLES = {"ec2": (ALLOWED, REFUSED), "batch": (BATCH_ALLOWED, BATCH_REFUSED)}
