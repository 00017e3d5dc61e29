"""report.csv says what report.json says."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from report_builders import FACTS, allele, contract_report, locus, report_of, sample_of

from gems_core.plate import Placement, Role
from gems_report.formats import csv_report
from gems_report.gl import genotypes_of
from gems_report.model import Choices, Report, failed_sample
from gems_report.naming import Level


def rows(report: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(csv_report.render(report).decode())))


def test_the_ambiguities_are_every_genotype_of_the_gl_string() -> None:
    gl_string = "A*02:01/A*02:02+A*03:01|A*02:05+A*03:02N"
    call = locus("A", "heterozygous", [allele("A*02:01", "A*02:02"), allele("A*03:01")], gl_string)
    (row,) = rows(report_of(sample_of("S1", call)))
    assert row["ambiguities"] == "A*02:01/A*02:02 + A*03:01 | A*02:05 + A*03:02N"
    assert row["gl_string"] == gl_string
    for row in rows(contract_report()):
        assert genotypes_of(row["ambiguities"].replace(" ", "")) == genotypes_of(row["gl_string"])


def test_a_single_copy_has_an_empty_second_cell() -> None:
    call = locus("DRB345", "single_copy", [allele("DRB3*01:01:02", g_group="DRB3*01:01:02G")], "DRB3*01:01:02")
    (row,) = rows(report_of(sample_of("S1", call)))
    assert (row["allele_1"], row["allele_2"]) == ("DRB3*01:01:02", "")
    assert (row["g_group_1"], row["g_group_2"]) == ("DRB3*01:01:02G", "")
    assert (row["reporting_name_1"], row["reporting_name_2"]) == ("DRB3*01:01", "N/A")
    assert row["ambiguities"] == "DRB3*01:01:02"


def test_a_row_has_groups_depth_flags_in_words_and_what_it_was_made_with() -> None:
    first = rows(contract_report())[0]
    assert (first["depth_lowest"], first["severity"]) == ("12", "warning")
    assert first["flag_words"].startswith("Most reads could not be used. | One allele has far fewer reads")
    assert (first["verdict"], first["release"], first["panel"]) == ("REVIEW", "0.0.1", "synthetic-1")
    assert (first["typer"], first["date"]) == ("0.1.0", "2026-11-29")


def test_a_flag_in_words_names_its_amplicon() -> None:
    flag = {"code": "low_depth", "message": "", "evidence": {"amplicon": "Exon 2"}}
    (row,) = rows(report_of(sample_of("S1", locus("A", "no_call", flags=[flag]))))
    assert row["flag_words"] == "Too few reads show this place to see both alleles. (Exon 2)"


def test_a_failed_sample_says_why_in_each_row() -> None:
    found = rows(report_of(failed_sample("S1", "R2 is cut")))
    assert {(row["zygosity"], row["reason"], row["verdict"]) for row in found} == {("failed", "R2 is cut", "FAIL")}


def test_the_reporting_name_follows_the_level() -> None:
    call = locus("A", "homozygous", [allele("A*02:01:01:01", g_group="A*02:01:01G")])
    report = report_of(sample_of("S1", call), choices=Choices(level=Level.G_GROUP))
    assert [(row["reporting_name_1"], row["reporting_name_2"]) for row in rows(report)] == [("A*02:01:01G",) * 2]
    assert rows(replace(report, choices=Choices()))[0]["reporting_name_1"] == "A*02:01"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_that_a_spreadsheet_would_run_is_defused(start: str) -> None:
    odd = f'{start}cmd|" /C calc"!A0'
    (row, *_) = rows(report_of(failed_sample("S1", odd)))
    assert row["reason"] == f"'{odd}"


@pytest.mark.parametrize("reason", ["a\rb", "a\r\nb", 'a "b", c', "a\u2028b\x85c"])
def test_a_cell_with_an_end_of_line_or_a_quote_is_one_cell(reason: str) -> None:
    text = csv_report.render(report_of(failed_sample("S1", reason))).decode()
    found = list(csv.DictReader(io.StringIO(text, newline="")))
    assert {row["reason"] for row in found} == {reason}
    assert {row["sample"] for row in found} == {"S1"}


def test_the_first_columns_are_those_of_the_first_release() -> None:
    header = csv_report.render(contract_report()).decode().splitlines()[0]
    assert header.startswith("sample,locus,zygosity,allele_1,allele_2,ambiguities,flags,gl_string,")


def test_a_row_says_where_the_sample_stood_and_what_it_is_there_for() -> None:
    plate = {"S1": Placement("B7", Role.POSITIVE_CONTROL)}
    call = locus("A", "homozygous", [allele("A*02:01")])
    (one, other) = rows(report_of(sample_of("S1", call), sample_of("S2", call), facts=replace(FACTS, plate=plate)))
    assert (one["well"], one["role"], other["well"], other["role"]) == ("B7", "positive_control", "", "sample")
