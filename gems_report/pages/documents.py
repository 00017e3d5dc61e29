"""Documents as bytes: compact JSON, gzipped, and never read further than they may be long."""

from __future__ import annotations

import json
import zlib
from datetime import datetime
from gzip import compress
from typing import TypeVar

from gems_core.json_input import ODD_CONTENT, parse_json
from gems_report.errors import UnreadableDocument
from gems_report.records import from_json, to_json

T = TypeVar("T")
CONTENT_TYPE = "application/gzip"
# Five times the summary of a run of a thousand samples at all loci.
LARGEST_DOCUMENT_BYTES = 16 * 2**20
_GZIP = zlib.MAX_WBITS | 16


def to_bytes(record: object) -> bytes:
    """The same record always gives the same bytes."""
    return compress(json.dumps(to_json(record), ensure_ascii=False, separators=(",", ":")).encode(), mtime=0)


def from_bytes(kind: type[T], data: bytes, where: str, schema_version: int) -> T:
    """The inverse of ``to_bytes``.

    Args:
        kind: the document's class.
        data: as it was stored.
        where: its name, for an error.
        schema_version: the one that this code reads.

    Raises:
        UnreadableDocument: it is no such document, or of another version.
    """
    try:
        document = parse_json(_inflated(data))
        version = document["schema_version"]
    except (zlib.error, *ODD_CONTENT) as error:
        raise UnreadableDocument(where, "gzipped JSON with a schema_version", error) from error
    if version != schema_version:
        raise UnreadableDocument(where, f"schema_version {schema_version}", version)
    record = from_json(kind, document, where)
    created_at = document.get("created_at")
    try:
        if created_at:
            datetime.fromisoformat(created_at)
    except ODD_CONTENT:
        raise UnreadableDocument(f"{where}.created_at", "a time in ISO 8601", created_at) from None
    return record


def _inflated(data: bytes) -> bytes:
    inflater = zlib.decompressobj(_GZIP)
    whole = inflater.decompress(data, LARGEST_DOCUMENT_BYTES)
    if not inflater.eof:
        raise ValueError(f"not whole within {LARGEST_DOCUMENT_BYTES} bytes")
    return whole
