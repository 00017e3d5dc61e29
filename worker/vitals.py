"""How a worker's machine is, for each heartbeat; and whether its step still moves."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from gems_core.protocol.failure import MOST_SAMPLES_AT_HAND
from gems_core.protocol.status_report import Vitals
from worker.reporting import Position

_MIB = 2**20
_KIB_OF_MIB = 2**10
_MEMORY = Path("/proc/meminfo")
# How long a step may stand still: not how long it may take, for each sample that it begins or ends moves it. Twice as long as
# the longest wait that it knows of: S3's tries of a minute each, BaseSpace's quarter of an hour, a typer's or cross_match's limit.
STEP_LIMITS_SECONDS: Mapping[str, float] = {
    "provisioning": 1800,
    "copy": 1800,
    "download": 1200,
    "explain": 600,
    "upload": 1200,
    "merge": 1800,
}
_LIMIT_OF_OTHERS_SECONDS = 1800
_MARGIN_SECONDS = 60


def read_vitals(root: Path, position: Position, still_seconds: float) -> Vitals:
    """The machine and its worker as they are now; what cannot be read is None."""
    return Vitals(
        position.step,
        position.samples_at_hand[:MOST_SAMPLES_AT_HAND],
        _free_memory_mb(),
        _free_disk_mb(root),
        round(os.getloadavg()[0], 2),
        int(still_seconds),
    )


def _free_memory_mb() -> int | None:
    """What the kernel thinks can be had without swapping (proc(5), MemAvailable)."""
    try:
        lines = _MEMORY.read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) // _KIB_OF_MIB for line in lines if line.startswith("MemAvailable:"))
    except (OSError, ValueError, StopIteration):
        return None


def _free_disk_mb(root: Path) -> int | None:
    try:
        return shutil.disk_usage(root).free // _MIB
    except OSError:
        return None


@dataclass(frozen=True)
class StepLimits:
    """How long each step may stand still, in seconds.

    Attributes:
        typer_seconds: a sample may take so long.
        cross_match_seconds: as ``typer_seconds``.
        of_all: takes the place of all limits; 0 for none.
    """

    typer_seconds: float
    cross_match_seconds: float
    of_all: float = 0

    def of(self, step: str) -> float:
        """The limit of a step; infinite between steps, when the worker waits for others."""
        if not step:
            return float("inf")
        if self.of_all:
            return self.of_all
        own = {"type": self.typer_seconds + _MARGIN_SECONDS, "cross_match": self.cross_match_seconds + _MARGIN_SECONDS}
        return own.get(step) or STEP_LIMITS_SECONDS.get(step, _LIMIT_OF_OTHERS_SECONDS)


class Movement:
    """Tells how long a worker's position has stood still.

    Args:
        clock: seconds that only go forward.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: object = None
        self._since = clock()

    def still_seconds(self, position: Position) -> float:
        """For how long it has been what it is now, as far as this was asked."""
        # Neither what the API called this worker nor its telling of standing still is a step forward.
        now = (position.share, position.step, position.samples_at_hand, position.samples_done, position.detail)
        if now != self._seen:
            self._seen, self._since = now, self._clock()
        return self._clock() - self._since


class Verdict(Enum):
    """What is to be done about a step."""

    MOVES = "nothing"
    TELL = "show people that the step stands still"
    END = "end the work"
    KILL = "kill the worker, which did not end its work"


# Told at its limit, ended at twice that, and killed where ending it takes longer than the typer's own end and a last word to the API.
_END_AFTER = 2
_KILL_AFTER_SECONDS = 120


class Watch:
    """Watches one worker.

    Args:
        root: of the disk that is looked at.
        limits: of the steps.
        clock: seconds that only go forward.
    """

    def __init__(self, root: Path, limits: StepLimits, clock: Callable[[], float] = time.monotonic) -> None:
        self._root = root
        self._limits = limits
        self._movement = Movement(clock)
        self._told = Verdict.MOVES

    def vitals(self, position: Position) -> Vitals:
        """How the machine is now."""
        return read_vitals(self._root, position, self._movement.still_seconds(position))

    def look(self, position: Position) -> tuple[Verdict, str]:
        """What is to be done, each once for a step that stands still, and why in words."""
        still_seconds, limit = self._movement.still_seconds(position), self._limits.of(position.step)
        found = _verdict(still_seconds, limit)
        known, self._told = self._told, found
        if found is known:
            return Verdict.MOVES, ""
        at_hand = f" of {', '.join(position.samples_at_hand)}" if position.samples_at_hand else ""
        words = (
            f"the step {position.step}{at_hand} has not moved for {still_seconds:.0f} s (its limit is {limit:.0f} s)"
        )
        return found, words


def _verdict(still_seconds: float, limit: float) -> Verdict:
    if still_seconds < limit:
        return Verdict.MOVES
    if still_seconds < _END_AFTER * limit:
        return Verdict.TELL
    return Verdict.END if still_seconds < _END_AFTER * limit + _KILL_AFTER_SECONDS else Verdict.KILL
