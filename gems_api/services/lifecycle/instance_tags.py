"""Showing workers in their instances' tags, for people. S3's records are the truth: no tag is ever worth a failure or a wait.

EC2 takes about ten changes of tags a second (a burst of a hundred) from an account, whose jobs share them. So tags are written once
a share, not at each of its steps: who looks at EC2 wants to know which samples a machine types, whether it merges, and whether it
failed; every step is in ``GET /job``. A change is tried once; if EC2 refuses it, the worker's record says that tags are owed, and the
reaper pays, many instances with one call where they share a value, and one job after the other.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from gems_api.services.context import Context
from gems_api.services.state.records import WorkerRecord
from gems_api.services.state.snapshot import Snapshot, Versioned
from gems_core import layout, tags
from gems_core.errors import CloudRefused
from gems_core.manifest import Manifest
from gems_core.statuses import WorkerStatus

LOG = logging.getLogger(__name__)
# CreateTags takes this many resources a call (EC2 API reference).
MOST_RESOURCES = 1000
# One reaping's calls: far within the burst, and with a reaping a minute, far under ten a second.
MOST_CALLS = 40
_SHOWN_AS = {
    WorkerStatus.TYPING: WorkerStatus.TYPING,
    WorkerStatus.CROSS_MATCHING: WorkerStatus.TYPING,
    WorkerStatus.UPLOADING: WorkerStatus.TYPING,
    WorkerStatus.MERGING: WorkerStatus.MERGING,
    WorkerStatus.REPORT_WRITTEN: WorkerStatus.MERGING,
    WorkerStatus.EMAIL_SENT: WorkerStatus.MERGING,
    WorkerStatus.FAILED: WorkerStatus.FAILED,
}


def is_news(before: WorkerStatus, after: WorkerStatus) -> bool:
    """Whether a change of a worker's status is one that its tags show."""
    shown = _SHOWN_AS.get(after)
    return shown is not None and shown is not _SHOWN_AS.get(before)


@dataclass(frozen=True)
class Debt:
    """A job whose workers' tags may be owed.

    Attributes:
        living: its instances that EC2 lists as living. One that is gone would spoil a whole call, and needs no tags.
    """

    snapshot: Snapshot
    living: Collection[str]


def show(context: Context, manifest: Manifest, worker: Versioned[WorkerRecord]) -> None:
    """Write a worker's tags, once; refused, the debt is noted in its record unless that has changed meanwhile."""
    record = worker.value
    paid = _tag(context, manifest, [record.instance_id], tags_of(manifest, record))
    if paid is record.tags_owed:
        _note(context, manifest, worker, owed=not paid)


def tags_of(manifest: Manifest, record: WorkerRecord) -> dict[str, str]:
    """A worker's tags: index, status, and the read files of the share that it is at."""
    return {tags.STATUS: _shown(record).value, **_own_tags(manifest, record)}


def _shown(record: WorkerRecord) -> WorkerStatus:
    return _SHOWN_AS.get(record.status, record.status)


def _own_tags(manifest: Manifest, record: WorkerRecord) -> dict[str, str]:
    """Those that no other worker shares."""
    own = {tags.INSTANCE_INDEX: str(record.instance_index)}
    if record.share is not None:
        names = [name for sample in manifest.share(record.share).samples for name in sample.file_names]
        own[tags.SAMPLES] = tags.samples_value(names, layout.manifest_key(manifest.session_key))
    return own


def pay_tag_debts(context: Context, debts: Sequence[Debt], most_calls: int = MOST_CALLS) -> int:
    """Write tags that EC2 refused before; what exceeds this reaping's calls, or is refused again, stays owed.

    Each job has a call after the other, so that a large one keeps no other waiting.

    Args:
        context: the collaborators.
        debts: all jobs that may owe.
        most_calls: of this reaping.

    Returns:
        how many calls were made.
    """
    calls = 0
    in_turn = zip_longest(*([(debt, payment) for payment in _payments(debt)] for debt in debts))
    for debt, (worker, instance_ids, values) in (one for turn in in_turn for one in turn if one is not None):
        if calls == most_calls:
            break
        calls += 1
        if not _tag(context, debt.snapshot.manifest, instance_ids, values):
            break
        if worker is not None:
            _note(context, debt.snapshot.manifest, worker, owed=False)
    return calls


Payment = tuple[Versioned[WorkerRecord] | None, list[str], dict[str, str]]


def owes(snapshot: Snapshot) -> bool:
    """Whether tags of a job's workers are owed."""
    return any(worker.value.tags_owed for worker in snapshot.workers.values())


def _payments(debt: Debt) -> list[Payment]:
    """The calls that would pay all: first what many share, then each worker's own, with which its debt is paid."""
    snapshot, living = debt.snapshot, debt.living
    owing = [worker for _, worker in sorted(snapshot.workers.items()) if worker.value.tags_owed]
    owing = [worker for worker in owing if worker.value.instance_id in living]
    by_status: dict[str, list[str]] = defaultdict(list)
    for worker in owing:
        by_status[_shown(worker.value).value].append(worker.value.instance_id)
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
        LOG.warning("owed tags not recorded", exc_info=True, extra={"facts": {"instance_id": record.instance_id}})
