"""Looking at a job's files before any money is spent."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import accumulate
from typing import TypeVar

from gems_api.services.intake import gzip_check
from gems_api.services.intake.gzip_check import Finding
from gems_api.services.intake.job_request import JobRequest
from gems_api.services.intake.remote_reads import too_large
from gems_api.services.intake.same_reads import same_files
from gems_api.services.store_ports import BucketUnreadable, Store
from gems_api.settings import Settings
from gems_core.errors import Problem
from gems_core.fastq_names import (
    SMALLEST_GZIP_BYTES,
    Sample,
    StoredFile,
    left_out,
    pair_files,
    single_reads,
    uneven_lanes,
)
from gems_core.fields import COUNT, TEXTS, Field, Shape, items
from gems_core.manifest import Manifest
from gems_core.placed_samples import placed_samples, without_empty_controls
from gems_core.sample_sheet import LARGEST_SHEET_BYTES, is_sheet
from gems_core.shares import SHARE, Share, share_count, split_into_shares

RESULTS_FOLDER = "gems"
# How many objects a folder may hold for each sample that a job may have: its files of reads, and what else lies beside them or,
# for a folder of folders, was written to these by earlier jobs. Sixty thousand are sixty listings, some six seconds.
OBJECTS_PER_SAMPLE = 20
# Of all keys of a job, so that its manifest is within what is read of one (object_sizes): 3,000 samples of one lane with the
# longest keys there can be have 18 MB, of eight lanes with keys of a hundred bytes 5 MB.
MOST_NAMES_BYTES = 24 * 1024 * 1024
T = TypeVar("T")
HEAD_BYTES = 65_536
TAIL_BYTES = 28
READERS = 16
# A guess at what sixteen readers get of S3 in a second, at some 30 ms a request; only the order of the looks depends on it.
BYTES_PER_SECOND = 60_000_000
FILES_PER_SECOND = 500
# What each reader holds of a small file at a time; sixteen of them must fit into a Lambda's memory.
PIECE_BYTES = 4 * 1024 * 1024
# What a launch takes, or a little less: measured, a thousand workers are some four seconds of EC2's stand-in and two of ours.
# The files leave the launch this time, or a large job would not be answered within ten seconds; they always have a second.
LAUNCH_SECONDS_PER_WORKER = 0.003
LEAST_SECONDS = 1.0


@dataclass(frozen=True)
class Plan:
    """What a job would be.

    Attributes:
        workers: how many instances at most.
        unread: files whose content was not looked at, for the time was up.
        warnings: what is wrong and stops no job.
    """

    shares: list[Share] = field(default_factory=list)
    workers: int = 0
    unread: list[str] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def as_json(self, most_bytes: int) -> dict[str, object]:
        """The plan as ``dry_run`` shows it.

        Args:
            most_bytes: of JSON that files' names may take; what does not fit is counted only.
        """
        unread = _fitting(self.unread, most_bytes // 4)
        shares = _fitting([share.as_json() for share in self.shares], most_bytes - len(json.dumps(unread)))
        return PLAN.write(_ShownPlan(self, self.shares[: len(shares)], unread))


@dataclass(frozen=True)
class _ShownPlan:
    """A plan, and as much of its lists as an answer holds."""

    plan: Plan
    shares: Sequence[Share]
    unread: Sequence[str]


PLAN: Shape[_ShownPlan] = Shape(
    "PlanBody",
    "plan",
    (
        Field("workers", COUNT, "instances at most", source=lambda shown: shown.plan.workers),
        Field("samples", COUNT, "of all shares", source=lambda shown: sum(len(it.samples) for it in shown.plan.shares)),
        Field(
            "bytes", COUNT, "of all reads", source=lambda shown: sum(share.size_bytes for share in shown.plan.shares)
        ),
        Field("shares", items(SHARE), "the first ones, where all were too much to answer"),
        Field("shares_total", COUNT, "how many there are", source=lambda shown: len(shown.plan.shares)),
        Field("files_not_read", TEXTS, "the first ones, as of shares", source=lambda shown: shown.unread),
        Field("files_not_read_total", COUNT, "how many there are", source=lambda shown: len(shown.plan.unread)),
    ),
)


def _fitting(items: Sequence[T], most_bytes: int) -> Sequence[T]:
    """The first items that take at most so many bytes as JSON."""
    sizes = accumulate(len(json.dumps(item)) + len(", ") for item in items)
    return items[: sum(size <= most_bytes for size in sizes)]


def preflight(
    store: Store,
    request: JobRequest,
    settings: Settings,
    monotonic: Callable[[], float],
    retyped: Manifest | None = None,
    *,
    takes_single: bool = False,
) -> tuple[Plan, list[Problem]]:
    """Check what lies under the prefix, and plan the job.

    Args:
        store: S3.
        request: what is asked for; an empty bucket means that it was refused already.
        settings: the limits.
        monotonic: seconds, for the time limit on reading files.
        retyped: of the job whose reads are typed again.
        takes_single: as ``pair_files`` has it.

    Returns:
        the plan, and every problem found. With problems the plan covers the good samples only.
    """
    if not request.bucket:
        return Plan(), []
    began = monotonic()
    most = OBJECTS_PER_SAMPLE * settings.max_samples
    try:
        files = input_files(store, request.bucket, request.prefix, most)
    except BucketUnreadable as unreadable:
        return Plan(), [_unreadable(request.bucket, unreadable)]
    if files is None:
        return Plan(), [_too_many_objects(request, most)]
    files, changed = same_files(files, retyped) if retyped else (files, [])
    samples, problems = pair_files(files, takes_single=takes_single)
    problems = [*changed, *(problems if not changed else ())]  # a lone file is one whose mate changed its name
    samples, warnings = placed_samples(
        lambda sheet: store.read_range(request.bucket, sheet.key, 0, LARGEST_SHEET_BYTES), files, samples
    )
    warnings += (
        single_reads(samples) + uneven_lanes(samples) + left_out(file.name for file in files if not is_sheet(file.name))
    )
    problems = without_empty_controls(problems, samples)
    if not samples and not problems:
        problems.append(_nothing(request))
    if len(samples) > settings.max_samples:
        problems.append(_too_many(request, len(samples), settings.max_samples))
        return Plan(warnings=warnings), problems
    if _names_bytes(samples) > MOST_NAMES_BYTES:
        return Plan(warnings=warnings), [*problems, _names_too_long(request)]
    until = began + _seconds(len(samples), request, settings)  # of which listing thousands of files takes its part
    found, unread = check_contents(store, request.bucket, samples, settings, lambda: monotonic() >= until)
    found = without_empty_controls(found, samples)
    bad = {problem.where for problem in [*problems, *found]}
    good = [sample for sample in samples if not {file.key for file in sample.files} & bad]
    return replace(_plan(good, request, unread), warnings=warnings), [*problems, *found]


def preflight_elsewhere(
    files: Sequence[StoredFile], request: JobRequest, settings: Settings, *, takes_single: bool = False
) -> tuple[Plan, list[Problem]]:
    """Check reads that are not in S3 yet, by their names and sizes, and plan the job.

    Args:
        files: as they will lie in the bucket.
        request: what is asked for.
        settings: the limits.
        takes_single: as ``pair_files`` has it.

    Returns:
        as ``preflight``; no file was looked into.
    """
    samples, problems = pair_files(files, takes_single=takes_single)
    problems += too_large(files)
    if not samples and not problems:
        problems.append(_nothing(request))
    if len(samples) > settings.max_samples:
        return Plan(), [*problems, _too_many(request, len(samples), settings.max_samples)]
    bad = {problem.where for problem in problems}
    good = [sample for sample in samples if not {file.key for file in sample.files} & bad]
    unread = [file.key for sample in good for file in sample.files]
    warnings = single_reads(samples) + uneven_lanes(samples) + left_out(file.name for file in files)
    return replace(_plan(good, request, unread), warnings=warnings), problems


def _seconds(samples: int, request: JobRequest, settings: Settings) -> float:
    """What listing and reading may take."""
    if request.dry_run:
        return settings.preflight_seconds
    workers = min(share_count(samples, request.samples_per_worker), request.workers)
    return max(LEAST_SECONDS, settings.preflight_seconds - LAUNCH_SECONDS_PER_WORKER * workers)


def _plan(samples: list[Sample], request: JobRequest, unread: list[str]) -> Plan:
    if not samples:
        return Plan(unread=unread)
    shares = split_into_shares(samples, share_count(len(samples), request.samples_per_worker))
    return Plan(shares, min(len(shares), request.workers), unread)


def input_files(store: Store, bucket: str, prefix: str, most: int) -> list[StoredFile] | None:
    """The objects under a prefix that may be reads; what GeMS itself wrote under ``gems/`` is never input.

    Args:
        store: S3.
        bucket: of the reads.
        prefix: their folder.
        most: None is returned when there are more objects than this, and no more are listed. The folder's own results are
            not listed at all, for a run that was typed often has many.

    Raises:
        BucketUnreadable: no such bucket, or no permission.
    """
    folder = f"{prefix}/" if prefix else ""
    results = f"{folder}{RESULTS_FOLDER}"
    entries = store.entries(bucket, folder, until=f"{results}/", most=most + 1)
    # The character after the slash: keys from there on lie behind all that begin with the results' folder.
    entries += (
        store.entries(bucket, folder, after=f"{results}0", most=most + 1 - len(entries)) if len(entries) <= most else []
    )
    if len(entries) > most:
        return None
    return [
        StoredFile(entry.key, entry.size_bytes, entry.etag)
        for entry in entries
        if RESULTS_FOLDER not in entry.key.removeprefix(folder).split("/")[:-1]
    ]


def check_contents(
    store: Store, bucket: str, samples: list[Sample], settings: Settings, is_late: Callable[[], bool]
) -> tuple[list[Problem], list[str]]:
    """Look into the files: small ones whole, large ones at both ends, until the time is up.

    If it is plain that not all small files can be read whole in time, both ends of every file are looked at first: a run
    of which one part was read and another not at all would be known worse.

    Returns:
        the problems, and the keys of the files that were not read in time (small ones: not whole).
    """
    files = [file for sample in samples for file in sample.files if file.size_bytes >= SMALLEST_GZIP_BYTES]
    small = [file for file in files if file.size_bytes <= settings.whole_file_bytes]
    large = [file for file in files if file.size_bytes > settings.whole_file_bytes]

    def go_on() -> None:
        if is_late():
            raise _TimeIsUp

    def read(file: StoredFile, start: int, length_bytes: int) -> bytes:
        go_on()
        return store.read_range(bucket, file.key, start, length_bytes)

    looks = _look(_check_ends, files if _are_many(small, settings) else large, read)
    promising = [file for file in small if not isinstance(looks.get(file.key), Problem)]
    looks |= _look(partial(_check_whole, go_on=go_on), promising, read)
    problems = [seen for file in files if isinstance(seen := looks[file.key], Problem)]
    return problems, [file.key for file in files if looks[file.key] is None]


_Read = Callable[[StoredFile, int, int], bytes]
_Check = Callable[[StoredFile, _Read], Finding | None]


def _are_many(small: list[StoredFile], settings: Settings) -> bool:
    """Whether reading these files whole will take longer than there is time."""
    seconds = sum(file.size_bytes for file in small) / BYTES_PER_SECOND + len(small) / FILES_PER_SECOND
    return seconds > settings.preflight_seconds


def _look(check: _Check, files: list[StoredFile], read: _Read) -> dict[str, Problem | bool | None]:
    """By key: what is wrong, False where nothing is, None where the time was up before."""
    looks: dict[str, Problem | bool | None] = dict.fromkeys(file.key for file in files)
    waiting = iter(files)  # a list's iterator gives each file to one thread only

    def look(_reader: int) -> None:
        for file in waiting:
            try:
                finding = check(file, read)
            except _TimeIsUp:
                return  # for the files that wait as well
            looks[file.key] = False if finding is None else _problem(file, finding)

    with ThreadPoolExecutor(READERS) as pool:
        list(pool.map(look, range(READERS)))
    return looks


class _TimeIsUp(Exception):
    """No more of a file can be read."""


def _check_whole(file: StoredFile, read: _Read, go_on: Callable[[], None]) -> Finding | None:
    starts = range(0, file.size_bytes, PIECE_BYTES)
    return gzip_check.check_whole((read(file, start, PIECE_BYTES) for start in starts), go_on)


def _check_ends(file: StoredFile, read: _Read) -> Finding | None:
    first = read(file, 0, HEAD_BYTES)
    last = first if file.size_bytes <= HEAD_BYTES else read(file, file.size_bytes - TAIL_BYTES, TAIL_BYTES)
    return gzip_check.check_ends(first, last)


def _problem(file: StoredFile, finding: Finding) -> Problem:
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


def _names_bytes(samples: list[Sample]) -> int:
    """What the keys of all files take in the manifest, as JSON."""
    return sum(len(json.dumps(file.key)) for sample in samples for file in sample.files)


def _names_too_long(request: JobRequest) -> Problem:
    where = f"s3://{request.bucket}/{request.prefix}"
    expected = f"names of files with their folders of at most {MOST_NAMES_BYTES} bytes together"
    return Problem(
        "names_too_long", where, expected, "more", "Split the run over several prefixes, or shorten the names."
    )


def _too_many_objects(request: JobRequest, most: int) -> Problem:
    where = f"s3://{request.bucket}/{request.prefix}"
    return Problem(
        "too_many_objects", where, f"a folder of at most {most} objects", "more", "Name the folder of one run."
    )


def _too_many(request: JobRequest, found: int, most: int) -> Problem:
    where = f"s3://{request.bucket}/{request.prefix}"
    return Problem(
        "too_many_samples", where, f"at most {most} samples", str(found), "Split the run over several prefixes."
    )
