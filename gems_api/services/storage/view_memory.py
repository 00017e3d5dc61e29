"""The views that this process has shown a moment ago."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime, timedelta

from gems_api.services.state.document import JobDocument
from gems_core.session_key import SessionKey

KEPT_VIEWS = 50


class ViewMemory:
    """Documents of jobs for a short time, and when each job's shared view is due to be made again.

    Args:
        seconds: how long a document is shown.
    """

    def __init__(self, seconds: int) -> None:
        self._lifetime = timedelta(seconds=seconds)
        self._held: OrderedDict[str, tuple[JobDocument, datetime]] = OrderedDict()
        self._due: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def get(self, session_key: SessionKey, now: datetime) -> JobDocument | None:
        """A document that is young enough."""
        with self._lock:
            held = self._held.get(str(session_key))
        return held[0] if held is not None and now < held[1] else None

    def keep(self, session_key: SessionKey, document: JobDocument, now: datetime) -> None:
        """Remember a document; the oldest one makes room."""
        with self._lock:
            self._held[str(session_key)] = (document, now + self._lifetime)
            self._held.move_to_end(str(session_key))
            if len(self._held) > KEPT_VIEWS:
                self._held.popitem(last=False)

    def forget(self, session_key: SessionKey) -> None:
        """Show this job anew."""
        with self._lock:
            self._held.pop(str(session_key), None)

    def is_due(self, session_key: SessionKey, now: datetime) -> bool:
        """Whether this process should look after the job's shared view."""
        with self._lock:
            due = self._due.get(str(session_key))
        return due is None or due <= now

    def wait(self, session_key: SessionKey, until: datetime) -> None:
        """Leave the job's shared view alone for a while."""
        with self._lock:
            self._due = {key: due for key, due in self._due.items() if due > until - timedelta(minutes=5)}
            self._due[str(session_key)] = until
