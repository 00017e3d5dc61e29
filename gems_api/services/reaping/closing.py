"""Closing jobs: what has ended, and has nothing left that runs, becomes history."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from gems_api.services.context import Context
from gems_api.services.fleet_ports import Instance
from gems_api.services.review.notices import owe
from gems_api.services.review.work_notes import enter_work
from gems_api.services.shown.summaries import write_summary
from gems_api.services.state.notice import NoticeKind
from gems_api.services.state.snapshot import Snapshot
from gems_api.services.storage.review_log import ReviewUnreadable
from gems_core.session_key import SessionKey
from gems_report.errors import UnreadableDocument

LOG = logging.getLogger(__name__)
# Far longer than any request that makes a job can take.
UNMADE_SECONDS = 3600


def close_if_over(context: Context, snapshot: Snapshot, instances: Mapping[str, Instance]) -> bool:
    """Take a job out of the index once it has ended and none of its instances lives, and make it history.

    Only then can nothing of it change any more (the final worker's last words, workers that were taken away), so its
    summary is written first.

    Args:
        context: the collaborators.
        snapshot: the job.
        instances: what EC2 lists of it, by id.

    Returns:
        whether it is out.
    """
    if not snapshot.ended or _may_live(context, snapshot, instances):
        return False
    write_summary(context, snapshot)
    _enter_work(context, snapshot)
    return _leave(context, snapshot.manifest.session_key)


def _enter_work(context: Context, snapshot: Snapshot) -> None:
    """Put its results in the work list. What of them cannot be read waits for nobody, and keeps no job open."""
    try:
        note = enter_work(context, snapshot.manifest)
        if note is not None and not note.is_done:
            owe(context, NoticeKind.WAITS, note)
    except (UnreadableDocument, ReviewUnreadable):
        facts = {"session_key": str(snapshot.manifest.session_key)}
        LOG.warning("not in the work list", exc_info=True, extra={"facts": facts})


def _may_live(context: Context, snapshot: Snapshot, instances: Mapping[str, Instance]) -> bool:
    """Whether EC2 lists an instance as living, or may yet come to: its listings lag behind a launch."""
    if any(not instance.is_gone for instance in instances.values()):
        return True
    state = snapshot.state.value if snapshot.state else None
    grace = timedelta(seconds=context.settings.launch_grace_seconds)
    young = state is not None and context.clock() - state.launched_at < grace
    known = {item.instance_id for item in state.instances} if state else set()
    return young and bool(known - set(instances))


def drop_unmade(context: Context, session_key: SessionKey) -> bool:
    """Take out a job that was entered long ago and whose manifest never came; whether it is out."""
    limit = context.clock() - timedelta(seconds=UNMADE_SECONDS)
    return context.active.entered_before(session_key, limit) and _leave(context, session_key)


def _leave(context: Context, session_key: SessionKey) -> bool:
    """Remove the entry, then look again: somebody may have made or opened the job at that moment, or be about to."""
    context.active.leave(session_key)
    if context.jobs.manifest(session_key) is not None and _goes_on(context.jobs.load(session_key), context.clock()):
        context.active.enter(session_key)
        return False
    return True


def _goes_on(snapshot: Snapshot, now: datetime) -> bool:
    return not snapshot.ended or (snapshot.state is not None and snapshot.state.value.is_being_opened(now))
