"""Sample sheets that lie beside the reads: where each sample stood on the plate, and what it is there for.

``SampleSheet.csv`` is Illumina's (v1 ``[Data]``, v2 ``[BCLConvert_Data]``, ``[Cloud_Data]`` and the like); ``samples.csv`` and
``samples.tsv`` are a laboratory's own. Text in, rows and problems out: a sheet never stops a job.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gems_core.errors import Problem
from gems_core.expected import parse_expected
from gems_core.plate import LONGEST_WELL, UNPLACED, Placement, Role, parse_well

ILLUMINA_SHEET = "samplesheet.csv"
# In the order in which they are taken: what a later one says counts.
SHEET_NAMES = (ILLUMINA_SHEET, "samples.tsv", "samples.csv")
LARGEST_SHEET_BYTES = 1 << 20
MOST_ROWS = 10_000
# More would only hide the first ones.
MOST_PROBLEMS = 20
_SECTION = re.compile(r"\[(?P<name>[^\]]{1,100})\]")
_SEPARATORS = ",;\t"
_COLUMNS = {
    "sample": "sample",
    "sample_id": "sample",
    "sample_name": "name",
    "well": "well",
    "sample_well": "well",
    "role": "role",
    "expected": "expected",
}
_REPAIR = "Correct the sheet, or leave it out: the samples are typed without it."


@dataclass(frozen=True)
class SheetRow:
    """One sample of a sheet.

    Attributes:
        line: of the sheet, from 1.
        names: what its files may be named after: identifier, then name.
    """

    line: int
    names: tuple[str, ...]
    placed: Placement


def is_sheet(file_name: str) -> bool:
    """Whether a file is a sample sheet, by its name in any case."""
    return file_name.lower() in SHEET_NAMES


def read_sheet(where: str, file_name: str, data: bytes) -> tuple[list[SheetRow], list[Problem]]:
    """Read a sheet.

    Args:
        where: names it in problems.
        file_name: tells its kind.
        data: its bytes, UTF-8, or else as Excel writes a file in Western Europe.

    Returns:
        the rows, and what is wrong; a wrong well, role or expectation is left out of its row.
    """
    if b"\0" in data or not data.strip():
        found = "an empty file" if not data.strip() else "bytes that are not text"
        return [], [_problem(where, "sheet_unreadable", "a sample sheet as text", found)]
    lines = _text(data).splitlines()
    tables = _illumina_tables(lines) if file_name.lower() == ILLUMINA_SHEET else [(0, lines)]
    rows: list[SheetRow] = []
    problems: list[Problem] = [] if tables else [_problem(where, "sheet_unreadable", "a section [Data]", "none")]
    for first_line, table in tables:
        try:
            for told in _read_table(where, first_line, table):
                if isinstance(told, SheetRow):
                    rows.append(told)
                else:
                    problems.append(told)
        except csv.Error as error:
            problems.append(_problem(where, "sheet_unreadable", "comma separated values", str(error)))
    return rows[:MOST_ROWS], problems[:MOST_PROBLEMS]


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _illumina_tables(lines: Sequence[str]) -> list[tuple[int, list[str]]]:
    """The sections that list samples, each with the number of lines before it."""
    starts = [(number, match["name"].lower()) for number, line in enumerate(lines) if (match := _SECTION.match(line))]
    ends = [*(number for number, _ in starts[1:]), len(lines)]
    return [
        (start + 1, list(lines[start + 1 : end]))
        for (start, name), end in zip(starts, ends, strict=False)  # without any section there is an end too many
        if name == "data" or name.endswith("_data")
    ]


def _read_table(where: str, first_line: int, lines: list[str]) -> Iterator[SheetRow | Problem]:
    """What a table says: its first line that is not empty names the columns."""
    header = next((line for line in lines if line.strip(_SEPARATORS + " ")), "")
    reader = csv.reader(lines, delimiter=max(_SEPARATORS, key=header.count), strict=True)
    columns: list[str] = []
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if columns:
            yield from _read_row(where, first_line + reader.line_num, _values(columns, cells))
            continue
        columns = [_COLUMNS.get(re.sub(r"[\s-]+", "_", cell.strip().lower()), "") for cell in cells]
        if "sample" not in columns:
            yield _problem(where, "sheet_unreadable", "a column sample or Sample_ID", header[:100])
            return


def _values(columns: list[str], cells: list[str]) -> dict[str, str]:
    """By column, the first cell that is not empty."""
    values: dict[str, str] = {}
    for column, cell in zip(columns, cells, strict=False):
        if column and cell.strip():
            values.setdefault(column, cell.strip())
    return values


def _read_row(sheet: str, line: int, values: dict[str, str]) -> Iterator[SheetRow | Problem]:
    where, problems = f"{sheet}, line {line}", list[Problem]()
    names = tuple(dict.fromkeys(values[column] for column in ("sample", "name") if column in values))
    if not names:
        yield _problem(where, "sheet_row", "the sample's name", "none")
        return
    placed = Placement(
        _well(where, values.get("well", ""), problems),
        _role(where, values.get("role", ""), problems),
        _expected(where, values.get("expected", ""), problems),
    )
    yield from problems
    yield SheetRow(line, names, placed)


def _well(where: str, text: str, problems: list[Problem]) -> str:
    try:
        return parse_well(text) if text else ""
    except ValueError:
        problems.append(_problem(where, "sheet_well", "a well from A1 to P24", text[: 2 * LONGEST_WELL]))
        return ""


def _role(where: str, text: str, problems: list[Problem]) -> Role:
    word = re.sub(r"[\s-]+", "_", text.lower())
    if word and word not in set(Role):
        problems.append(_problem(where, "sheet_role", f"a role: {', '.join(Role)}", text[:50]))
    return Role(word) if word in set(Role) else Role.SAMPLE


def _expected(where: str, text: str, problems: list[Problem]) -> str:
    try:
        parse_expected(text)
    except ValueError as error:
        problems.append(_problem(where, "sheet_expected", "a GL String or allele names", str(error)))
        return ""
    return text


def placements(
    where: str, rows: Sequence[SheetRow], samples: Sequence[str]
) -> tuple[dict[str, Placement], list[Problem]]:
    """Which sample each row is about.

    Names are compared as they are and, where that finds none, as Illumina writes them into file names: without what
    follows ``_S1``, and every other character than letters and digits as a hyphen.
    """
    exact, alike = set(samples), {_as_in_file_names(name): name for name in sorted(samples, reverse=True)}
    found: dict[str, Placement] = {}
    problems, strange = [], []
    for row in rows:
        names = [name if name in exact else alike.get(_as_in_file_names(name)) for name in row.names]
        sample = next((name for name in names if name is not None), None)
        if sample is None:
            strange.append(row)
        elif sample in found and not row.placed.agrees_with(found[sample]):  # each lane may have a row
            problems.append(_problem(f"{where}, line {row.line}", "sheet_row", f"one row of {sample}", "another one"))
        else:
            found[sample] = row.placed.over(found.get(sample, UNPLACED))
    problems += [*_shared_wells(where, found), *_of_no_sample(where, strange)]
    return found, problems[:MOST_PROBLEMS]


def _as_in_file_names(name: str) -> str:
    bare = re.sub(r"_S[0-9]+(_L[0-9]{3})?(_R[12])?(_001)?(\.fastq(\.gz)?)?$", "", name)
    return re.sub(r"[^a-z0-9]+", "-", bare.lower()).strip("-")


def _shared_wells(where: str, found: dict[str, Placement]) -> Iterator[Problem]:
    by_well: dict[str, list[str]] = {}
    for sample, placed in found.items():
        by_well.setdefault(placed.well, []).append(sample)
    for well, samples in by_well.items():
        if well and len(samples) > 1:
            yield _problem(where, "sheet_well", f"one sample in well {well}", ", ".join(samples[:5]))


def _of_no_sample(where: str, rows: Sequence[SheetRow]) -> Iterator[Problem]:
    if rows:
        named = ", ".join(f"{row.names[0][:100]} (line {row.line})" for row in rows[:5])
        more = f" and {len(rows) - 5} more" if len(rows) > 5 else ""  # noqa: PLR2004 - those named above
        yield _problem(where, "sheet_sample", "samples whose reads are there", f"{named}{more}")


def _problem(where: str, code: str, expected: str, found: str) -> Problem:
    return Problem(code, where, expected, found, _REPAIR)
