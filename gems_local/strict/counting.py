"""How often AWS was asked for what: what a job costs, and what was throttled."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from typing import Any

from gems_local.strict.call import Call

_THROTTLED = (b"RequestLimitExceeded", b"Throttling", b"SlowDown", b"Too Many Requests")


class Counts:
    """Counts calls by service and action."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: Counter[tuple[str, str]] = Counter()
        self._refused: Counter[tuple[str, str]] = Counter()
        self._throttled: Counter[tuple[str, str]] = Counter()
        self._seconds: dict[tuple[str, str], float] = defaultdict(float)

    def note(self, call: Call, status: str, seconds: float, body: bytes = b"") -> None:
        """Count a call that was answered after so many seconds."""
        key = (call.service, call.action)
        with self._lock:
            self._asked[key] += 1
            self._seconds[key] += seconds
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
                    "seconds": round(self._seconds[(service, action)], 3),
                }
                for (service, action), calls in sorted(self._asked.items())
            ]
