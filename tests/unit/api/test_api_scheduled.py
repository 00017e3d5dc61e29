"""What a tick of the schedule tells the log."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from api_world import CONTROL, World

from gems_api import scheduled
from gems_api.services.reaping import reaper
from gems_api.services.reaping.reaper import Reaped
from gems_core.layout import state_key

RUNBOOK = (Path(__file__).resolve().parents[3] / "docs" / "deploy.md").read_text().partition("## When you are paged")[2]


@pytest.fixture(autouse=True)
def own_context(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduled, "_CONTEXTS", [world.context])


def told(caplog: pytest.LogCaptureFixture) -> dict[str, Any]:
    """The facts of the line that ends a tick."""
    with caplog.at_level(logging.INFO, logger="gems_api.scheduled"):
        outcome = scheduled.reap()
    (record,) = [record for record in caplog.records if record.message == "reaped"]
    assert record.facts == outcome  # type: ignore[attr-defined]
    return outcome


def test_a_quiet_tick_says_that_it_ticked(caplog: pytest.LogCaptureFixture) -> None:
    assert told(caplog) == {"failed": [], "left": 0, "useless": [], "orphans": [], "jobs": {}, "jobs_changed": 0}


def test_a_tick_names_the_jobs_that_it_could_not_look_at(world: World, caplog: pytest.LogCaptureFixture) -> None:
    session_key = world.start(1)
    world.store.put(CONTROL, state_key(session_key), b"{half")
    assert told(caplog)["failed"] == [str(session_key)]


def test_a_tick_says_what_it_left_and_whom_it_ended_and_stays_short(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    many = [f"i-{number:04d}" for number in range(1000)]
    reaped = Reaped({name: ["MarkLost"] * 1000 for name in many}, many, many, many, left=7)
    monkeypatch.setattr(reaper, "reap", lambda context: reaped)
    line = told(caplog)
    assert line["left"] == 7
    for name in ("failed", "useless", "orphans"):
        assert line[name] == [*many[:20], "and 980 more"]
    assert (len(line["jobs"]), line["jobs_changed"]) == (20, 1000)
    assert line["jobs"]["i-0000"] == [*["MarkLost"] * 20, "and 980 more"]


def test_the_runbook_tells_what_each_part_of_the_line_means(caplog: pytest.LogCaptureFixture) -> None:
    assert [name for name in told(caplog) if f"`{name}`" not in RUNBOOK] == []
