"""Claims, the merge lease and what workers are told."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from api_world import CONTROL, SETTINGS, Worker, World
from hypothesis import given, settings
from hypothesis import strategies as st

from gems_api.services.lifecycle.cancel import cancel
from gems_api.services.state.records import ClaimState
from gems_api.services.storage.folder_reader import UNREADABLE_MARKER
from gems_core import layout
from gems_core.errors import Conflict, InvalidInput, NotAllowed
from gems_core.protocol.answer import Answer, GrantedShare, Instruction
from gems_core.protocol.done_marker import SampleOutcome
from gems_core.protocol.failure import Failure
from gems_core.statuses import JobStatus, WorkerStatus

TROUBLE = Failure("typing", "the typer exited with 70", ("line",))


def test_one_worker_does_all_shares_and_merges(world: World) -> None:
    session_key = world.start(3, workers=1)
    (worker,) = world.crew(session_key)
    answer = worker.work()
    assert sorted(worker.shares) == [1, 2, 3]
    assert answer.instruction is Instruction.MERGE
    assert answer.merge_lease is not None
    assert answer.merge_lease.owner == worker.instance_id
    assert answer.overall_status is JobStatus.MERGING
    worker.merge()
    job = world.job(session_key)
    assert job.overall_status is JobStatus.COMPLETE
    assert job.workers[0].value.status is WorkerStatus.COMPLETE


def test_a_claim_whose_answer_was_lost_is_given_again(world: World) -> None:
    session_key = world.start(3)
    worker = world.crew(session_key)[1]
    first, again = worker.claim(), worker.claim()
    assert first.share is not None
    assert first == again
    assert len(world.job(session_key).claims) == 1


def test_finished_without_done_markers_is_refused_naming_the_samples(world: World) -> None:
    session_key = world.start(2, samples_per_worker=2)
    (worker,) = world.crew(session_key)
    share = worker.claim().share
    with pytest.raises(Conflict, match="K001, K002"):
        worker.say("finished", "UPLOADING", share)


def test_finished_of_a_share_the_job_has_not_is_refused(world: World) -> None:
    session_key = world.start(1)
    (worker,) = world.crew(session_key)
    share = worker.claim().share
    assert share is not None
    with pytest.raises(InvalidInput, match="1 to 1"):
        worker.say("finished", "UPLOADING", replace(share, share=replace(share.share, index=7)))


def test_a_worker_with_nothing_to_do_leaves_and_is_complete(world: World) -> None:
    session_key = world.start(2, samples_per_worker=2, workers=1)
    world.fleet.another(world.fleet.launches[0])
    first, second = world.crew(session_key)
    assert first.claim().instruction is Instruction.WORK
    assert second.claim().instruction is Instruction.LEAVE
    assert world.job(session_key).workers[second.index].value.status is WorkerStatus.COMPLETE


def test_a_failed_share_goes_to_another_worker_with_the_next_attempt(world: World) -> None:
    session_key = world.start(2, samples_per_worker=2, workers=1)
    world.fleet.another(world.fleet.launches[0])
    first, second = world.crew(session_key)
    share = first.claim().share
    assert first.say("failed", "TYPING", share, TROUBLE).instruction is Instruction.LEAVE
    granted = second.claim().share
    assert granted is not None
    assert granted.attempt == 2
    record = world.job(session_key).workers[first.index].value
    assert record.status is WorkerStatus.FAILED
    assert record.failure == TROUBLE


def test_a_worker_that_fails_and_leaves_gives_its_share_back_and_is_given_nothing(world: World) -> None:
    session_key = world.start(2, workers=1)
    (worker,) = world.crew(session_key)
    worker.claim()
    assert worker.say("failed", "TYPING", None, TROUBLE).instruction is Instruction.LEAVE
    assert [claim.value.state for claim in world.job(session_key).claims.values()] == [ClaimState.FREE]


@pytest.mark.parametrize("leaving", [True, False])
def test_a_heartbeat_beside_a_failure_keeps_no_claim(
    world: World, leaving: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_key = world.start(1, workers=1)
    (worker,) = world.crew(session_key)
    share = worker.claim().share
    replace_once(world, monkeypatch, "/claims/", lambda: worker.say("heartbeat", "TYPING", share))
    assert worker.say("failed", "TYPING", None if leaving else share, TROUBLE).instruction is Instruction.LEAVE
    (claim,) = world.job(session_key).claims.values()
    assert (claim.value.state, claim.value.attempt) == (ClaimState.FREE, 1)


def test_a_heartbeat_beside_a_failed_merge_keeps_no_lease(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    session_key = world.start(1, workers=1)
    world.fleet.another(world.fleet.launches[0])
    first, second = world.crew(session_key)
    assert first.work().instruction is Instruction.MERGE
    replace_once(world, monkeypatch, "merge.lease", lambda: first.say("heartbeat", "MERGING"))
    assert first.say("failed", "MERGING", None, TROUBLE).instruction is Instruction.LEAVE
    assert second.claim().instruction is Instruction.MERGE


def replace_once(world: World, monkeypatch: pytest.MonkeyPatch, key_part: str, first: Callable[[], object]) -> None:
    """Let something happen just before the next conditional write of such a key."""
    honest, waiting = world.store.replace, [first]

    def late(bucket: str, key: str, body: bytes, etag: str) -> str | None:
        if key_part in key and waiting:
            world.clock.pass_seconds(1)
            waiting.pop()()
        return honest(bucket, key, body, etag)

    monkeypatch.setattr(world.store, "replace", late)


def test_after_three_attempts_the_samples_fail_with_every_reason_and_the_job_merges(world: World) -> None:
    session_key = world.start(2, samples_per_worker=2, workers=1)
    world.fleet.another(world.fleet.launches[0])
    world.fleet.another(world.fleet.launches[0])
    crew = world.crew(session_key)
    answers = [worker.say("failed", "TYPING", worker.claim().share, TROUBLE) for worker in crew]
    assert [answer.instruction for answer in answers] == [Instruction.LEAVE, Instruction.LEAVE, Instruction.MERGE]
    job = world.job(session_key)
    assert {marker.outcome for marker in job.done.values()} == {SampleOutcome.FAILED}
    assert job.done["K001"].reason.count("the typer exited with 70") == 3
    world.crew(session_key)[2].merge()
    ended = world.job(session_key)
    assert ended.overall_status is JobStatus.FAILED
    assert ended.state is not None
    assert "2 of 2 samples failed" in ended.state.value.reason


def test_machines_taken_away_use_up_none_of_a_shares_attempts(world: World) -> None:
    session_key = world.start(1, workers=1)
    for _ in range(3):
        world.fleet.another(world.fleet.launches[0])
    *taken, last = world.crew(session_key)
    for worker in taken:
        worker.claim()
        answer = worker.say("failed", "TYPING", failure=TROUBLE, machine_taken=True)
        assert answer.instruction is Instruction.LEAVE
    granted = last.claim().share
    assert granted is not None
    assert granted.attempt == 4, "each try has a number of its own, so that nothing of an earlier one is reused"


def test_an_expired_claim_is_simply_claimed_again(world: World) -> None:
    session_key = world.start(1)
    world.fleet.another(world.fleet.launches[0])
    first, second = world.crew(session_key)
    first.claim()
    world.clock.pass_seconds(SETTINGS.claim_seconds + 1)
    granted = second.claim().share
    assert granted is not None
    assert granted.attempt == 2


def test_heartbeats_keep_a_claim_and_the_lease(world: World) -> None:
    session_key = world.start(1, workers=1)
    world.fleet.another(world.fleet.launches[0])
    first, second = world.crew(session_key)
    share = first.claim().share
    assert share is not None
    for _ in range(10):
        world.clock.pass_seconds(SETTINGS.claim_seconds / 2)
        assert first.say("heartbeat", "TYPING", share).instruction is Instruction.CONTINUE
    assert second.claim().instruction is Instruction.LEAVE
    assert first.do_share(share).instruction is Instruction.MERGE
    for _ in range(10):
        world.clock.pass_seconds(SETTINGS.lease_seconds / 2)
        first.say("heartbeat", "MERGING")
    assert second.claim().instruction is Instruction.LEAVE


def test_an_expired_lease_is_taken_over_and_the_old_owner_leaves_without_a_mail(world: World) -> None:
    session_key = world.start(1, workers=1, email="lab@example.org")
    world.fleet.another(world.fleet.launches[0])
    first, second = world.crew(session_key)
    assert first.work().instruction is Instruction.MERGE
    world.clock.pass_seconds(SETTINGS.lease_seconds + 1)
    assert second.claim().instruction is Instruction.MERGE
    world.write_report(session_key)
    assert first.say("status", "REPORT_WRITTEN").instruction is Instruction.LEAVE
    assert world.mailer.sent == []
    second.merge()
    assert len(world.mailer.sent) == 1


def test_tags_are_written_once_a_share_for_merging_and_for_failures_and_for_nothing_else(world: World) -> None:
    session_key = world.start(2, workers=1)
    (worker,) = world.crew(session_key)
    assert worker.work().instruction is Instruction.MERGE
    worker.say("heartbeat", "UPLOADING")
    worker.say("status", "MERGING")
    worker.say("failed", "MERGING", failure=Failure("merge", "no space"))
    shown = [(tags["gems:status"], "gems:samples" in tags) for _, tags in world.fleet.tag_calls]
    assert shown == [("TYPING", True), ("TYPING", True), ("MERGING", False), ("FAILED", False)]


def test_tags_show_the_share_though_the_word_of_its_typing_was_lost(world: World) -> None:
    session_key = world.start(1)
    (worker,) = world.crew(session_key)
    share = worker.claim().share
    worker.say("status", "DOWNLOADING", share)
    assert world.fleet.tag_calls == []
    worker.say("status", "CROSS_MATCHING", share)
    worker.say("status", "UPLOADING", share)
    assert [tags["gems:status"] for _, tags in world.fleet.tag_calls] == ["TYPING"]
    assert world.fleet.tag_calls[0][1]["gems:samples"].split() == [
        "K001_S1_L001_R1_001.fastq.gz",
        "K001_S1_L001_R2_001.fastq.gz",
    ]


def test_a_throttled_tag_never_spoils_a_finished_result(world: World) -> None:
    session_key = world.start(2, workers=1)
    world.fleet.tag_refusal = "EC2 CreateTags was refused (RequestLimitExceeded)"
    (worker,) = world.crew(session_key)
    assert worker.work().instruction is Instruction.MERGE
    worker.merge()
    assert world.job(session_key).overall_status is JobStatus.COMPLETE


def test_a_late_status_is_passed_over_without_harm(world: World) -> None:
    session_key = world.start(1)
    (worker,) = world.crew(session_key)
    share = worker.claim().share
    worker.say("status", "CROSS_MATCHING", share)
    assert worker.say("status", "TYPING", share).instruction is Instruction.CONTINUE
    assert world.job(session_key).workers[0].value.status is WorkerStatus.BOOTSTRAPPING
    worker.say("status", "DOWNLOADING", share)
    worker.say("status", "CROSS_MATCHING", share)
    worker.say("status", "TYPING", share)
    assert world.job(session_key).workers[0].value.status is WorkerStatus.CROSS_MATCHING


def test_lost_status_reports_do_not_keep_a_worker_from_completing(world: World) -> None:
    session_key = world.start(2, workers=2)
    first, second = world.crew(session_key)
    share = first.claim().share
    other = second.claim().share
    assert share is not None
    assert other is not None
    first.say("status", "DOWNLOADING", share)
    first.write_markers(share)
    assert first.say("finished", "UPLOADING", share).instruction is Instruction.LEAVE
    assert world.job(session_key).workers[first.index].value.status is WorkerStatus.COMPLETE


def test_two_instances_with_one_launch_index_get_different_indices(world: World) -> None:
    session_key = world.start(3, workers=1)
    world.fleet.another(world.fleet.launches[0])
    first, second = world.crew(session_key)
    first.index = second.index = 0
    assert first.claim().instance_index == 0
    assert second.claim().instance_index == 1
    second.index = 0  # its answer was lost, and it says its launch index again
    assert second.claim().instance_index == 1


def test_an_instance_of_another_job_may_not_speak_for_this_one(world: World) -> None:
    one, other = world.start(1, "one"), world.start(1, "other")
    (stranger,) = world.crew(other)
    stranger.session_key = one
    with pytest.raises(NotAllowed, match="does not belong"):
        stranger.claim()


def test_an_instance_that_ec2_does_not_show_yet_is_asked_to_come_again_and_later_refused(world: World) -> None:
    session_key = world.start(1)
    (worker,) = world.crew(session_key)
    world.forget_launches(session_key)
    world.fleet.hidden.add(worker.instance_id)
    with pytest.raises(Conflict, match="again"):
        worker.claim()
    world.fleet.hidden.clear()
    assert worker.claim().instruction is Instruction.WORK
    stranger = replace(worker, instance_id="i-unheard-of")
    world.clock.pass_seconds(SETTINGS.launch_grace_seconds + 1)
    with pytest.raises(NotAllowed):
        stranger.claim()


def test_an_instance_of_the_jobs_own_record_is_known_without_asking_ec2(world: World) -> None:
    session_key = world.start(1)
    (worker,) = world.crew(session_key)
    world.fleet.hidden.add(worker.instance_id)
    assert worker.claim().instruction is Instruction.WORK


def test_workers_of_an_ended_job_are_told_to_stop(world: World) -> None:
    session_key = world.start(2)
    worker = world.crew(session_key)[0]
    share = worker.claim().share
    cancel(world.context, session_key)
    assert worker.say("heartbeat", "TYPING", share).instruction is Instruction.STOP
    assert worker.claim().instruction is Instruction.STOP


def test_report_written_without_a_report_is_refused(world: World) -> None:
    session_key = world.start(1, workers=1)
    (worker,) = world.crew(session_key)
    worker.work()
    worker.say("status", "MERGING")
    with pytest.raises(Conflict, match=r"report\.csv"):
        worker.say("status", "REPORT_WRITTEN")


@pytest.mark.parametrize("damage", [b"{half", b"[]", b'{"sample": "another"}', b"\xff"])
def test_a_sample_whose_done_marker_cannot_be_read_is_finished_and_failed_to_all(world: World, damage: bytes) -> None:
    session_key = world.start(2, workers=1, samples_per_worker=2)
    (worker,) = world.crew(session_key)
    share = worker.claim().share
    assert share is not None
    worker.write_markers(share)
    world.store.put(CONTROL, layout.done_key(session_key, "K001"), damage)
    assert worker.say("finished", "UPLOADING", share).instruction is Instruction.MERGE
    worker.merge()
    job = world.job(session_key)
    assert job.overall_status is JobStatus.COMPLETE_WITH_FAILURES
    assert job.done["K001"].reason == UNREADABLE_MARKER


def test_twenty_that_finish_at_once_get_exactly_one_lease_a_hundred_times_over(world: World) -> None:
    session_key = world.start(20, workers=20)
    held = [(worker, worker.claim().share) for worker in world.crew(session_key)]
    for worker, share in held:
        assert share is not None
        worker.write_markers(share)
    before = dict(world.store.buckets[CONTROL])
    for _ in range(100):
        world.store.buckets[CONTROL] = dict(before)
        instructions = _finish_at_once(held)
        assert sorted(instructions) == ["leave"] * 19 + ["merge"]


def _finish_at_once(held: list[tuple[Worker, GrantedShare | None]]) -> list[Instruction]:
    barrier, instructions = threading.Barrier(len(held)), []

    def finish(worker: Worker, share: GrantedShare | None) -> None:
        barrier.wait()
        instructions.append(worker.say("finished", "UPLOADING", share).instruction)

    threads = [threading.Thread(target=finish, args=pair) for pair in held]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return instructions


@settings(max_examples=40, deadline=None)
@given(samples=st.integers(1, 9), workers=st.integers(1, 6), seed=st.integers(0, 2**32))
def test_however_messages_interleave_each_share_is_done_once_and_one_worker_merges(
    samples: int, workers: int, seed: int
) -> None:
    world, order = World(), random.Random(seed)
    session_key = world.start(samples, workers=workers)
    idle = world.crew(session_key)
    crew, merges = list(idle), 0
    given: dict[str, Answer] = {}
    while idle:
        worker = order.choice(idle)
        before = given.get(worker.instance_id)
        answer = worker.do_share(before.share) if before is not None and before.share else worker.claim()
        if answer.share is not None and order.random() < 0.2:
            assert worker.claim().share == answer.share  # its answer was lost
        given[worker.instance_id] = answer
        merges += answer.instruction is Instruction.MERGE
        if answer.instruction is not Instruction.WORK:
            idle.remove(worker)
    assert sorted(share for worker in crew for share in worker.shares) == list(range(1, samples + 1))
    assert merges == 1
    records = [json.loads(entry.body) for key, entry in world.store.buckets[CONTROL].items() if "/claims/" in key]
    assert {record["attempt"] for record in records} == {1}
