"""The runs of a job: what belongs to one of them neither ends the next one nor counts in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from api_world import CONTROL, World

from gems_api.services.fleet_ports import Launch, LaunchOutcome, LaunchUnanswered, Refusal
from gems_api.services.lifecycle.cancel import cancel
from gems_api.services.lifecycle.mail import send_once
from gems_api.services.lifecycle.retry import retry
from gems_api.services.lifecycle.start_job import start_job
from gems_api.services.lifecycle.stop_instances import stop_instances
from gems_api.services.reaping.reaper import reap
from gems_api.services.state.records import JobState
from gems_core import layout
from gems_core.errors import Conflict
from gems_core.protocol.done_marker import SampleOutcome
from gems_core.session_key import SessionKey
from gems_core.statuses import JobStatus


@dataclass
class Once:
    """Somebody acts just before the first call of a function; what that calls itself is not struck."""

    honest: Callable[..., Any]
    action: Callable[[], object]
    done: bool = False

    def __call__(self, *args: Any) -> Any:
        if not self.done:
            self.done = True
            self.action()
        return self.honest(*args)


def just_before(monkeypatch: pytest.MonkeyPatch, place: str, action: Callable[[], object]) -> None:
    module, _, name = place.rpartition(".")
    honest = getattr(__import__(module, fromlist=[name]), name)
    monkeypatch.setattr(place, Once(honest, action))


def state_of(world: World, session_key: SessionKey) -> JobState:
    state = world.job(session_key).state
    assert state is not None
    return state.value


def only_job(world: World) -> SessionKey:
    (key,) = (key for key in world.store.buckets[CONTROL] if key.endswith("/job.json"))
    return SessionKey.parse(key.split("/")[2])


def start_while(world: World, monkeypatch: pytest.MonkeyPatch, late: Callable[[Launch], LaunchOutcome]) -> SessionKey:
    """A job that is cancelled and retried while EC2 still thinks about its first launch, which then is answered."""
    honest = world.fleet.launch

    def launch(plan: Launch) -> LaunchOutcome:
        monkeypatch.setattr(world.fleet, "launch", honest)
        cancel(world.context, only_job(world))
        retry(world.context, only_job(world))
        return late(plan)

    monkeypatch.setattr(world.fleet, "launch", launch)
    world.upload("run", 2)
    start_job(world.context, {"bucket": "direct.typing", "prefix": "run", "hla_class": "2", "samples_per_worker": 1})
    return only_job(world)


def test_who_comes_late_to_end_a_run_does_not_end_the_next_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    session_key = world.start(2, workers=2, time_limit_seconds=3600)
    world.clock.pass_seconds(3601)

    def others() -> None:
        reap(world.context)
        retry(world.context, session_key)

    just_before(monkeypatch, "gems_api.services.reaping.reap_job.end_job", others)
    reap(world.context)
    job = world.job(session_key)
    assert (job.run, job.ended) == (2, False)
    assert len(world.fleet.living()) == 2


def test_a_cancel_that_comes_late_says_that_the_job_was_opened_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_key = world.start(1)

    def others() -> None:
        cancel(world.context, session_key)
        retry(world.context, session_key)

    just_before(monkeypatch, "gems_api.services.lifecycle.cancel.end_job", others)
    with pytest.raises(Conflict, match="opened again meanwhile"):
        cancel(world.context, session_key)
    assert not world.job(session_key).ended
    assert len(world.fleet.living()) == 1


def test_a_final_worker_that_stops_its_instances_late_leaves_those_of_the_next_run(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_key = world.start(2, workers=1)
    (worker,) = world.crew(session_key)
    share = worker.claim().share
    assert share is not None
    worker.write_markers(share, SampleOutcome.FAILED)
    answer = worker.say("finished", "UPLOADING", share)
    assert answer.share is not None
    worker.do_share(answer.share)
    worker.merge()
    terminate = "gems_api.services.lifecycle.stop_instances.terminate_instances"
    just_before(monkeypatch, terminate, lambda: retry(world.context, session_key))
    stop_instances(world.context, session_key, worker.instance_id)
    (new,) = world.fleet.living()
    assert new != worker.instance_id
    assert [item.ended_at for item in state_of(world, session_key).instances if item.instance_id == new] == [None]


def test_a_late_refusal_of_an_earlier_runs_launch_ends_no_run(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = LaunchOutcome(refusals=(Refusal("InvalidSubnetID.NotFound", "no such subnet"),))
    session_key = start_while(world, monkeypatch, lambda plan: refused)
    job, state = world.job(session_key), state_of(world, session_key)
    assert (job.run, job.ended, state.reason) == (2, False, "")


def test_a_late_postponement_of_an_earlier_runs_launch_holds_no_run_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(plan: Launch) -> LaunchOutcome:
        raise LaunchUnanswered("EC2 did not answer")

    state = state_of(world, start_while(world, monkeypatch, silent))
    assert (state.run, state.refusals, state.next_launch_at, state.reason) == (2, 0, None, "")


def test_instances_of_an_earlier_runs_late_launch_are_entered_as_that_runs(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_key = start_while(world, monkeypatch, world.fleet.launch)
    instances = state_of(world, session_key).instances
    assert {(item.launch, item.run) for item in instances} == {(1, 1), (2, 2)}
    assert set(world.job(session_key).earlier_runs) == {item.instance_id for item in instances if item.launch == 1}


def test_a_late_answer_does_not_answer_for_the_next_runs_launch(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second launch goes unheard while the first one is answered."""

    def unheard_then_answered(plan: Launch) -> LaunchOutcome:
        state = state_of(world, only_job(world))
        assert (state.run, state.unanswered) == (2, 2)
        world.fleet.silent = False
        return world.fleet.launch(plan)

    world.fleet.silent = True
    state = state_of(world, start_while(world, monkeypatch, unheard_then_answered))
    assert (state.run, state.unanswered) == (2, 2), "the reaper makes that launch again, with its token"


def test_a_mail_of_an_earlier_run_that_comes_late_does_not_stand_for_the_next_runs(world: World) -> None:
    session_key = world.start(1, workers=1, email="lab@example.org")
    first_run = world.job(session_key)
    cancel(world.context, session_key)
    retry(world.context, session_key)
    send_once(world.context, first_run)
    assert world.job(session_key).mail is None
    (worker,) = [item for item in world.crew(session_key) if item.instance_id in world.fleet.living()]
    worker.work()
    worker.merge()
    assert world.job(session_key).overall_status is JobStatus.COMPLETE
    assert len(world.mailer.sent) == 2
    send_once(world.context, first_run)
    assert len(world.mailer.sent) == 2
    assert b'"run": 2' in world.store.buckets[CONTROL][layout.mail_key(session_key)].body
