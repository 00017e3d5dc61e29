"""Who speaks: an instance among its job's launched instances, whose place there is its index, for ever; and its record.

Had it an index before its place was known, it would get a second one with its place, and two records: one of them falls
silent, and a living worker is taken for dead.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from gems_api.services.access.membership import InstanceUnknown
from gems_api.services.context import Context
from gems_api.services.fleet_ports import Instance
from gems_api.services.lifecycle.ending import amend_state, read_state
from gems_api.services.lifecycle.worker_records import Worker
from gems_api.services.state.fleet_record import place_of, reconciled
from gems_api.services.state.records import JobState, WorkerRecord
from gems_api.services.state.snapshot import Glance, Reading, Snapshot, Versioned
from gems_core import layout
from gems_core.errors import Conflict
from gems_core.protocol.status_report import StatusReport
from gems_core.session_key import SessionKey

LOG = logging.getLogger(__name__)
R = TypeVar("R", bound=Reading)


def enrolled(context: Context, snapshot: R, instance_id: str) -> R:
    """The job with the speaker among its instances.

    One whose launch's answer was never written down is entered now, with all others that EC2 lists of the job: so of many
    that speak at once few ask EC2, and fewer write.

    Args:
        context: the collaborators.
        snapshot: a job that has not ended.
        instance_id: a member of the job.

    Raises:
        InstanceUnknown: it could not be entered this time; sending the message again is right.
    """
    if snapshot.state is not None and place_of(snapshot.state.value, instance_id) is not None:
        return snapshot
    session_key = snapshot.manifest.session_key

    def entered(state: JobState) -> JobState:
        if place_of(state, instance_id) is not None:
            return state  # another speaker, or the reaper, was faster
        return reconciled(state, _listed(context, session_key, instance_id), context.clock())

    amend_state(context, session_key, entered)
    state = read_state(context, session_key)
    if state is None or place_of(state.value, instance_id) is None:
        raise InstanceUnknown(instance_id)
    return replace(snapshot, state=state)


def _listed(context: Context, session_key: SessionKey, instance_id: str) -> Mapping[str, Instance]:
    """What EC2 lists of the job. A listing by tag may lag behind what EC2 knows of the one that speaks."""
    fleet = context.cloud.fleet
    listed = {instance.instance_id: instance for instance in fleet.instances(str(session_key))}
    own = None if instance_id in listed else fleet.instance(instance_id)
    return listed if own is None else {**listed, instance_id: own}


def register(context: Context, snapshot: Glance | Snapshot, report: StatusReport) -> Worker:
    """The record of the worker that speaks; at its first contact it is made.

    Its place among the job's instances is its index, whatever index it says (of a fleet's instances each says 0 until it is
    told its own): so there is one record of it, and nobody else's is taken for it.

    Args:
        context: the collaborators.
        snapshot: the job, in which the speaker is enrolled, and at least the record of the index that it says.
        report: what it says.

    Raises:
        Conflict: the record at its place is another instance's.
    """
    known = snapshot.worker_of(report.instance_id)
    if known is not None:
        return known
    index = place_of(snapshot.state.value, report.instance_id) if snapshot.state else None
    assert index is not None  # whoever is heard is enrolled
    session_key = snapshot.manifest.session_key
    record = WorkerRecord(report.instance_id, index, report.status, context.clock()).stepped(None)
    key = layout.worker_key(session_key, index)
    etag = context.jobs.write(key, record, None)
    if etag is not None:
        facts = {"instance_id": report.instance_id, "instance_index": index}
        LOG.info("first contact", extra={"facts": {"session_key": str(session_key), **facts}})
        return Versioned(record, etag)
    held = context.jobs.record(session_key, key, WorkerRecord.from_json)
    if held is None or held.value.instance_id != report.instance_id:
        raise Conflict(
            f"{key}: expected the record of {report.instance_id}, found "
            f"{held.value.instance_id if held else 'none'}; it does not fit state.json. Cancel the job, then retry it."
        )
    return held
