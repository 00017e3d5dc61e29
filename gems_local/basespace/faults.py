"""Faults of BaseSpace, as often as they are asked for: what it is known to do on a bad day."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What goes wrong."""

    BUSY = "429"
    BROKEN = "500"
    AWAY = "503"
    EXPIRED = "expired"
    CHANGED = "changed"
    SLOW = "slow"
    TRUNCATED = "truncated"
    DAMAGED = "damaged"


@dataclass
class Fault:
    """A fault of the requests whose path fits.

    Attributes:
        times: how many of them.
        field: of ``changed``: the field that is left out of the answer, wherever it stands.
    """

    path: re.Pattern[str]
    kind: Kind
    times: int
    field: str = ""


class Faults:
    """The faults that are still to come."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()

    def plan(self, path: str, kind: str, times: int = 1, field: str = "") -> None:
        """Have the next requests of a path (a regular expression) go wrong."""
        with self._lock:
            self._waiting.append(Fault(re.compile(path), Kind(kind), times, field))

    def clear(self) -> None:
        """Have nothing go wrong any more."""
        with self._lock:
            self._waiting.clear()

    def take(self, path: str) -> Fault | None:
        """The fault of this request, if there is one."""
        with self._lock:
            for fault in self._waiting:
                if fault.times > 0 and fault.path.search(path):
                    fault.times -= 1
                    return fault
        return None


def without(document: Any, field: str) -> Any:  # noqa: ANN401 - any JSON
    """A document in which a field of this name is nowhere."""
    if isinstance(document, dict):
        return {name: without(part, field) for name, part in document.items() if name != field}
    return [without(part, field) for part in document] if isinstance(document, list) else document
