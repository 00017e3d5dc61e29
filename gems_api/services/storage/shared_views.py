"""The views of large jobs, made by one process and shown by all."""

from __future__ import annotations

import gzip
import logging
import zlib
from dataclasses import dataclass
from datetime import datetime

from gems_api.services.state.document import JobDocument
from gems_api.services.state.snapshot import Versioned
from gems_api.services.storage.conditional import write_over
from gems_api.services.store_ports import Store
from gems_core import layout
from gems_core.session_key import SessionKey

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class SharedViews:
    """Views in the control bucket, and whose turn it is to make the next one of a job."""

    store: Store
    bucket: str

    def read(self, session_key: SessionKey) -> JobDocument | None:
        """A job's view, however old; None where there is no good one."""
        try:
            stored = self.store.read(self.bucket, layout.view_key(session_key))
            if stored is None:
                return None
            seen_at, without_logs, whole = gzip.decompress(stored.body).split(b"\n")
            return JobDocument.of_bytes(whole or without_logs, without_logs, datetime.fromisoformat(seen_at.decode()))
        except (OSError, EOFError, ValueError, zlib.error):
            LOG.warning("shared view cannot be read", extra={"facts": {"session_key": str(session_key)}})
            return None

    def write(self, session_key: SessionKey, document: JobDocument) -> None:
        """Show everybody this document, which was just seen."""
        assert document.seen_at is not None
        # Encoded as it is answered, a line each: who reads it has nothing to parse, and nothing to encode.
        logs_apart = document.whole if document.without_logs != document.whole else b""
        lines = (document.seen_at.isoformat().encode(), document.without_logs, logs_apart)
        body = gzip.compress(b"\n".join(lines), compresslevel=1)
        self.store.put(self.bucket, layout.view_key(session_key), body)

    def drop(self, session_key: SessionKey) -> None:
        """Show nobody a job's view any more."""
        self.store.delete(self.bucket, layout.view_key(session_key))

    def due(self, session_key: SessionKey) -> Versioned[datetime] | None:
        """When a job's next view may be made; None if nobody has made one yet."""
        stored = self.store.read(self.bucket, layout.view_turn_key(session_key))
        return None if stored is None else Versioned(datetime.fromisoformat(stored.body.decode()), stored.etag)

    def put_off(self, session_key: SessionKey, due: datetime, etag: str | None) -> str | None:
        """Say when a job's next view may be made, if nobody else has since it was read.

        Args:
            session_key: the job.
            due: not before this.
            etag: of what was read, or None when there was nothing.

        Returns:
            the new entity tag, or None when somebody was faster.
        """
        key, body = layout.view_turn_key(session_key), due.isoformat().encode()
        return write_over(self.store, self.bucket, key, body, etag)
