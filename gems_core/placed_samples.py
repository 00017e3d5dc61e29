"""The sample sheets beside reads. What is wrong with one is a warning: it never stops a job."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from gems_core.errors import GemsError, Problem
from gems_core.fastq_names import Sample, StoredFile
from gems_core.plate import UNPLACED, Placement, Role
from gems_core.sample_sheet import LARGEST_SHEET_BYTES, SHEET_NAMES, SheetRow, is_sheet, placements, read_sheet

EMPTY_FILE = "empty_file"


def placed_samples(
    read: Callable[[StoredFile], bytes], files: Sequence[StoredFile], samples: Sequence[Sample]
) -> tuple[list[Sample], list[Problem]]:
    """The samples with what the sheets say of them, and what is wrong with the sheets.

    Args:
        read: gives the content of a sheet; may raise GemsError or OSError.
        files: all that lie beside the reads, and these.
        samples: those that pair.
    """
    found: dict[str, Placement] = {}
    warnings: list[Problem] = []
    for sheet in _sheets(files):
        rows, problems = _rows(read, sheet)
        placed, more = placements(sheet.key, rows, [sample.name for sample in samples])
        found |= {name: later.over(found.get(name, UNPLACED)) for name, later in placed.items()}
        warnings += [*problems, *more]
    return [replace(sample, placed=found.get(sample.name, sample.placed)) for sample in samples], warnings


def _rows(read: Callable[[StoredFile], bytes], sheet: StoredFile) -> tuple[list[SheetRow], list[Problem]]:
    if sheet.size_bytes > LARGEST_SHEET_BYTES:
        return [], [_unreadable(sheet, f"a sheet of at most {LARGEST_SHEET_BYTES} bytes", f"{sheet.size_bytes} bytes")]
    try:
        data = read(sheet) if sheet.size_bytes else b""
    except (GemsError, OSError) as refusal:
        return [], [_unreadable(sheet, "a sheet that GeMS can read", str(refusal))]
    return read_sheet(sheet.key, sheet.name, data)


def may_be_empty(samples: Sequence[Sample]) -> frozenset[str]:
    """The keys of files that may hold no reads: those of negative controls."""
    return frozenset(
        file.key for sample in samples if sample.placed.role is Role.NEGATIVE_CONTROL for file in sample.files
    )


def without_empty_controls(problems: Sequence[Problem], samples: Sequence[Sample]) -> list[Problem]:
    """The problems, but for the empty files of negative controls."""
    allowed = may_be_empty(samples)
    return [problem for problem in problems if not (problem.code == EMPTY_FILE and problem.where in allowed)]


def _sheets(files: Sequence[StoredFile]) -> list[StoredFile]:
    """At most one of each name, the one that lies highest; in the order in which they are taken."""
    found: dict[str, StoredFile] = {}
    for file in sorted(files, key=lambda file: (file.key.count("/"), file.key)):
        if is_sheet(file.name):
            found.setdefault(file.name.lower(), file)
    return [found[name] for name in SHEET_NAMES if name in found]


def _unreadable(sheet: StoredFile, expected: str, found: str) -> Problem:
    repair = "Correct the sheet, or leave it out: the samples are typed without it."
    return Problem("sheet_unreadable", sheet.key, expected, found, repair)
