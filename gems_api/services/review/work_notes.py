"""Keeping the work list's notes: one is made when a run has ended, and made again whenever somebody has said something.

A note is there before anything is added to a job's log, and goes only once all is approved. Who dies in between leaves a note
that is behind its log; whoever looks at the list sees that by the log's length, and makes the note again.
"""

from __future__ import annotations

import logging

from gems_api.services.context import Context
from gems_api.services.review.notices import owe
from gems_api.services.review.reading import job_review
from gems_api.services.shown.result_pages import run_page_of
from gems_api.services.state.notice import NoticeKind
from gems_api.services.state.records import Lease
from gems_api.services.state.work_note import WorkNote
from gems_core import layout
from gems_core.errors import GemsError
from gems_core.manifest import Manifest
from gems_core.review.job import JobReview
from gems_core.session_key import SessionKey
from gems_report.errors import UnreadableDocument

LOG = logging.getLogger(__name__)
_TURNS = 8


def enter_work(context: Context, manifest: Manifest) -> WorkNote | None:
    """Make a job's note anew of its run's summary and its log; doing it again changes nothing.

    Returns:
        the note; None of a job whose present run has no results to review.

    Raises:
        ReviewUnreadable, UnreadableDocument, CloudRefused: what it is made of cannot be read now.
    """
    fresh = _fresh(context, manifest)
    if fresh is None:
        return None
    key, note = manifest.session_key, fresh
    for _ in range(_TURNS):
        before = context.work_notes.find(key, manifest.created_at)
        note = fresh.reviewed(job_review(context, key))
        if note.is_done:
            return _finished(context, manifest, note)
        if before is not None and before.value == note:
            return note
        if context.work_notes.write(note, before.etag if before else None):
            if before is None:
                context.work_notes.resume(key, manifest.created_at)
            return note
    return note  # others write it all the time, and know as much


def prepare_work(context: Context, session_key: SessionKey) -> None:
    """Have a note before something is added to a job's log, so that the list knows of the job whatever happens then.

    Raises:
        CloudRefused: S3 refuses.
    """
    manifest = context.jobs.manifest(session_key)
    if manifest is None or context.work_notes.waits(session_key, manifest.created_at):
        return
    try:
        fresh = _fresh(context, manifest)
    except UnreadableDocument:  # no reason for nobody to review
        LOG.warning("not in the work list", exc_info=True, extra={"facts": {"session_key": str(session_key)}})
        return
    if fresh is not None:
        context.work_notes.write(fresh, None)
        context.work_notes.resume(session_key, manifest.created_at)


def update_work(context: Context, job: JobReview) -> None:
    """Bring a job's note up to its log. What was said is written already, so a failure here is told in the log alone."""
    try:
        _bring_up(context, SessionKey.parse(job.session_key), job)
    except GemsError:
        facts = {"session_key": job.session_key}
        LOG.warning("the work list is behind; the next look repairs it", exc_info=True, extra={"facts": facts})


def _bring_up(context: Context, session_key: SessionKey, job: JobReview) -> None:
    manifest = context.jobs.manifest(session_key)
    for _ in range(_TURNS if manifest is not None else 0):
        assert manifest is not None
        before = context.work_notes.find(session_key, manifest.created_at)
        if before is None or before.value is None:
            enter_work(context, manifest)
            return
        if before.value.last > job.last:
            return  # others were faster, and know more
        note = before.value.reviewed(job)
        if note.is_done:
            _finished(context, manifest, note)
            return
        if note == before.value or context.work_notes.write(note, before.etag):
            return


def _fresh(context: Context, manifest: Manifest) -> WorkNote | None:
    """The note of a run of which nobody has said anything; None where the present run has no results to review."""
    key = layout.merge_lease_key(manifest.session_key)
    lease = context.jobs.record(manifest.session_key, key, Lease.from_json)
    ended_at = lease.value.report_written_at if lease is not None else None
    page = run_page_of(context, manifest) if ended_at is not None else None
    return None if page is None or ended_at is None else WorkNote.of(page, manifest.created_at, ended_at)


def _finished(context: Context, manifest: Manifest, note: WorkNote) -> WorkNote:
    """Close a note, then look again: somebody may have opened a sample at that moment."""
    owe(context, NoticeKind.APPROVED, note)
    context.work_notes.finish(note)
    if context.review_log.length(str(manifest.session_key)) > note.last:
        return enter_work(context, manifest) or note
    return note
