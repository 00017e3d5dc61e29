"""Telling BaseSpace how a job stands, and bringing its results there. The reaper does it, and no job ever waits for it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from gems_api.services.context import Context
from gems_api.services.remote.delivery import Delivery
from gems_api.services.remote.sessions import remote_of, sealer_of
from gems_api.services.remote_ports import RemoteTokenRefused
from gems_api.services.shown.publishable import publishable
from gems_api.services.state.records import JobState
from gems_api.services.state.remote import LONGEST_TROUBLE, Bond, BondState
from gems_api.services.state.snapshot import Snapshot, Versioned
from gems_core.errors import GemsError
from gems_core.layout import remote_bond_key
from gems_core.session_key import SessionKey
from gems_core.statuses import JobStatus

LOG = logging.getLogger(__name__)
# BaseSpace's words; `complete` and `aborted` are its last ones.
_FINAL = {
    JobStatus.COMPLETE: "complete",
    JobStatus.COMPLETE_WITH_FAILURES: "needsattention",
    JobStatus.FAILED: "aborted",
    JobStatus.CANCELLED: "aborted",
}
_FIRST_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(hours=1)
# BaseSpace has been away for days. After a week nobody waits for it any more.
GIVE_UP_AFTER = timedelta(days=7)
_LONGEST_SUMMARY = 128
# Far longer than any request that makes a job can take.
UNMADE_AFTER = timedelta(hours=1)

Late = Callable[[], bool]


def mirror_all(context: Context, is_late: Late) -> int:
    """Tell what is owed of all jobs, until the time is up; how many jobs were looked at.

    Nothing that goes wrong with one job, or with BaseSpace as a whole, is ever raised.
    """
    if context.cloud.remote is None:
        return 0
    looked = 0
    try:
        for session_key in context.remote_records.owed():
            if is_late():
                break
            looked += 1
            _mirror_safely(context, session_key, is_late)
    except GemsError:
        LOG.warning("BaseSpace was not told", exc_info=True)
    return looked


def _mirror_safely(context: Context, session_key: SessionKey, is_late: Late) -> None:
    try:
        mirror(context, session_key, is_late)
    except Exception:
        LOG.exception("BaseSpace was not told", extra={"facts": {"session_key": str(session_key)}})


def mirror(context: Context, session_key: SessionKey, is_late: Late) -> None:
    """Tell what has changed of one job, and bring what results there is time for."""
    held = context.jobs.record(session_key, remote_bond_key(session_key), Bond.from_json)
    if held is None or held.value.state is not BondState.OPEN:
        context.remote_records.settle(session_key)
        return
    if context.clock() < held.value.next_at:
        return
    if not context.jobs.is_made(session_key):
        if context.clock() - held.value.next_at > UNMADE_AFTER:
            context.remote_records.settle(session_key)
        return
    snapshot = context.jobs.load(session_key)
    after = _told(context, snapshot, held.value, is_late)
    if after != held.value:
        _write(context, session_key, held, after)
    if after.state is not BondState.OPEN:
        context.remote_records.settle(session_key)


def _told(context: Context, snapshot: Snapshot, bond: Bond, is_late: Late) -> Bond:
    """The bond after a try to tell everything; what was refused is noted, and tried again later."""
    delivery = Delivery(context, snapshot, bond)
    try:
        token = sealer_of(context).open(bond.sealed_token, bond.session_id)
        if snapshot.ended and not delivery.bring(token, is_late):
            return _well(delivery.bond, context.clock())
        return _say(context, snapshot, delivery.bond, token)
    except GemsError as error:
        LOG.warning("BaseSpace was not told: %s", error)
        return _troubled(context, snapshot, delivery.bond, error)


def _say(context: Context, snapshot: Snapshot, bond: Bond, token: str) -> Bond:
    status, summary = standing(snapshot)
    told = f"{status}: {summary}"
    if told != bond.told:
        remote_of(context).tell(bond.session_id, status, summary, token)
    after = _well(replace(bond, told=told), context.clock())
    return after.closed(BondState.DELIVERED) if snapshot.ended else after


def standing(snapshot: Snapshot) -> tuple[str, str]:
    """How a job stands, in BaseSpace's status and a few words."""
    total = len(snapshot.manifest.samples)
    words = f"{snapshot.typed}/{total} typed"
    if snapshot.failed:
        words += f", {snapshot.failed} failed"
    if snapshot.ended and snapshot.overall_status is JobStatus.CANCELLED:
        words = f"cancelled, {words}"
    return _FINAL.get(snapshot.overall_status, "running"), words[:_LONGEST_SUMMARY]


def _well(bond: Bond, now: datetime) -> Bond:
    return bond if not bond.trouble and not bond.tries else replace(bond, trouble="", tries=0, next_at=now)


def _troubled(context: Context, snapshot: Snapshot, bond: Bond, error: GemsError) -> Bond:
    now, words = context.clock(), publishable(str(error))[:LONGEST_TROUBLE]
    if isinstance(error, RemoteTokenRefused) and snapshot.ended:
        return bond.closed(BondState.GIVEN_UP, words)
    state: JobState | None = snapshot.state.value if snapshot.state else None
    if state is not None and state.finished_at is not None and now - state.finished_at > GIVE_UP_AFTER:
        return bond.closed(BondState.GIVEN_UP, words)
    pause = min(_FIRST_PAUSE * 2 ** min(bond.tries, 10), _LONGEST_PAUSE)
    return replace(bond, trouble=words, tries=bond.tries + 1, next_at=now + pause)


def _write(context: Context, session_key: SessionKey, held: Versioned[Bond], after: Bond) -> None:
    """Write the bond; where another tick was faster, what it wrote stays."""
    if context.jobs.write(remote_bond_key(session_key), after, held.etag) is None:
        LOG.warning("another tick told BaseSpace", extra={"facts": {"session_key": str(session_key)}})
        return
    if after.state is not held.value.state:
        name = f"BaseSpace: {after.state.value}"
        context.history.event(session_key, context.clock(), name, reason=after.trouble)
