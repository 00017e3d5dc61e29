"""What a closed job is shown as: made once, when nothing of the job can change any more but by opening it again."""

from __future__ import annotations

import hashlib

from gems_api.services.context import Context
from gems_api.services.shown.fitting import document_of
from gems_api.services.shown.job_view import report_links
from gems_api.services.state.document import JobDocument
from gems_api.services.state.snapshot import Snapshot
from gems_api.services.state.unreadable import reading
from gems_core import layout
from gems_core.json_input import parse_json
from gems_core.session_key import SessionKey


def write_summary(context: Context, snapshot: Snapshot) -> None:
    """Write a job's summary, and note it among the closed ones; writing both again changes nothing."""
    manifest, store, bucket = snapshot.manifest, context.cloud.store, context.settings.control_bucket
    body = document_of(snapshot, context.settings.api_url, context.prices.table()).whole
    store.put(bucket, layout.summary_key(manifest.session_key), body)
    # The note's content, and so its entity tag, changes with the summary: what was read of it once need not be again.
    digest = hashlib.sha256(body).hexdigest().encode()
    store.put(bucket, layout.closed_key(manifest.session_key, manifest.created_at), digest)


def read_summary(context: Context, session_key: SessionKey, version: str = "") -> JobDocument | None:
    """A closed job's document; None if it never was closed.

    Args:
        context: the collaborators.
        session_key: the job.
        version: the entity tag of its note, if a listing told it; with it a summary is read once.

    Raises:
        JobUnreadable: GeMS did not write it.
    """
    key = layout.summary_key(session_key)
    known = context.cache.get(key, version) if version else None
    if isinstance(known, JobDocument):
        return known
    bucket = context.settings.control_bucket
    with reading(session_key, f"s3://{bucket}/{key}"):
        stored = context.cloud.store.read(bucket, key)
        if stored is None:
            return None
        document = _parsed(context, session_key, stored.body)
    if version:
        context.cache.keep(key, version, document)
    return document


def _parsed(context: Context, session_key: SessionKey, body: bytes) -> JobDocument:
    content = parse_json(body)
    # The deployment may have been given another address since.
    links = report_links(session_key, context.settings.api_url) if content["report"] else None
    return JobDocument.of({**content, "report": links})
