"""The calls of a report, as tables for a terminal of a hundred columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from gems_cli.jobs.flags import NOT_LOOKED_AT, locus_flag_lines, sample_flag_lines, sample_flags
from gems_cli.jobs.unexplained import unexplained_lines
from gems_cli.run.verdict import is_empty_control, misfit_of, verdict_lines
from gems_core.hla import CLASS_1_LOCI, CLASS_2_LOCI
from gems_report.flags import SIGNS_TOLD, words_of
from gems_report.reported import lines_of
from gems_report.rules import rules

LEGEND = (
    f"{SIGNS_TOLD}; they are listed below\n"
    "+n: n more alleles that the reads cannot tell from it; or: one of these, not expressed as usual\n"
    "-: the only copy, or not looked at because the library or the panel lacks it; ?: nobody knows"
)
_MOST_LOST = "most_pairs_lost"


def calls_view(report: dict[str, Any]) -> RenderableType:
    """The verdict, a table a class (sample by locus), the samples that failed, the flags, and the new alleles."""
    shown = [sample for sample in report["samples"] if not is_empty_control(sample)]
    typed = [sample for sample in shown if sample["outcome"] == "typed"]
    tables = [_class_table(typed, loci) for loci in (CLASS_1_LOCI, CLASS_2_LOCI) if _has_any(typed, loci)]
    legend = [Text(LEGEND, style="dim")] if tables else []
    flags = [*sample_flag_lines(report), *_lost_reads(typed), *locus_flag_lines(typed)]
    new_alleles = unexplained_lines(report, headlined=not misfit_of(report))
    return Group(*verdict_lines(report), *tables, *legend, *_failures(report), *flags, *new_alleles)


def _class_table(samples: list[dict[str, Any]], loci: tuple[str, ...]) -> Table:
    table = Table(Column("sample", overflow="fold"), *loci, pad_edge=False, expand=False)
    for sample in samples:
        found = {locus["locus"]: locus for locus in sample["loci"]}
        table.add_row(_name(sample), *(_cell(found.get(locus)) for locus in loci))
    return table


def _name(sample: dict[str, Any]) -> Text:
    """The sample's name, marked where a flag of the whole sample bears on all its calls."""
    sign = _sign(sample_flags(sample))
    return Text(f"{sample['sample']} {sign}", style="yellow") if sign else Text(sample["sample"])


def _cell(locus: dict[str, Any] | None) -> Text:
    """As in every table of calls, with the sign of the gravest flag."""
    if locus is None or locus["state"] in NOT_LOOKED_AT:
        return Text("-", style="dim")
    sign = _sign(locus["flags"])
    lines = lines_of(
        locus["locus"],
        locus["state"],
        [(allele["name"], allele["ambiguities"]) for allele in locus["alleles"]],
        locus.get("gl_string", ""),
    )
    style = "yellow" if sign else "" if locus["alleles"] else "dim"
    return Text("\n".join([*lines[:-1], f"{lines[-1]} {sign}".rstrip()]), style=style)


def _sign(flags: list[dict[str, Any]]) -> str:
    """The sign of the gravest flag; '' without any."""
    found = [words_of(flag["code"]).severity for flag in flags]
    return min(found, key=lambda severity: severity.rank).sign if found else ""


def _has_any(samples: list[dict[str, Any]], loci: tuple[str, ...]) -> bool:
    found = (locus for sample in samples for locus in sample["loci"] if locus["locus"] in loci)
    return any(locus["state"] not in NOT_LOOKED_AT for locus in found)


def _failures(report: dict[str, Any]) -> Iterator[Text]:
    for sample in report["samples"]:
        if sample["outcome"] != "typed":
            yield Text(f"{sample['sample']}: failed: {sample['reason']}", style="red")


def _lost_reads(samples: list[dict[str, Any]]) -> Iterator[Text]:
    """A line for each sample most of whose pairs went unused, where no flag says so: the first thing to know about poor calls."""
    for sample in samples:
        if any(flag["code"] == _MOST_LOST for flag in sample_flags(sample)):
            continue
        reads = sample["reads"]
        of_a_panel = all(lost["name"] != "not_hla" for lost in reads["filters"])
        if of_a_panel and reads["used_pairs"] < rules().least_used_share * reads["pairs"]:
            most = max(reads["filters"], key=lambda lost: int(lost["pairs"]))
            line = (
                f"{sample['sample']}: only {reads['used_pairs']} of {reads['pairs']} pairs could be used; "
                f"of {most['pairs']}, {most['meaning']}. Is the panel (--panel) the one of these reads?"
            )
            yield Text(line, style="yellow")
