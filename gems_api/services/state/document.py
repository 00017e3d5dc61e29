"""What a job is shown as: its JSON object, and the same as bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from gems_core.json_input import parse_json


class JobDocument:
    """What ``GET /job`` says of one job, as an object and as bytes; of each what is asked for is made of the other, once.

    Attributes:
        seen_at: when the job was read; None for what can change no more.
    """

    def __init__(self, seen_at: datetime | None) -> None:
        self.seen_at = seen_at

    @classmethod
    def of(cls, content: Mapping[str, Any], seen_at: datetime | None = None) -> JobDocument:
        """A document made of its JSON object."""
        document = cls(seen_at)
        document.content = content
        return document

    @classmethod
    def of_bytes(cls, whole: bytes, without_logs: bytes, seen_at: datetime) -> JobDocument:
        """A document that somebody has encoded already."""
        document = cls(seen_at)
        document.whole, document.without_logs = whole, without_logs
        return document

    @cached_property
    def content(self) -> Mapping[str, Any]:
        """The JSON object."""
        found: Mapping[str, Any] = parse_json(self.whole)
        return found

    @cached_property
    def whole(self) -> bytes:
        """All of it."""
        return encoded(self.content)

    @cached_property
    def without_logs(self) -> bytes:
        """The same without log lines: as a list shows it."""
        workers = [_without_log(worker) for worker in self.content["workers"]]
        return encoded({**self.content, "workers": workers})


def _without_log(worker: dict[str, Any]) -> dict[str, Any]:
    failure = worker["failure"]
    return {**worker, "failure": {**failure, "log_tail": []}} if failure else worker


def encoded(content: object) -> bytes:
    """JSON in ASCII, on one line."""
    return json.dumps(content, separators=(",", ":")).encode()


def array(items: Sequence[bytes]) -> bytes:
    """A JSON array of documents that are encoded already."""
    return b"[" + b",".join(items) + b"]"
