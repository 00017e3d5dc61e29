"""Where a worker is, on each line of its log and in a file: if it is killed, the script that started it tells so (userdata/bootstrap.sh)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from worker.logs import Whereabouts
from worker.reporting import Position

NAME = "position"


def tracer(root: Path, whereabouts: Whereabouts) -> Callable[[Position], None]:
    """What keeps the log's whereabouts, and ``root/position``: a line of the step, then a line for each sample at hand.

    A disk that is full is no reason to stop; the script then tells what was written last.
    """
    path, part = root / NAME, root / f"{NAME}.part"

    def trace(position: Position) -> None:
        whereabouts.share, whereabouts.step = position.share, position.step
        whereabouts.sample = ", ".join(position.samples_at_hand)
        text = "\n".join((position.step, *position.samples_at_hand))
        try:
            part.write_text(f"{text}\n", encoding="utf-8")
            part.replace(path)
        except OSError:
            pass

    return trace
