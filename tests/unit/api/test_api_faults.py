"""Faults that the job machine (test_job_machine.py) has found, each in its shortest form."""

from __future__ import annotations

from typing import Any

import pytest
from api_world import SETTINGS, World
from troubled_cloud import LambdaDied

from gems_api.services.lifecycle.cancel import cancel
from gems_api.services.reaping.reaper import reap
from gems_api.services.shown.job_view import job_view
from gems_core import layout
from gems_core.errors import CloudRefused
from gems_core.protocol.answer import Instruction
from gems_core.statuses import JobStatus, WorkerStatus


def die_at(world: World, monkeypatch: pytest.MonkeyPatch, operation: str, key_part: str) -> None:
    """The process ends where it would write such a key."""
    honest = getattr(world.store, operation)

    def mortal(bucket: str, key: str, *rest: Any) -> Any:
        if key_part in key:
            raise LambdaDied
        return honest(bucket, key, *rest)

    monkeypatch.setattr(world.store, operation, mortal)


def test_samples_that_nobody_came_to_are_listed_as_failed_when_the_job_has_ended(world: World) -> None:
    session_key = world.start(3)
    worker = world.crew(session_key)[0]
    share = worker.claim().share
    assert share is not None
    worker.write_markers(share)
    assert job_view(world.job(session_key), SETTINGS.api_url)["failures"] == []
    cancel(world.context, session_key)
    view = job_view(world.job(session_key), SETTINGS.api_url)
    assert (view["samples_done"], view["samples_failed"]) == (1, 2)
    assert {failure["reason"] for failure in view["failures"]} == {  # type: ignore[attr-defined]
        "the job ended before it was typed: cancelled by its user"
    }


def test_a_lost_worker_that_speaks_again_does_not_take_a_running_job_back_to_its_launch(world: World) -> None:
    session_key = world.start(1, workers=1)
    (worker,) = world.crew(session_key)
    worker.claim()
    assert world.job(session_key).overall_status is JobStatus.RUNNING
    world.fleet.terminate([worker.instance_id])
    reap(world.context)
    worker.say("heartbeat", "BOOTSTRAPPING")
    worker.say("status", "BOOTSTRAPPING")
    assert world.job(session_key).workers[0].value.status is WorkerStatus.BOOTSTRAPPING
    assert world.job(session_key).overall_status is JobStatus.RUNNING


def test_a_mail_is_sent_though_the_lambda_that_heard_of_the_report_died_before_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_key = world.start(1, workers=1, email="lab@example.org")
    (worker,) = world.crew(session_key)
    worker.work()
    world.write_report(session_key)
    worker.say("status", "MERGING")
    die_at(world, monkeypatch, "create", "/mail.json")
    with pytest.raises(LambdaDied):
        worker.say("status", "REPORT_WRITTEN")
    monkeypatch.undo()
    worker.say("status", "COMPLETE")
    assert world.job(session_key).overall_status is JobStatus.COMPLETE
    assert len(world.mailer.sent) == 1


def test_a_mail_record_that_meets_others_is_written_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    session_key = world.start(1, workers=1, email="lab@example.org")
    (worker,) = world.crew(session_key)
    worker.work()
    honest, collisions = world.store.create, [None]

    def collide(bucket: str, key: str, body: bytes) -> str | None:
        return collisions.pop() if key.endswith("/mail.json") and collisions else honest(bucket, key, body)

    monkeypatch.setattr(world.store, "create", collide)
    worker.merge()
    assert len(world.mailer.sent) == 1


def test_a_first_word_after_the_end_makes_no_worker_that_is_at_work_for_ever(world: World) -> None:
    session_key = world.start(1, workers=1)
    (worker,) = world.crew(session_key)
    cancel(world.context, session_key)
    assert worker.claim().instruction is Instruction.STOP
    assert worker.say("heartbeat", "BOOTSTRAPPING").instruction is Instruction.STOP
    assert world.job(session_key).workers == {}


def test_a_late_word_of_a_final_worker_that_was_judged_lost_does_not_set_it_to_work_again(world: World) -> None:
    session_key = world.start(1, workers=1)
    (worker,) = world.crew(session_key)
    worker.work()
    worker.write_report()
    world.fleet.terminate([worker.instance_id])
    reap(world.context)
    reap(world.context)
    assert world.job(session_key).workers[0].value.status is WorkerStatus.LOST
    worker.say("status", "REPORT_WRITTEN")
    assert world.job(session_key).workers[0].value.status is WorkerStatus.LOST
    worker.say("status", "COMPLETE")
    assert world.job(session_key).workers[0].value.status is WorkerStatus.COMPLETE


def refuse_at(world: World, monkeypatch: pytest.MonkeyPatch, operation: str, key_part: str) -> None:
    """S3 refuses the first write of such a key."""
    honest, refused = getattr(world.store, operation), []

    def refusing(bucket: str, key: str, *rest: Any) -> Any:
        if key_part in key and not refused:
            refused.append(key)
            raise CloudRefused(f"S3 PutObject of {key} was refused (SlowDown)")
        return honest(bucket, key, *rest)

    monkeypatch.setattr(world.store, operation, refusing)


def test_an_s3_that_refuses_one_write_before_a_launch_ends_no_job(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_key = world.start(1)
    world.fleet.terminate(world.fleet.living())
    refuse_at(world, monkeypatch, "put", layout.ACTIVE_PREFIX)
    reap(world.context)
    assert (world.job(session_key).ended, world.fleet.living()) == (False, [])
    world.clock.pass_seconds(SETTINGS.launch_grace_seconds + 1)
    reap(world.context)
    assert len(world.fleet.living()) == 1


def test_a_failed_job_whose_mail_could_not_be_begun_is_looked_at_until_it_is(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.fleet.refusal = "InsufficientInstanceCapacity"
    session_key = world.start(1, email="lab@example.org")
    refuse_at(world, monkeypatch, "create", layout.mail_key(session_key))
    world.clock.pass_seconds(SETTINGS.job_limit_seconds + 1)
    for _ in range(4):
        reap(world.context)
        world.clock.pass_seconds(SETTINGS.end_grace_seconds + 1)
    assert world.job(session_key).overall_status is JobStatus.FAILED
    assert len(world.mailer.sent) == 1
    assert not world.context.active.holds(session_key)
