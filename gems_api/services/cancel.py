"""Stopping a job because its user wishes it: ``POST /job/<session_key>/cancel``."""

from __future__ import annotations

from gems_api.services.context import Context
from gems_api.services.ending import end_job, retire_workers, terminate_instances
from gems_core.errors import Conflict
from gems_core.session_key import SessionKey
from gems_core.statuses import JobStatus


def cancel(context: Context, session_key: SessionKey) -> list[str]:
    """End a job and terminate its instances; cancelling it again only makes sure of the latter.

    Returns:
        the ids of the instances that were still there.

    Raises:
        JobNotFound: no such job.
        Conflict: the job has ended otherwise.
    """
    snapshot = context.jobs.load(session_key)
    cancelled = end_job(context, snapshot, JobStatus.CANCELLED, "cancelled by its user")
    snapshot = context.jobs.load(session_key)
    if not cancelled and snapshot.overall_status is not JobStatus.CANCELLED:
        raise Conflict(f"job {session_key} has ended as {snapshot.overall_status}; only a running job can be cancelled")
    terminated = terminate_instances(context, snapshot)
    retire_workers(context, snapshot, "the job was cancelled")
    return terminated
