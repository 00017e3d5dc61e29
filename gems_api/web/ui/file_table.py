"""The files of a run as preflight found them: each problem beside the file that it is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from gems_api.services.intake.preflight import Plan
from gems_core.errors import Problem

MOST_ROWS = 300
# What preflight says of a run as a whole; all else it says of a file, or of a sample's files.
OF_THE_RUN = frozenset(
    {
        "bucket_unreadable", "invalid_field", "names_too_long", "idempotency_key", "idempotency_key_used", "no_fastq", "over_budget", "own_bucket", "time_limit_too_short",
        "too_many_objects", "too_many_samples", "unknown_price",
    }
)  # fmt: skip


@dataclass(frozen=True)
class FileRow:
    """A file, or a pair of them, and what is wrong with it.

    Attributes:
        files: their names without the folder; a sample's lane by lane, R1 first.
        sample: '' for a file that belongs to none.
        share: which it would be typed in, from 1; 0 for what cannot be typed.
    """

    files: tuple[str, ...]
    sample: str
    share: int
    size_bytes: int
    problems: Sequence[Problem] = ()


@dataclass(frozen=True)
class FileTable:
    """Files with problems first, then good samples.

    Attributes:
        bad: rows with problems.
        good: samples that can be typed; as many as the page shows.
        more: rows that are not shown.
        others: problems of no file: of the bucket, the folder or the budget.
    """

    bad: Sequence[FileRow]
    good: Sequence[FileRow]
    more: int
    others: list[Problem]


def file_table(plan: Plan | None, problems: Sequence[Problem]) -> FileTable:
    """The table of a plan and of the problems that were found with it."""
    by_key: dict[str, list[Problem]] = defaultdict(list)
    others = []
    for problem in problems:
        if problem.code in OF_THE_RUN:
            others.append(problem)
        else:
            by_key[problem.where].append(problem)
    bad = [FileRow((_name(key),), "", 0, 0, found) for key, found in sorted(by_key.items())]
    good = [
        FileRow(sample.file_names, sample.name, share.index, sample.size_bytes)
        for share in (plan.shares if plan else ())
        for sample in share.samples
    ]
    good.sort(key=lambda row: row.sample)
    shown_bad, shown_good = bad[:MOST_ROWS], good[: max(0, MOST_ROWS - len(bad))]
    more = len(bad) + len(good) - len(shown_bad) - len(shown_good)
    return FileTable(shown_bad, shown_good, more, others)


def _name(key: str) -> str:
    return key.rpartition("/")[2]
