"""How often AWS was asked for what: what a job costs, and what was throttled."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

from gems_cli.local.strict.call import Call

_THROTTLED = (b"RequestLimitExceeded", b"Throttling", b"SlowDown")


class Counts:
    """Counts calls by service and action."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: Counter[tuple[str, str]] = Counter()
        self._refused: Counter[tuple[str, str]] = Counter()
        self._throttled: Counter[tuple[str, str]] = Counter()

    def note(self, call: Call, status: str, body: bytes = b"") -> None:
        """Count a call that was answered."""
        key = (call.service, call.action)
        with self._lock:
            self._asked[key] += 1
            self._refused[key] += not status.startswith(("2", "3"))
            self._throttled[key] += status[0] in "45" and any(word in body for word in _THROTTLED)

    def as_json(self) -> list[dict[str, Any]]:
        """One object for each service and action, in order of names."""
        with self._lock:
            return [
                {
                    "service": service,
                    "action": action,
                    "calls": calls,
                    "refused": self._refused[(service, action)],
                    "throttled": self._throttled[(service, action)],
                }
                for (service, action), calls in sorted(self._asked.items())
            ]
