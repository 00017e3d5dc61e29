"""Print a table of accuracy, and the calls that are wrong without a flag."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import click
from accuracy_samples import Row
from accuracy_score import Judged, Verdict, counts

FULL_NAMES_HEADER = (
    "axis",
    "value",
    "loci",
    "right at two fields",
    "at three",
    "at four",
    "full names listed",
    "decided by stated bases",
    "of these right at four",
    "names a call",
    "loci with one name an allele",
)
HEADER = (
    "axis",
    "value",
    "loci",
    "right",
    "right in G",
    "no call",
    "wrong with a flag",
    "WRONG WITHOUT A FLAG",
    "flagged",
    "new alleles found/planted/invented",
    "samples flagged",
)
TOLD_OF_A_TABLE = 12
TOLD_OF_A_ROW = 6
"""Silent calls of a row that are told; where a row has more, they are of a kind."""


def print_table(title: str, rows: Sequence[Row], judged: Sequence[Sequence[Judged]]) -> int:
    """Print a row of counts for each row, their sum, and what is wrong without a flag; returns how many calls are."""
    click.echo(f"\n## {title}\n")
    click.echo("| " + " | ".join(HEADER) + " |")
    click.echo("|" + "---|" * len(HEADER))
    for row, own in zip(rows, judged, strict=True):
        click.echo(_line(row.axis, row.value, counts(own)))
    total = counts([sample for own in judged for sample in own])
    click.echo(_line("all", "", total))
    _tell_warnings([verdict for own in judged for sample in own for verdict in sample.verdicts])
    _print_full_names(rows, judged)
    for own in judged:
        _tell_silent([verdict for sample in own for verdict in sample.verdicts if verdict.is_wrong_without_a_flag])
    return total["wrong_without_a_flag"]


def _line(axis: str, value: str, total: Counter[str]) -> str:
    cells = [
        axis,
        value,
        total["loci"],
        total["right"],
        total["right_in_g"] if total["asked_in_g"] == total["loci"] else "-",
        total["no_call"],
        total["wrong"] - total["wrong_without_a_flag"],
        total["wrong_without_a_flag"],
        total["flagged"],
        f"{total['found']}/{total['planted']}/{total['invented']}",
        f"{total['flagged_samples']} of {total['samples']}",
    ]
    return "| " + " | ".join(map(str, cells)) + " |"


def _print_full_names(rows: Sequence[Row], judged: Sequence[Sequence[Judged]]) -> None:
    """A table at two to four fields, where full names are judged, and the decided ones that are wrong."""
    verdicts = [[verdict for sample in own for verdict in sample.verdicts if verdict.full_names] for own in judged]
    if not any(verdicts):
        return
    click.echo("\n| " + " | ".join(FULL_NAMES_HEADER) + " |")
    click.echo("|" + "---|" * len(FULL_NAMES_HEADER))
    for row, own in zip(rows, verdicts, strict=True):
        if own:
            click.echo(_full_names_line(row.axis, row.value, own))
    every = [verdict for own in verdicts for verdict in own]
    click.echo(_full_names_line("all", "", every))
    missed = [one for one in every if one.full_names and one.full_names.is_decided and not one.full_names.right[2]]
    for verdict in missed[:TOLD_OF_A_TABLE]:
        click.echo(f"decided, and not right at four fields: {verdict.story}")


def _full_names_line(axis: str, value: str, verdicts: Sequence[Verdict]) -> str:
    found = [verdict.full_names for verdict in verdicts if verdict.full_names]
    alleles, names = (sum(numbers) for numbers in zip(*((one.alleles, one.names) for one in found), strict=True))
    decided = [one for one in found if one.is_decided]
    cells = [
        axis,
        value,
        len(found),
        *(sum(one.right[fields] for one in found) for fields in range(3)),
        sum(one.is_listed for one in found),
        len(decided),
        sum(one.right[2] for one in decided),
        f"{names / max(1, alleles):.1f}",
        f"{sum(one.names == one.alleles for one in found)}",
    ]
    return "| " + " | ".join(map(str, cells)) + " |"


def _tell_warnings(verdicts: Sequence[Verdict]) -> None:
    """What warns of the wrong calls: a flag that every call of such reads has says little of this one."""
    wrong = [verdict.warnings for verdict in verdicts if verdict.outcome == "wrong" and verdict.warnings]
    alone = Counter(warnings[0] for warnings in wrong if len(warnings) == 1)
    found = Counter(code for warnings in wrong for code in warnings)
    told = [f"{code} {count} ({alone[code]} alone)" for code, count in found.most_common()]
    if told:
        click.echo(f"flags of the {len(wrong)} wrong calls: {', '.join(told)}")


def _tell_silent(silent: Sequence[Verdict]) -> None:
    for verdict in silent[:TOLD_OF_A_ROW]:
        click.echo(f"wrong without a flag: {verdict.story}")
    if len(silent) > TOLD_OF_A_ROW:
        click.echo(f"wrong without a flag: {len(silent) - TOLD_OF_A_ROW} more of this row")
