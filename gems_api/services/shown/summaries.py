"""What a closed job is shown as: made once, when nothing of the job can change any more but by opening it again."""

from __future__ import annotations

from typing import Any

from gems_api.services.context import Context
from gems_api.services.shown.fitting import document_of
from gems_api.services.shown.job_view import report_links
from gems_api.services.state.document import JobDocument
from gems_api.services.state.snapshot import Snapshot
from gems_core import layout
from gems_core.session_key import SessionKey


def write_summary(context: Context, snapshot: Snapshot) -> None:
    """Enter a job among the closed ones with all that it is shown as; doing it again changes nothing."""
    body = document_of(snapshot, context.settings.api_url, context.prices.table()).whole
    context.closed.enter(snapshot.manifest.session_key, snapshot.manifest.created_at, body)


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

    def shown(content: Any) -> JobDocument:  # noqa: ANN401 - JSON
        # The deployment may have been given another address since.
        links = report_links(session_key, context.settings.api_url) if content["report"] else None
        return JobDocument.of({**content, "report": links})

    document = context.closed.summary(session_key, shown)
    if version and document is not None:
        context.cache.keep(key, version, document)
    return document
