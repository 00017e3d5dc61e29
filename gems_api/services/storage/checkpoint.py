"""The records of a large job in one object, so that a process that knows nothing of it need not read thousands.

It is written by whoever had to read many records that it did not hold, so its cost is a small part of theirs. Each record is
kept with its entity tag: what has changed since does not match, and is read.
"""

from __future__ import annotations

import gzip
import json
import logging
import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from gems_api.services.state.records import to_bytes
from gems_api.services.state.snapshot import Versioned
from gems_api.services.store_ports import Store
from gems_core.errors import CloudRefused
from gems_core.json_input import parse_json
from gems_core.protocol.done_marker import DoneMarker

LOG = logging.getLogger(__name__)
# Reads that take about half a second; the checkpoint of a job of a thousand workers is one of some 100 kB.
MOST_READS = 300
Documents = Mapping[tuple[str, str], object]


def restore(store: Store, bucket: str, key: str) -> Documents:
    """The documents that a checkpoint holds, by key and entity tag; none where there is no good one."""
    try:
        stored = store.read(bucket, key)
        records = [] if stored is None else parse_json(gzip.decompress(stored.body))
        return {(name, etag): document for name, etag, document in records}
    except (OSError, EOFError, ValueError, TypeError, zlib.error):
        LOG.warning("checkpoint cannot be read", extra={"facts": {"key": key}})
        return {}


def save(store: Store, bucket: str, key: str, records: Iterable[tuple[str, Versioned[Any]]]) -> None:
    """Write a checkpoint; it is never worth a failure."""
    documents = [[name, record.etag, _document(record.value)] for name, record in records]
    try:
        store.put(bucket, key, gzip.compress(json.dumps(documents).encode(), compresslevel=1))
    except CloudRefused:
        LOG.warning("checkpoint not written", exc_info=True, extra={"facts": {"key": key}})


def parsed(documents: Documents, key: str, etag: str | None, parse: Callable[[Any], Any]) -> Versioned[Any] | None:
    """A record of a checkpoint; None if it does not hold this content."""
    if etag is None or (key, etag) not in documents:
        return None
    return Versioned(parse(documents[key, etag]), etag)


def _document(value: Any) -> object:  # noqa: ANN401 - a record, a marker, or None for a marker that cannot be read
    if value is None:
        return None
    return value.as_json() if isinstance(value, DoneMarker) else json.loads(to_bytes(value))
