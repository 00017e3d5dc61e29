"""How a worker learns, from whatever thread, that it must lay its work down."""

from __future__ import annotations

import threading
from enum import Enum

from gems_core.errors import GemsError


class Cause(Enum):
    """Why the work is laid down."""

    TOLD = "told by the API"
    MACHINE_GOES = "the machine is being taken away"
    STANDS_STILL = "a step does not move"


class Interrupted(GemsError):
    """The work was laid down on purpose."""

    def __init__(self, cause: Cause, reason: str) -> None:
        self.cause = cause
        super().__init__(reason)


class Interruption:
    """A flag that is raised once; the first cause stands. An advice to leave waits until the share in hand is done."""

    def __init__(self) -> None:
        self._advice = ""
        self._raised = threading.Event()
        self._interrupted: Interrupted | None = None

    def request(self, cause: Cause, reason: str) -> None:
        """Ask the worker to lay its work down; may be called by a signal handler."""
        if self._interrupted is None:
            self._interrupted = Interrupted(cause, reason)
        self._raised.set()

    def advise(self, reason: str) -> None:
        """Ask the worker to begin no further share, for the machine is likely to go."""
        self._advice = self._advice or reason

    def check_between_shares(self) -> None:
        """Raise Interrupted if somebody has asked, or advised, to leave."""
        self.check()
        if self._advice:
            raise Interrupted(Cause.MACHINE_GOES, self._advice)

    @property
    def requested(self) -> bool:
        """Whether somebody has asked."""
        return self._raised.is_set()

    def check(self) -> None:
        """Raise Interrupted if somebody has asked."""
        if self._interrupted is not None:
            raise self._interrupted

    def sleep(self, seconds: float) -> None:
        """Wait, and raise Interrupted as soon as somebody asks."""
        self._raised.wait(seconds)
        self.check()
