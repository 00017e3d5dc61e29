"""Lack of capacity, quotas, throttling and silence of EC2: what is told, what is tried again, what ends a job."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from api_world import CONTROL, SETTINGS, Worker, World

from gems_api.services.context import Context
from gems_api.services.fleet_ports import Launch, Launched, LaunchOutcome, LaunchUnanswered, Refusal
from gems_api.services.lifecycle.cancel import cancel
from gems_api.services.lifecycle.launching import LaunchRefused
from gems_api.services.lifecycle.refusals import LONGEST_PAUSE_SECONDS, may_pass, next_launch_at, repair_of, told
from gems_api.services.lifecycle.retry import retry
from gems_api.services.lifecycle.start_job import Started, start_job
from gems_api.services.reaping.reaper import reap
from gems_api.services.shown.job_view import job_view
from gems_api.services.state.records import JobState
from gems_core import layout
from gems_core.protocol.answer import Instruction
from gems_core.protocol.failure import Failure
from gems_core.session_key import SessionKey
from gems_core.statuses import JobStatus

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def state_of(world: World, session_key: SessionKey) -> JobState:
    state = world.job(session_key).state
    assert state is not None
    return state.value


@pytest.mark.parametrize(
    "code",
    ["InsufficientInstanceCapacity", "VcpuLimitExceeded", "InstanceLimitExceeded", "MaxSpotInstanceCountExceeded",
     "RequestLimitExceeded", "Server.InternalError", "FewerThanAsked"],
)  # fmt: skip
def test_what_may_pass_is_worth_another_launch(code: str) -> None:
    assert may_pass([Refusal("UnauthorizedOperation", ""), Refusal(code, "")])


@pytest.mark.parametrize(
    ("code", "repair"),
    [
        ("UnauthorizedOperation", "iam:PassRole"),
        ("InvalidAMIID.NotFound", "GEMS_LAUNCH_TEMPLATE"),
        ("InvalidLaunchTemplateName.NotFoundException", "GEMS_LAUNCH_TEMPLATE"),
        ("InvalidSubnetID.NotFound", "GEMS_SUBNETS"),
        ("Unsupported", "GEMS_INSTANCE_TYPES"),
        ("Odd", "Correct the cause"),
    ],
)
def test_what_never_passes_is_told_with_its_repair(code: str, repair: str) -> None:
    assert not may_pass([Refusal(code, "")])
    assert repair in repair_of(code)


def test_fewer_instances_are_told_by_reason_and_pool() -> None:
    refusals = [
        Refusal("InsufficientInstanceCapacity", "None left.", "c7i.large", subnet, "spot") for subnet in ("s-b", "s-a")
    ]
    refusals.append(Refusal("MaxSpotInstanceCountExceeded", "Quota", market="spot"))
    outcome = LaunchOutcome((Launched("i-1", 0),), tuple(refusals))
    assert told(100, outcome) == (
        "asked for 100 instances, got 1: InsufficientInstanceCapacity (c7i.large in s-a, spot, c7i.large in s-b, spot): "
        "None left. Name more instance types or subnets (GEMS_INSTANCE_TYPES, GEMS_SUBNETS), or wait. "
        "MaxSpotInstanceCountExceeded (the whole launch, spot): Quota. "
        "Ask AWS for a larger quota, ask for fewer workers, or wait for other instances to end."
    )
    assert told(1, outcome) == "", "spot that was refused is no news when on demand gave all"


def test_what_names_the_account_is_not_told_to_everybody_but_logged(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "User: arn:aws:sts::123456789012:assumed-role/gems-api is not authorized"
    refusal = Refusal("UnauthorizedOperation", secret, "c7i.large", "s-a", "on-demand")
    assert told(1, LaunchOutcome(refusals=(refusal,))).startswith(
        "asked for 1 instances, got 0: UnauthorizedOperation (c7i.large in s-a, on-demand): "
        "User: (an ARN) is not authorized. Let GeMS's role call"
    )
    world.fleet.refusal = "UnauthorizedOperation"
    with pytest.raises(LaunchRefused):
        world.start(1)
    (record,) = [record for record in caplog.records if "refused a part" in record.message]
    assert record.__dict__["facts"]["refusals"][0]["message"] == "because"


def test_the_pause_doubles_up_to_half_an_hour() -> None:
    pauses = [(next_launch_at(count, NOW) - NOW).total_seconds() for count in (1, 2, 3, 4, 5, 6, 60)]
    assert pauses == [60, 120, 240, 480, 960, LONGEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS]


def test_no_capacity_starts_a_job_that_waits_and_says_why(world: World) -> None:
    world.fleet.refusal = "InsufficientInstanceCapacity"
    session_key = world.start(2)
    job = world.job(session_key)
    assert job.overall_status is JobStatus.LAUNCHING
    view = job_view(job, "")
    assert "InsufficientInstanceCapacity (c5.xlarge in subnet-1, on-demand): because." in str(view["reason"])
    assert (view["workers_asked"], view["workers_launched"]) == (2, 0)
    assert view["next_launch_at"] == (world.clock() + timedelta(seconds=60)).isoformat()


def test_refused_launches_are_tried_again_with_growing_pauses_until_one_succeeds(world: World) -> None:
    world.fleet.refusal = "VcpuLimitExceeded"
    session_key = world.start(2)
    tried = [0]
    for minute in range(1, 16):
        world.clock.pass_seconds(60)
        before = state_of(world, session_key).launches
        reap(world.context)
        reap(world.context)
        tried += [minute] * (state_of(world, session_key).launches - before)
    assert tried == [0, 1, 3, 7, 15]
    world.fleet.refusal = ""
    world.clock.pass_seconds(960)
    reap(world.context)
    state = state_of(world, session_key)
    assert (len(world.fleet.living()), state.refusals, state.next_launch_at, state.reason) == (2, 0, None, "")


def test_a_job_that_never_gets_an_instance_fails_at_its_time_limit_with_the_reason(world: World) -> None:
    world.fleet.refusal = "InsufficientInstanceCapacity"
    session_key = world.start(1)
    for _ in range(SETTINGS.job_limit_seconds // 600 + 1):
        world.clock.pass_seconds(600)
        reap(world.context)
    state = state_of(world, session_key)
    assert state.overall_status is JobStatus.FAILED
    assert "time limit" in state.reason
    assert "InsufficientInstanceCapacity" in state.reason


def test_a_launch_that_can_never_succeed_fails_the_job_at_once_and_frees_its_idempotency_key(world: World) -> None:
    world.fleet.refusal = "UnauthorizedOperation"
    world.upload("run", 1)
    body = {"bucket": "direct.typing", "prefix": "run", "hla_class": "1"}
    with pytest.raises(LaunchRefused, match="iam:PassRole"):
        start_job(world.context, body, "my-key")
    (key,) = [key for key in world.store.buckets[CONTROL] if key.endswith("state.json")]
    failed = SessionKey.parse(key.split("/")[2])
    assert state_of(world, failed).overall_status is JobStatus.FAILED
    world.fleet.refusal = ""
    again = start_job(world.context, body, "my-key")
    assert isinstance(again, Started)
    assert again.session_key != failed


def test_a_relaunch_that_can_never_succeed_ends_the_job(world: World) -> None:
    session_key = world.start(1)
    world.fleet.terminate(world.fleet.living())
    world.fleet.refusal = "InvalidLaunchTemplateName.NotFoundException"
    reap(world.context)
    state = state_of(world, session_key)
    assert state.overall_status is JobStatus.FAILED
    assert "GEMS_LAUNCH_TEMPLATE" in state.reason


def test_fewer_instances_than_asked_for_do_all_shares_and_the_view_says_so(world: World) -> None:
    world.fleet.capacity = 2
    session_key = world.start(5)
    view = job_view(world.job(session_key), "")
    assert (view["workers_asked"], view["workers_launched"]) == (5, 2)
    assert "asked for 5 instances, got 2" in str(view["reason"])
    first, second = world.crew(session_key)
    assert first.work().instruction is Instruction.MERGE
    assert second.claim().instruction is Instruction.LEAVE
    first.merge()
    assert world.job(session_key).overall_status is JobStatus.COMPLETE


def test_a_launch_whose_answer_was_lost_is_repeated_and_launches_nothing_new(world: World) -> None:
    world.fleet.silent = True
    session_key = world.start(3)
    assert state_of(world, session_key).unanswered == 3
    assert "did not answer" in state_of(world, session_key).reason
    world.fleet.silent = False
    world.fleet.hidden.update(world.fleet.living())
    world.clock.pass_seconds(61)
    reap(world.context)
    state = state_of(world, session_key)
    assert (state.launches, state.unanswered, len(state.instances)) == (1, 0, 3)
    assert len(world.fleet.living()) == 3


@pytest.mark.parametrize("hours", [0, 2])
def test_a_job_whose_launch_was_not_answered_outlives_the_loss_of_all_its_machines(world: World, hours: int) -> None:
    world.fleet.silent = True
    session_key = world.start(4, workers=2)
    world.fleet.silent = False
    world.clock.pass_seconds(60)
    reap(world.context)
    crew = world.crew(session_key)
    shares = [worker.claim().share for worker in crew]
    for _ in range(hours * 60 + 1):
        world.clock.pass_seconds(60)
        for worker, share in zip(crew, shares, strict=True):
            worker.say("heartbeat", "TYPING", share)
        reap(world.context)
    state = state_of(world, session_key)
    assert (state.unanswered, state.refusals, state.next_launch_at, state.reason) == (0, 0, None, ""), "EC2 lists them"
    world.fleet.terminate([worker.instance_id for worker in crew])
    world.clock.pass_seconds(60)
    reap(world.context)
    assert state_of(world, session_key).launches == 2
    assert len(world.fleet.living()) == 2


def test_machines_that_ec2_takes_before_anybody_heard_of_them_are_launched_anew(world: World) -> None:
    """The repeat of the launch is refused, for its token's instances are gone: the next launch has another token."""
    world.fleet.silent = True
    session_key = world.start(2, workers=2)
    world.fleet.silent = False
    world.fleet.hidden.update(world.fleet.living())
    world.fleet.terminate(world.fleet.living())
    for _ in range(4):
        world.clock.pass_seconds(61)
        reap(world.context)
    state = state_of(world, session_key)
    assert (state.overall_status, state.launches, len(world.fleet.living())) == (JobStatus.LAUNCHING, 2, 2)


def test_a_launch_that_a_newer_release_repeats_with_other_user_data_is_made_anew(world: World) -> None:
    world.fleet.silent = True
    session_key = world.start(2, workers=2)
    world.fleet.silent = False
    world.fleet.terminate(world.fleet.living())
    world.fleet.hidden.update(world.fleet.known)
    released = replace(world.settings, api_url="https://next.example.org")
    context = Context(released, world.cloud, world.clock)
    for _ in range(4):
        world.clock.pass_seconds(61)
        reap(context)
    state = state_of(world, session_key)
    assert (state.overall_status, state.launches, len(world.fleet.living())) == (JobStatus.LAUNCHING, 2, 2)


def test_silence_that_is_told_after_the_machines_were_found_postpones_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reaper lists what a launch brought while its Lambda still waits for the answer."""
    honest = world.fleet.launch

    def slow(launch: Launch) -> LaunchOutcome:
        honest(launch)
        reap(world.context)
        raise LaunchUnanswered("EC2 did not answer")

    monkeypatch.setattr(world.fleet, "launch", slow)
    session_key = world.start(2)
    monkeypatch.undo()
    world.clock.pass_seconds(60)
    reap(world.context)
    state = state_of(world, session_key)
    assert (state.launches, state.next_launch_at, len(world.fleet.living())) == (1, None, 2)


def test_machines_of_a_retrys_unanswered_launch_are_its_own_though_ec2_tells_whole_seconds(world: World) -> None:
    session_key = world.start(1)
    cancel(world.context, session_key)
    world.clock.pass_seconds(30.9)
    world.fleet.silent = True
    retry(world.context, session_key)
    world.fleet.silent = False
    (young,) = world.fleet.living()
    item = world.fleet.known[young]
    world.fleet.known[young] = replace(item, launched_at=item.launched_at.replace(microsecond=0))
    world.clock.pass_seconds(60)
    reap(world.context)
    (worker,) = [worker for worker in world.crew(session_key) if worker.instance_id == young]
    assert worker.claim().instruction is Instruction.WORK


def test_a_start_that_died_after_its_launch_gets_the_same_instances(world: World) -> None:
    session_key = world.start(3)
    held = world.job(session_key).state
    assert held is not None
    died = JobState(JobStatus.LAUNCHING, 1, world.clock(), opened_at=world.clock(), workers=3, unanswered=3)
    assert world.context.jobs.write(layout.state_key(session_key), died, held.etag)
    world.fleet.hidden.update(world.fleet.living())
    reap(world.context)
    assert state_of(world, session_key).unanswered == 3, "whoever launched may yet write it down"
    world.clock.pass_seconds(SETTINGS.launch_grace_seconds + 1)
    reap(world.context)
    state = state_of(world, session_key)
    assert (state.launches, state.unanswered) == (1, 0)
    assert [item.instance_id for item in state.instances] == world.fleet.living()
    assert len(world.fleet.living()) == 3


def test_launches_that_bring_instances_which_die_are_limited(world: World) -> None:
    session_key = world.start(1, workers=1)
    for _ in range(SETTINGS.max_launches):
        worker = world.crew(session_key)[-1]
        share = worker.claim().share
        worker.say("failed", "TYPING", failure=Failure("typing", "spot interruption"), machine_taken=True)
        assert share is not None
        world.fleet.terminate(world.fleet.living())
        reap(world.context)
        reap(world.context)
    state = state_of(world, session_key)
    assert state.overall_status is JobStatus.FAILED
    last = world.crew(session_key)[-1].instance_id
    assert state.reason == (
        f"{SETTINGS.max_launches} instances in {SETTINGS.max_launches} launches did not finish the job. "
        f"The last one, {last}, failed in typing: spot interruption."
    )


def provision_in_vain(world: World, session_key: SessionKey, reason: str) -> None:
    """What becomes of machines that can never get ready, until the job has ended."""
    for _ in range(SETTINGS.max_launches + 1):
        for item in world.fleet.instances(str(session_key)):
            if not item.is_gone:
                failure = Failure("provisioning", reason, ("the last line",))
                Worker(world, session_key, item.instance_id, 0).say("failed", "FAILED", failure=failure)
                world.fleet.terminate([item.instance_id])
        world.clock.pass_seconds(60)
        reap(world.context)
        reap(world.context)


def test_two_launches_of_which_nobody_gets_ready_are_enough_and_the_cause_is_told(world: World) -> None:
    session_key = world.start(4, workers=2)
    provision_in_vain(world, session_key, "STS AssumeRole of gems-job was refused (AccessDenied)")
    state = state_of(world, session_key)
    assert len(world.fleet.launches) == 2
    assert (state.overall_status, state.reason) == (
        JobStatus.FAILED,
        "No instance of 2 launches in a row became ready to work. The last one, i-0003, failed in provisioning: "
        "STS AssumeRole of gems-job was refused (AccessDenied).",
    )


def test_one_instance_that_got_a_share_shows_that_machines_can_get_ready(world: World) -> None:
    session_key = world.start(4, workers=2)
    world.crew(session_key)[0].claim()
    provision_in_vain(world, session_key, "the disk is full")
    assert len(world.fleet.launches) == 3, "the first one is not counted"


def test_spot_machines_that_ec2_takes_before_they_speak_say_nothing_of_what_they_were_given(world: World) -> None:
    session_key = world.start(1, workers=1)
    honest = world.fleet.launch

    def spot(plan: Launch) -> LaunchOutcome:
        return LaunchOutcome(tuple(replace(item, market="spot") for item in honest(plan).launched))

    world.fleet.launch = spot  # type: ignore[method-assign]
    world.fleet.terminate(world.fleet.living())
    for _ in range(4):
        reap(world.context)
        reap(world.context)
        world.fleet.terminate(world.fleet.living())
    assert not world.job(session_key).ended
    assert len(world.fleet.launches) == 5
