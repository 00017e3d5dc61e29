"""A job's timeline as shapes: bars in a box of 1,000 units, whatever the width that a page gives it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gems_api.services.shown.timeline import Lane, Timeline
from gems_api.web.ui import words
from gems_core.statuses import WorkerStatus

WIDTH = 1000.0
_LEAST = 1.5  # units; a shorter phase would not be seen
_TICKS = 4
# Phases that look the same are told apart by their words: the wait for the machine, and the steps of the merge.
PHASES = {
    WorkerStatus.LAUNCHED: "start",
    WorkerStatus.BOOTSTRAPPING: "start",
    WorkerStatus.COPYING: "move",
    WorkerStatus.DOWNLOADING: "move",
    WorkerStatus.TYPING: "type",
    WorkerStatus.CROSS_MATCHING: "match",
    WorkerStatus.UPLOADING: "move",
    WorkerStatus.MERGING: "merge",
    WorkerStatus.REPORT_WRITTEN: "merge",
    WorkerStatus.EMAIL_SENT: "merge",
}
LEGEND = (
    ("start", "starting"),
    ("move", "moving data"),
    ("type", "typing"),
    ("match", "cross matching"),
    ("merge", "writing the report"),
)


@dataclass(frozen=True)
class Box:
    """A bar: where it begins and how wide it is, its look, and its words."""

    x: str
    width: str
    look: str
    title: str


@dataclass(frozen=True)
class Row:
    """An instance, its bars, and the same in words."""

    lane: Lane
    boxes: Sequence[Box]
    sentence: str


@dataclass(frozen=True)
class Chart:
    """Rows under one axis.

    Attributes:
        ticks: times since the beginning, evenly spaced from it to the end.
        more: how many instances are not shown.
    """

    rows: Sequence[Row]
    ticks: Sequence[str]
    more: int
    legend: Sequence[tuple[str, str]] = LEGEND


def chart_of(timeline: Timeline, most: int) -> Chart:
    """The chart of the first ``most`` instances."""
    span = max((timeline.ends - timeline.begins).total_seconds(), 1.0)
    rows = [_row(lane, timeline.begins, span) for lane in timeline.lanes[:most]]
    ticks = [words.duration(span * number / _TICKS) for number in range(_TICKS + 1)]
    return Chart(rows, ticks, max(0, len(timeline.lanes) - most))


def _row(lane: Lane, begins: datetime, span: float) -> Row:
    boxes = []
    spent: dict[str, float] = {}
    for bar in lane.bars:
        look = PHASES.get(bar.status)
        if look is None:
            continue
        x = (bar.begins - begins) / timedelta(seconds=span) * WIDTH
        width = max(bar.seconds / span * WIDTH, _LEAST)
        name = words.worker_status(bar.status)
        share = f", share {bar.share}" if bar.share else ""
        boxes.append(Box(f"{x:.1f}", f"{width:.1f}", look, f"{name}{share}: {words.duration(bar.seconds)}"))
        spent[name] = spent.get(name, 0.0) + bar.seconds
    told = ", ".join(f"{name} {words.duration(seconds)}" for name, seconds in spent.items())
    return Row(lane, boxes, told or "nothing yet")
