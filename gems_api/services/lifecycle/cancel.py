"""Stopping a job because its user wishes it: ``POST /job/<session_key>/cancel``."""

from __future__ import annotations

from dataclasses import dataclass

from gems_api.services.context import Context
from gems_api.services.lifecycle.ending import end_job, retire_workers, terminate_instances, terminate_tagged
from gems_api.services.state.unreadable import JobUnreadable
from gems_core import layout
from gems_core.errors import Conflict
from gems_core.fields import COUNT, TEXT, TEXTS, Field, Shape
from gems_core.session_key import SessionKey
from gems_core.statuses import JobStatus


@dataclass(frozen=True)
class Cancelled:
    """What cancelling came to.

    Attributes:
        terminated: the ids of the instances that were still there.
        kept: samples that had been typed; their results stay, and a retry goes on from there.
        samples: of the job.
        results: where the results lie, as an S3 address.
    """

    session_key: SessionKey
    terminated: list[str]
    kept: int
    samples: int
    results: str

    def as_json(self) -> dict[str, object]:
        """The answer to ``POST /job/<session_key>/cancel``."""
        return CANCELLED.write(self)


CANCELLED: Shape[Cancelled] = Shape(
    "CancelledAnswer",
    "answer",
    (
        Field("session_key", TEXT, "the job", source=lambda it: str(it.session_key)),
        Field("terminated", TEXTS, "ids of the instances that were still there"),
        Field(
            "samples_kept",
            COUNT,
            "samples that had been typed; a retry goes on from there",
            source=lambda it: it.kept,
        ),
        Field("samples_total", COUNT, "samples of the job", source=lambda it: it.samples),
        Field("results", TEXT, "where their results lie, as an S3 address"),
    ),
)


def cancel(context: Context, session_key: SessionKey) -> Cancelled:
    """End a job and terminate its instances; cancelling it again only makes sure of the latter.

    Raises:
        JobNotFound: no such job.
        JobUnreadable: its end cannot be written down; its instances are being terminated all the same.
        Conflict: the job has ended otherwise, or is being opened again.
    """
    try:
        return _cancel(context, session_key)
    except JobUnreadable as unreadable:
        terminated = terminate_tagged(context, session_key)
        what_was_done = f"; its instances are being terminated: {', '.join(terminated) or 'none is left'}"
        raise JobUnreadable(session_key, unreadable.address, unreadable.reason, what_was_done) from unreadable


def _cancel(context: Context, session_key: SessionKey) -> Cancelled:
    snapshot = context.jobs.load(session_key)
    cancelled = end_job(context, snapshot, JobStatus.CANCELLED, "cancelled by its user")
    snapshot = context.jobs.load(session_key)
    if not snapshot.ended:
        raise Conflict(f"job {session_key} was opened again meanwhile; to cancel that run too, send it again")
    if not cancelled and snapshot.overall_status is not JobStatus.CANCELLED:
        raise Conflict(f"job {session_key} has ended as {snapshot.overall_status}; only a running job can be cancelled")
    terminated = terminate_instances(context, snapshot)
    retire_workers(context, snapshot, "the job was cancelled")
    manifest = snapshot.manifest
    results = f"s3://{manifest.bucket}/{layout.results_prefix(manifest.prefix, session_key)}"
    return Cancelled(session_key, terminated, snapshot.typed, len(manifest.samples), results)
