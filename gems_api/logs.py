"""Log lines as JSON objects, one a line, so that CloudWatch can search them by field."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from uuid import uuid4

_ABOUT: ContextVar[Mapping[str, str]] = ContextVar("about", default={})  # noqa: B039 - never changed in place


def note_job(job: str) -> Callable[[], None]:
    """Have the lines that follow name a job, and a request, which is numbered here where Lambda has not.

    Returns:
        what ends it.
    """
    about = _ABOUT.get()
    token = _ABOUT.set({"request_id": about.get("request_id") or uuid4().hex, "job": job})
    return lambda: _ABOUT.reset(token)


@contextmanager
def a_request(request_id: str) -> Iterator[None]:
    """What is logged in the block is told as of this request."""
    token = _ABOUT.set({"request_id": request_id})
    try:
        yield
    finally:
        _ABOUT.reset(token)


class JsonFormatter(logging.Formatter):
    """Writes time, level, logger, message, request id, job and the ``facts`` given as ``extra={"facts": {...}}``.

    ``job`` is the fact ``session_key`` where a line has one, else the job that the request is about, if any.
    """

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON."""
        facts = getattr(record, "facts", {})
        about = _ABOUT.get()
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": about.get("request_id", ""),
            "job": facts.get("session_key") or about.get("job", ""),
            **facts,
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def configure_logging(level: int = logging.INFO) -> None:
    """Send all log lines through the formatter; botocore's debug lines hold headers, so INFO is the least."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=max(level, logging.INFO), handlers=[handler], force=True)
