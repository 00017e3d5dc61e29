"""A job's history: the events of its folder, what its earlier runs left, and what its machines wrote before they spoke."""

from __future__ import annotations

import json
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime

from gems_api.services.store_ports import Store, TooLarge
from gems_core import layout
from gems_core.session_key import SessionKey

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class JobHistory:
    """Writes and reads the ``events`` of jobs' folders."""

    store: Store
    bucket: str

    def event(self, session_key: SessionKey, moment: datetime, what: str, **facts: object) -> None:
        """Add a line to the job's history and to the log; history is never worth a failure."""
        LOG.info(what, extra={"facts": {"session_key": str(session_key), **facts}})
        body = json.dumps({"at": moment.isoformat(), "event": what, **facts}, default=str, sort_keys=True).encode()
        try:
            self.store.put(self.bucket, layout.event_key(session_key, moment, secrets.token_hex(4)), body)
        except Exception:
            LOG.exception("event not written", extra={"facts": {"session_key": str(session_key)}})

    def keep(self, session_key: SessionKey, run: int, key: str) -> None:
        """Copy an object of the job's folder to what a run left; one that is not there, or is too long, is passed over."""
        try:
            stored = self.store.read(self.bucket, key)
        except TooLarge:
            LOG.warning("too long to be kept among the events", exc_info=True, extra={"facts": {"key": key}})
            return
        if stored is not None:
            name = key.removeprefix(layout.job_prefix(session_key))
            self.store.put(self.bucket, layout.history_key(session_key, run, name), stored.body)

    def put_away(self, session_key: SessionKey, run: int, key: str) -> None:
        """Move an object of the job's folder to what a run left."""
        self.keep(session_key, run, key)
        self.store.delete(self.bucket, key)

    def last_words(self, session_key: SessionKey) -> dict[str, str]:
        """The key of the last event that each instance's bootstrap script wrote, by instance."""
        entries = self.store.entries(self.bucket, f"{layout.job_prefix(session_key)}events/")
        found: dict[str, str] = {}
        for entry in entries:  # in the order of their names, which begin with the time
            _, mark, instance_id = entry.key.rpartition("Z-")
            if mark:
                found[instance_id.removesuffix(".json")] = entry.key
        return found

    def read(self, key: str) -> bytes | None:
        """One event as it is; None if it is not there any more.

        Raises:
            TooLarge: nobody of ours wrote it.
        """
        stored = self.store.read(self.bucket, key)
        return None if stored is None else stored.body
