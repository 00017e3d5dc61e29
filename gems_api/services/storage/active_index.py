"""The active index: which jobs may have something running. What lies outside it is history, and is left alone."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from gems_api.services.store_ports import Store
from gems_core import layout
from gems_core.errors import InvalidInput
from gems_core.session_key import SessionKey

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class ActiveIndex:
    """An empty object of the control bucket for each active job."""

    store: Store
    bucket: str

    def enter(self, session_key: SessionKey) -> None:
        """Enter a job before anything of it can run; entering it again is harmless.

        Whoever opens an ended job again enters it before the change of its state, and ``launching`` does before each
        launch, so that a reaper that was just about to close the job cannot win over both.
        """
        self.store.put(self.bucket, layout.active_key(session_key), b"")

    def leave(self, session_key: SessionKey) -> None:
        """Take a job out; one that is not in it is not a fault."""
        self.store.delete(self.bucket, layout.active_key(session_key))

    def holds(self, session_key: SessionKey) -> bool:
        """Whether a job is active."""
        return self.store.exists(self.bucket, layout.active_key(session_key))

    def entered_before(self, session_key: SessionKey, moment: datetime) -> bool:
        """Whether a job is active and was last entered before a moment."""
        listed = self.store.entries(self.bucket, layout.active_key(session_key))
        return any(entry.modified_at < moment for entry in listed)

    def jobs(self) -> list[SessionKey]:
        """All active jobs, in the order of their keys."""
        found = []
        for entry in self.store.entries(self.bucket, layout.ACTIVE_PREFIX):
            try:
                found.append(SessionKey.parse(entry.key.removeprefix(layout.ACTIVE_PREFIX)))
            except InvalidInput:
                LOG.warning("not a job in the active index", extra={"facts": {"key": entry.key}})
        return found
