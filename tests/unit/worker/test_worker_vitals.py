"""How a machine is, and whether its step moves, by a clock that the test turns."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gems_core.protocol.status_report import Kind, StatusReport
from worker.reporting import Position
from worker.vitals import StepLimits, Verdict, Watch

TYPING = Position("i-1", 0, share=1, step="type", samples_at_hand=("K1", "K2"))
LIMITS = StepLimits(600, 120)


class Clock:
    """Turned by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def watch(tmp_path: Path, clock: Clock) -> Watch:
    return Watch(tmp_path, LIMITS, clock)


def test_a_step_that_stands_still_is_told_then_ended_then_killed_each_once(watch: Watch, clock: Clock) -> None:
    seen = []
    for _ in range(300):
        verdict, _words = watch.look(TYPING)
        if verdict is not Verdict.MOVES:
            seen.append((clock.now, verdict))
        clock.now += 5
    assert seen == [(660, Verdict.TELL), (1320, Verdict.END), (1440, Verdict.KILL)]


def test_it_is_told_with_step_samples_and_limit(watch: Watch, clock: Clock) -> None:
    watch.look(TYPING)
    clock.now = 700
    _, words = watch.look(TYPING)
    assert words == "the step type of K1, K2 has not moved for 700 s (its limit is 660 s)"


@pytest.mark.parametrize(
    "change",
    [
        {"samples_at_hand": ("K2",)},
        {"detail": "typed 1 of 3"},
        {"step": "upload"},
        {"share": 2},
        {"samples_done": ("K1",)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_whatever_moves_begins_anew(watch: Watch, clock: Clock, change: dict[str, object]) -> None:
    watch.look(TYPING)
    clock.now = 700
    assert watch.look(TYPING)[0] is Verdict.TELL
    moved = replace(TYPING, **change)  # type: ignore[arg-type]
    assert watch.look(moved)[0] is Verdict.MOVES
    clock.now = 900
    assert watch.look(moved)[0] is Verdict.MOVES
    assert watch.vitals(moved).still_seconds == 200


def test_who_waits_for_the_api_between_steps_may_wait(watch: Watch, clock: Clock) -> None:
    idle = replace(TYPING, step="", samples_at_hand=(), share=None)
    watch.look(idle)
    clock.now = 1e6
    assert watch.look(idle)[0] is Verdict.MOVES


@pytest.mark.parametrize(
    ("step", "limit"),
    [
        ("type", 660),
        ("cross_match", 180),
        ("download", 1200),
        ("merge", 1800),
        ("a step to come", 1800),
        ("", float("inf")),
    ],
)
def test_each_step_has_its_own_limit(step: str, limit: float) -> None:
    assert LIMITS.of(step) == limit
    assert StepLimits(600, 120, 7).of(step) == (7 if step else limit)


def test_the_vitals_are_the_machines_and_travel_whole(watch: Watch) -> None:
    vitals = watch.vitals(TYPING)
    assert (vitals.step, vitals.samples) == ("type", ("K1", "K2"))
    assert vitals.free_memory_mb is not None
    assert vitals.free_memory_mb > 0
    assert vitals.free_disk_mb is not None
    assert vitals.load >= 0
    said = replace(TYPING.report(Kind.HEARTBEAT), vitals=vitals)
    assert StatusReport.from_json(said.as_json()) == said


def test_a_disk_that_cannot_be_asked_is_no_reason_for_silence(tmp_path: Path, clock: Clock) -> None:
    assert Watch(tmp_path / "nowhere", LIMITS, clock).vitals(TYPING).free_disk_mb is None
