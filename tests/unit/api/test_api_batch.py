"""AWS Batch behind the ports: what is asked of it, and what its answers and refusals become. Its rules are kept by the stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from api_fakes import signed_by
from api_world import CONTROL, SETTINGS
from botocore.exceptions import ReadTimeoutError
from botocore.stub import ANY, Stubber
from worker_values import BOOTSTRAP

from gems_api.aws.batch import names
from gems_api.aws.batch.fleet import BatchFleet
from gems_api.aws.batch.identity import BatchIdentifier
from gems_api.services.fleet_ports import Launch, LaunchUnanswered, Refusal
from gems_api.services.ports import IdentityRefused, IdentityUnchecked
from gems_api.settings import Settings
from gems_core.batch_ids import child_of, worker_of
from gems_core.engines import Engine
from gems_core.errors import CloudRefused
from gems_core.identity import HEADER, IdentityProof
from gems_core.tags import LaunchTags

JOB = "0e1f2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
TASK = "9d67b9ad4b1c4b5e8d67b9ad4b1c4b5e"
OURS = {"gems:control_bucket": CONTROL}
TAGS = LaunchTags(BOOTSTRAP.session_key, "gems-data", "run (1)", "2", 3, 1).as_dict() | OURS
BATCH = replace(SETTINGS, engine=Engine.BATCH, batch_queue="gems-queue", batch_job_definition="gems-worker:3")
LAUNCH = Launch(3, "token", TAGS, BOOTSTRAP)


@pytest.fixture
def client() -> Any:
    return boto3.client("batch", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="y")


@pytest.fixture
def stub(client: Any) -> Iterator[Stubber]:
    with Stubber(client) as active:
        yield active
        active.assert_no_pending_responses()


def fleet(client: Any, settings: Settings = BATCH) -> BatchFleet:
    return BatchFleet(client, client, lambda: client, settings)


@pytest.mark.parametrize(
    ("child", "worker"),
    [(JOB, f"b-{JOB}"), (f"{JOB}:0", f"b-{JOB}-0"), (f"{JOB}:9999", f"b-{JOB}-9999")],
)
def test_workers_and_children_are_called_after_each_other(child: str, worker: str) -> None:
    assert worker_of(child) == worker
    assert child_of(worker) == child


@pytest.mark.parametrize("worker", ["i-0f2a", f"b-{JOB}-", f"b-{JOB}-10000", f"b-{JOB[:-1]}g", f"b-{JOB}:1", "b-", ""])
def test_what_is_no_worker_of_batchs_is_none(worker: str) -> None:
    assert child_of(worker) is None


def test_a_launchs_name_is_one_that_batch_takes_and_only_a_repeat_has_it_again() -> None:
    name = names.name_of_launch(TAGS)
    assert name == names.name_of_launch(dict(TAGS))
    assert name.replace("-", "").isalnum()
    assert len(name) <= 128
    others = [{**TAGS, key: "2"} for key in ("gems:session_key", "gems:control_bucket", "gems:attempt")]
    assert len({name, *map(names.name_of_launch, others)}) == 4
    assert name.startswith(names.name_of_jobs(CONTROL, TAGS["gems:session_key"]))


def expect_lookup(stub: Stubber, *found: dict[str, Any]) -> None:
    name = names.name_of_launch(TAGS)
    by_name = {"jobQueue": "gems-queue", "filters": [{"name": "JOB_NAME", "values": [f"{name}*"]}]}
    summaries = [{"jobId": item["jobId"], "jobName": item["jobName"]} for item in found]
    stub.add_response("list_jobs", {"jobSummaryList": summaries}, by_name)
    if found:
        whole = [
            {"jobQueue": "q", "status": "RUNNABLE", "startedAt": 0, "jobDefinition": "d", **item} for item in found
        ]
        stub.add_response("describe_jobs", {"jobs": whole}, {"jobs": [item["jobId"] for item in found]})


def test_a_launch_is_one_array_job_with_all_that_a_worker_must_know(client: Any, stub: Stubber) -> None:
    expect_lookup(stub)
    asked = {
        "jobName": names.name_of_launch(TAGS),
        "jobQueue": "gems-queue",
        "jobDefinition": "gems-worker:3",
        "arrayProperties": {"size": 3},
        "shareIdentifier": "gemsdata",
        "containerOverrides": {"environment": ANY},
        "timeout": {"attemptDurationSeconds": 7200},
        "tags": {**TAGS, "gems:prefix": "run _1_"},
        "propagateTags": True,
    }
    stub.add_response("submit_job", {"jobId": JOB, "jobName": "n"}, asked)
    outcome = fleet(client).launch(LAUNCH)
    assert [item.instance_id for item in outcome.launched] == [f"b-{JOB}-{index}" for index in range(3)]
    assert [(item.launch_index, item.market) for item in outcome.launched] == [(0, ""), (1, ""), (2, "")]


def test_a_single_worker_is_a_plain_job(client: Any, stub: Stubber) -> None:
    expect_lookup(stub)
    stub.add_response("submit_job", {"jobId": JOB, "jobName": "n"})
    outcome = fleet(client).launch(replace(LAUNCH, count=1))
    assert [item.instance_id for item in outcome.launched] == [f"b-{JOB}"]


@pytest.mark.parametrize(
    ("tags", "name", "is_the_launch"),
    [
        (TAGS, names.name_of_launch(TAGS), True),
        (TAGS, f"{names.name_of_launch(TAGS)}0", False),
        ({**TAGS, "gems:control_bucket": "another"}, names.name_of_launch(TAGS), False),
        ({}, names.name_of_launch(TAGS), False),
    ],
)
def test_a_launch_that_was_made_is_found_by_its_name_and_its_tags(
    tags: dict[str, str], name: str, *, is_the_launch: bool, client: Any, stub: Stubber
) -> None:
    expect_lookup(stub, {"jobId": JOB, "jobName": name, "tags": tags})
    if not is_the_launch:
        stub.add_response("submit_job", {"jobId": JOB.replace("0", "1"), "jobName": "n"})
    (first, *_) = fleet(client).launch(LAUNCH).launched
    assert (first.instance_id == f"b-{JOB}-0") is is_the_launch


def test_a_lookup_that_fails_leaves_the_launch_unanswered_for_it_may_have_been_made(client: Any, stub: Stubber) -> None:
    stub.add_client_error("list_jobs", "TooManyRequestsException", http_status_code=429)
    with pytest.raises(LaunchUnanswered):
        fleet(client).launch(LAUNCH)


@pytest.mark.parametrize("code", ["ClientException", "AccessDeniedException", "TooManyRequestsException"])
def test_a_refused_launch_is_told(code: str, client: Any, stub: Stubber) -> None:
    expect_lookup(stub)
    stub.add_client_error("submit_job", code, "JobQueue gems-queue is disabled")
    assert fleet(client).launch(LAUNCH).refusals == (Refusal(code, "JobQueue gems-queue is disabled"),)


def test_silence_and_faults_of_batchs_leave_a_launch_unanswered(
    client: Any, stub: Stubber, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect_lookup(stub)
    stub.add_client_error("submit_job", "ServerException", "internal", http_status_code=500)
    with pytest.raises(LaunchUnanswered, match="internal"):
        fleet(client).launch(LAUNCH)
    expect_lookup(stub)

    def silent(**_: object) -> None:
        raise ReadTimeoutError(endpoint_url="https://batch")

    monkeypatch.setattr(client, "submit_job", silent)
    with pytest.raises(LaunchUnanswered, match="did not answer"):
        fleet(client).launch(LAUNCH)


@pytest.mark.parametrize(
    ("launch", "limit"),
    [
        (replace(LAUNCH, count=10_001), "1 to 10000 workers"),
        (replace(LAUNCH, count=0), "1 to 10000 workers"),
        (replace(LAUNCH, bootstrap=replace(BOOTSTRAP, api_url="a\nb")), "printable"),
    ],
)
def test_what_batch_would_refuse_is_refused_before_it_is_asked(launch: Launch, limit: str, client: Any) -> None:
    with pytest.raises(CloudRefused, match=limit):
        fleet(client).launch(launch)


class Sessions:
    """Whose credentials signed, as STS would say."""

    def __init__(self, name: str) -> None:
        self._name = name

    def name(self, proof: IdentityProof) -> str:
        return self._name


def described(task: str, status: str = "RUNNING") -> dict[str, Any]:
    arn = f"arn:aws:ecs:eu-west-1:123456789012:task/AWSBatch-x/{task}"
    container = {"taskArn": arn} if task else {}
    common = {"jobName": "n", "jobQueue": "q", "startedAt": 0, "jobDefinition": "d"}
    return {"jobs": [{**common, "jobId": f"{JOB}:1", "status": status, "container": container}]}


@pytest.mark.parametrize(
    ("session", "claimed", "answer", "error"),
    [
        (TASK, f"b-{JOB}-1", described(TASK), None),
        (TASK, f"b-{JOB}-1", described(TASK[::-1]), IdentityRefused),
        (TASK, f"b-{JOB}-1", described(TASK[::-1], "STARTING"), IdentityUnchecked),
        (TASK, f"b-{JOB}-1", described(""), IdentityUnchecked),
        (TASK, f"b-{JOB}-1", {"jobs": []}, IdentityUnchecked),
        ("i-0123456789abcdef0", f"b-{JOB}-1", None, IdentityRefused),
        (TASK, "i-0123456789abcdef0", None, IdentityRefused),
        ("somebody", f"b-{JOB}-1", None, IdentityRefused),
    ],
)
def test_only_a_childs_own_task_is_the_child(
    session: str,
    claimed: str,
    answer: dict[str, Any] | None,
    error: type[Exception] | None,
    *,
    client: Any,
    stub: Stubber,
) -> None:
    if answer is not None:
        stub.add_response("describe_jobs", answer, {"jobs": [f"{JOB}:1"]})
    identifier = BatchIdentifier(Sessions(session), client)  # type: ignore[arg-type]  # it names a session
    proof = IdentityProof.parse(signed_by("token", BOOTSTRAP.session_key)[HEADER])
    if error is None:
        assert identifier.instance_id(proof, claimed) == claimed
        return
    with pytest.raises(error):
        identifier.instance_id(proof, claimed)


def test_a_batch_that_refuses_to_say_leaves_an_identity_unchecked(client: Any, stub: Stubber) -> None:
    stub.add_client_error("describe_jobs", "TooManyRequestsException", http_status_code=429)
    proof = IdentityProof.parse(signed_by("token", BOOTSTRAP.session_key)[HEADER])
    with pytest.raises(IdentityUnchecked):
        BatchIdentifier(Sessions(TASK), client).instance_id(proof, f"b-{JOB}-1")  # type: ignore[arg-type]
