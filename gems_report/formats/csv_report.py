"""``report.csv``: one row a sample and locus, for people and spreadsheets (docs/reports.md)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

from gems_core.protocol import SampleOutcome
from gems_report.flags import gravest
from gems_report.model import LocusCall, Report, SampleResult
from gems_report.reported import (
    MadeBy,
    both_alleles,
    date_of,
    depth_of,
    flags_told,
    genotypes_told,
    names_at_level,
    naming_of,
    reason_told,
)
from gems_report.verdict import Reason

# The first eight are what programs have read since the first release: new columns come behind them.
COLUMNS = (
    *("sample", "locus", "zygosity", "allele_1", "allele_2", "ambiguities", "flags", "gl_string"),
    *("reporting_name_1", "reporting_name_2", "g_group_1", "g_group_2", "p_group_1", "p_group_2"),
    *("depth_lowest", "depth_mean", "severity", "flag_words", "verdict", "reason"),
    *("release", "panel", "typer", "date", "well", "role", "genotypes_cut", "verdict_reasons"),
)
_FAILED = "failed"
_OF_SAMPLE = "sample:"
# A spreadsheet takes a cell that begins so for a formula, and runs it.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def render(report: Report) -> bytes:
    """The file's bytes; quoted as RFC 4180 has it, lines ended by LF."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for sample in report.samples:
        shared = _of_sample(report, sample)
        writer.writerows(_defused({**shared, **row}) for row in _rows(report, sample))
    return text.getvalue().encode()


def _of_sample(report: Report, sample: SampleResult) -> dict[str, str]:
    """What each row of a sample has."""
    made_by, placed = MadeBy.of(report, sample), report.placement_of(sample)
    return {
        "sample": sample.sample,
        "verdict": report.judgement_of(sample).verdict.value,
        "reason": sample.reason,
        "release": made_by.release,
        "panel": made_by.panel,
        "typer": made_by.typer,
        "date": date_of(report),
        "well": placed.well,
        "role": placed.role.value,
        "verdict_reasons": " | ".join(map(_told, report.judgement_of(sample).reasons)),
    }


def _told(reason: Reason) -> str:
    place = f"{reason.locus}: " if reason.locus else ""
    return f"{place}{reason_told(reason)}"


def _rows(report: Report, sample: SampleResult) -> Iterator[dict[str, str]]:
    if sample.outcome is SampleOutcome.FAILED:
        for locus in report.loci:
            yield {"locus": locus, "zygosity": _FAILED}
    for call in sample.loci:
        yield {**_call(call), **_names(report, sample, call), **_flags(sample, call)}


def _call(call: LocusCall) -> dict[str, str]:
    depth = depth_of(call)
    return {
        "locus": call.locus,
        "zygosity": call.state,
        "ambiguities": genotypes_told(call),
        "gl_string": call.gl_string,
        "genotypes_cut": "more fit" if call.document.get("genotypes_cut") else "",
        "depth_lowest": f"{depth.lowest:.0f}" if depth else "",
        "depth_mean": f"{depth.mean:.0f}" if depth else "",
    }


def _names(report: Report, sample: SampleResult, call: LocusCall) -> dict[str, str]:
    """The columns with a number behind their name: of the first copy and of the second."""
    groups = {allele["name"]: allele for allele in call.document["alleles"]}
    row = {}
    for number, allele in enumerate(both_alleles(call), start=1):
        row[f"allele_{number}"] = allele.name
        row[f"g_group_{number}"] = str(groups[allele.name].get("g_group", ""))
        row[f"p_group_{number}"] = str(groups[allele.name].get("p_group", ""))
    names = names_at_level(call, naming_of(report.choices, MadeBy.of(report, sample)))
    return {**row, "reporting_name_1": names[0], "reporting_name_2": names[1]}


def _flags(sample: SampleResult, call: LocusCall) -> dict[str, str]:
    codes = [*(f"{_OF_SAMPLE}{flag.code}" for flag in sample.flags), *(flag.code for flag in call.flags)]
    flags = (*sample.flags, *call.flags)
    worst = gravest(flags)
    return {"flags": ";".join(codes), "severity": worst.value if worst else "", "flag_words": flags_told(flags)}


def _defused(row: Mapping[str, str]) -> dict[str, str]:
    """The row, with an apostrophe before what a spreadsheet would take for a formula."""
    return {name: f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell for name, cell in row.items()}
