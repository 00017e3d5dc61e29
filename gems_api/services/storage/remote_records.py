"""What lies in the control bucket of launches elsewhere; only sealed tokens ever do."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from gems_api.services.state.remote import Bond, Pending
from gems_api.services.storage.read_cache import ReadCache
from gems_api.services.store_ports import Store
from gems_core import layout
from gems_core.errors import InvalidInput
from gems_core.json_input import parse_json
from gems_core.session_key import SessionKey

LOG = logging.getLogger(__name__)
_FOREVER = "never changes"


@dataclass(frozen=True)
class RemoteRecords:
    """Launches that wait, the jobs that they have made, and what BaseSpace has not been told yet."""

    store: Store
    bucket: str
    cache: ReadCache

    def use_up(self, number: str) -> bool:
        """Use a ticket's number; False if it was used before."""
        return self.store.create(self.bucket, layout.basespace_used_key(_digest(number)), b"") is not None

    def pending(self, number: str) -> Pending | None:
        """The launch that waits under a number."""
        stored = self.store.read(self.bucket, layout.basespace_pending_key(_digest(number)))
        return None if stored is None else Pending.from_json(parse_json(stored.body))

    def keep_pending(self, number: str, pending: Pending) -> None:
        """Have a launch wait."""
        self.store.put(self.bucket, layout.basespace_pending_key(_digest(number)), _document(pending.as_json()))

    def drop_pending(self, number: str) -> None:
        """Have it wait no more; its token goes with it."""
        self.store.delete(self.bucket, layout.basespace_pending_key(_digest(number)))

    def job_of(self, session_id: str) -> SessionKey | None:
        """The job that a launch has made."""
        stored = self.store.read(self.bucket, layout.basespace_session_key(session_id))
        return None if stored is None else SessionKey.parse(parse_json(stored.body)["session_key"])

    def tie(self, session_key: SessionKey, bond: Bond, files: Mapping[str, str]) -> None:
        """Write down whose job it is and where its files are, before anything of it is launched."""
        self.store.put(self.bucket, layout.remote_files_key(session_key), _document(files))
        self.store.put(self.bucket, layout.remote_bond_key(session_key), _document(bond.as_json()))
        self.store.put(self.bucket, layout.basespace_owed_key(session_key), b"")
        made = _document({"session_key": str(session_key)})
        self.store.put(self.bucket, layout.basespace_session_key(bond.session_id), made)

    def file_ids(self, session_key: SessionKey) -> Mapping[str, str]:
        """The file elsewhere of each read file of a job, by its key in S3; read from the control bucket once."""
        key = layout.remote_files_key(session_key)
        held = self.cache.get(key, _FOREVER)
        if isinstance(held, dict):
            return held
        stored = self.store.read(self.bucket, key)
        if stored is None:
            return {}
        found: dict[str, str] = dict(parse_json(stored.body))
        self.cache.keep(key, _FOREVER, found)
        return found

    def owed(self) -> list[SessionKey]:
        """The jobs of which BaseSpace has not been told everything."""
        found = []
        for entry in self.store.entries(self.bucket, layout.BASESPACE_OWED_PREFIX):
            try:
                found.append(SessionKey.parse(entry.key.removeprefix(layout.BASESPACE_OWED_PREFIX)))
            except InvalidInput:
                LOG.warning("not a job that is owed", extra={"facts": {"key": entry.key}})
        return found

    def settle(self, session_key: SessionKey) -> None:
        """Nothing more is to be told."""
        self.store.delete(self.bucket, layout.basespace_owed_key(session_key))


def _digest(number: str) -> str:
    return hashlib.sha256(number.encode()).hexdigest()


def _document(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, sort_keys=True).encode()
