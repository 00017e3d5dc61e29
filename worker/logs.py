"""The worker's log: one JSON object a line, on standard error and in a file, its last lines kept for reports."""

from __future__ import annotations

import json
import logging
import sys
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gems_core.protocol.failure import LOG_TAIL_LINES

LONGEST_LINE = 500
LOG_NAME = "worker.log"


@dataclass
class Whereabouts:
    """What every line of the log says of where it comes from; changed as the work goes on.

    Attributes:
        job: the session key.
        worker: the instance.
        share: that is being worked on; None between shares.
        step: '' between steps.
        sample: the names at hand with commas between; '' when there are none.
    """

    job: str = ""
    worker: str = ""
    share: int | None = None
    step: str = ""
    sample: str = ""


class JsonFormatter(logging.Formatter):
    """``{"at", "level", "logger", "message", "job", "worker", "share", "step", "sample"}`` and, for an exception, ``error``."""

    def __init__(self, whereabouts: Whereabouts | None = None) -> None:
        super().__init__()
        self._whereabouts = whereabouts or Whereabouts()

    def format(self, record: logging.LogRecord) -> str:
        """One line; newlines inside texts are escaped by JSON."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **vars(self._whereabouts),
        }
        if record.exc_info and record.exc_info[0]:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class LogTail(logging.Handler):
    """Keeps the last lines, shortened, for a failure report."""

    def __init__(self, count: int = LOG_TAIL_LINES) -> None:
        super().__init__()
        self._lines: deque[str] = deque(maxlen=count)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line."""
        self._lines.append(self.format(record)[:LONGEST_LINE])

    @property
    def lines(self) -> tuple[str, ...]:
        """The last lines, oldest first."""
        return tuple(self._lines)


def configure(root: Path, whereabouts: Whereabouts | None = None) -> LogTail:
    """Send every log line to standard error, to ``root/worker.log`` and to the tail that is returned."""
    root.mkdir(parents=True, exist_ok=True)
    tail = LogTail()
    handlers = (logging.StreamHandler(sys.stderr), logging.FileHandler(root / LOG_NAME, encoding="utf-8"), tail)
    for handler in handlers:
        handler.setFormatter(JsonFormatter(whereabouts))
    # botocore's and urllib3's lower levels print headers, and headers carry credentials.
    logging.basicConfig(level=logging.WARNING, handlers=handlers, force=True)
    logging.getLogger("worker").setLevel(logging.INFO)
    # Each retry is logged where it is decided, with its reason.
    logging.getLogger("stamina").setLevel(logging.ERROR)
    return tail
