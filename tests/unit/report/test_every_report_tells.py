"""What every report must tell: flags, samples without a call, and calls of typers that write no GL String."""

from __future__ import annotations

import csv
import gzip
import io
from typing import Any

import pytest
from report_builders import FACTS, allele, call_of, contract_typing, locus, report_of, sample_of

from gems_core.plate import Placement, Role
from gems_report.flags import FLAGS
from gems_report.formats import FORMATS
from gems_report.formats.csv_report import COLUMNS
from gems_report.model import Choices, Report, RunFacts
from gems_report.reported import MadeBy, gl_string_of, names_at_level, naming_of

PEOPLE_READ = ("json", "csv", "xml.gz", "html", "hml")


def text_of(extension: str, made: Report) -> str:
    data = FORMATS[extension].render(made)
    return (gzip.decompress(data) if extension.endswith(".gz") else data).decode()


def flag(code: str) -> dict[str, Any]:
    return {"code": code, "message": f"told of {code}", "evidence": {}}


@pytest.mark.parametrize("extension", PEOPLE_READ)
@pytest.mark.parametrize("state", ["heterozygous", "no_call", "no_drb345"])
def test_every_flag_is_in_every_report_whatever_the_state_of_its_call(extension: str, state: str) -> None:
    alleles = [allele("A*01:01"), allele("A*02:01")] if state == "heterozygous" else []
    text = "A*01:01+A*02:01" if alleles else ""
    flags = [flag(code) for code in FLAGS]
    other = locus("B", "homozygous", [allele("B*07:02")], "B*07:02+B*07:02")
    told = text_of(extension, report_of(sample_of("S1", locus("A", state, alleles, text, flags=flags), other)))
    for code in FLAGS:
        assert code in told, code


@pytest.mark.parametrize("extension", sorted(set(FORMATS) - {"pdf"}))
def test_a_sample_without_any_call_is_named_in_every_report(extension: str) -> None:
    good = sample_of("S1", locus("A", "homozygous", [allele("A*02:01")], "A*02:01+A*02:01"))
    empty = sample_of("NTC7", locus("A", "no_call"))
    assert "NTC7" in text_of(extension, report_of(good, empty))


def test_a_control_that_is_empty_is_told_as_one_in_hml() -> None:
    facts = RunFacts(**{**vars(FACTS), "plate": {"NTC7": Placement("H12", Role.NEGATIVE_CONTROL, "")}})
    good = sample_of("S1", locus("A", "homozygous", [allele("A*02:01")], "A*02:01+A*02:01"))
    told = text_of("hml", report_of(good, sample_of("NTC7", locus("A", "no_call")), facts=facts))
    assert 'value="NTC7: negative control, no locus has a call"' in told


@pytest.mark.parametrize(("state", "copies"), [("homozygous", 2), ("single_copy", 1), ("copies_uncertain", 1)])
def test_without_a_gl_string_the_copies_are_those_of_the_state(state: str, copies: int) -> None:
    call = call_of("DRB345", state, [allele("DRB3*01:01", "DRB3*01:02")])
    assert gl_string_of(call) == "+".join(["DRB3*01:01/DRB3*01:02"] * copies)
    made = report_of(sample_of("S1", locus("DRB345", state, [allele("DRB3*01:01", "DRB3*01:02")])))
    expected = "+".join(["HLA-DRB3*01:01/HLA-DRB3*01:02"] * copies)
    assert f">{expected}<" in text_of("hml", made)
    assert text_of("gl.txt", made).rstrip().endswith(f"#{expected}")


def test_a_dropout_that_is_suspected_is_not_reported_as_homozygous() -> None:
    call = call_of("A", "dropout_suspected", [allele("A*02:01")])
    naming = naming_of(Choices(), MadeBy("3.51.0", "", "", ""))
    assert names_at_level(call, naming) == ("A*02:01", "")


def test_the_csv_tells_that_more_genotypes_fit_and_why_a_sample_does_not_pass() -> None:
    call = locus("A", "homozygous", [allele("A*02:01")], "A*02:01+A*02:01", genotypes_cut=True)
    reads = {**contract_typing()["reads"], "pairs": 1000, "used_pairs": 100, "filters": []}
    (row,) = csv.DictReader(io.StringIO(text_of("csv", report_of(sample_of("S1", call, reads=reads)))))
    assert row["genotypes_cut"] == "more fit"
    assert "Only 100 of 1000 pairs could be used. (10%; threshold 50%)" in row["verdict_reasons"]
    assert tuple(row)[-2:] == COLUMNS[-2:]


@pytest.mark.parametrize("extension", ["csv", "html"])
def test_a_threshold_stands_beside_its_value(extension: str) -> None:
    reads = {**contract_typing()["reads"], "pairs": 1000, "used_pairs": 100, "filters": []}
    made = report_of(sample_of("S1", locus("A", "homozygous", [allele("A*02:01")]), reads=reads))
    assert "(10%; threshold 50%)" in text_of(extension, made)


def test_a_control_is_told_as_one_with_its_well_in_what_people_read() -> None:
    facts = RunFacts(**{**vars(FACTS), "plate": {"NTC7": Placement("H12", Role.NEGATIVE_CONTROL, "")}})
    made = report_of(sample_of("NTC7", locus("A", "no_call")), facts=facts)
    told = text_of("html", made)
    assert "H12, negative control" in told.partition('class="calls"')[2].partition("</table>")[0]
    assert "H12, negative control" in told.partition('class="sample"')[2]
    assert FORMATS["pdf"].render(made).startswith(b"%PDF")
