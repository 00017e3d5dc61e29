"""The active index: which jobs may have something running. What lies outside it is history, and is left alone."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from gems_api.services.context import Context
from gems_api.services.ports import Instance
from gems_api.services.snapshot import Snapshot
from gems_api.services.summaries import write_summary
from gems_core import layout
from gems_core.errors import InvalidInput
from gems_core.session_key import SessionKey

LOG = logging.getLogger(__name__)
# Far longer than any request that makes a job can take.
UNMADE_SECONDS = 3600


def open_job(context: Context, session_key: SessionKey) -> None:
    """Enter a job before anything of it can run; entering it again is harmless.

    Whoever opens an ended job again enters it before the change of its state, and ``launching`` does before each
    launch, so that a reaper that was just about to close the job cannot win over both.
    """
    context.cloud.store.put(context.settings.control_bucket, layout.active_key(session_key), b"")


def active_jobs(context: Context) -> list[SessionKey]:
    """All jobs of the index, in the order of their keys."""
    found = []
    for entry in context.cloud.store.entries(context.settings.control_bucket, layout.ACTIVE_PREFIX):
        try:
            found.append(SessionKey.parse(entry.key.removeprefix(layout.ACTIVE_PREFIX)))
        except InvalidInput:
            LOG.warning("not a job in the active index", extra={"facts": {"key": entry.key}})
    return found


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
    return _leave(context, snapshot.manifest.session_key)


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
    listed = context.cloud.store.entries(context.settings.control_bucket, layout.active_key(session_key))
    limit = context.clock() - timedelta(seconds=UNMADE_SECONDS)
    return any(entry.modified_at < limit for entry in listed) and _leave(context, session_key)


def _leave(context: Context, session_key: SessionKey) -> bool:
    """Remove the entry, then look again: somebody may have made or opened the job at that moment, or be about to."""
    context.cloud.store.delete(context.settings.control_bucket, layout.active_key(session_key))
    if context.jobs.manifest(session_key) is not None and _goes_on(context.jobs.load(session_key), context.clock()):
        open_job(context, session_key)
        return False
    return True


def _goes_on(snapshot: Snapshot, now: datetime) -> bool:
    return not snapshot.ended or (snapshot.state is not None and snapshot.state.value.is_being_opened(now))
