from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from quality_builders import NEGATIVE, STATE, allele, flag, locus, person, report_of, typed, typing

from gems_report.errors import UnreadableDocument
from gems_report.model import failed_sample, typed_sample
from gems_report.pages import RunPage, SamplePage
from gems_report.pages import sample_page as sample_page_module
from gems_report.pages.documents import to_bytes
from gems_report.records import to_json
from gems_report.verdict import Verdict

CONTRACT = Path(__file__).parents[2] / "contract"


def contract_typing() -> dict[str, Any]:
    return dict(json.loads((CONTRACT / "typing.sample.json").read_text()))


def page_of(document: dict[str, Any]) -> SamplePage:
    """The page of a sample alone, written and read again."""
    result = typed_sample(document["sample"], document, STATE)
    page = SamplePage.of(report_of(result, hla_class="all"), result, document)
    assert SamplePage.from_bytes(page.to_bytes()) == page
    return page


def test_a_samples_page_holds_all_that_the_typer_drew() -> None:
    document = contract_typing()
    page = page_of(document)
    for shown, written in zip(page.loci, document["loci"], strict=True):
        assert shown.drawn, shown.locus
        assert [list(row.depth) for row in shown.coverage] == [row.get("depth", []) for row in written["coverage"]]
        assert [exon.bases for exon in shown.exons] == [exon["bases"] for exon in written.get("exons", [])]
        assert [link.end for link in shown.links] == [link["to"] for link in written.get("links", [])]
        assert len(shown.deciding_positions) == len(written.get("deciding_positions", []))
        assert [entry.rank for entry in shown.candidates] == [entry["rank"] for entry in written["candidates"]][:10]
    assert page.losses.pairs == document["reads"]["pairs"]


def test_the_counts_of_candidates_are_shown_where_the_typer_writes_them() -> None:
    table = {"places": ["Exon 2", "Exon 3"], "rows": [{"allele": "A*01:01", "called": True, "pairs": [85, None]}]}
    page = page_of(typing("K1", {**locus("A", "A*01:01"), "candidate_pairs": table}))
    assert page.loci[0].candidate_pairs is not None
    assert page.loci[0].candidate_pairs.rows[0].pairs == (85, None)
    assert page.loci[1].candidate_pairs is None


@pytest.mark.parametrize(
    "odd",
    [
        {"deciding_positions": "none"},
        {"links": [{"from": "exon2"}]},
        {"candidate_pairs": {"places": [], "rows": [{"allele": "A*01:01", "called": True, "pairs": ["many"]}]}},
        {"gene_copies": {"DRB3": "two"}},
    ],
)
def test_an_odd_part_of_a_locus_costs_its_drawing_and_nothing_else(odd: dict[str, Any]) -> None:
    page = page_of(typing("K1", {**locus("A", "A*01:01", flags=[flag("low_depth")]), **odd}, locus("B", "B*07:02")))
    first, second, _ = page.loci
    assert (first.drawn, first.state, first.alleles[0].name) == (False, "homozygous", "A*01:01")
    assert [told.code for told in first.flags] == ["low_depth"]
    assert second.drawn


def test_a_page_that_would_be_too_long_is_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    result = person("K1")
    page = SamplePage.of(report_of(result), result, None)
    monkeypatch.setattr(sample_page_module, "LARGEST_PAGE_BYTES", 10)
    assert [one.drawn for one in SamplePage.from_bytes(page.to_bytes()).loci] == [False] * 3


def test_a_failed_sample_has_a_page_with_its_reason() -> None:
    failed = failed_sample("K2", "line 8 is broken")
    page = SamplePage.of(report_of(person("K1"), failed), failed, None)
    assert (page.verdict, page.reason, page.loci) == (Verdict.FAIL, "line 8 is broken", ())
    assert SamplePage.from_bytes(page.to_bytes()) == page


def test_the_runs_page_is_read_as_it_was_written() -> None:
    run = report_of(
        person("K1"),
        failed_sample("K2", "broken"),
        typed(typing("NTC", flags=[])),
        plate={"NTC": NEGATIVE},
    )
    page = RunPage.of(run)
    assert RunPage.from_bytes(page.to_bytes()) == page
    assert (page.counts.samples, page.counts.controls, page.counts.failed) == (2, 1, 1)
    assert [(row.sample, row.well, row.role) for row in page.samples][2] == ("NTC", "H12", "negative_control")
    assert page.samples[0].loci[0].names == ("A*01:01:01", "A*02:01:01")


def test_a_new_allele_is_headlined_once_and_in_the_words_that_say_most() -> None:
    new = flag("possible_new_allele", gene="B")
    entry = {"gene": "B", "verdict": "new_allele", "message": "B: a new allele, nearest B*46:01:01.", "share": 0.4}
    both = typed(
        typing("K1", locus("A", "A*01:01"), locus("B", allele("B*46:01:01"), flags=[new]), locus("C", "C*01:02"))
    )
    told = replace(both, unexplained=(entry,))
    assert [found.words for found in RunPage.of(report_of(told)).new_alleles] == [entry["message"]]
    assert [found.words for found in RunPage.of(report_of(both)).new_alleles] == ["possible_new_allele it is"]


def test_no_new_allele_is_headlined_where_the_panel_does_not_fit() -> None:
    reads = {"pairs": 1000, "used_pairs": 100, "filters": []}
    page = RunPage.of(
        report_of(typed(typing("K1", locus("A", "A*01:01", flags=[flag("possible_new_allele")]), reads=reads)))
    )
    assert (page.fits, page.new_alleles, page.new_alleles_found) == (False, (), 1)
    assert page.reasons[0].code == "panel_does_not_fit"


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", to_bytes([1]), to_bytes({"schema_version": 2}), to_bytes({"schema_version": 1}),
     RunPage.of(report_of()).to_bytes()[:-9]],
)  # fmt: skip
def test_what_is_no_such_document_is_told_by_name(data: bytes) -> None:
    with pytest.raises(UnreadableDocument, match=r"run\.json"):
        RunPage.from_bytes(data)


def test_a_thousand_samples_at_nine_loci_are_a_small_document() -> None:
    document = contract_typing()
    result = typed_sample(document["sample"], document, STATE)
    samples = [replace(result, sample=f"K{number:06}-HG{number:05}") for number in range(1000)]
    page = RunPage.of(report_of(*samples, hla_class="all"))
    text = json.dumps(to_json(page), ensure_ascii=False, separators=(",", ":"))
    assert len(text) < 3_000_000
    assert len(page.to_bytes()) < 300_000
