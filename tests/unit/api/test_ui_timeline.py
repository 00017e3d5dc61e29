"""What workers did and when, as their records tell it, and how samples stand."""

from __future__ import annotations

from datetime import timedelta

from api_world import Worker, World

from gems_api.services.lifecycle.cancel import cancel
from gems_api.services.reaping.reaper import reap
from gems_api.services.shown.sample_list import SampleRow, sample_list
from gems_api.services.shown.timeline import Lane, timeline
from gems_api.services.state.records import MOST_STEPS, Step, WorkerRecord
from gems_api.web.ui.timeline_chart import LEGEND, PHASES, WIDTH, chart_of
from gems_core.protocol.answer import GrantedShare
from gems_core.protocol.done_marker import SampleOutcome
from gems_core.protocol.failure import Failure
from gems_core.session_key import SessionKey
from gems_core.statuses import FINAL_WORKER_STATUSES, WorkerStatus


def lane_of(world: World, key: SessionKey) -> Lane:
    """The first instance's."""
    return timeline(world.job(key), world.clock()).lanes[0]


def begun(world: World, samples: int = 1) -> tuple[SessionKey, Worker, GrantedShare]:
    key = world.start(samples, workers=1)
    (worker,) = world.crew(key)
    world.clock.pass_seconds(100)
    share = worker.claim().share
    assert share is not None
    return key, worker, share


def told(lane: Lane) -> list[tuple[str, int | None, float]]:
    return [(bar.status.value, bar.share, bar.seconds) for bar in lane.bars]


def test_each_step_lasts_until_the_next_one(world: World) -> None:
    key, worker, share = begun(world)
    world.clock.pass_seconds(9)
    for status, seconds in (("DOWNLOADING", 5), ("TYPING", 60), ("CROSS_MATCHING", 20), ("UPLOADING", 3)):
        worker.say("status", status, share)
        world.clock.pass_seconds(seconds)
    assert told(lane_of(world, key)) == [
        ("LAUNCHED", None, 100), ("BOOTSTRAPPING", None, 9), ("DOWNLOADING", 1, 5), ("TYPING", 1, 60), ("CROSS_MATCHING", 1, 20),
        ("UPLOADING", 1, 3),
    ]  # fmt: skip


def test_heartbeats_are_no_steps(world: World) -> None:
    key, worker, share = begun(world)
    worker.say("status", "DOWNLOADING", share)
    worker.say("status", "TYPING", share)
    for _ in range(5):
        world.clock.pass_seconds(10)
        worker.say("heartbeat", "TYPING", share)
    assert [bar.seconds for bar in lane_of(world, key).bars if bar.status is WorkerStatus.TYPING] == [50]


def test_an_instance_that_has_not_spoken_is_starting_until_now(world: World) -> None:
    key = world.start(1)
    world.clock.pass_seconds(42)
    assert told(lane_of(world, key)) == [("LAUNCHED", None, 42)]


def test_nothing_is_drawn_after_a_worker_has_finished_or_failed_or_was_ended(world: World) -> None:
    key, worker, share = begun(world)
    worker.say("status", "DOWNLOADING", share)
    worker.say("status", "TYPING", share)
    world.clock.pass_seconds(10)
    worker.say("failed", "TYPING", share, Failure("TYPING", "because"))
    world.clock.pass_seconds(500)
    lane = lane_of(world, key)
    assert lane.bars[-1].seconds == 10
    cancel(world.context, key)
    world.clock.pass_seconds(500)
    assert lane_of(world, key).bars == lane.bars
    assert lane_of(world, key).ended_at is not None


def test_a_lost_worker_is_drawn_until_its_last_sign_of_life(world: World) -> None:
    key, worker, share = begun(world)
    worker.say("status", "DOWNLOADING", share)
    worker.say("status", "TYPING", share)
    world.clock.pass_seconds(30)
    worker.say("heartbeat", "TYPING", share)
    world.clock.pass_seconds(world.settings.heartbeat_limit_seconds + 1)
    reap(world.context)
    lane = lane_of(world, key)
    assert lane.status is WorkerStatus.LOST
    assert lane.bars[-1].seconds <= 30


def test_a_record_remembers_so_many_steps_and_no_more() -> None:
    world = World()
    record = WorkerRecord("i-1", 0, WorkerStatus.TYPING, world.clock())
    for number in range(MOST_STEPS + 20):
        before = record
        status = (WorkerStatus.DOWNLOADING, WorkerStatus.TYPING)[number % 2]
        record = WorkerRecord("i-1", 0, status, world.clock(), share=number, steps=record.steps).stepped(before)
    assert len(record.steps) == MOST_STEPS
    assert record.steps[-1] == Step(record.status, world.clock(), MOST_STEPS + 19)
    assert record.stepped(record) == record


def test_a_record_of_an_older_release_has_no_steps_and_is_drawn_all_the_same(world: World) -> None:
    record = WorkerRecord(
        "i-1", 0, WorkerStatus.TYPING, world.clock(), steps=(Step(WorkerStatus.TYPING, world.clock()),)
    )
    older = {
        "instance_id": "i-1", "instance_index": 0, "status": "TYPING", "updated_at": world.clock().isoformat(), "share": None,
        "attempt": 0, "detail": "", "failure": None,
    }  # fmt: skip
    assert WorkerRecord.from_json(older).steps == ()
    assert record.steps


def test_the_chart_fills_its_width_and_every_phase_has_its_colour(world: World) -> None:
    key, worker, share = begun(world)
    worker.say("status", "DOWNLOADING", share)
    worker.say("status", "TYPING", share)
    world.clock.pass_seconds(300)
    chart = chart_of(timeline(world.job(key), world.clock()), 10)
    last = chart.rows[0].boxes[-1]
    assert abs(float(last.x) + float(last.width) - WIDTH) < 1
    assert chart.ticks[0] == "0 s"
    assert chart.ticks[-1] == "6 min 40 s"
    assert set(PHASES) == set(WorkerStatus) - FINAL_WORKER_STATUSES
    assert set(PHASES.values()) == {look for look, _ in LEGEND}


def test_a_job_that_began_this_moment_is_drawn(world: World) -> None:
    chart = chart_of(timeline(world.job(world.start(1)), world.clock() - timedelta(seconds=10)), 10)
    assert len(chart.rows) == 1


def states(world: World, key: SessionKey) -> list[tuple[str, str]]:
    return [(row.name, row.state.value) for row in sample_list(world.job(key))]


def test_failed_samples_come_first_and_typed_ones_last(world: World) -> None:
    key = world.start(3, workers=1)
    (worker,) = world.crew(key)
    assert [state for _, state in states(world, key)] == ["waiting"] * 3
    first = worker.claim().share
    assert first is not None
    worker.write_markers(first)
    second = worker.say("finished", "UPLOADING", first).share
    assert second is not None
    worker.write_markers(second, SampleOutcome.FAILED)
    third = worker.say("finished", "UPLOADING", second).share
    assert third is not None
    assert [state for _, state in states(world, key)] == ["failed", "in work", "typed"]
    cancel(world.context, key)
    rows: list[SampleRow] = sample_list(world.job(key))
    assert [row.state.value for row in rows] == ["failed", "not typed", "typed"]
    assert rows[1].reasons == ("cancelled by its user",)
