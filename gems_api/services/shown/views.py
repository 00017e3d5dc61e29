"""What one job is shown as, and how old that may be.

A process shows a job as it saw it for ``GEMS_STATUS_CACHE_SECONDS``. A closed job is shown by its summary. A small job that goes on
is read anew; that takes one listing. Reading a job of a thousand workers takes seconds, so that view is shared in S3:
the workers' own messages keep it fresh, in turns (``keep_fresh``), and whoever asks for the job only reads it.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from gems_api.services.context import Context
from gems_api.services.shown.fitting import document_of
from gems_api.services.shown.summaries import read_summary
from gems_api.services.state.document import JobDocument
from gems_api.services.storage.job_folder import is_small
from gems_api.services.storage.read_cache import in_parallel
from gems_core.errors import JobNotFound
from gems_core.manifest import Manifest
from gems_core.session_key import SessionKey

LOG = logging.getLogger(__name__)
# A shared view is made again after this time, and never more than a fifth of the time is spent on it.
PERIOD_SECONDS = 2
REST_FACTOR = 4
# Nobody else makes the view meanwhile. No Lambda lives longer, so who died over it holds up the others no longer than this;
# were it shorter than the making, the more processes made it, the slower S3 became.
TURN_SECONDS = 30
# While no message comes, whoever asks makes the view again himself once it is this old. It must be well over the rest above,
# or whoever asks pays for what the messages are about to do.
STALE_SECONDS = 15
# An older view is shown while somebody else makes it again, or has just done so; one older than this is not.
OLDEST_SECONDS = 60


def show_job(context: Context, session_key: SessionKey, *, active: bool = False) -> JobDocument:
    """A job's document, as it was a moment ago.

    Args:
        context: the collaborators.
        session_key: the job.
        active: whether it is known to be in the active index.

    Raises:
        JobNotFound: there is no such job.
        JobUnreadable: its records cannot be read.
    """
    known = context.views.get(session_key, context.clock())
    if known is not None:
        return known
    document = _as_written(context, session_key, active=active) or _as_it_is(context, session_key)
    context.views.keep(session_key, document, context.clock())
    return document


def _as_written(context: Context, session_key: SessionKey, *, active: bool) -> JobDocument | None:
    """What is written already: a closed job's summary, or a young enough shared view; read at once, for each takes a while."""

    def is_closed() -> bool:
        return not active and not context.active.holds(session_key)

    def summary() -> JobDocument | None:
        return None if active else read_summary(context, session_key)

    def shared() -> JobDocument | None:
        manifest = context.jobs.held_manifest(session_key)
        has_none = manifest is not None and is_small(manifest)
        return None if has_none else _read_shared(context, session_key, STALE_SECONDS)

    closed, summed_up, view = in_parallel(lambda ask: ask(), (is_closed, summary, shared))
    if closed and isinstance(summed_up, JobDocument):
        return summed_up
    return view if isinstance(view, JobDocument) and not closed else None


def _as_it_is(context: Context, session_key: SessionKey) -> JobDocument:
    manifest = context.jobs.manifest(session_key)
    if manifest is None:
        raise JobNotFound(str(session_key))
    if is_small(manifest):
        return _seen(context, session_key)
    made = _take_turn(context, session_key)
    return made or _read_shared(context, session_key, OLDEST_SECONDS) or _share(context, session_key)


def _seen(context: Context, session_key: SessionKey) -> JobDocument:
    now = context.clock()
    snapshot = context.jobs.load(session_key, vitals=True)
    return document_of(snapshot, context.settings.api_url, context.prices.table(), now)


def _share(context: Context, session_key: SessionKey) -> JobDocument:
    document = _seen(context, session_key)
    context.shared_views.write(session_key, document)
    return document


def _read_shared(context: Context, session_key: SessionKey, oldest_seconds: float) -> JobDocument | None:
    """The shared view, unless it is older than that."""
    document = context.shared_views.read(session_key)
    if document is None or document.seen_at is None:
        return None
    return document if context.clock() - document.seen_at < timedelta(seconds=oldest_seconds) else None


def keep_fresh(context: Context, manifest: Manifest) -> None:
    """Make the shared view of a large job anew, if it is time and nobody else does; never a reason for a failure."""
    if is_small(manifest) or not context.views.is_due(manifest.session_key, context.clock()):
        return
    try:
        _take_turn(context, manifest.session_key)
    except Exception:
        LOG.exception("view not refreshed", extra={"facts": {"session_key": str(manifest.session_key)}})


def _take_turn(context: Context, session_key: SessionKey) -> JobDocument | None:
    """Make the view, if it is time; one conditional write decides who does, and says when the next one is due."""
    shared, now = context.shared_views, context.clock()
    held = shared.due(session_key)
    if held is not None and held.value > now:
        context.views.wait(session_key, held.value)
        return None
    turn_ends = now + timedelta(seconds=TURN_SECONDS)
    won = shared.put_off(session_key, turn_ends, held.etag if held else None)
    if won is None:
        context.views.wait(session_key, now + timedelta(seconds=PERIOD_SECONDS))
        return None
    begun = time.monotonic()
    document = _share(context, session_key)
    rest = max(PERIOD_SECONDS, REST_FACTOR * (time.monotonic() - begun))
    after = context.clock() + timedelta(seconds=rest)
    shared.put_off(session_key, after, won)
    context.views.wait(session_key, after)
    return document


def forget_view(context: Context, session_key: SessionKey) -> None:
    """Show nobody a view of before a turn in the job's life."""
    context.views.forget(session_key)
    context.shared_views.drop(session_key)
