"""Terminating a job's instances when its report is out: ``POST /stop_instances``."""

from __future__ import annotations

from gems_api.services.context import Context
from gems_api.services.lifecycle.ending import finish_job, terminate_instances
from gems_core.errors import Conflict, NotAllowed
from gems_core.session_key import SessionKey


def stop_instances(context: Context, session_key: SessionKey, instance_id: str) -> list[str]:
    """Terminate every instance of a job, the caller's too; calling again is harmless.

    Args:
        context: the collaborators.
        session_key: the job.
        instance_id: the caller, who must be the final worker.

    Returns:
        the ids of the instances that were still there.

    Raises:
        JobNotFound: no such job.
        NotAllowed: the caller is not the final worker of this job.
        Conflict: the report is not written yet.
    """
    snapshot = context.jobs.load(session_key)
    context.members.check(snapshot, instance_id)
    if snapshot.merge_owner != instance_id:
        raise NotAllowed(
            f"only the final worker of job {session_key} may stop its instances, and {instance_id} does not hold "
            "the merge lease"
        )
    if not snapshot.ended:
        if not snapshot.report_written:
            raise Conflict(f"job {session_key} has no report yet; report REPORT_WRITTEN first")
        finish_job(context, snapshot)  # the COMPLETE that should have come first was lost
    terminated = terminate_instances(context, snapshot)
    context.history.event(session_key, context.clock(), "instances stopped", instances=terminated)
    return terminated
