"""Where a worker reads a file that is not in S3 yet: ``POST /job/<key>/link``. The person's token never leaves the control plane."""

from __future__ import annotations

from gems_api.services.context import Context
from gems_api.services.remote.sessions import remote_of, sealer_of
from gems_api.services.remote_ports import RemoteTokenRefused
from gems_api.services.state.remote import Bond
from gems_core.errors import Conflict, NotAllowed
from gems_core.file_links import FileLink, LinkRequest
from gems_core.layout import remote_bond_key
from gems_core.session_key import SessionKey


def file_link(context: Context, session_key: SessionKey, asked: LinkRequest) -> FileLink:
    """A link to one of the job's own read files.

    Args:
        context: the collaborators.
        session_key: the job.
        asked: by one of its instances, as it has proven.

    Raises:
        JobNotFound: no such job.
        NotAllowed: the instance is not the job's, or the file is not one of its.
        Conflict: the job has ended, or EC2 does not show the instance yet.
        RemoteRefused, RemoteUnavailable: as of BaseSpace.
    """
    snapshot = context.jobs.glance(session_key, 0, lease=False)
    context.members.check(snapshot, asked.instance_id)
    if asked.instance_id in snapshot.earlier_runs:
        raise NotAllowed(f"instance {asked.instance_id} was launched in an earlier run of job {session_key}")
    if snapshot.ended:
        raise Conflict(f"job {session_key} has ended as {snapshot.final_status}; no more of its files are copied")
    file_id = context.remote_records.file_ids(session_key).get(asked.key) if snapshot.manifest.source else None
    if file_id is None:
        raise NotAllowed(f"job {session_key} has no file {asked.key[:200]!r} that is copied from elsewhere")
    link = remote_of(context).link(file_id, _token(context, session_key))
    return FileLink(link.url, link.etag)


def _token(context: Context, session_key: SessionKey) -> str:
    held = context.jobs.record(session_key, remote_bond_key(session_key), Bond.from_json)
    if held is None or not held.value.sealed_token:
        raise RemoteTokenRefused(
            "The permission to read from BaseSpace was kept only as long as the job. Launch the app again in BaseSpace."
        )
    return sealer_of(context).open(held.value.sealed_token, held.value.session_id)
