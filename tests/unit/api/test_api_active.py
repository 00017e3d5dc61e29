"""The active index: what the reaper looks after, and when a job leaves it."""

from __future__ import annotations

import pytest
from api_world import CONTROL, DATA, SETTINGS, World
from troubled_cloud import LambdaDied

from gems_api.services.fleet_ports import Launch, Launched
from gems_api.services.lifecycle.cancel import cancel
from gems_api.services.lifecycle.retry import retry
from gems_api.services.reaping.closing import UNMADE_SECONDS
from gems_api.services.reaping.reaper import reap
from gems_api.services.state.records import OPENING_SECONDS
from gems_core import layout
from gems_core.session_key import SessionKey
from gems_core.statuses import JobStatus


def _finish(world: World, session_key: SessionKey) -> None:
    (worker,) = world.crew(session_key)
    worker.work()
    worker.merge()


def _stop_all(world: World) -> None:
    world.fleet.terminate(world.fleet.living())


def test_a_job_is_active_from_before_its_launch_until_it_has_ended_and_nothing_of_it_lives(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_launch: list[list[SessionKey]] = []
    launch = world.fleet.launch

    def look(call: Launch) -> list[Launched]:
        at_launch.append(world.context.active.jobs())
        return launch(call)

    monkeypatch.setattr(world.fleet, "launch", look)
    session_key = world.start(1)
    assert at_launch == [[session_key]]
    _finish(world, session_key)
    reap(world.context)
    assert world.context.active.jobs() == [session_key], "its instance is still there"
    _stop_all(world)
    reap(world.context)
    assert world.context.active.jobs() == []


def test_an_ended_job_whose_young_instance_ec2_does_not_list_yet_stays_active(world: World) -> None:
    session_key = world.start(1)
    _finish(world, session_key)
    world.fleet.hidden.update(world.fleet.known)
    reap(world.context)
    assert world.context.active.jobs() == [session_key]
    world.clock.pass_seconds(SETTINGS.launch_grace_seconds + 1)
    reap(world.context)
    assert world.context.active.jobs() == []


def test_history_is_never_reaped(world: World) -> None:
    session_key = world.start(1)
    world.store.delete(CONTROL, layout.active_key(session_key))
    world.fleet.known.clear()
    world.clock.pass_seconds(SETTINGS.job_limit_seconds + 1)
    reaped = reap(world.context)
    assert reaped.actions == {}
    assert world.job(session_key).overall_status is JobStatus.LAUNCHING


def test_a_job_whose_manifest_never_came_is_dropped_but_not_soon(world: World) -> None:
    session_key = SessionKey.make(DATA, "run", "2", world.clock(), "0" * 10)
    world.context.active.enter(session_key)
    reap(world.context)
    assert world.context.active.jobs() == [session_key]
    world.clock.pass_seconds(UNMADE_SECONDS + 1)
    reap(world.context)
    assert world.context.active.jobs() == []


def test_a_job_opened_again_while_it_is_being_closed_stays_active(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_key = world.start(1)
    _finish(world, session_key)
    _stop_all(world)
    delete = world.store.delete

    def reopened(bucket: str, key: str) -> None:
        delete(bucket, key)
        state = layout.state_key(session_key)
        held = world.store.buckets[CONTROL][state]
        world.store.put(CONTROL, state, held.body.replace(b'"COMPLETE"', b'"LAUNCHING"'))

    monkeypatch.setattr(world.store, "delete", reopened)
    reap(world.context)
    assert world.context.active.jobs() == [session_key]


def test_a_job_that_is_just_being_opened_is_looked_after_though_its_lambda_dies_then(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_key = world.start(1)
    cancel(world.context, session_key)
    world.clock.pass_seconds(86_400)
    world.fleet.hidden.update(world.fleet.known)  # EC2 has forgotten it
    reap(world.context)
    assert world.context.active.jobs() == []
    honest, state = world.store.replace, layout.state_key(session_key)

    def closed_then_died(bucket: str, key: str, body: bytes, etag: str) -> str | None:
        opening = key == state and b'"run": 2' in body
        if opening:
            reap(world.context)
        written = honest(bucket, key, body, etag)
        if opening:
            raise LambdaDied
        return written

    with monkeypatch.context() as troubled:
        troubled.setattr(world.store, "replace", closed_then_died)
        with pytest.raises(LambdaDied):
            retry(world.context, session_key)
    assert world.context.active.jobs() == [session_key]
    world.clock.pass_seconds(SETTINGS.launch_grace_seconds)
    reap(world.context)
    assert len(world.fleet.living()) == 1, "the reaper makes the launch that was entered"


def test_a_job_that_somebody_died_over_opening_leaves_the_index_all_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_key = world.start(1)
    cancel(world.context, session_key)
    with monkeypatch.context() as broken:
        broken.setattr("gems_api.services.lifecycle.retry._open", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            retry(world.context, session_key)
    reap(world.context)
    assert world.context.active.jobs() == [session_key]
    world.clock.pass_seconds(OPENING_SECONDS)
    reap(world.context)
    assert world.context.active.jobs() == []
