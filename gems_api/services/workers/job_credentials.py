"""Credentials with which a worker reads and writes its own job in S3, and no other: ``POST /job/<key>/credentials``."""

from __future__ import annotations

from gems_api.services.context import Context
from gems_core.errors import Conflict, NotAllowed
from gems_core.job_credentials import JobCredentials
from gems_core.session_key import SessionKey


def job_credentials(context: Context, session_key: SessionKey, instance_id: str) -> JobCredentials:
    """Credentials for one of a job's instances; asking again gives new ones.

    Args:
        context: the collaborators.
        session_key: the job.
        instance_id: the caller, as it has proven.

    Raises:
        JobNotFound: no such job.
        NotAllowed: the instance is not the job's, or was launched in an earlier run of it.
        Conflict: the job has ended, or EC2 does not show the instance yet.
        JobRoleRefused: STS refused, and will go on to.
        CloudRefused: STS refused for now.
    """
    snapshot = context.jobs.glance(session_key, 0, lease=False)
    context.members.check(snapshot, instance_id)
    if instance_id in snapshot.earlier_runs:
        raise NotAllowed(f"instance {instance_id} was launched in an earlier run of job {session_key}")
    if snapshot.ended:
        raise Conflict(f"job {session_key} has ended as {snapshot.final_status}; nothing more of it is written")
    return context.cloud.issuer.issue(snapshot.manifest, instance_id)
