"""Reads that lie elsewhere when a job is made: what is checked by their names and sizes, for nothing else is here yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gems_core.errors import Problem
from gems_core.fastq_names import StoredFile
from gems_core.manifest import Manifest

# S3 takes no more in one piece ("Uploading objects", S3 user guide), which is how a worker stores what it has copied.
LARGEST_COPY_BYTES = 5 * 2**30


@dataclass(frozen=True)
class RemoteReads:
    """The reads of a job that workers copy into its bucket.

    Attributes:
        source: one of ``gems_core.manifest.SOURCES``.
        files: as they will lie in the bucket.
        keep: is given the new job's manifest before there is a job.
    """

    source: str
    files: Sequence[StoredFile]
    keep: Callable[[Manifest], None]


def too_large(files: Sequence[StoredFile]) -> list[Problem]:
    """The files that no worker could store."""
    return [
        Problem(
            "file_too_large",
            file.key,
            f"at most {LARGEST_COPY_BYTES} bytes",
            f"{file.size_bytes}",
            "Bring the file to S3 by other means, and start the job from there.",
        )
        for file in files
        if file.size_bytes > LARGEST_COPY_BYTES
    ]
