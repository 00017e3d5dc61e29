"""The life of jobs in the stand-in for AWS Batch."""

from __future__ import annotations

import pytest
from batch_world import FAIR, HOST_ONLY, NEEDS, SPOT_FIRST, World, counted, environment, states

from gems_local.strict.batch.model import EC2, Job, Retry, Rule, Size
from gems_local.strict.batch.scheduler import KILLED, OUT_OF_MEMORY, STOP_SECONDS


@pytest.fixture
def world() -> World:
    return World()


def test_a_job_starts_runs_and_ends(world: World) -> None:
    job = world.submit()
    seen = states(job)
    world.run(job)
    seen += states(job)
    world.now += 5
    world.end(job)
    assert [*seen, *states(job)] == ["STARTING", "RUNNING", "SUCCEEDED"]
    assert (job.status_reason, job.started_at, job.stopped_at) == ("Essential container in task exited", 1000, 1005)
    (attempt,) = job.attempts
    assert (attempt.exit_code, attempt.task_arn.rpartition("/")[2]) == (0, f"{1:032x}"[:-1] + "3")


def test_a_job_is_submitted_until_somebody_looks(world: World) -> None:
    submission = world.submit().submission
    assert states(world.scheduler.submit(submission)) == ["SUBMITTED"]


def test_what_does_not_fit_waits_its_turn_without_a_reason(world: World) -> None:
    first, second, third = world.submit("a"), world.submit("b"), world.submit("c")
    world.advance(3600)
    assert states(first, second, third) == ["STARTING", "STARTING", "RUNNABLE"]
    assert third.status_reason is None
    world.run(first)
    world.end(first)
    assert states(third) == ["STARTING"]
    assert world.task(third).machine.instance_id == "i-00000000000000001"  # it was idle


@pytest.mark.parametrize(
    ("codes", "status", "reason"),
    [((0, 0, 0), "SUCCEEDED", None), ((0, 7, 0), "FAILED", "Array Child Job failed")],
)
def test_a_parent_is_pending_until_its_children_have_ended(
    codes: tuple[int, ...], status: str, reason: str | None
) -> None:
    world = World((environment(vcpus=6),))
    parent = world.submit(size=3)
    assert counted(parent) == {"STARTING": 3}
    for child, code in zip(parent.children, codes, strict=True):
        assert states(parent) == ["PENDING"]
        world.run(child)
        world.end(child, code)
    assert (states(parent), parent.status_reason) == ([status], reason)
    assert counted(parent) == ({"SUCCEEDED": 3} if reason is None else {"SUCCEEDED": 2, "FAILED": 1})


def fail_host(world: World, job: Job) -> None:
    world.scheduler.take_host(world.task(job).machine)


def fail_code(world: World, job: Job) -> None:
    world.end(job, 1)


def fail_memory(world: World, job: Job) -> None:
    world.end(job, KILLED, OUT_OF_MEMORY)


def fail_start(world: World, job: Job) -> None:
    world.end(job, None, "CannotStartContainerError: no")


ON_CODE = Retry(2, (Rule(None, None, "1*", retry=True), Rule(None, "*", None, retry=False)))


@pytest.mark.parametrize(
    ("retry", "fail", "attempts"),
    [
        (Retry(), fail_code, 1),
        (Retry(3), fail_code, 3),
        (HOST_ONLY, fail_code, 1),
        (HOST_ONLY, fail_host, 3),
        (HOST_ONLY, fail_memory, 1),
        (HOST_ONLY, fail_start, 1),
        (Retry(2, (Rule("host ec2*", None, None, retry=True), Rule(None, "*", None, retry=False))), fail_host, 2),
        (Retry(3, (Rule("Host EC2*", None, None, retry=False),)), fail_host, 1),
        (Retry(3, (Rule("Host EC2*", None, None, retry=False),)), fail_code, 3),  # what fits no rule is tried again
        (Retry(3, (Rule("*", "OutOfMemory*", "137", retry=False),)), fail_memory, 1),
        (Retry(2, (Rule("*", "OutOfMemory*", "136", retry=False),)), fail_memory, 2),
        (ON_CODE, fail_code, 2),
        (ON_CODE, fail_memory, 2),
        (Retry(2, (Rule(None, None, "*", retry=True),)), fail_host, 2),
    ],
)
def test_failed_attempts_are_tried_again_as_the_strategy_says(retry: Retry, fail: object, attempts: int) -> None:
    world = World()
    job = world.submit(retry=retry)
    for number in range(1, attempts + 1):
        world.run(job)
        assert callable(fail)
        fail(world, job)
        assert len(job.attempts) == number
        world.advance()
    assert states(job) == ["FAILED"]


def test_a_host_that_goes_takes_all_its_tasks_and_each_names_it() -> None:
    world = World((environment(vcpus=4, instance_types=("c5.xlarge",)),))
    parent = world.submit(size=2, retry=HOST_ONLY)
    world.run(*parent.children)
    machine = world.task(parent.children[0]).machine
    assert len(machine.tasks) == 2
    world.scheduler.take_host(machine)
    world.advance()
    assert states(*parent.children) == ["STARTING", "STARTING"]
    for child in parent.children:
        assert child.attempts[0].status_reason == f"Host EC2 (instance {machine.instance_id}) terminated."
        assert world.task(child).machine is not machine


def test_a_share_that_uses_less_goes_first_and_its_weight_counts() -> None:
    world = World((environment(vcpus=10),), FAIR)
    many = world.submit("many", 20, share="lab1")
    few = world.submit("few", 20, share="lab2")
    urgent = world.submit("urgent", 20, share="urgent")
    assert [counted(parent).get("STARTING", 0) for parent in (many, few, urgent)] == [5, 0, 0]
    for parent in (many, few, urgent) * 20:
        started = [child for child in parent.children if child.task is not None]
        for child in started[:1]:
            world.run(child)
            world.now += 60
            world.end(child)
    done = {parent.submission.name: counted(parent).get("SUCCEEDED", 0) for parent in (many, few, urgent)}
    assert done["urgent"] == 20
    assert abs(done["many"] - done["few"]) <= 5  # those that were there alone


def test_within_a_share_priority_goes_before_age() -> None:
    world = World((environment(vcpus=2),), FAIR)
    running, old, new = world.submit("r"), world.submit("old"), world.submit("new", priority=5)
    world.run(running)
    world.end(running)
    assert states(old, new) == ["RUNNABLE", "STARTING"]


def test_use_is_forgotten_after_the_window() -> None:
    world = World((environment(vcpus=2),), FAIR)
    busy = world.submit("busy", share="lab1")
    world.run(busy)
    world.now += 300
    world.end(busy)
    world.now += 601
    holder = world.submit("holder", share="lab3")
    world.submit("first", share="lab1")
    second = world.submit("second", share="lab2")
    world.run(holder)
    world.end(holder)
    assert states(second) == ["RUNNABLE"]  # both used nothing that counts: the older goes first


def test_environments_are_filled_in_their_order() -> None:
    world = World(SPOT_FIRST)
    parent = world.submit(size=3)
    markets = [child.task.machine.market if child.task else None for child in parent.children]
    assert markets == ["SPOT", "EC2", None]


@pytest.mark.parametrize(
    ("environments", "needs", "limits", "reason"),
    [
        ((environment(vcpus=1),), NEEDS, {}, "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE - "),
        ((environment(vcpus=8),), Size(4, 100), {}, "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - "),
        ((environment(vcpus=8),), Size(2, 4096), {}, "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - "),
        ((environment(usable=False),), NEEDS, {}, "ACTION_REQUIRED - "),
        ((environment(),), NEEDS, {"on-demand": 0}, "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - "),
        (SPOT_FIRST, NEEDS, {"on-demand": 0, "spot": 0}, "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - "),
    ],
)
def test_a_queue_that_is_stuck_says_why_after_a_while(
    environments: tuple[object, ...], needs: Size, limits: dict[str, int], reason: str
) -> None:
    world = World(environments)  # type: ignore[arg-type]
    for name, instances in limits.items():
        world.scheduler.machines.limit(name, instances)
    job, behind = world.submit("head", needs=needs), world.submit("behind")
    world.advance(9)
    assert (states(job, behind), job.status_reason) == (["RUNNABLE", "RUNNABLE"], None)
    world.advance(1)
    assert str(job.status_reason).startswith(reason)
    assert behind.status_reason is None


def test_what_was_missing_lets_the_queue_go_on(world: World) -> None:
    world.scheduler.machines.limit("on-demand", 0)
    job = world.submit()
    world.advance(10)
    world.advance(1)
    assert job.status_reason is not None
    world.scheduler.machines.limit("on-demand", None)
    world.advance()
    assert (states(job), job.status_reason) == (["STARTING"], None)


def test_a_blocked_head_that_is_cancelled_frees_the_queue(world: World) -> None:
    head, behind = world.submit("head", needs=Size(64, 1)), world.submit("behind")
    world.scheduler.cancel(head, "too large")
    world.advance()
    assert states(head, behind) == ["FAILED", "STARTING"]
    assert (head.status_reason, head.cancelled, head.terminated) == ("too large", True, False)


@pytest.mark.parametrize("exit_code", [0, 143, None])
def test_a_terminated_job_fails_with_the_given_reason_and_is_not_tried_again(
    world: World, exit_code: int | None
) -> None:
    job = world.submit(retry=Retry(5))
    world.run(job)
    world.scheduler.terminate(job, "not wanted")
    assert (states(job), world.task(job).stop_reason) == (["RUNNING"], "not wanted")
    world.advance(STOP_SECONDS - 1)
    if exit_code is not None:
        world.end(job, exit_code)
    else:
        world.advance(1)
    assert (states(job), job.status_reason, job.terminated) == (["FAILED"], "not wanted", True)
    assert job.attempts[0].exit_code == (KILLED if exit_code is None else exit_code)


def test_terminating_a_parent_ends_every_child_at_whatever_it_is(world: World) -> None:
    parent = world.submit(size=4)
    done, running, *waiting = parent.children
    world.run(done, running)
    world.end(done)
    (starting, never) = waiting
    world.scheduler.terminate(parent, "enough")
    assert states(parent, done, running, starting, never) == ["PENDING", "SUCCEEDED", "RUNNING", "STARTING", "FAILED"]
    world.advance(STOP_SECONDS)
    assert states(parent, running, starting) == ["FAILED", "FAILED", "FAILED"]
    assert {parent.status_reason, never.status_reason, starting.status_reason} == {"enough"}


def test_cancelling_a_parent_leaves_what_has_started(world: World) -> None:
    parent = world.submit(size=3)
    world.scheduler.cancel(parent, "enough")
    assert states(parent, *parent.children) == ["PENDING", "STARTING", "STARTING", "FAILED"]
    for child in parent.children[:2]:
        world.run(child)
        world.end(child)
    assert (states(parent), parent.status_reason) == (["FAILED"], "enough")


def test_ending_what_has_ended_changes_nothing(world: World) -> None:
    job = world.submit()
    task_id = world.task(job).task_id
    world.run(job)
    world.end(job)
    world.scheduler.terminate(job, "late")
    assert (states(job), job.terminated) == (["SUCCEEDED"], False)
    assert (world.scheduler.started(task_id), world.scheduler.ended(task_id, 1)) == (False, False)


def test_an_attempt_that_takes_too_long_is_stopped_and_not_tried_again(world: World) -> None:
    job = world.submit(timeout_seconds=60, retry=Retry(3))
    world.advance(600)  # a task that still starts has no clock
    world.run(job)
    world.advance(59)
    assert world.task(job).stop_reason is None
    world.advance(1)
    assert world.task(job).stop_reason == "Job attempt duration exceeded timeout"
    world.end(job, 143)
    assert (states(job), job.status_reason) == (["FAILED"], "Job attempt duration exceeded timeout")
    assert not job.terminated


def test_the_next_tasks_have_the_faults_that_were_set(world: World) -> None:
    world.scheduler.add_fault("image", 1)
    world.scheduler.add_fault("out-of-memory", 1)
    unpulled, starved, well = world.submit("a", retry=HOST_ONLY), world.submit("b"), world.submit("c")
    world.run(starved)
    world.run(well)
    assert states(unpulled, starved, well) == ["FAILED", "FAILED", "RUNNING"]
    assert unpulled.status_reason == "Task failed to start"
    assert str(unpulled.attempts[0].reason).startswith("CannotPullContainerError: ")
    assert (starved.attempts[0].reason, starved.attempts[0].exit_code) == (OUT_OF_MEMORY, 137)


def test_an_idle_instance_is_kept_for_a_while(world: World) -> None:
    job = world.submit()
    world.run(job)
    world.end(job)
    world.advance(59)
    assert [machine.market for machine in world.scheduler.machines.all()] == [EC2]
    world.advance(1)
    assert world.scheduler.machines.all() == []


def test_ten_thousand_children_are_placed_and_ended_in_seconds() -> None:
    world = World((environment(vcpus=20_000),), FAIR)
    parent = world.submit(size=10_000)
    assert counted(parent) == {"STARTING": 10_000}
    for child in parent.children:
        world.scheduler.started(world.task(child).task_id)
    for child in parent.children:
        world.scheduler.ended(world.task(child).task_id, 0)
    world.advance()
    assert states(parent) == ["SUCCEEDED"]
