"""The merge lease of the worker that holds it: kept, given back, and marked once the report is written."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from gems_api.services.context import Context
from gems_api.services.state.records import Lease
from gems_api.services.state.snapshot import Reading, Versioned
from gems_core import layout
from gems_core.errors import Conflict
from gems_core.session_key import SessionKey


def give_up_lease(context: Context, session_key: SessionKey, lease: Versioned[Lease], reason: str) -> bool:
    """End its owner's try at merging, though its heartbeat, which runs beside, may renew the lease meanwhile.

    Returns:
        False when the lease keeps changing.
    """
    owner = lease.value.owner

    def ended(held: Lease | None) -> Lease | None:
        if held is None or held.owner != owner:
            return None
        return replace(held, owner="", expires_at=context.clock(), reason=reason)

    key = layout.merge_lease_key(session_key)
    amended = context.jobs.amend(session_key, key, Lease.from_json, ended, lease)
    if amended is not None and amended.after is not None:
        context.history.event(session_key, context.clock(), "merge lease given back", reason=reason)
    return amended is not None


def renew_lease(context: Context, snapshot: Reading, instance_id: str) -> None:
    """Give the lease of an instance that has just spoken its full time; losing a race here harms nobody."""
    if snapshot.lease is not None and snapshot.lease.value.owner == instance_id:
        lease = snapshot.lease.value
        expires_at = context.clock() + timedelta(seconds=context.settings.lease_seconds)
        fresh = replace(lease, expires_at=expires_at)
        key = layout.merge_lease_key(snapshot.manifest.session_key)
        context.jobs.write(key, fresh, snapshot.lease.etag)


def mark_report_written(context: Context, snapshot: Reading, instance_id: str) -> None:
    """Note in the lease that its owner has written the report.

    Raises:
        Conflict: another worker has taken the lease, or it keeps changing.
    """
    session_key = snapshot.manifest.session_key

    def written(lease: Lease | None) -> Lease:
        assert lease is not None  # it is never deleted
        if lease.report_written_at is not None:
            return lease
        if lease.owner != instance_id:
            raise Conflict("the merge lease expired and another worker took it; its report counts")
        return replace(lease, report_written_at=context.clock())

    key = layout.merge_lease_key(session_key)
    if context.jobs.amend(session_key, key, Lease.from_json, written, snapshot.lease) is None:
        raise Conflict("the merge lease keeps changing; send the message again")
