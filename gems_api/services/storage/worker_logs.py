"""What workers and their machines logged: the copies in S3, in a folder of the job's."""

from __future__ import annotations

from dataclasses import dataclass

from gems_api.services.store_ports import Entry, Store
from gems_core import layout
from gems_core.session_key import SessionKey

# A part a minute: five thousand are a worker's three days, or a hundred workers' fifty minutes.
MOST_LISTED = 5_000


@dataclass(frozen=True)
class WorkerLogs:
    """Reads the ``logs`` of jobs' folders."""

    store: Store
    bucket: str

    def entries(self, session_key: SessionKey, instance_ids: list[str] | None) -> list[Entry]:
        """The parts of some machines, or of all."""
        wanted = [None] if instance_ids is None else instance_ids
        folders = [
            layout.logs_prefix(session_key, name) if name else layout.logs_prefix(session_key) for name in wanted
        ]
        return [entry for folder in folders for entry in self.store.entries(self.bucket, folder, most=MOST_LISTED)]

    def read(self, key: str) -> bytes | None:
        """A part's content; None where it is gone.

        Raises:
            TooLarge: it is longer than may be read.
        """
        stored = self.store.read(self.bucket, key)
        return None if stored is None else stored.body
