"""The API's own adapter meets the strict AWS Batch over HTTP: launches, listings, hosts, ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from batch_site import TYPE, BatchSite
from strict_site import StrictSite, client
from worker_values import BOOTSTRAP

from gems_api.aws.batch.fleet import BatchFleet
from gems_api.services.fleet_ports import Host, Launch, LaunchOutcome
from gems_api.settings import Settings
from gems_core.batch_ids import child_of
from gems_core.engines import Engine
from gems_core.tags import LaunchTags
from gems_local.strict.batch.pages import ENDED_PATH, ENVIRONMENT_PATH, HOST_PATH, RUNNING_PATH

CONTROL, KEY = "gems-control", BOOTSTRAP.session_key
Sites = Callable[..., BatchSite]


@pytest.fixture
def site(stand_in: Callable[..., StrictSite]) -> BatchSite:
    site = BatchSite(stand_in())
    site.clock.pass_seconds(1_800_000_000)  # a time that is one
    return site


def fleet(site: BatchSite) -> BatchFleet:
    settings = Settings(
        control_bucket=CONTROL,
        region="sa-east-1",
        api_url="https://api.test",
        worker_role="arn:aws:iam::123456789012:role/gems-worker",
        job_role="arn:aws:iam::123456789012:role/gems-job",
        instance_types=(TYPE,),
        mail_sender="gems@example.org",
        engine=Engine.BATCH,
        batch_queue="fair",
        batch_job_definition="worker",
    )
    now = lambda: datetime.fromtimestamp(site.clock(), UTC)  # noqa: E731 - of the stand-in
    return BatchFleet(site.api, site.api, lambda: client(site.site.endpoint, "ecs"), settings, now)


def launch(count: int, *, number: int = 1, key: str = KEY, control: str = CONTROL) -> Launch:
    tags = LaunchTags(key, "gems-data", "run", "2", count, number).as_dict() | {"gems:control_bucket": control}
    return Launch(count, f"token {number}", tags, BOOTSTRAP)


def names_of(outcome: LaunchOutcome) -> list[str]:
    assert outcome.refusals == ()
    return [item.instance_id for item in outcome.launched]


def states(site: BatchSite) -> dict[str, tuple[str, bool]]:
    return {item.instance_id: (item.state, item.queued) for item in fleet(site).instances(KEY)}


def run(site: BatchSite, name: str) -> dict[str, Any]:
    """Let a worker's container start."""
    task = site.task_of(str(child_of(name)))
    site.page("POST", RUNNING_PATH, task=task["task"])
    return task


def test_a_launch_is_listed_worker_by_worker_and_two_of_five_find_a_machine(site: BatchSite) -> None:
    names = names_of(fleet(site).launch(launch(5)))
    assert set(states(site)) == set(names)
    assert set(states(site).values()) == {("pending", True)}
    for name in names[:2]:
        run(site, name)
    assert [states(site)[name] for name in names] == [("running", False)] * 2 + [("pending", True)] * 3
    listed = fleet(site).instances(KEY)
    assert {item.tags["gems:session_key"] for item in listed} == {KEY}
    assert {item.instance_id for item in fleet(site).instances()} == set(names)
    assert fleet(site).instances("another") == []


def test_a_repeated_launch_is_the_same_job_and_the_next_one_is_another(site: BatchSite) -> None:
    first = names_of(fleet(site).launch(launch(3)))
    assert names_of(fleet(site).launch(launch(3))) == first
    second = names_of(fleet(site).launch(launch(2, number=2)))
    assert not set(first) & set(second)
    assert set(states(site)) == {*first, *second}
    assert len(site.site.aws.batch.submissions) == 2


def test_another_deployments_job_of_the_same_name_is_neither_listed_nor_taken_for_ours(site: BatchSite) -> None:
    theirs = launch(2, control="gems-elsewhere")
    assert names_of(fleet(site).launch(theirs))
    assert fleet(site).instances() == []
    site.submit(jobName=site.site.aws.batch.submissions[0]["jobName"], jobQueue="fair", shareIdentifier="x")
    assert len(names_of(fleet(site).launch(launch(2)))) == 2


def test_a_single_worker_is_a_plain_job_and_is_found_by_its_id(site: BatchSite) -> None:
    (name,) = names_of(fleet(site).launch(launch(1)))
    found = fleet(site).instance(name)
    assert found is not None
    assert (found.instance_id, found.queued, found.tags["gems:session_key"]) == (name, True, KEY)
    (of_array, _) = names_of(fleet(site).launch(launch(2, number=2)))
    child = fleet(site).instance(of_array)
    assert child is not None
    assert child.tags["gems:attempt"] == "2", "a child has its parent's tags"
    assert fleet(site).instance("i-0123456789abcdef0") is None
    assert fleet(site).instance(f"{name[:-1]}{'0' if name[-1] != '0' else '1'}") is None


def test_hosts_are_told_with_type_and_market_once_there_are_any(site: BatchSite) -> None:
    names = names_of(fleet(site).launch(launch(3)))
    assert fleet(site).hosts(names[2:]) == {}
    for name in names[:2]:
        run(site, name)
    assert fleet(site).hosts(names) == dict.fromkeys(names[:2], Host(TYPE, "on-demand"))


def test_all_of_an_array_end_with_one_call_and_some_one_by_one(site: BatchSite) -> None:
    names = names_of(fleet(site).launch(launch(5)))
    run(site, names[0])
    counted = lambda: next(  # noqa: E731 - asked twice
        (item["calls"] for item in site.site.aws.counts.as_json() if item["action"] == "TerminateJob"), 0
    )
    fleet(site).terminate(names[3:])
    assert counted() == 2
    assert [states(site)[name][0] for name in names[3:]] == ["terminated"] * 2
    assert states(site)[names[1]] == ("pending", True), "the others go on"
    fleet(site).terminate(names)
    assert counted() == 3
    for task in site.tasks():
        site.page("POST", ENDED_PATH, task=task["task"], exit_code=143)
    assert {state for state, _ in states(site).values()} == {"terminated"}
    fleet(site).terminate(names)
    assert counted() == 3, "what has ended needs no call"


@pytest.mark.parametrize(
    ("ended", "words"),
    [
        ({"exit_code": 1}, "Essential container in task exited"),
        ({"reason": "CannotPullContainerError: no such manifest"}, "CannotPullContainerError"),
    ],
)
def test_how_a_worker_ended_is_its_state_reason(site: BatchSite, ended: dict[str, Any], words: str) -> None:
    (name,) = names_of(fleet(site).launch(launch(1)))
    task = site.task_of(str(child_of(name)))
    if "exit_code" in ended:
        run(site, name)
    site.page("POST", ENDED_PATH, task=task["task"], **ended)
    found = fleet(site).instance(name)
    assert found is not None
    assert found.state == "terminated"
    assert words in found.state_reason


def test_a_worker_whose_machine_is_taken_waits_again_under_the_same_id(site: BatchSite) -> None:
    (name,) = names_of(fleet(site).launch(launch(1)))
    before = run(site, name)["task"]
    site.page("POST", HOST_PATH, job=str(child_of(name)))
    assert states(site)[name] == ("pending", True)
    assert run(site, name)["task"] != before
    assert states(site)[name] == ("running", False)


def test_why_the_head_of_the_queue_waits_is_told(site: BatchSite) -> None:
    site.page("PUT", ENVIRONMENT_PATH, environment="on-demand", instances=0)
    names = names_of(fleet(site).launch(launch(3)))
    states(site)
    site.clock.pass_seconds(3600)
    reasons = {item.instance_id: item.state_reason for item in fleet(site).instances(KEY)}
    assert reasons[names[0]].startswith("CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY")
    assert {reasons[name] for name in names[1:]} == {""}


def test_ended_jobs_are_listed_for_an_hour(site: BatchSite) -> None:
    (name,) = names_of(fleet(site).launch(launch(1)))
    task = run(site, name)
    site.page("POST", ENDED_PATH, task=task["task"], exit_code=0)
    assert [item.is_gone for item in fleet(site).instances()] == [True]
    site.clock.pass_seconds(3601)
    assert fleet(site).instances() == []
    assert [item.is_gone for item in fleet(site).instances(KEY)] == [True], "who asks for the job sees it"


@pytest.mark.parametrize("queue", ["plain", "nowhere"])
def test_a_queue_that_does_not_fit_is_a_refusal_with_the_repair(site: BatchSite, queue: str) -> None:
    adapter = fleet(site)
    adapter._settings = replace(adapter._settings, batch_queue=queue)
    (refusal,) = adapter.launch(launch(1)).refusals
    assert refusal.code == "ClientException"
