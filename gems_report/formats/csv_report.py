"""``report.csv``: one row a sample and locus, for people and spreadsheets (docs/reports.md)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from gems_core.protocol.done_marker import SampleOutcome
from gems_core.review.views import OVERRIDE
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
from gems_report.review import SignedSample
from gems_report.verdict import Reason

# The first eight are what programs have read since the first release: new columns come behind them.
COLUMNS = (
    *("sample", "locus", "zygosity", "allele_1", "allele_2", "ambiguities", "flags", "gl_string"),
    *("reporting_name_1", "reporting_name_2", "g_group_1", "g_group_2", "p_group_1", "p_group_2"),
    *("depth_lowest", "depth_mean", "severity", "flag_words", "verdict", "reason"),
    *("release", "panel", "typer", "date", "well", "role", "genotypes_cut", "verdict_reasons"),
)
# Behind all others, of a report with a review only.
REVIEW_COLUMNS = (
    *("standing", "standing_told", "override_call", "override_original", "override_reason", "override_words"),
    *("override_by", "override_at", "approved_by_1", "approved_at_1", "approved_by_2", "approved_at_2"),
    *("approved_results", "results", "review_log"),
)
_FAILED = "failed"
_OF_SAMPLE = "sample:"
_QUOTE = '"'
_SPECIAL = re.compile('[",\r\n]')
# A spreadsheet takes a cell that begins so for a formula, and runs it.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def render(report: Report) -> bytes:
    """The file's bytes; quoted as RFC 4180 has it, lines ended by LF."""
    columns = COLUMNS if report.review is None else (*COLUMNS, *REVIEW_COLUMNS)
    lines = [_line(columns)]
    for sample in report.samples:
        shared = _of_sample(report, sample)
        found = ({**shared, **row} for row in _rows(report, sample))
        lines += [_line(_defused(row.get(name, "")) for name in columns) for row in found]
    return "".join(lines).encode()


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
        **_signed(report.signed(sample)),
    }


def _signed(signed: SignedSample | None) -> dict[str, str]:
    if signed is None:
        return {}
    row = {
        "standing": signed.standing.value,
        "standing_told": signed.headline,
        "approved_results": signed.review.approved_results,
        "results": signed.results,
        "review_log": " | ".join(said.words for said in signed.said),
    }
    for number, approval in enumerate(signed.review.approvals, start=1):
        row |= {f"approved_by_{number}": approval.by, f"approved_at_{number}": approval.at.isoformat()}
    return row


def _overridden(signed: SignedSample | None, call: LocusCall) -> dict[str, str]:
    """The call that stands beside the typer's, where somebody has overridden it."""
    override = signed.review.overrides.get(call.locus) if signed is not None else None
    if override is None:
        return {}
    return {f"override_{name}": str(value) for name, value in OVERRIDE.write(override).items() if name != "locus"}


def _told(reason: Reason) -> str:
    place = f"{reason.locus}: " if reason.locus else ""
    return f"{place}{reason_told(reason)}"


def _rows(report: Report, sample: SampleResult) -> Iterator[dict[str, str]]:
    if sample.outcome is SampleOutcome.FAILED:
        for locus in report.loci:
            yield {"locus": locus, "zygosity": _FAILED}
    for call in sample.loci:
        override = _overridden(report.signed(sample), call)
        yield {**_call(call), **_names(report, sample, call), **_flags(sample, call), **override}


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


def _defused(cell: str) -> str:
    """The cell, with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def _line(cells: Iterable[str]) -> str:
    """A record. csv.writer (Python 3.11) puts no quotes around a carriage return where lines end in LF; readers end a line there."""
    return ",".join(f'"{cell.replace(_QUOTE, _QUOTE * 2)}"' if _SPECIAL.search(cell) else cell for cell in cells) + "\n"
