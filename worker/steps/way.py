"""The way of a share, in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gems_core.manifest import Manifest
from gems_core.statuses import WorkerStatus
from worker.steps import copy, cross_match, download, explain, type_samples, upload
from worker.steps.work import ShareWork


@dataclass(frozen=True)
class Step:
    """One step: its name in logs and failures, the status it is reported under, and what it does.

    ``run`` may raise ShareFailed (or any error, which fails the share) and Interrupted; a sample's own
    failure it notes in the work and goes on.
    """

    name: str
    status: WorkerStatus
    run: Callable[[ShareWork], None]


_COPY = Step("copy", WorkerStatus.COPYING, copy.run)
STEPS = (
    Step("download", WorkerStatus.DOWNLOADING, download.run),
    Step("type", WorkerStatus.TYPING, type_samples.run),
    Step("cross_match", WorkerStatus.CROSS_MATCHING, cross_match.run),
    Step("explain", WorkerStatus.CROSS_MATCHING, explain.run),
    Step("upload", WorkerStatus.UPLOADING, upload.run),
)


def steps_of(manifest: Manifest) -> tuple[Step, ...]:
    """The way of a job's shares: reads that lie elsewhere are copied first."""
    return (_COPY, *STEPS) if manifest.source else STEPS
