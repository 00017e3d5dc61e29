"""Workers that wait in AWS Batch's queue: nothing is lost or ended for it, it costs nothing, and a person sees why."""

from __future__ import annotations

from dataclasses import replace

import pytest
from api_world import SETTINGS, World
from queued_fleet import MISCONFIGURED, QueuedFleet

from gems_api.services.context import Context
from gems_api.services.fleet_ports import Host
from gems_api.services.intake.costs import spent_so_far
from gems_api.services.lifecycle.cancel import cancel
from gems_api.services.reaping.reaper import reap
from gems_api.services.reaping.watch import IN_QUEUE
from gems_api.services.state.records import JobState
from gems_core.prices import InstancePrice
from gems_core.session_key import SessionKey
from gems_core.statuses import JobStatus, WorkerStatus

HOUR = 3600


@pytest.fixture
def world() -> World:
    return queued_world()


def queued_world() -> World:
    world = World()
    world.fleet = QueuedFleet(world.clock)
    world.cloud = replace(world.cloud, fleet=world.fleet)
    world.context = Context(world.settings, world.cloud, world.clock)
    return world


def fleet(world: World) -> QueuedFleet:
    assert isinstance(world.fleet, QueuedFleet)
    return world.fleet


def state(world: World, session_key: SessionKey) -> JobState:
    found = world.job(session_key).state
    assert found is not None
    return found.value


def tick(world: World, seconds: float = 60) -> list[str]:
    world.clock.pass_seconds(seconds)
    actions = reap(world.context).actions
    return [name for names in actions.values() for name in names]


def test_a_job_that_waits_longer_than_any_limit_is_left_waiting_and_says_why(world: World) -> None:
    session_key = world.start(4, workers=2)
    assert tick(world) == ["InQueue"]
    assert tick(world) == []
    fleet(world).tell("CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - No capacity for c7i.xlarge.")
    assert tick(world) == ["InQueue"]
    tick(world, SETTINGS.job_limit_seconds + SETTINGS.launch_limit_seconds)
    job = state(world, session_key)
    assert (job.overall_status, job.launches, len(fleet(world).living())) == (JobStatus.LAUNCHING, 1, 2)
    assert IN_QUEUE in job.reason
    assert "INSUFFICIENT_INSTANCE_CAPACITY" in job.reason
    assert "does not count" in job.reason


def test_a_job_that_is_served_runs_with_all_of_its_time_and_says_nothing_more(world: World) -> None:
    session_key = world.start(4, workers=2)
    tick(world)
    tick(world, 5 * HOUR)
    fleet(world).place(fleet(world).living()[:1])
    assert tick(world) == ["Served"]
    job = state(world, session_key)
    assert (job.reason, job.waiting_since) == ("", None)
    assert job.waited_seconds == pytest.approx(5 * HOUR + 60, abs=1)
    (first, second) = world.crew(session_key)
    first.claim()
    assert tick(world) == [], "the second waits on, and is neither overdue nor missed"
    assert tick(world, SETTINGS.heartbeat_limit_seconds - 60) == []
    fleet(world).place([second.instance_id])
    assert second.claim().share is not None


def test_waiting_costs_nothing_and_working_costs_what_the_host_costs(world: World) -> None:
    world.set_prices({"c7i.xlarge": InstancePrice(0.2, 0.1)})
    session_key = world.start(1)
    tick(world, HOUR)
    assert spent_so_far(world.job(session_key), world.context.prices.table()).instance_hours == 0
    fleet(world).place(fleet(world).living())
    tick(world)
    (launched,) = state(world, session_key).instances
    assert (launched.instance_type, launched.market) == ("c7i.xlarge", "spot")
    tick(world, HOUR)
    assert fleet(world).asked_hosts == 1, "asked once"


def test_what_a_job_in_good_order_runs_on_is_asked_at_the_next_tick(world: World) -> None:
    session_key = world.start(4, workers=2)
    fleet(world).place(fleet(world).living())
    for worker in world.crew(session_key):
        worker.claim()
    assert tick(world) == []
    assert {item.market for item in state(world, session_key).instances} == {"spot"}
    tick(world)
    assert fleet(world).asked_hosts == 1


def test_a_worker_that_ended_before_anybody_looked_counts_as_the_preferred_type(world: World) -> None:
    session_key = world.start(1)
    (name,) = fleet(world).living()
    fleet(world).place([name], Host("", ""))
    fleet(world).placed.clear()
    fleet(world).fail(name, "Essential container in task exited")
    tick(world)
    first = state(world, session_key).instances[0]
    assert (first.instance_type, first.market) == (SETTINGS.instance_types[0], "on-demand")


def test_a_job_that_can_never_be_placed_ends_with_the_repair_and_leaves_no_queue(world: World) -> None:
    session_key = world.start(4, workers=2)
    fleet(world).tell(MISCONFIGURED)
    assert tick(world) == ["Fail"]
    job = state(world, session_key)
    assert job.overall_status is JobStatus.FAILED
    assert MISCONFIGURED.rstrip(".") in job.reason
    assert "gems doctor" in job.reason
    assert fleet(world).living() == []


def test_a_job_of_which_something_runs_is_not_ended_for_the_queues_trouble(world: World) -> None:
    session_key = world.start(4, workers=2)
    fleet(world).place(fleet(world).living()[:1])
    world.crew(session_key)[0].claim()
    fleet(world).tell(MISCONFIGURED)
    tick(world)
    assert state(world, session_key).overall_status is not JobStatus.FAILED


def test_a_worker_whose_machine_was_taken_waits_again_and_its_share_is_tried_without_counting(world: World) -> None:
    session_key = world.start(1)
    fleet(world).place(fleet(world).living())
    (worker,) = world.crew(session_key)
    worker.claim()
    fleet(world).take_back(worker.instance_id)
    assert "FreeClaim" in tick(world)
    for _ in range(5):
        tick(world, SETTINGS.heartbeat_limit_seconds)
    job = world.job(session_key)
    assert job.workers[0].value.status is not WorkerStatus.LOST
    assert (state(world, session_key).launches, len(fleet(world).living())) == (1, 1)
    fleet(world).place([worker.instance_id])
    assert tick(world) == ["Served"]
    granted = worker.claim().share
    assert granted is not None
    assert world.job(session_key).claims[1].value.tries == 1, "the try that its machine ended does not count"


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("Task failed to start; CannotPullContainerError: manifest unknown", "image could not be fetched"),
        ("Essential container in task exited; OutOfMemoryError: Container killed", "needed more memory"),
        ("Job attempt duration exceeded timeout", "at its time limit"),
        ("Host EC2 (instance i-0123) terminated.", "was ended by AWS Batch"),
    ],
)
def test_how_a_worker_ended_is_told_in_words(world: World, reason: str, words: str) -> None:
    session_key = world.start(2, workers=1)
    (name,) = fleet(world).living()
    fleet(world).fail(name, reason)
    tick(world)
    failure = world.job(session_key).workers[0].value.failure
    assert failure is not None
    assert words in failure.reason
    assert reason.rstrip(".") in failure.reason


def test_two_launches_that_never_start_end_the_job_with_the_last_reason(world: World) -> None:
    session_key = world.start(2, workers=1)
    for _ in range(6):
        for name in fleet(world).living():
            fleet(world).fail(name, "Task failed to start; CannotPullContainerError: manifest unknown")
        tick(world, SETTINGS.launch_grace_seconds)
    job = state(world, session_key)
    assert job.overall_status is JobStatus.FAILED
    assert "CannotPullContainerError" in job.reason


def test_a_waiting_job_is_cancelled_out_of_the_queue(world: World) -> None:
    session_key = world.start(4, workers=2)
    tick(world)
    assert len(cancel(world.context, session_key).terminated) == 2
    assert fleet(world).living() == []
