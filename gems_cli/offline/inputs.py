"""Which samples `gems type` types: of files, of a folder, of a sheet, or of what comes on standard input."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gems_cli.run.reads import fit_name, plan_uploads, sample_name_of
from gems_core.errors import InvalidInput, Problem, UsageProblem, one_problem
from gems_core.fastq_names import Sample, StoredFile, pair_files, single_reads, uneven_lanes
from gems_core.placed_samples import placed_samples, without_empty_controls

SHEET_COLUMNS = ("sample", "r1", "r2")
_REPAIR = "See `gems type --help`."


@dataclass(frozen=True)
class Inputs:
    """What is to be typed.

    Attributes:
        name: of the run, for its report.
        samples: their files' keys are paths on this machine.
        notes: for the user.
        unread: files of reads that nobody types, because they are not read in this form.
    """

    name: str
    samples: tuple[Sample, ...]
    notes: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def of_files(read_1: Path, read_2: Path | None, name: str) -> Inputs:
    """One sample, of R1 and R2, or of single reads.

    Args:
        read_1: its first reads.
        read_2: its second reads; None where one end of each fragment was read.
        name: of the sample; '' for the one that the first file's name tells.

    Raises:
        InvalidInput: a file is not there.
        UsageProblem: nothing is left of the name, or it is not one that a sample may have.
    """
    found = name or sample_name_of(read_1.name)
    if not found or fit_name(found) != found:
        raise UsageProblem(
            f"--sample: expected letters, digits, dots, - and _, found {found or read_1.name!r}. Name it."
        )
    return Inputs(found, (_sample(found, read_1, read_2),))


def of_folder(folder: Path, samples: str, *, takes_single: bool) -> Inputs:
    """The samples of a folder, by the rules of `gems run`.

    Args:
        folder: holds read files, and sample sheets.
        samples: a glob that a sample's name, or a file's, must match.
        takes_single: whether R1 alone makes a sample.

    Raises:
        InvalidInput: with each problem of the files.
    """
    plan = plan_uploads(folder, samples, takes_single=takes_single)
    paths = {upload.name: upload.path for upload in plan.uploads}
    named = [StoredFile(name, path.stat().st_size) for name, path in paths.items()]
    found, problems = pair_files(named, takes_single=takes_single)
    placed, warnings = placed_samples(lambda sheet: paths[sheet.name].read_bytes(), named, found)
    problems = [*without_empty_controls(problems, placed)]
    if problems:
        raise InvalidInput([replace(problem, where=_shown(problem.where, paths)) for problem in problems])
    warnings += single_reads(placed) + uneven_lanes(placed)
    notes = (*plan.notes, *(f"{one.where}: expected {one.expected}, found {one.found}" for one in warnings))
    here = tuple(_with_paths(sample, paths) for sample in placed)
    return Inputs(folder.resolve().name, here, notes, plan.unread)


def of_sheet(sheet: Path) -> Inputs:
    """The samples of a table with the columns sample, r1 and r2 (tabs or commas between); r2 may be empty.

    Paths are as from the sheet's folder.

    Raises:
        InvalidInput: it is no such table, or a file is not there; with each problem.
    """
    text = _text_of(sheet)
    separator = "\t" if "\t" in text.partition("\n")[0] else ","
    rows = _rows(sheet, csv.reader(text.splitlines(), delimiter=separator))
    header = tuple(cell.lower() for cell in rows[0][1]) if rows else ()
    if header[: len(SHEET_COLUMNS)] not in (SHEET_COLUMNS, SHEET_COLUMNS[:2]):
        expected = "a first line sample, r1, r2"
        raise one_problem("sheet", f"{sheet}, line 1", expected, repr(text.partition("\n")[0][:80]), _REPAIR)
    samples: list[Sample] = []
    problems: list[Problem] = []
    for number, row in rows[1:]:
        name, read_1, read_2 = (*row[:3], "", "")[:3]
        try:
            if not name or fit_name(name) != name or name in {sample.name for sample in samples}:
                expected = "a name of its own, of letters, digits, dots, - and _"
                raise one_problem("sheet", f"{sheet}, line {number}", expected, repr(name), "Correct the sheet.")
            samples.append(_sample(name, sheet.parent / read_1, sheet.parent / read_2 if read_2 else None))
        except InvalidInput as error:
            problems += error.problems
    if problems or not samples:
        raise InvalidInput(problems or [Problem("sheet", str(sheet), "a line for each sample", "none", _REPAIR)])
    return Inputs(sheet.stem, tuple(samples))


def _rows(sheet: Path, reader: Any) -> list[tuple[int, list[str]]]:  # noqa: ANN401 - csv has no name for its readers
    """The lines of a table that are not empty, each with its number."""
    try:
        stripped = ((reader.line_num, [cell.strip() for cell in row]) for row in reader)
        return [(number, row) for number, row in stripped if any(row)]
    except csv.Error as error:
        where, expected = f"{sheet}, line {reader.line_num}", "tab or comma separated values"
        raise one_problem("sheet", where, expected, str(error), "Correct the sheet.") from error


def _sample(name: str, read_1: Path, read_2: Path | None) -> Sample:
    missing = [path for path in (read_1, read_2) if path is not None and not path.is_file()]
    if missing:
        raise InvalidInput(
            [Problem("reads", str(path), "a file of reads", "no file", "Correct the path.") for path in missing]
        )
    return Sample(name, _stored(read_1), _stored(read_2) if read_2 else None)


def _stored(path: Path) -> StoredFile:
    return StoredFile(str(path.absolute()), path.stat().st_size)


def _with_paths(sample: Sample, paths: dict[str, Path]) -> Sample:
    def here(file: StoredFile | None) -> StoredFile | None:
        return file and _stored(paths[file.name])

    lanes = tuple(
        replace(lane, read_1=_stored(paths[lane.read_1.name]), read_2=here(lane.read_2)) for lane in sample.more_lanes
    )
    return replace(sample, read_1=_stored(paths[sample.read_1.name]), read_2=here(sample.read_2), more_lanes=lanes)


def _shown(where: str, paths: dict[str, Path]) -> str:
    return str(paths[where]) if where in paths else where


def _text_of(sheet: Path) -> str:
    try:
        return sheet.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        found = "no file"
    except (OSError, UnicodeDecodeError) as error:
        found = str(error)
    raise one_problem("sheet", str(sheet), "a table of samples as text", found, "Correct --sheet.")
