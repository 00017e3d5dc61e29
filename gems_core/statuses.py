"""The states of workers and jobs, and which may follow which. Nobody else knows."""

from __future__ import annotations

from enum import StrEnum


class WorkerStatus(StrEnum):
    """What a worker is doing."""

    LAUNCHED = "LAUNCHED"
    BOOTSTRAPPING = "BOOTSTRAPPING"
    COPYING = "COPYING"
    DOWNLOADING = "DOWNLOADING"
    TYPING = "TYPING"
    CROSS_MATCHING = "CROSS_MATCHING"
    UPLOADING = "UPLOADING"
    MERGING = "MERGING"
    REPORT_WRITTEN = "REPORT_WRITTEN"
    EMAIL_SENT = "EMAIL_SENT"
    COMPLETE = "COMPLETE"
    FAILED = "FAILED"
    LOST = "LOST"


class JobStatus(StrEnum):
    """How a job stands as a whole."""

    LAUNCHING = "LAUNCHING"
    RUNNING = "RUNNING"
    MERGING = "MERGING"
    COMPLETE = "COMPLETE"
    COMPLETE_WITH_FAILURES = "COMPLETE_WITH_FAILURES"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


FINAL_WORKER_STATUSES = frozenset({WorkerStatus.COMPLETE, WorkerStatus.FAILED, WorkerStatus.LOST})
FINAL_JOB_STATUSES = frozenset(
    {JobStatus.COMPLETE, JobStatus.COMPLETE_WITH_FAILURES, JobStatus.FAILED, JobStatus.CANCELLED}
)

# The way of one share; a worker goes round it once for each share it claims. Reads that lie in S3 are not copied first.
_SHARE_STEPS = (
    WorkerStatus.COPYING,
    WorkerStatus.DOWNLOADING,
    WorkerStatus.TYPING,
    WorkerStatus.CROSS_MATCHING,
    WorkerStatus.UPLOADING,
)
_BEGINNINGS = frozenset({WorkerStatus.COPYING, WorkerStatus.DOWNLOADING})
_MERGE_STEPS = (WorkerStatus.MERGING, WorkerStatus.REPORT_WRITTEN, WorkerStatus.EMAIL_SENT)


def _worker_transitions() -> dict[WorkerStatus, frozenset[WorkerStatus]]:
    way: dict[WorkerStatus, set[WorkerStatus]] = {status: set() for status in WorkerStatus}
    between_shares = {*_BEGINNINGS, WorkerStatus.MERGING, WorkerStatus.COMPLETE}
    way[WorkerStatus.LAUNCHED] = {WorkerStatus.BOOTSTRAPPING} | between_shares
    way[WorkerStatus.BOOTSTRAPPING] = set(between_shares)
    for position, earlier in enumerate(_SHARE_STEPS):
        # Any later step of the share, for a report may be lost on the way, and the next one must still be believed.
        way[earlier] = set(_SHARE_STEPS[position + 1 :])
    way[WorkerStatus.UPLOADING] = set(between_shares)
    way[WorkerStatus.MERGING] = {WorkerStatus.REPORT_WRITTEN}
    way[WorkerStatus.REPORT_WRITTEN] = {WorkerStatus.EMAIL_SENT, WorkerStatus.COMPLETE}
    way[WorkerStatus.EMAIL_SENT] = {WorkerStatus.COMPLETE}
    # A worker judged lost that speaks again was merely slow; what it says next is believed.
    way[WorkerStatus.LOST] = set(_SHARE_STEPS) | set(_MERGE_STEPS) | {WorkerStatus.BOOTSTRAPPING, WorkerStatus.COMPLETE}
    # A worker that asks again, for the answer that told it to leave was lost, may find a share free or all of them done.
    way[WorkerStatus.COMPLETE] = {*_BEGINNINGS, WorkerStatus.MERGING}
    # A worker that failed at one share may be given another.
    way[WorkerStatus.FAILED] = {*_BEGINNINGS, WorkerStatus.MERGING}
    for status in set(WorkerStatus) - {WorkerStatus.COMPLETE}:
        way[status] |= {WorkerStatus.FAILED, WorkerStatus.LOST} - {status}
    return {status: frozenset(following) for status, following in way.items()}


_WORKER_TRANSITIONS = _worker_transitions()
_JOB_TRANSITIONS: dict[JobStatus, frozenset[JobStatus]] = {
    JobStatus.LAUNCHING: frozenset(JobStatus) - {JobStatus.LAUNCHING},
    JobStatus.RUNNING: frozenset(JobStatus) - {JobStatus.LAUNCHING, JobStatus.RUNNING},
    # A final worker that dies gives the job back to the others.
    JobStatus.MERGING: frozenset(JobStatus) - {JobStatus.LAUNCHING, JobStatus.MERGING},
    # `retry` opens an ended job again.
    JobStatus.COMPLETE: frozenset(),
    JobStatus.COMPLETE_WITH_FAILURES: frozenset({JobStatus.LAUNCHING}),
    JobStatus.FAILED: frozenset({JobStatus.LAUNCHING}),
    JobStatus.CANCELLED: frozenset({JobStatus.LAUNCHING}),
}


def worker_may_become(current: WorkerStatus, following: WorkerStatus) -> bool:
    """Whether a report of ``following`` is news; a repeated or late report is not, and is passed over without harm."""
    return following in _WORKER_TRANSITIONS[current]


def job_may_become(current: JobStatus, following: JobStatus) -> bool:
    """Whether a job may go from ``current`` to ``following``."""
    return following in _JOB_TRANSITIONS[current]


def running_status(*, begun: bool, merging: bool) -> JobStatus:
    """The status of a job that has not ended.

    Args:
        begun: whether a share was ever claimed. What workers are is not a guide: one that was lost and speaks again, or one
            that replaces it, would take the job back to its launch.
        merging: whether the merge lease is held.
    """
    if merging:
        return JobStatus.MERGING
    return JobStatus.RUNNING if begun else JobStatus.LAUNCHING


def final_status(typed: int, failed: int) -> JobStatus:
    """The status of a job whose report is written, from the number of samples that were typed and that failed."""
    if failed == 0:
        return JobStatus.COMPLETE
    return JobStatus.COMPLETE_WITH_FAILURES if typed else JobStatus.FAILED
