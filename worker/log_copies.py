"""Copies of a worker's log in S3: what is new each minute, after a failure, and at the end.

S3 knows no appending, so each copy is an object of its own, named by its time. Whatever becomes of the machine or of CloudWatch,
at most a minute's lines are lost. Nothing here waits for the work, nor the work for it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType

from gems_core.errors import GemsError
from gems_core.layout import BOOT_LOG, log_part_name
from worker.logs import LOG_NAME

_log = logging.getLogger(__name__)
# Of one object. A minute's lines are a few kB; more come only where something says the same again and again.
LARGEST_PART_BYTES = 2**20
_AT_THE_END_SECONDS = 15.0


class LogCopies:
    """A thread that copies while its block runs, and once more at its end.

    Args:
        root: holds the worker's log and the bootstrap script's.
        write: puts an object among this worker's logs, by its name; may raise GemsError.
        clock: the time now, with its zone.
        interval_seconds: between two copies.
    """

    def __init__(
        self, root: Path, write: Callable[[str, bytes], None], clock: Callable[[], datetime], interval_seconds: float
    ) -> None:
        self._root = root
        self._write = write
        self._clock = clock
        self._interval_seconds = interval_seconds
        self._copied_bytes = 0
        self._wanted = threading.Event()
        self._over = False
        self._thread = threading.Thread(target=self._run, name="log copies", daemon=True)

    def __enter__(self) -> LogCopies:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._over = True
        self._wanted.set()
        # An S3 that does not answer must not keep the machine alive.
        self._thread.join(_AT_THE_END_SECONDS)

    def now(self) -> None:
        """Have what is new copied at once, by the thread."""
        self._wanted.set()

    def _run(self) -> None:
        self._copy_boot_log()
        over = False
        while not over:
            self._wanted.wait(self._interval_seconds)
            self._wanted.clear()
            over = self._over  # whoever sets it wakes this thread afterwards
            self._copy()

    def _copy(self) -> None:
        """Copy what is new; what S3 does not take now is copied the next time."""
        try:
            while part := self._next_part():
                self._write(log_part_name(self._clock()), part)
                self._copied_bytes += len(part)
        except (GemsError, OSError) as error:
            _log.warning("the log was not copied: %s", error)

    def _next_part(self) -> bytes:
        """Whole lines from where the last copy ended; of a line longer than a part, a part."""
        with (self._root / LOG_NAME).open("rb") as log:
            log.seek(self._copied_bytes)
            part = log.read(LARGEST_PART_BYTES)
        return part[: part.rfind(b"\n") + 1] or (part if len(part) == LARGEST_PART_BYTES else b"")

    def _copy_boot_log(self) -> None:
        """The script's log until now. It copies it again when it ends, but a machine may be gone before that."""
        path = self._root / BOOT_LOG
        try:
            if path.exists():
                self._write(BOOT_LOG, path.read_bytes()[-LARGEST_PART_BYTES:])
        except (GemsError, OSError) as error:
            _log.warning("the log of the machine's start was not copied: %s", error)
