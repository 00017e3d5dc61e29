"""The reaper: dead workers, expired leases, time limits, orphans."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from api_world import CONTROL, DATA, SETTINGS, World
from worker_values import BOOTSTRAP

from gems_api.services.fleet_ports import Instance, Launch
from gems_api.services.lifecycle.cancel import cancel
from gems_api.services.lifecycle.retry import retry
from gems_api.services.reaping.reaper import reap
from gems_api.services.state.records import Claim, ClaimState, to_bytes
from gems_api.services.storage.history import JobHistory
from gems_core import layout
from gems_core.endings import Cause
from gems_core.protocol.answer import Instruction
from gems_core.protocol.done_marker import SampleOutcome
from gems_core.protocol.failure import Failure
from gems_core.session_key import SessionKey
from gems_core.statuses import JobStatus, WorkerStatus

TROUBLE = Failure("typing", "the typer exited with 70")


def test_a_healthy_job_is_left_alone(world: World) -> None:
    session_key = world.start(4, workers=2)
    for worker in world.crew(session_key):
        worker.claim()
    world.clock.pass_seconds(60)
    reaped = reap(world.context)
    assert reaped.actions == {}
    assert reaped.orphans == []
    assert len(world.fleet.launches) == 1


def test_a_terminated_workers_share_is_freed_and_a_new_worker_is_launched_for_it(world: World) -> None:
    session_key = world.start(1)
    (worker,) = world.crew(session_key)
    worker.claim()
    world.fleet.terminate([worker.instance_id])
    reap(world.context)
    reap(world.context)
    job = world.job(session_key)
    assert job.workers[0].value.status is WorkerStatus.LOST
    assert job.workers[0].value.failure is not None
    assert "is terminated" in job.workers[0].value.failure.reason
    assert len(world.fleet.launches) == 2
    second = world.crew(session_key)[1]
    granted = second.claim().share
    assert granted is not None
    assert granted.attempt == 2
    assert second.index == 1


def test_a_relaunch_has_the_next_attempt_and_another_client_token(world: World) -> None:
    session_key = world.start(1)
    world.fleet.terminate(world.fleet.living())
    reap(world.context)
    reap(world.context)
    first, second = world.fleet.launches
    assert (first.tags["gems:attempt"], second.tags["gems:attempt"]) == ("1", "2")
    assert first.client_token != second.client_token
    assert world.job(session_key).manifest.workers == 1


def test_a_silent_worker_is_lost_its_machine_ended_later_and_believed_when_it_speaks(world: World) -> None:
    session_key = world.start(1)
    (worker,) = world.crew(session_key)
    share = worker.claim().share
    world.clock.pass_seconds(SETTINGS.heartbeat_limit_seconds + 1)
    reap(world.context)
    assert world.job(session_key).workers[0].value.status is WorkerStatus.LOST
    assert worker.instance_id in world.fleet.living()
    worker.say("status", "TYPING", share)
    record = world.job(session_key).workers[0].value
    assert record.status is WorkerStatus.TYPING
    assert record.failure is None
    world.clock.pass_seconds(4 * SETTINGS.heartbeat_limit_seconds)
    reap(world.context)
    reap(world.context)
    assert worker.instance_id not in world.fleet.living()


def test_a_machine_that_was_told_to_leave_and_stays_is_ended_while_its_job_goes_on(world: World) -> None:
    session_key = world.start(1, workers=1)
    world.fleet.another(world.fleet.launches[0])
    busy, idle = world.crew(session_key)
    share = busy.claim().share
    assert idle.claim().instruction is Instruction.LEAVE
    for _ in range(4):
        assert world.fleet.living() == [busy.instance_id, idle.instance_id]
        world.clock.pass_seconds(SETTINGS.heartbeat_limit_seconds)
        busy.say("heartbeat", "TYPING", share)
        reap(world.context)
    assert world.fleet.living() == [busy.instance_id]


def test_an_instance_that_one_describe_does_not_show_is_not_taken_for_dead(world: World) -> None:
    session_key = world.start(1)
    (worker,) = world.crew(session_key)
    world.fleet.hidden.add(worker.instance_id)
    world.clock.pass_seconds(SETTINGS.launch_grace_seconds + 60)
    reap(world.context)
    assert len(world.fleet.launches) == 1
    assert world.job(session_key).workers == {}


def test_an_instance_that_never_makes_contact_is_recorded_terminated_and_replaced(world: World) -> None:
    session_key = world.start(1)
    (silent,) = world.fleet.living()
    world.clock.pass_seconds(SETTINGS.launch_limit_seconds + 1)
    reap(world.context)
    job = world.job(session_key)
    assert job.workers[0].value.status is WorkerStatus.LOST
    assert job.workers[0].value.failure is not None
    assert "no contact" in job.workers[0].value.failure.reason
    assert silent not in world.fleet.living()
    assert len(world.fleet.launches) == 2


def test_an_instance_whose_bootstrap_failed_shows_the_phase_and_the_last_log_lines(world: World) -> None:
    session_key = world.start(1)
    (instance_id,) = world.fleet.living()
    tail = ["a line", "2026-11-23T12:00:00Z bootstrap: FAILED: no space left on /opt/gems", "the last line"]
    event = {"event": "bootstrap_failed", "instance_id": instance_id, "phase": "java", "log_tail": tail}
    key = f"{layout.job_prefix(session_key)}events/20261123T120000Z-{instance_id}.json"
    world.store.put(CONTROL, key, json.dumps(event).encode())
    world.fleet.terminate([instance_id])
    reap(world.context)
    failure = world.job(session_key).workers[0].value.failure
    assert failure is not None
    assert (failure.phase, failure.log_tail) == ("java", tuple(tail))
    assert failure.reason.endswith("never made contact: no space left on /opt/gems")


KERNEL = "[ 93.1] Out of memory: Killed process 812 (python3) total-vm:9812344kB"
DEATHS = {
    "killed by the kernel": (
        {"exit_code": 137, "kernel": KERNEL},
        Cause.OUT_OF_MEMORY,
        137,
        "Out of memory: Killed process 812",
    ),
    "killed by somebody": ({"exit_code": 137}, Cause.SIGNAL, 137, "SIGKILL"),
    "a full disk": ({"exit_code": 1, "free_kilobytes": 8}, Cause.DISK_FULL, 1, "filled the disk"),
    "the dead man's switch": ({"exit_code": 124}, Cause.TIME_OVER, 124, "its time was over"),
    "the switch that had to kill": ({"exit_code": 137, "seconds": 7260}, Cause.TIME_OVER, 137, "its time was over"),
    "an old word": ({"exit_code": 1, "kernel": None}, None, None, "terminated"),
}


def die(world: World, session_key: SessionKey, instance_id: str, **facts: object) -> None:
    """The machine says what killed its worker, as userdata/bootstrap.sh does, and is gone."""
    event = {
        "event": "bootstrap_failed", "instance_id": instance_id, "phase": "worker", "seconds": 60, "limit_seconds": 7200,
        "free_kilobytes": 9_000_000, "kernel": "", "position": ["type", "K001"], "log_tail": ["bash: line 1: Killed"],
    } | facts  # fmt: skip
    told = {name: fact for name, fact in event.items() if fact is not None}
    key = f"{layout.job_prefix(session_key)}events/20261123T120000.000001Z-{instance_id}.json"
    world.store.put(CONTROL, key, json.dumps(told).encode())
    world.fleet.terminate([instance_id])


@pytest.mark.parametrize("what", DEATHS)
def test_a_killed_worker_says_why_with_step_sample_exit_code_and_last_lines(world: World, what: str) -> None:
    facts, cause, exit_code, words = DEATHS[what]
    session_key = world.start(1)
    (worker,) = world.crew(session_key)
    worker.say("status", "TYPING", worker.claim().share)
    die(world, session_key, worker.instance_id, **facts)
    reap(world.context)
    failure = world.job(session_key).workers[0].value.failure
    assert failure is not None
    assert (failure.cause, failure.exit_code) == (cause, exit_code)
    assert words in failure.reason
    assert failure.log_tail == ("bash: line 1: Killed",)
    if cause is not None:
        assert (failure.phase, failure.samples) == ("type", ("K001",))
    (claim,) = world.job(session_key).claims.values()
    assert words in claim.value.reasons[0], "the share's next failure, and so the report, tells it too"


@pytest.mark.parametrize("word", [b"{", b"[]", b'{"phase": 3}', b"x" * 70_000, b'{"phase": "worker", "log_tail": []}'])
def test_a_last_word_that_cannot_be_read_takes_no_reason_away(world: World, word: bytes) -> None:
    session_key = world.start(1)
    (worker,) = world.crew(session_key)
    worker.claim()
    die(world, session_key, worker.instance_id)
    key = f"{layout.job_prefix(session_key)}events/20261123T120000.000002Z-{worker.instance_id}.json"
    world.store.put(CONTROL, key, word)
    reap(world.context)
    failure = world.job(session_key).workers[0].value.failure
    assert failure is not None
    assert "is terminated" in failure.reason


def test_the_last_words_of_a_wave_of_deaths_are_listed_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    listed: list[SessionKey] = []
    listing = JobHistory.last_words

    def counted(history: JobHistory, session_key: SessionKey) -> dict[str, str]:
        listed.append(session_key)
        return listing(history, session_key)

    monkeypatch.setattr(JobHistory, "last_words", counted)
    session_key = world.start(8, workers=8)
    crew = world.crew(session_key)
    for worker in crew:
        worker.claim()
    for worker in crew[:7]:
        die(world, session_key, worker.instance_id, exit_code=137, kernel=KERNEL)
    reap(world.context)
    assert listed == [session_key]
    failures = [item.value.failure for item in world.job(session_key).workers.values()]
    assert sum(failure is not None and failure.cause is Cause.OUT_OF_MEMORY for failure in failures) == 7


def test_all_that_dead_workers_held_is_launched_for_at_once(world: World) -> None:
    session_key = world.start(5, workers=4)
    for worker in world.crew(session_key):
        worker.claim()
    world.fleet.terminate(world.fleet.living())
    reap(world.context)
    assert [launch.count for launch in world.fleet.launches] == [4, 4]
    for worker in world.crew(session_key)[4:]:
        worker.work()
    assert world.job(session_key).all_done


def test_three_dead_workers_exhaust_a_share_and_the_next_one_merges_what_there_is(world: World) -> None:
    session_key = world.start(2, samples_per_worker=2)
    for _ in range(3):
        worker = next(item for item in world.crew(session_key) if item.instance_id in world.fleet.living())
        assert worker.claim().instruction is Instruction.WORK
        world.fleet.terminate([worker.instance_id])
        reap(world.context)
        reap(world.context)
    job = world.job(session_key)
    assert {marker.outcome for marker in job.done.values()} == {SampleOutcome.FAILED}
    last = next(item for item in world.crew(session_key) if item.instance_id in world.fleet.living())
    assert last.claim().instruction is Instruction.MERGE
    last.merge()
    assert world.job(session_key).overall_status is JobStatus.FAILED


def test_a_dead_final_worker_is_replaced_by_one_that_merges(world: World) -> None:
    session_key = world.start(2, workers=1)
    (first,) = world.crew(session_key)
    assert first.work().instruction is Instruction.MERGE
    world.fleet.terminate([first.instance_id])
    reap(world.context)
    reap(world.context)
    assert len(world.fleet.launches) == 2
    assert world.fleet.launches[1].count == 1
    second = world.crew(session_key)[1]
    assert second.claim().instruction is Instruction.MERGE
    second.merge()
    assert world.job(session_key).overall_status is JobStatus.COMPLETE


def test_a_worker_that_merges_after_an_unheard_leave_keeps_its_lease(world: World) -> None:
    session_key = world.start(2, workers=2)
    first, second = world.crew(session_key)
    share = first.claim().share
    assert share is not None
    other = second.claim().share
    assert other is not None
    assert first.do_share(share).instruction is Instruction.LEAVE
    second.write_markers(other)
    assert first.say("finished", "UPLOADING", share).instruction is Instruction.MERGE
    first.say("status", "MERGING")
    assert world.job(session_key).workers[first.index].value.status is WorkerStatus.MERGING
    reaped = reap(world.context)
    assert reaped.actions == {}
    assert len(world.fleet.launches) == 1


def test_merging_that_fails_three_times_fails_the_job_with_the_reason(world: World) -> None:
    session_key = world.start(1, workers=1)
    (worker,) = world.crew(session_key)
    worker.work()
    for _ in range(2):
        worker.say("failed", "MERGING", failure=TROUBLE)
        assert worker.claim().instruction is Instruction.MERGE
    worker.say("failed", "MERGING", failure=TROUBLE)
    assert worker.claim().instruction is Instruction.LEAVE
    reap(world.context)
    job = world.job(session_key)
    assert job.overall_status is JobStatus.FAILED
    assert job.state is not None
    assert "typer exited with 70" in job.state.value.reason
    assert world.fleet.living() == []


def test_a_final_worker_that_dies_after_the_report_leaves_a_complete_job(world: World) -> None:
    session_key = world.start(1, workers=1, email="lab@example.org")
    (worker,) = world.crew(session_key)
    worker.work()
    worker.write_report()
    world.fleet.terminate([worker.instance_id])
    reap(world.context)
    assert world.job(session_key).overall_status is JobStatus.COMPLETE
    assert len(world.mailer.sent) == 1


def test_the_time_limit_fails_a_job_and_terminates_its_instances(world: World) -> None:
    session_key = world.start(2)
    worker = world.crew(session_key)[0]
    share = worker.claim().share
    world.clock.pass_seconds(SETTINGS.job_limit_seconds)
    worker.say("heartbeat", "TYPING", share)
    world.clock.pass_seconds(1)
    reap(world.context)
    job = world.job(session_key)
    assert job.overall_status is JobStatus.FAILED
    assert job.state is not None
    assert "time limit" in job.state.value.reason
    assert job.workers[worker.index].value.status is WorkerStatus.LOST
    assert world.fleet.living() == []


def test_a_report_that_is_written_counts_though_the_time_limit_comes_before_its_worker_has_said_complete(
    world: World,
) -> None:
    session_key = world.start(1, workers=1, email="lab@example.org", time_limit_seconds=3600)
    (worker,) = world.crew(session_key)
    share = worker.claim().share
    assert share is not None
    while (world.clock() - world.job(session_key).opened_at).total_seconds() < 3590:
        world.clock.pass_seconds(30)
        worker.say("heartbeat", "TYPING", share)
    worker.do_share(share)
    worker.write_report()
    world.clock.pass_seconds(31)
    reap(world.context)
    assert world.job(session_key).overall_status is JobStatus.COMPLETE
    assert [message.subject for message in world.mailer.sent] == [f"GeMS: job {session_key} is complete"]
    world.clock.pass_seconds(SETTINGS.end_grace_seconds + 1)
    reap(world.context)
    assert world.fleet.living() == [], "its machine did not end with it"


def test_the_time_limit_counts_from_when_the_run_was_opened(world: World) -> None:
    session_key = world.start(1)
    world.clock.pass_seconds(SETTINGS.job_limit_seconds + 1)
    before = world.job(session_key).state
    assert before is not None
    reopened = replace(before.value, run=2, opened_at=world.clock(), launched_at=world.clock())
    assert world.context.jobs.write(layout.state_key(session_key), reopened, before.etag)
    reap(world.context)
    job = world.job(session_key)
    assert (job.run, job.opened_at, job.ended) == (2, world.clock(), False)


def test_a_state_of_before_there_were_runs_is_read_as_the_first_run(world: World) -> None:
    session_key = world.start(1)
    document = json.loads(world.store.buckets[CONTROL][layout.state_key(session_key)].body)
    del document["run"], document["opened_at"]
    world.store.put(CONTROL, layout.state_key(session_key), json.dumps(document).encode())
    job = world.job(session_key)
    assert (job.run, job.opened_at) == (1, job.manifest.created_at)


def test_orphans_are_terminated_but_not_another_deployments_instances(world: World) -> None:
    session_key = world.start(1)
    (worker,) = world.crew(session_key)
    tags = {"gems:session_key": "b-p-class-1-261123-12:00:0123456789"}
    world.fleet.launch(Launch(1, "t", {**tags, "gems:control_bucket": CONTROL}, BOOTSTRAP))
    world.fleet.launch(Launch(1, "u", {**tags, "gems:control_bucket": "another-gems"}, BOOTSTRAP))
    world.fleet.known["i-untagged"] = Instance("i-untagged", "running", world.clock(), {})
    reaped = reap(world.context)
    assert reaped.orphans == ["i-0001"]
    assert world.fleet.living() == [worker.instance_id, "i-0002", "i-untagged"]


def test_a_machine_of_an_earlier_run_that_ec2_did_not_know_when_it_was_ended_is_ended_once_it_shows(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_key = world.start(2, workers=1)
    (old,) = world.fleet.living()
    world.fleet.hidden.add(old)
    with monkeypatch.context() as patch:
        patch.setattr(world.fleet, "terminate", lambda ids: None)  # NotFound
        cancel(world.context, session_key)
        retry(world.context, session_key)
    (new,) = [worker for worker in world.crew(session_key) if worker.instance_id != old]
    share = new.claim().share
    world.fleet.hidden.clear()
    world.clock.pass_seconds(60)
    new.say("heartbeat", "TYPING", share)
    assert reap(world.context).useless == [old]
    assert world.fleet.living() == [new.instance_id]


def test_a_record_of_absence_that_could_not_be_written_is_written_at_no_other_index(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S3 gives up a write that meets others too often. The machine may speak after all, and has one index."""
    session_key = world.start(2, workers=2)
    world.clock.pass_seconds(SETTINGS.launch_limit_seconds + 1)
    world.crew(session_key)[1].claim()
    honest, collisions = world.store.create, ["once"]

    def collide(bucket: str, key: str, body: bytes) -> str | None:
        return None if "/workers/" in key and collisions and collisions.pop() else honest(bucket, key, body)

    monkeypatch.setattr(world.store, "create", collide)
    reap(world.context)
    places = {index: worker.value.instance_id for index, worker in world.job(session_key).workers.items()}
    assert places == {0: "i-0000", 1: "i-0001"}


def test_ending_a_retried_job_asks_nothing_of_machines_that_ec2_has_long_forgotten(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_key = world.start(20, workers=20)
    cancel(world.context, session_key)
    world.clock.pass_seconds(86_400)
    forgotten = set(world.fleet.known)
    world.fleet.hidden |= forgotten
    retry(world.context, session_key)
    young = world.fleet.living()
    world.fleet.hidden |= set(young)  # EC2 does not show them yet
    asked: list[str] = []
    honest = world.fleet.terminate
    monkeypatch.setattr(world.fleet, "terminate", lambda ids: (asked.extend(ids), honest(ids)))
    world.clock.pass_seconds(30)
    cancel(world.context, session_key)
    assert (sorted(asked), world.fleet.living()) == (young, [])


def test_instances_of_an_ended_job_are_orphans_after_a_grace(world: World) -> None:
    session_key = world.start(1, workers=1)
    (worker,) = world.crew(session_key)
    worker.work()
    worker.merge()
    assert reap(world.context).orphans == []
    world.clock.pass_seconds(SETTINGS.end_grace_seconds + 1)
    assert reap(world.context).orphans == [worker.instance_id]
    assert reap(world.context).orphans == []


def test_a_start_that_died_before_its_launch_is_launched_by_the_reaper(world: World) -> None:
    world.fleet.refusal = "InsufficientInstanceCapacity"
    session_key = world.start(2)
    world.fleet.refusal = ""
    world.store.delete(CONTROL, layout.state_key(session_key))
    reap(world.context)
    assert world.fleet.launches == [], "the grace is not over"
    world.clock.pass_seconds(SETTINGS.launch_grace_seconds + 1)
    reap(world.context)
    reap(world.context)
    assert len(world.fleet.launches) == 1


def test_reaping_twice_at_once_launches_once(world: World) -> None:
    session_key = world.start(3, workers=3)
    world.fleet.terminate(world.fleet.living())
    twin = replace(world.context)
    reap(world.context)
    reap(twin)
    reap(world.context)
    assert len(world.fleet.launches) == 2
    assert world.fleet.launches[1].count == 3
    assert isinstance(session_key, SessionKey)


def unreadable_manifest(session_key: SessionKey) -> tuple[str, bytes]:
    return layout.manifest_key(session_key), b"{}"


def claim_of_no_share(session_key: SessionKey) -> tuple[str, bytes]:
    expires_at = datetime(2026, 11, 23, tzinfo=UTC)
    return layout.claim_key(session_key, 99), to_bytes(Claim(99, ClaimState.EXHAUSTED, "i-1", 1, expires_at))


@pytest.mark.parametrize("trouble", [unreadable_manifest, claim_of_no_share])
def test_one_jobs_trouble_keeps_no_other_from_being_reaped(
    world: World, caplog: pytest.LogCaptureFixture, trouble: Callable[[SessionKey], tuple[str, bytes]]
) -> None:
    first, second = world.start(1, "one"), world.start(1, "two")
    world.store.put(CONTROL, *trouble(first))
    world.fleet.terminate(world.fleet.living())
    reap(world.context)
    assert world.job(second).workers[0].value.status is WorkerStatus.LOST
    assert "reaping failed" in caplog.text
    assert DATA in world.store.buckets
