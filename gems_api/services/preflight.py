"""Looking at a job's files before any money is spent."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

from gems_api.services import gzip_check
from gems_api.services.job_request import JobRequest
from gems_api.services.ports import BucketUnreadable, Store
from gems_api.settings import Settings
from gems_core.errors import Problem
from gems_core.fastq_names import SMALLEST_GZIP_BYTES, Sample, StoredFile, pair_files
from gems_core.shares import Share, share_count, split_into_shares

RESULTS_FOLDER = "gems"
HEAD_BYTES = 65_536
TAIL_BYTES = 28
READERS = 16
# What each reader holds of a small file at a time; sixteen of them must fit into a Lambda's memory.
PIECE_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class Plan:
    """What a job would be.

    Attributes:
        workers: how many instances at most.
        unread: files whose content was not looked at, for the time was up.
    """

    shares: list[Share] = field(default_factory=list)
    workers: int = 0
    unread: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """The plan as ``dry_run`` shows it."""
        return {
            "workers": self.workers,
            "samples": sum(len(share.samples) for share in self.shares),
            "bytes": sum(share.size_bytes for share in self.shares),
            "shares": [share.as_json() for share in self.shares],
            "files_not_read": self.unread,
        }


def preflight(
    store: Store, request: JobRequest, settings: Settings, monotonic: Callable[[], float]
) -> tuple[Plan, list[Problem]]:
    """Check what lies under the prefix, and plan the job.

    Args:
        store: S3.
        request: what is asked for; an empty bucket means that it was refused already.
        settings: the limits.
        monotonic: seconds, for the time limit on reading files.

    Returns:
        the plan, and every problem found. With problems the plan covers the good samples only.
    """
    if not request.bucket:
        return Plan(), []
    try:
        files = input_files(store, request.bucket, request.prefix)
    except BucketUnreadable as unreadable:
        return Plan(), [_unreadable(request.bucket, unreadable)]
    samples, problems = pair_files(files)
    if not samples and not problems:
        problems.append(_nothing(request))
    if len(samples) > settings.max_samples:
        problems.append(_too_many(request, len(samples), settings.max_samples))
        return Plan(), problems
    found, unread = check_contents(store, request.bucket, samples, settings, monotonic)
    bad = {problem.where for problem in [*problems, *found]}
    good = [sample for sample in samples if not {sample.read_1.key, sample.read_2.key} & bad]
    return _plan(good, request, unread), [*problems, *found]


def _plan(samples: list[Sample], request: JobRequest, unread: list[str]) -> Plan:
    if not samples:
        return Plan(unread=unread)
    shares = split_into_shares(samples, share_count(len(samples), request.samples_per_worker))
    return Plan(shares, min(len(shares), request.workers), unread)


def input_files(store: Store, bucket: str, prefix: str) -> list[StoredFile]:
    """The objects under a prefix that may be reads; what GeMS itself wrote under ``gems/`` is never input.

    Raises:
        BucketUnreadable: no such bucket, or no permission.
    """
    folder = f"{prefix}/" if prefix else ""
    return [
        StoredFile(entry.key, entry.size_bytes)
        for entry in store.entries(bucket, folder)
        if RESULTS_FOLDER not in entry.key.removeprefix(folder).split("/")[:-1]
    ]


def check_contents(
    store: Store, bucket: str, samples: list[Sample], settings: Settings, monotonic: Callable[[], float]
) -> tuple[list[Problem], list[str]]:
    """Look into the files: small ones whole, large ones at both ends, until the time is up.

    Returns:
        the problems, and the keys of the files that were not read in time.
    """
    until = monotonic() + settings.preflight_seconds
    files = [
        file for sample in samples for file in (sample.read_1, sample.read_2) if file.size_bytes >= SMALLEST_GZIP_BYTES
    ]

    def read(file: StoredFile, start: int, length_bytes: int) -> bytes:
        if monotonic() >= until:
            raise _TimeIsUp
        return store.read_range(bucket, file.key, start, length_bytes)

    def look(file: StoredFile) -> Problem | bool:
        try:
            return _check_file(file, partial(read, file), settings) or True
        except _TimeIsUp:
            return False

    with ThreadPoolExecutor(READERS) as pool:
        looks = list(pool.map(look, files))
    problems = [seen for seen in looks if isinstance(seen, Problem)]
    return problems, [file.key for file, seen in zip(files, looks, strict=True) if seen is False]


class _TimeIsUp(Exception):
    """No more of a file can be read."""


def _check_file(file: StoredFile, read: Callable[[int, int], bytes], settings: Settings) -> Problem | None:
    if file.size_bytes <= settings.whole_file_bytes:
        starts = range(0, file.size_bytes, PIECE_BYTES)
        finding = gzip_check.check_whole(read(start, PIECE_BYTES) for start in starts)
    else:
        first = read(0, HEAD_BYTES)
        last = read(file.size_bytes - TAIL_BYTES, TAIL_BYTES)
        finding = gzip_check.check_ends(first, last)
    if finding is None:
        return None
    repair = "Upload the file again, whole, or move the sample away."
    return Problem(finding.code, file.key, finding.expected, finding.found, repair)


def _unreadable(bucket: str, unreadable: BucketUnreadable) -> Problem:
    return Problem(
        "bucket_unreadable",
        bucket,
        "a bucket that GeMS can list",
        str(unreadable),
        "Correct the bucket's name, or let GeMS's role list and read it.",
    )


def _nothing(request: JobRequest) -> Problem:
    where = f"s3://{request.bucket}/{request.prefix}"
    return Problem("no_fastq", where, "FASTQ files", "none", "Upload the run's fastq.gz files, or correct the prefix.")


def _too_many(request: JobRequest, found: int, most: int) -> Problem:
    where = f"s3://{request.bucket}/{request.prefix}"
    return Problem(
        "too_many_samples", where, f"at most {most} samples", str(found), "Split the run over several prefixes."
    )
