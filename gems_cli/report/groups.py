"""The G and P groups of a library, by which a report names its calls."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

from gems_core.errors import one_problem
from gems_formats.library_json import damaged, read_library_json
from gems_formats.library_tables import alleles_file
from gems_report.model import Report
from gems_report.naming import Level
from gems_report.reported import MadeBy

_COLUMNS = {Level.G_GROUP: "g_group", Level.P_GROUP: "p_group"}


def with_groups(report: Report, library: Path | None) -> Report:
    """The report with the group of every allele, where its level asks for groups and a library is named.

    Raises:
        InvalidInput: it is not a library, or of another release than the calls.
    """
    column = _COLUMNS.get(report.choices.level)
    if library is None or column is None:
        return report
    about = read_library_json(library)
    release, wanted = str(about["release"]), MadeBy.of(report).release
    if release != wanted:
        raise one_problem(
            "library", str(library), f"release {wanted}, by which the samples were typed", release, "Name that library."
        )
    groups = {}
    for locus in about["loci"]:
        groups.update(_groups(library / alleles_file(locus), column))
    return replace(report, choices=replace(report.choices, groups=groups))


def _groups(table: Path, column: str) -> dict[str, str]:
    try:
        with table.open(newline="") as file:
            rows = csv.DictReader(file, delimiter="\t")
            return {row["allele"]: row[column] for row in rows if row[column]}
    except (KeyError, FileNotFoundError) as error:
        raise damaged(table, f"columns allele and {column}", repr(error)) from error
