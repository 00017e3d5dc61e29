"""A null that may be there is named in every report and table, whatever the state of its call."""

from __future__ import annotations

import gzip
import io

import pytest
from report_builders import allele, locus, report_of, sample_of
from rich.console import Console

from gems_cli.run.calls import calls_view
from gems_report.expression import not_expressed_of
from gems_report.flags import Severity
from gems_report.formats import FORMATS
from gems_report.formats.json_report import document_of
from gems_report.model import Choices, Report
from gems_report.naming import Level
from gems_report.pages import RunPage
from gems_report.reported import allele_cells, cell_lines

CALLS = {
    "A*24:09N": (allele("A*24:02:01:01", "A*24:09N", g_group="A*24:02:01G"), allele("A*01:01:01:01")),
    "C*04:09N": (allele("C*04:01:01:01", "C*04:09N"), allele("C*05:01:01:01")),
    "DRB4*01:03:01:02N": (allele("DRB4*01:03:01:01", "DRB4*01:03:01:02N"), allele("DRB3*01:01:02:01")),
}
LOCI = {"A*24:09N": "A", "C*04:09N": "C", "DRB4*01:03:01:02N": "DRB345"}


def report(null: str, level: Level = Level.TWO_FIELDS, *, in_other_genotype: bool = False) -> Report:
    first, second = (dict(one) for one in CALLS[null])
    text = f"{'/'.join(first['ambiguities'])}+{second['name']}"
    if in_other_genotype:
        first["ambiguities"] = [first["name"]]
        text = f"{first['name']}+{second['name']}|{null}+{second['name']}"
    return report_of(
        sample_of("S1", locus(LOCI[null], "heterozygous", [first, second], text)), choices=Choices(level=level)
    )


def text_of(extension: str, made: Report) -> str:
    data = FORMATS[extension].render(made)
    return (gzip.decompress(data) if extension.endswith(".gz") else data).decode()


@pytest.mark.parametrize("null", CALLS)
@pytest.mark.parametrize("in_other_genotype", [False, True])
@pytest.mark.parametrize("level", [Level.TWO_FIELDS, Level.THREE_FIELDS, Level.G_GROUP, Level.P_GROUP])
def test_every_report_names_it_at_every_level(null: str, level: Level, *, in_other_genotype: bool) -> None:
    made = report(null, level, in_other_genotype=in_other_genotype)
    short = null if null.count(":") < 3 else "DRB4*01:03:01N"
    two_fields = null if null.count(":") < 2 else "DRB4*01:03N"
    for extension in sorted(set(FORMATS) - {"pdf", "stats_mqc.json"}):
        told = text_of(extension, made)
        assert null in told or short in told or two_fields in told, extension


@pytest.mark.parametrize("null", CALLS)
@pytest.mark.parametrize("in_other_genotype", [False, True])
def test_tables_of_all_calls_name_it_in_its_cell(null: str, *, in_other_genotype: bool) -> None:
    made = report(null, in_other_genotype=in_other_genotype)
    line = {"A*24:09N": "or 24:09N", "C*04:09N": "or 04:09N"}.get(null, "or 4*01:03:01N")
    assert line in cell_lines(made.samples[0].loci[0])
    overview = text_of("html", made).partition('class="calls"')[2].partition("</table>")[0]
    assert line in overview
    assert RunPage.from_bytes(RunPage.of(made).to_bytes()).samples[0].loci[0].not_expressed
    console = Console(file=io.StringIO(), width=100)
    console.print(calls_view(document_of(made)))
    assert isinstance(console.file, io.StringIO)
    assert line in console.file.getvalue()


def test_what_the_called_name_shows_is_not_told_again() -> None:
    assert not_expressed_of(["DRB4*01:03:01:02N"], ["DRB4*01:03:01:02N", "DRB4*01:03:01:13N"], "") == ()
    assert not_expressed_of(["A*24:02:01:01"], ["A*24:02:01:02L"], "") == ("A*24:02:01L",)
    assert not_expressed_of(["A*24:02"], ["A*24:02:01G", "a null N"], "") == ()


@pytest.mark.parametrize(
    ("state", "second"),
    [
        ("homozygous", "A*01:01"),
        ("single_copy", "-"),
        ("copies_uncertain", "?"),
        ("dropout_suspected", "?"),
        ("made_up_by_a_laboratory", "?"),
    ],
)
def test_one_allele_stands_twice_only_where_that_is_known(state: str, second: str) -> None:
    assert allele_cells(state, ["A*01:01"]) == ("A*01:01", second)


def test_no_sign_needs_more_than_the_letters_of_any_font() -> None:
    assert [severity.sign for severity in Severity] == ["!!", "!", "i"]
