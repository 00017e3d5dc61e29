"""What AWS Batch refuses, lists, pages and tells, through boto3 and HTTP."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from batch_site import BatchSite
from botocore.exceptions import ClientError
from strict_site import StrictSite, refused

from gems_local.strict.batch.pages import (
    BATCH_PATH,
    ENDED_PATH,
    ENVIRONMENT_PATH,
    FAULT_PATH,
    HOST_PATH,
    RUNNING_PATH,
    SUBMISSIONS_PATH,
)

UNKNOWN = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def batch(stand_in: Callable[..., StrictSite]) -> BatchSite:
    return BatchSite(stand_in(throttled=False))


def variables(count: int, length: int) -> dict[str, Any]:
    return {"environment": [{"name": f"N{number}", "value": "v" * length} for number in range(count)]}


SUBMISSIONS: list[tuple[dict[str, Any], str]] = [
    ({"jobName": "-job"}, "Job name should match valid pattern"),
    ({"jobName": "a" * 129}, "Job name should match valid pattern"),
    ({"jobName": "a.b"}, "Job name should match valid pattern"),
    ({"jobQueue": "none"}, "JobQueue none not found"),
    ({"jobDefinition": "none"}, "JobDefinition none not found"),
    ({"jobDefinition": "worker:9"}, "JobDefinition worker:9 not found"),
    ({"jobDefinition": "worker:new"}, "JobDefinition worker:new not found"),
    ({"arrayProperties": {"size": 1}}, "Array size must be between 2 and 10000; found 1"),
    ({"arrayProperties": {"size": 10_001}}, "Array size must be between 2 and 10000; found 10001"),
    ({"shareIdentifier": "lab"}, "shareIdentifier cannot be specified"),
    ({"jobQueue": "fair"}, "shareIdentifier must be specified."),
    ({"jobQueue": "fair", "shareIdentifier": "my-lab"}, "alphanumeric"),
    ({"jobQueue": "fair", "shareIdentifier": "a" * 256}, "alphanumeric"),
    ({"jobQueue": "fair", "shareIdentifier": "lab", "schedulingPriorityOverride": 10_000}, "between 0 and 9999"),
    ({"containerOverrides": variables(2, 4090)}, "Container Overrides length must be at most 8192"),
    ({"containerOverrides": {"environment": [{"name": "AWS_BATCH_X", "value": "1"}]}}, "must not start with AWS_BATCH"),
    ({"tags": {str(number): "" for number in range(51)}}, "maximum number of tags is 50"),
    ({"tags": {"k": "v" * 257}}, "at most 256 characters"),
    ({"tags": {"aws:k": "v"}}, "reserved"),
    ({"timeout": {"attemptDurationSeconds": 59}}, "at least 60; found 59"),
    ({"retryStrategy": {"attempts": 11}}, "between 1 and 10; found 11"),
    ({"retryStrategy": {"attempts": 2, "evaluateOnExit": [{"action": "RETRY"}]}}, "evaluateOnExit needs one of"),
    ({"retryStrategy": {"attempts": 2, "evaluateOnExit": [{"onReason": "*", "action": "EXIT"}] * 6}}, "at most 5"),
    ({"parameters": {"p": "v" * 31_000}}, "payload size must be at most 30720"),
    ({"dependsOn": [{"jobId": UNKNOWN}]}, "knows no dependsOn"),
]


@pytest.mark.parametrize(("changes", "message"), SUBMISSIONS)
def test_a_submission_that_aws_refuses_is_refused(batch: BatchSite, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError, match=re.escape(message)) as caught:
        batch.submit(**changes)
    assert caught.value.response["Error"]["Code"] == "ClientException"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert batch.listed(jobQueue="plain", filters=[{"name": "JOB_NAME", "values": ["*"]}]) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"jobName": "a" * 128},
        {"jobName": "1_a-B"},
        {"arrayProperties": {"size": 2}},
        {"arrayProperties": {"size": 10_000}},
        {"jobQueue": "fair", "shareIdentifier": "a" * 255},
        {"containerOverrides": variables(2, 4040)},
        {"tags": {str(number): "" for number in range(50)}},
        {"timeout": {"attemptDurationSeconds": 60}},
        {"jobDefinition": "worker:1"},
        {"jobDefinition": f"arn:aws:batch:sa-east-1:{'123456789012'}:job-definition/worker:1"},
        {"jobQueue": f"arn:aws:batch:sa-east-1:{'123456789012'}:job-queue/plain"},
    ],
)
def test_a_submission_at_a_limit_is_taken(batch: BatchSite, changes: dict[str, Any]) -> None:
    assert batch.described(batch.submit(**changes))


def test_a_fair_queue_wants_a_scheduling_priority_from_the_definition_or_the_request(batch: BatchSite) -> None:
    batch.register("bare")
    fair = {"jobQueue": "fair", "shareIdentifier": "lab", "jobDefinition": "bare"}
    with pytest.raises(ClientError, match="Either schedulingPriority in job definition or schedulingPriorityOverride"):
        batch.submit(**fair)
    (job,) = batch.described(batch.submit(**fair, schedulingPriorityOverride=7))
    assert (job["schedulingPriority"], job["shareIdentifier"]) == (7, "lab")


def test_a_disabled_queue_and_an_inactive_definition_take_nothing(batch: BatchSite) -> None:
    batch.api.update_job_queue(jobQueue="plain", state="DISABLED")
    with pytest.raises(ClientError, match="plain is not in state: ENABLED"):
        batch.submit()
    batch.api.deregister_job_definition(jobDefinition="worker:1")
    with pytest.raises(ClientError, match="JobDefinition worker not found or not ACTIVE"):
        batch.submit(jobQueue="fair", shareIdentifier="lab")


def test_a_job_is_told_in_full(batch: BatchSite) -> None:
    job_id = batch.submit(
        jobName="gems-a-1",
        arrayProperties={"size": 3},
        tags={"gems:session_key": "s"},
        propagateTags=True,
        timeout={"attemptDurationSeconds": 600},
        containerOverrides={"environment": [{"name": "OF", "value": "override"}, {"name": "NEW", "value": ""}]},
    )
    parent, child, waiting = batch.described(job_id, f"{job_id}:0", f"{job_id}:2")
    counts = {"SUBMITTED": 0, "PENDING": 0, "RUNNABLE": 1, "STARTING": 2, "RUNNING": 0, "SUCCEEDED": 0, "FAILED": 0}
    assert (parent["status"], parent["arrayProperties"]) == ("PENDING", {"size": 3, "statusSummary": counts})
    assert (parent["tags"], child["tags"]) == ({"gems:session_key": "s"}, {})
    assert (child["status"], waiting["status"], child["arrayProperties"]) == ("STARTING", "RUNNABLE", {"index": 0})
    assert {one["name"]: one["value"] for one in child["container"]["environment"]} == {
        "OF": "override", "KEPT": "yes", "NEW": "",
    }  # fmt: skip
    assert re.fullmatch(r"arn:aws:ecs:sa-east-1:\d{12}:task/[\w-]+/[0-9a-f]{32}", child["container"]["taskArn"])
    assert "taskArn" not in waiting["container"]
    assert (child["createdAt"], child["timeout"]) == (1_000_000, {"attemptDurationSeconds": 600})
    assert child["retryStrategy"]["attempts"] == 3


def test_a_task_runs_and_ends_as_the_agent_says(batch: BatchSite) -> None:
    job_id = batch.submit()
    task = batch.task_of(job_id)
    assert (task["wanted"], task["command"], task["attempt"]) == ("run", ["bash", "bootstrap.sh"], 1)
    assert task["role"].endswith(":role/batch-for-tests")
    assert batch.page("POST", RUNNING_PATH, task=task["task"]) == {"known": True}
    batch.clock.pass_seconds(5)
    batch.page("POST", ENDED_PATH, task=task["task"], exit_code=3)
    (job,) = batch.described(job_id)
    assert (job["status"], job["statusReason"]) == ("FAILED", "Essential container in task exited")
    assert (job["container"]["exitCode"], job["startedAt"], job["stoppedAt"]) == (3, 1_000_000, 1_005_000)
    (attempt,) = job["attempts"]
    assert attempt["container"]["taskArn"] == task["task_arn"] == job["container"]["taskArn"]
    assert batch.page("POST", ENDED_PATH, task=task["task"], exit_code=0) == {"known": False}


def test_terminating_asks_for_the_end_and_tells_the_given_reason(batch: BatchSite) -> None:
    job_id = batch.submit(arrayProperties={"size": 4})
    for task in batch.tasks():
        batch.page("POST", RUNNING_PATH, task=task["task"])
    batch.api.terminate_job(jobId=f"{job_id}:0", reason="one")
    assert [task["wanted"] for task in batch.tasks()] == ["stop", "run"]
    batch.api.terminate_job(jobId=job_id, reason="all")
    for task in batch.tasks():
        batch.page("POST", ENDED_PATH, task=task["task"], exit_code=143)
    jobs = batch.described(job_id, *(f"{job_id}:{index}" for index in range(4)))
    assert [job["statusReason"] for job in jobs] == ["all", "one", "all", "all", "all"]
    assert {job["status"] for job in jobs} == {"FAILED"}
    assert {job["isTerminated"] for job in jobs} == {True}


def test_a_job_that_waits_is_cancelled_and_one_that_runs_is_not(batch: BatchSite) -> None:
    running, other, waiting = batch.submit(), batch.submit(), batch.submit()
    for job_id in (running, other, waiting):
        batch.api.cancel_job(jobId=job_id, reason="no")
    jobs = batch.described(running, waiting)
    assert [(job["status"], job["isCancelled"]) for job in jobs] == [("STARTING", False), ("FAILED", True)]


@pytest.mark.parametrize("act", ["terminate_job", "cancel_job"])
def test_ending_wants_a_job_and_a_reason(batch: BatchSite, act: str) -> None:
    for query in ({"jobId": UNKNOWN, "reason": "no"}, {"jobId": batch.submit(), "reason": ""}):
        with refused("ClientException"):
            getattr(batch.api, act)(**query)


def test_a_host_that_is_taken_away_lets_the_job_run_again_elsewhere(batch: BatchSite) -> None:
    job_id = batch.submit()
    first = batch.task_of(job_id)
    batch.page("POST", RUNNING_PATH, task=first["task"])
    assert batch.page("POST", HOST_PATH, job=job_id) == {"known": True, "instance": first["instance"]}
    second = batch.task_of(job_id)
    assert (second["attempt"], second["instance"] != first["instance"]) == (2, True)
    (job,) = batch.described(job_id)
    assert job["attempts"][0]["statusReason"] == f"Host EC2 (instance {first['instance']}) terminated."
    assert batch.page("POST", HOST_PATH, instance=first["instance"])["known"] is False


@pytest.mark.parametrize(
    ("kind", "status_reason", "reason"),
    [
        ("image", "Task failed to start", "CannotPullContainerError: "),
        (
            "out-of-memory",
            "Essential container in task exited",
            "OutOfMemoryError: Container killed due to memory usage",
        ),
    ],
)
def test_a_fault_of_the_next_task_is_told(batch: BatchSite, kind: str, status_reason: str, reason: str) -> None:
    batch.page("POST", FAULT_PATH, kind=kind)
    job_id = batch.submit()
    for task in batch.tasks():
        batch.page("POST", RUNNING_PATH, task=task["task"])
    (job,) = batch.described(job_id)
    assert (job["status"], job["statusReason"]) == ("FAILED", status_reason)
    assert job["container"]["reason"].startswith(reason)
    (listed,) = batch.api.list_jobs(jobQueue="plain", jobStatus="FAILED")["jobSummaryList"]
    assert listed["container"]["reason"].startswith(reason)


def test_an_environment_without_capacity_or_invalid_stops_the_queue(batch: BatchSite) -> None:
    batch.page("PUT", ENVIRONMENT_PATH, environment="on-demand", instances=0)
    job_id = batch.submit()
    batch.described(job_id)
    batch.clock.pass_seconds(10)
    (job,) = batch.described(job_id)
    assert job["statusReason"].startswith("CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - ")
    batch.page("PUT", ENVIRONMENT_PATH, environment="on-demand", instances=None, valid=False)
    (environment,) = batch.api.describe_compute_environments()["computeEnvironments"]
    assert (environment["status"], batch.described(job_id)[0]["status"]) == ("INVALID", "RUNNABLE")
    batch.page("PUT", ENVIRONMENT_PATH, environment="on-demand", valid=True)
    assert batch.described(job_id)[0]["status"] == "STARTING"


def test_describing_leaves_out_what_is_unknown_and_takes_a_hundred(batch: BatchSite) -> None:
    job_id = batch.submit()
    assert [job["jobId"] for job in batch.described(UNKNOWN, job_id, f"{job_id}:0", job_id)] == [job_id]
    assert batch.described(*[f"{UNKNOWN}:{index}" for index in range(100)]) == []
    with refused("ClientException"):
        batch.described(*[f"{UNKNOWN}:{index}" for index in range(101)])


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"jobQueue": "plain", "arrayJobId": UNKNOWN},
        {"jobQueue": "none"},
        {"arrayJobId": UNKNOWN},
        {"jobQueue": "plain", "maxResults": 0},
        {"jobQueue": "plain", "maxResults": 101},
        {"jobQueue": "plain", "nextToken": "unknown"},
        {"jobQueue": "plain", "filters": [{"name": "JOB_NAME", "values": ["a"]}] * 2},
        {"jobQueue": "plain", "filters": [{"name": "JOB_NAME", "values": ["a", "b"]}]},
        {"jobQueue": "plain", "filters": [{"name": "job_name", "values": ["a"]}]},
        {"jobQueue": "plain", "filters": [{"name": "AFTER_CREATED_AT", "values": ["today"]}]},
    ],
)
def test_a_listing_that_aws_refuses_is_refused(batch: BatchSite, query: dict[str, Any]) -> None:
    with refused("ClientException"):
        batch.listed(**query)


def test_jobs_are_listed_by_status_or_filter_the_newest_first(batch: BatchSite) -> None:
    batch.make_environment("huge", vcpus=100)
    batch.make_queue("wide", ["huge"])
    ids = {}
    for name in ("gems-a-1-x", "gems-a-2-x", "gems-b-1-x", "GEMS-a-1-y"):
        batch.clock.pass_seconds(1)
        ids[batch.submit(jobName=name, jobQueue="wide")] = name
    batch.submit(jobName="gems-a-1-other")
    for task in batch.tasks()[:2]:
        batch.page("POST", RUNNING_PATH, task=task["task"])

    def names(**query: Any) -> list[str]:
        return [ids[job_id] for job_id in batch.listed(jobQueue="wide", **query)]

    def filtered(name: str, value: str) -> list[str]:
        return names(filters=[{"name": name, "values": [value]}])

    assert names() == ["gems-a-2-x", "gems-a-1-x"]  # running ones
    assert names(jobStatus="STARTING") == ["GEMS-a-1-y", "gems-b-1-x"]
    assert filtered("JOB_NAME", "GEMS-A-1-*") == ["GEMS-a-1-y", "gems-a-1-x"]
    assert filtered("JOB_NAME", "gems-a-1-x") == ["gems-a-1-x"]
    assert names(jobStatus="FAILED", filters=[{"name": "JOB_NAME", "values": ["gems-b-*"]}]) == ["gems-b-1-x"]
    assert filtered("AFTER_CREATED_AT", "1002000") == ["GEMS-a-1-y", "gems-b-1-x"]
    assert filtered("BEFORE_CREATED_AT", "1002000") == ["gems-a-1-x"]
    assert len(filtered("JOB_DEFINITION", "work*")) == 4


def test_shares_are_listed_with_a_status_or_without(batch: BatchSite) -> None:
    for share in ("lab1", "lab2", "lab1"):
        batch.submit(jobQueue="fair", shareIdentifier=share)
    query: dict[str, Any] = {"jobQueue": "fair", "filters": [{"name": "SHARE_IDENTIFIER", "values": ["lab1"]}]}
    found = [len(batch.listed(**query)), len(batch.listed(**query, jobStatus="RUNNABLE"))]
    assert found == [2, 1]


def test_children_are_listed_by_their_parent_alone_and_in_pages(batch: BatchSite) -> None:
    job_id = batch.submit(arrayProperties={"size": 250})
    assert batch.listed(jobQueue="plain", jobStatus="PENDING") == [job_id]
    assert batch.listed(jobQueue="plain", jobStatus="RUNNABLE") == []
    assert batch.listed(arrayJobId=job_id) == []  # running ones
    pages = batch.api.get_paginator("list_jobs").paginate(arrayJobId=job_id, jobStatus="RUNNABLE")
    found = [[one["arrayProperties"]["index"] for one in page["jobSummaryList"]] for page in pages]
    assert [len(page) for page in found] == [100, 100, 48]
    assert [index for page in found for index in page] == list(range(2, 250))
    assert len(batch.listed(arrayJobId=job_id, jobStatus="RUNNABLE", maxResults=7)) == 7


def test_a_new_job_is_listed_late_and_described_at_once(stand_in: Callable[..., StrictSite]) -> None:
    batch = BatchSite(stand_in(batch_listed_after_seconds=5.0))
    job_id = batch.submit(arrayProperties={"size": 2})
    by_name: dict[str, Any] = {"jobQueue": "plain", "filters": [{"name": "JOB_NAME", "values": ["gems-1"]}]}
    children = {"arrayJobId": job_id, "jobStatus": "STARTING"}
    assert (batch.listed(**by_name), batch.listed(**children)) == ([], [])
    assert len(batch.described(job_id)) == 1
    batch.clock.pass_seconds(5)
    assert (batch.listed(**by_name), len(batch.listed(**children))) == ([job_id], 2)


def test_calls_that_come_too_fast_are_refused(stand_in: Callable[..., StrictSite]) -> None:
    batch = BatchSite(stand_in())
    for _ in range(50):
        batch.described(UNKNOWN)
    with refused("TooManyRequestsException"):
        batch.described(UNKNOWN)
    batch.submit()  # each action has a bucket of its own
    batch.clock.pass_seconds(0.03)
    batch.described(UNKNOWN)
    counted = {one["action"]: one for one in batch.site.aws.counts.as_json() if one["service"] == "batch"}
    assert (counted["DescribeJobs"]["calls"], counted["DescribeJobs"]["throttled"]) == (52, 1)


def test_ecs_tells_type_and_cluster_of_the_instance_that_runs_a_task(batch: BatchSite) -> None:
    batch.make_environment("spot", "SPOT")
    batch.make_queue("cheap", ["spot", "on-demand"])
    (job,) = batch.described(batch.submit(jobQueue="cheap"))
    arn = job["container"]["containerInstanceArn"]
    cluster = arn.split("/")[1]
    assert re.fullmatch(r"AWSBatch-spot-[0-9a-f-]{36}", cluster)
    assert f"cluster/{cluster}" in " ".join(batch.ecs.list_clusters()["clusterArns"])
    environments = batch.api.describe_compute_environments()["computeEnvironments"]
    (market,) = [
        one["computeResources"]["type"] for one in environments if one["ecsClusterArn"].endswith(f"/{cluster}")
    ]
    answer = batch.ecs.describe_container_instances(cluster=cluster, containerInstances=[arn, f"{arn[:-1]}g"])
    (instance,) = answer["containerInstances"]
    attributes = {one["name"]: one["value"] for one in instance["attributes"]}
    assert (market, attributes["ecs.instance-type"]) == ("SPOT", "c5.large")
    assert re.fullmatch(r"i-[0-9a-f]{17}", instance["ec2InstanceId"])
    assert answer["failures"] == [{"arn": f"{arn[:-1]}g", "reason": "MISSING"}]
    with refused("InvalidParameterException"):
        batch.ecs.describe_container_instances(cluster=cluster, containerInstances=[arn] * 101)
    with refused("ClusterNotFoundException"):
        batch.ecs.describe_container_instances(cluster="none", containerInstances=[arn])


def test_an_instance_that_has_gone_is_missing(batch: BatchSite) -> None:
    job_id = batch.submit()
    arn = batch.described(job_id)[0]["container"]["containerInstanceArn"]
    batch.page("POST", HOST_PATH, job=job_id)
    query = {"cluster": arn.split("/")[1], "containerInstances": [arn]}
    assert batch.ecs.describe_container_instances(**query)["failures"] == [{"arn": arn, "reason": "MISSING"}]


def test_an_environment_that_is_made_larger_takes_more_jobs(batch: BatchSite) -> None:
    jobs = [batch.submit() for _ in range(3)]
    assert [job["status"] for job in batch.described(*jobs)] == ["STARTING", "STARTING", "RUNNABLE"]
    batch.api.update_compute_environment(computeEnvironment="on-demand", computeResources={"maxvCpus": 6})
    assert [job["status"] for job in batch.described(*jobs)] == ["STARTING"] * 3
    (environment,) = batch.api.describe_compute_environments()["computeEnvironments"]
    resources = environment["computeResources"]
    assert (resources["maxvCpus"], resources["instanceTypes"]) == (6, ["c5.large"])


def test_a_disabled_environment_is_passed_over(batch: BatchSite) -> None:
    batch.make_environment("spot", "SPOT")
    batch.make_queue("cheap", ["spot", "on-demand"])
    batch.api.update_compute_environment(computeEnvironment="spot", state="DISABLED")
    job_id = batch.submit(jobQueue="cheap")
    assert batch.task_of(job_id)["environment"] == "on-demand"


def test_a_definition_tells_its_scheduling_priority(batch: BatchSite) -> None:
    batch.register("bare")
    told = batch.api.describe_job_definitions()["jobDefinitions"]
    assert {one["jobDefinitionName"]: one.get("schedulingPriority") for one in told} == {"worker": 0, "bare": None}


def test_the_overview_tells_what_was_submitted_and_where_it_runs(batch: BatchSite) -> None:
    batch.submit(jobName="gems-seen")
    page = batch.page("GET", BATCH_PATH)
    assert [one["jobName"] for one in batch.page("GET", SUBMISSIONS_PATH)] == ["gems-seen"]
    (instance,) = page["instances"]
    assert (instance["instance_type"], instance["market"], len(instance["tasks"])) == ("c5.large", "EC2", 1)
    assert json.dumps(page["environments"]) == '{"limits": {}, "invalid": []}'
