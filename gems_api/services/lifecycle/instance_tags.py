"""Showing workers in their instances' tags, for people. S3's records are the truth: no tag is ever worth a failure or a wait.

EC2 takes about ten changes of tags a second (a burst of a hundred) from an account. So a change is tried once; if EC2 refuses
it, the worker's record says that tags are owed, and the reaper pays, many instances with one call where they share a value.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace

from gems_api.services.context import Context
from gems_api.services.state.records import WorkerRecord
from gems_api.services.state.snapshot import Snapshot, Versioned
from gems_core import layout, tags
from gems_core.errors import CloudRefused
from gems_core.manifest import Manifest

LOG = logging.getLogger(__name__)
# CreateTags takes this many resources a call (EC2 API reference).
MOST_RESOURCES = 1000
# One reaping's calls: far within the burst, and with a reaping a minute, far under ten a second.
MOST_CALLS = 40


def show(context: Context, manifest: Manifest, worker: Versioned[WorkerRecord]) -> None:
    """Write a worker's tags, once; refused, the debt is noted in its record unless that has changed meanwhile."""
    record = worker.value
    paid = _tag(context, manifest, [record.instance_id], tags_of(manifest, record))
    if paid is record.tags_owed:
        _note(context, manifest, worker, owed=not paid)


def tags_of(manifest: Manifest, record: WorkerRecord) -> dict[str, str]:
    """A worker's tags: index, status, and the read files of the share that it is at."""
    return {tags.STATUS: record.status.value, **_own_tags(manifest, record)}


def _own_tags(manifest: Manifest, record: WorkerRecord) -> dict[str, str]:
    """Those that no other worker shares."""
    own = {tags.INSTANCE_INDEX: str(record.instance_index)}
    if record.share is not None:
        names = [name for sample in manifest.share(record.share).samples for name in sample.file_names]
        own[tags.SAMPLES] = tags.samples_value(names, layout.manifest_key(manifest.session_key))
    return own


def pay_tag_debts(context: Context, snapshot: Snapshot, living: Collection[str], most_calls: int = MOST_CALLS) -> int:
    """Write tags that EC2 refused before; what exceeds this reaping's calls, or is refused again, stays owed.

    Args:
        context: the collaborators.
        snapshot: the job.
        living: its instances that EC2 lists as living. One that is gone would spoil a whole call, and needs no tags.
        most_calls: of this reaping's calls, what other jobs have left.

    Returns:
        how many calls were made.
    """
    calls = 0
    for worker, instance_ids, values in _payments(snapshot, living)[:most_calls]:
        calls += 1
        if not _tag(context, snapshot.manifest, instance_ids, values):
            break
        if worker is not None:
            _note(context, snapshot.manifest, worker, owed=False)
    return calls


Payment = tuple[Versioned[WorkerRecord] | None, list[str], dict[str, str]]


def _payments(snapshot: Snapshot, living: Collection[str]) -> list[Payment]:
    """The calls that would pay all: first what many share, then each worker's own, with which its debt is paid."""
    owing = [worker for _, worker in sorted(snapshot.workers.items()) if worker.value.tags_owed]
    owing = [worker for worker in owing if worker.value.instance_id in living]
    by_status: dict[str, list[str]] = defaultdict(list)
    for worker in owing:
        by_status[worker.value.status.value].append(worker.value.instance_id)
    shared: list[Payment] = [
        (None, instance_ids[start : start + MOST_RESOURCES], {tags.STATUS: status})
        for status, instance_ids in sorted(by_status.items())
        for start in range(0, len(instance_ids), MOST_RESOURCES)
    ]
    own = [(worker, [worker.value.instance_id], _own_tags(snapshot.manifest, worker.value)) for worker in owing]
    return [*shared, *own]


def _tag(context: Context, manifest: Manifest, instance_ids: list[str], values: Mapping[str, str]) -> bool:
    try:
        context.cloud.fleet.tag(instance_ids, values)
    except CloudRefused as refusal:
        facts = {"session_key": str(manifest.session_key), "instances": len(instance_ids), "refusal": str(refusal)}
        LOG.warning("tags not written", extra={"facts": facts})
        return False
    return True


def _note(context: Context, manifest: Manifest, worker: Versioned[WorkerRecord], *, owed: bool) -> None:
    """Write or strike out a debt, unless somebody has written the record meanwhile: then its tags are newer too."""
    record = replace(worker.value, tags_owed=owed)
    try:
        context.jobs.write(layout.worker_key(manifest.session_key, record.instance_index), record, worker.etag)
    except CloudRefused:
        LOG.warning("tag debt not noted", exc_info=True, extra={"facts": {"instance_id": record.instance_id}})
