"""Jobs under a cap of virtual processors: who launches, who waits behind whom, and what waiting does not cost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from api_world import SETTINGS, World

from gems_api.services.lifecycle.cancel import cancel
from gems_api.services.lifecycle.retry import retry
from gems_api.services.reaping.reaper import reap
from gems_api.services.shown.job_view import job_view
from gems_api.settings import Settings
from gems_cli.jobs.views import job_lines
from gems_core.errors import InvalidInput
from gems_core.instance_sizes import vcpus_of
from gems_core.session_key import SessionKey
from gems_core.statuses import JobStatus

REQUIRED = {
    "GEMS_CONTROL_BUCKET": "gems-control",
    "GEMS_REGION": "eu-west-1",
    "GEMS_API_URL": "https://api.example.org",
    "GEMS_WORKER_ROLE": SETTINGS.worker_role,
    "GEMS_JOB_ROLE": SETTINGS.job_role,
    "GEMS_LAUNCH_TEMPLATE": "gems-worker",
    "GEMS_INSTANCE_TYPES": "c7i.xlarge",
    "GEMS_SUBNETS": "subnet-1",
    "GEMS_MAIL_SENDER": "gems@example.org",
}


@pytest.fixture
def capped(world: World) -> World:
    """Room for three workers of four vCPUs, for two of one job."""
    return world.with_settings(most_vcpus=14, most_job_vcpus=8)


def start_in_turn(world: World, *names: str, **more: Any) -> list[SessionKey]:
    found = []
    for name in names:
        found.append(world.start(2, name, workers=2, **more))
        world.clock.pass_seconds(1)
    return found


def living(world: World, session_key: SessionKey) -> int:
    return sum(not item.is_gone for item in world.fleet.instances(str(session_key)))


def view_of(world: World, session_key: SessionKey) -> dict[str, Any]:
    return job_view(world.job(session_key), "")


def finish(world: World, session_key: SessionKey) -> None:
    for worker in world.crew(session_key):
        if worker.work().instruction.value == "merge":
            worker.merge()
    world.clock.pass_seconds(SETTINGS.end_grace_seconds + 1)
    reap(world.context)


def test_jobs_launch_in_the_order_in_which_they_came_and_the_others_wait_with_their_place(capped: World) -> None:
    keys = start_in_turn(capped, "zoo", "one", "two", "alas")
    assert capped.fleet.launches == [], "the reaper launches"
    assert "launched in its turn" in str(view_of(capped, keys[0])["reason"])
    reap(capped.context)
    assert [living(capped, key) for key in keys] == [2, 1, 0, 0]
    assert [view_of(capped, key)["waits_behind"] for key in keys] == [None, None, 2, 3]
    assert "waits behind 2 jobs" in str(view_of(capped, keys[2])["reason"])
    assert job_lines(view_of(capped, keys[2]))["job"].endswith("waits behind 2 jobs")
    finish(capped, keys[0])
    reap(capped.context)
    assert [living(capped, key) for key in keys[1:]] == [1, 2, 0], "two has nothing yet, and so comes before one's rest"
    assert [view_of(capped, key)["waits_behind"] for key in keys[1:]] == [None, None, 2]
    assert view_of(capped, keys[2])["reason"] == ""


def test_what_runs_never_exceeds_the_cap_whatever_reapers_do_at_once(capped: World) -> None:
    start_in_turn(capped, *"abcd")
    twin = World(settings=capped.settings, clock=capped.clock).context
    object.__setattr__(twin, "cloud", capped.cloud)
    for _ in range(5):
        reap(capped.context)
        reap(twin)
        assert 4 * len(capped.fleet.living()) <= 14
        capped.clock.pass_seconds(60)


def test_waiting_does_not_count_against_the_time_limit(capped: World) -> None:
    world = capped.with_settings(most_vcpus=8, most_job_vcpus=None, job_limit_seconds=3600)
    first, second = start_in_turn(world, "one", "two")
    reap(world.context)
    for _ in range(59):
        world.clock.pass_seconds(60)
        for worker in world.crew(first):
            worker.say("heartbeat", "BOOTSTRAPPING")
        reap(world.context)
    assert (living(world, first), living(world, second)) == (2, 0)
    finish(world, first)
    reap(world.context)
    assert living(world, second) == 2
    job = world.job(second)
    assert job.state is not None
    assert job.state.value.waited_seconds > 3500
    assert job.time_limit_at == job.opened_at + timedelta(seconds=3600 + job.state.value.waited_seconds)
    world.clock.pass_seconds(900)
    reap(world.context)
    assert not world.job(second).ended


def test_a_waiting_job_can_be_cancelled_and_retried_and_takes_its_place_anew(capped: World) -> None:
    keys = start_in_turn(capped, "one", "two", "three", "four")
    reap(capped.context)
    cancel(capped.context, keys[2])
    reap(capped.context)
    assert view_of(capped, keys[3])["waits_behind"] == 2
    capped.clock.pass_seconds(10)
    launches = len(capped.fleet.launches)
    retry(capped.context, keys[2])
    assert len(capped.fleet.launches) == launches, "a retry launches in turn, too"
    reap(capped.context)
    assert [view_of(capped, key)["waits_behind"] for key in keys[2:]] == [3, 2]
    cancel(capped.context, keys[0])
    capped.clock.pass_seconds(60)
    reap(capped.context)
    assert [living(capped, key) for key in keys] == [0, 1, 0, 2]


def test_a_launch_without_an_answer_counts_until_it_is_known(capped: World) -> None:
    world = capped.with_settings(most_vcpus=8)
    keys = start_in_turn(world, "one", "two")
    world.fleet.silent = True
    world.fleet.hidden = {f"i-{number:04d}" for number in range(9)}
    reap(world.context)
    reap(world.context)
    assert len(world.fleet.launches) == 1
    assert view_of(world, keys[1])["waits_behind"] == 1
    world.fleet.silent = False
    world.clock.pass_seconds(SETTINGS.launch_grace_seconds + 1)
    reap(world.context)
    assert len(world.fleet.answers) == 1, "made again with its token"
    assert world.job(keys[0]).overall_status is JobStatus.LAUNCHING
    assert view_of(world, keys[0])["workers_launched"] == 2


def test_a_machine_whose_end_ec2_forgot_before_anybody_saw_it_keeps_no_job_waiting(capped: World) -> None:
    """The shortest form of what the job machine found: a job that waited for its own dead machine, for ever."""
    world = capped.with_settings(most_vcpus=8)
    (first,) = start_in_turn(world, "one")
    reap(world.context)
    for worker in world.crew(first):
        worker.claim()
    world.fleet.terminate(world.fleet.living())
    world.fleet.hidden = set(world.fleet.known)
    world.clock.pass_seconds(SETTINGS.claim_seconds + 1)
    reap(world.context)
    assert view_of(world, first)["waits_behind"] is None
    assert living(world, first) == 2


def test_a_job_may_ask_for_no_more_workers_than_its_cap_lets_run(capped: World) -> None:
    assert capped.settings.most_workers == 2
    with pytest.raises(InvalidInput, match="workers"):
        capped.start(4, workers=3)
    assert capped.job(capped.start(4)).manifest.workers == 2


@pytest.mark.parametrize(
    ("name", "vcpus"),
    [("c7i.large", 2), ("c7i.xlarge", 4), ("c7i.2xlarge", 8), ("m6g.16xlarge", 64), ("t3.nano", 2), ("c7g.medium", 2)],
)
def test_a_size_tells_its_vcpus(name: str, vcpus: int) -> None:
    assert vcpus_of(name) == vcpus


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"GEMS_MOST_VCPUS": "3"}, "GEMS_MOST_VCPUS: expected at least the 4 vCPUs of one worker"),
        ({"GEMS_MOST_JOB_VCPUS": "2"}, "GEMS_MOST_JOB_VCPUS: expected at least the 4 vCPUs of one worker"),
        ({"GEMS_MOST_VCPUS": "0"}, "a whole number of at least 1"),
        ({"GEMS_MOST_VCPUS": "\u0664\u0662"}, "a whole number of at least 1"),
        ({"GEMS_MOST_VCPUS": "9", "GEMS_INSTANCE_TYPES": "c7i.metal"}, "c7i.metal"),
        ({"GEMS_MOST_VCPUS": "9", "GEMS_INSTANCE_TYPES": "c7i.\u0662xlarge"}, "whose names tell their vCPUs"),
    ],
)
def test_a_cap_that_lets_nobody_work_is_refused(changes: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Settings.from_environment(REQUIRED | changes)
    assert said in str(refusal.value)
