from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from fake_java import typing as synthetic_typing
from worker_fakes import manifest_of, share_of

from gems_core.protocol.done_marker import SampleOutcome
from gems_core.shares import Share
from gems_report.errors import UnreadableTyping
from gems_report.formats import FORMATS
from gems_report.model import Report, RunFacts, failed_sample, make_report, typed_sample
from worker.explain.across_samples import across_samples

GOLDEN = Path(__file__).with_name("golden")
CONTRACT = Path(__file__).parents[2] / "contract"
DONE = {"state": "done", "reason": "", "version": "1.1"}
SKIPPED = {"state": "skipped", "reason": "none on PATH", "version": None}


def facts_of(share: Share) -> RunFacts:
    return RunFacts.of(manifest_of(share))


def report() -> Report:
    """Two samples, one of which failed for a reason that needs quoting."""
    manifest = manifest_of(share_of(1, {"K1": "GOOD", "K2": "BAD"}))
    typed = typed_sample("K1", synthetic_typing("K1", "1"), DONE)
    return make_report(
        RunFacts.of(manifest), [typed, failed_sample("K2", 'line 8: expected "+", found <EOF> & nothing, else')]
    )


def rendered(extension: str, subject: Report | None = None) -> str:
    data = FORMATS[extension].render(subject or report())
    return (gzip.decompress(data) if extension.endswith(".gz") else data).decode()


def content_of(text: str) -> ElementTree.Element:
    """The part of report.xml that says what report.json says."""
    found = ElementTree.fromstring(text).find("gems_report")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("extension", "file"), [("json", "report.json"), ("csv", "report.csv"), ("xml.gz", "report.xml")]
)
def test_each_format_is_the_golden_file(extension: str, file: str) -> None:
    assert rendered(extension) == (GOLDEN / file).read_text()


@pytest.mark.parametrize("extension", FORMATS)
def test_the_same_report_gives_the_same_bytes(extension: str) -> None:
    assert FORMATS[extension].render(report()) == FORMATS[extension].render(report())


def rows() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(rendered("csv"))))


def test_the_csv_has_a_row_for_every_sample_and_locus() -> None:
    assert [(row["sample"], row["locus"], row["zygosity"]) for row in rows()] == [
        ("K1", "A", "heterozygous"),
        ("K1", "B", "homozygous"),
        ("K1", "C", "no_call"),
        ("K2", "A", "failed"),
        ("K2", "B", "failed"),
        ("K2", "C", "failed"),
    ]


def test_a_homozygous_call_repeats_its_allele_and_a_no_call_names_none() -> None:
    _, homozygous, no_call = rows()[:3]
    assert (homozygous["allele_1"], homozygous["allele_2"]) == ("B*91:01", "B*91:01")
    assert homozygous["ambiguities"] == "B*91:01/B*91:01:99 + B*91:01/B*91:01:99"
    assert (no_call["allele_1"], no_call["allele_2"], no_call["ambiguities"]) == ("", "", "")


def test_flags_are_joined_in_the_typers_order() -> None:
    assert rows()[0]["flags"] == "low_depth;imbalance"


def flagged(*codes: str) -> Report:
    """One typed sample with flags of its own."""
    typing = synthetic_typing("K1", "1")
    typing["flags"] = [{"code": code, "message": f"{code} < 1", "evidence": {"lost": 700}} for code in codes]
    return make_report(facts_of(share_of(1, {"K1": "GOOD"})), [typed_sample("K1", typing, DONE)])


def rows_of(subject: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(rendered("csv", subject))))


def test_a_flag_of_the_sample_stands_first_in_each_of_its_rows() -> None:
    assert [row["flags"] for row in rows_of(flagged("most_pairs_lost", "mixed"))] == [
        "sample:most_pairs_lost;sample:mixed;low_depth;imbalance",
        "sample:most_pairs_lost;sample:mixed",
        "sample:most_pairs_lost;sample:mixed;dropout",
    ]


def test_the_flags_of_a_sample_are_whole_in_the_json_and_the_xml() -> None:
    (sample,) = json.loads(rendered("json", flagged("most_pairs_lost")))["samples"]
    (flag,) = sample["flags"]
    assert (flag["code"], flag["severity"], flag["evidence"]) == ("most_pairs_lost", "warning", {"lost": 700})
    assert (flag["words"], flag["message"]) == ("Most reads could not be used.", "most_pairs_lost < 1")
    flag = content_of(rendered("xml.gz", flagged("most_pairs_lost"))).find("samples/sample/flags/flag")
    assert flag is not None
    assert (flag.get("code"), flag.get("message")) == ("most_pairs_lost", "most_pairs_lost < 1")
    assert flag.find("evidence").attrib == {"lost": "700"}  # type: ignore[union-attr]


def test_a_sample_that_failed_or_that_an_older_typer_typed_has_no_flags() -> None:
    assert [sample["flags"] for sample in json.loads(rendered("json"))["samples"]] == [[], []]


def test_the_gl_string_is_a_column_to_the_letter() -> None:
    typing: dict[str, Any] = json.loads((CONTRACT / "typing.sample.json").read_text())
    sample = typed_sample(typing["sample"], typing, SKIPPED)
    subject = make_report(facts_of(share_of(1, {"K1": "GOOD"})), [sample, failed_sample("K2", "bad")])
    expected = [locus["gl_string"] for locus in typing["loci"]]
    assert any(expected)
    assert [row["gl_string"] for row in rows_of(subject)] == expected + [""] * (len(rows_of(subject)) - len(expected))


def test_an_older_typers_locus_has_an_empty_gl_string() -> None:
    typing = synthetic_typing("K1", "1")
    del typing["loci"][0]["gl_string"]
    subject = make_report(facts_of(share_of(1, {"K1": "GOOD"})), [typed_sample("K1", typing, DONE)])
    assert [bool(row["gl_string"]) for row in rows_of(subject)] == [False, True, False]


def test_a_name_with_a_comma_or_a_quote_is_quoted_in_the_csv() -> None:
    typing = synthetic_typing("K1", "1")
    typing["loci"][0]["alleles"][0]["name"] = 'A*91:01,"odd"'
    odd = make_report(facts_of(share_of(1, {"K1": "GOOD"})), [typed_sample("K1", typing, DONE)])
    text = rendered("csv", odd)
    assert '"A*91:01,""odd"""' in text
    assert next(csv.DictReader(io.StringIO(text)))["allele_1"] == 'A*91:01,"odd"'


def test_candidates_beyond_rank_ten_stay_with_the_sample() -> None:
    locus = json.loads(rendered("json"))["samples"][0]["loci"][0]
    assert [candidate["rank"] for candidate in locus["candidates"]] == list(range(1, 11))
    assert len(locus["coverage"]) == 2


def test_the_report_says_what_made_it() -> None:
    made_by = json.loads(rendered("json"))["made_by"]
    assert made_by["reference_release"] == "9.9.0"
    assert made_by["jar_sha256"] == "11"
    assert made_by["artefacts"]["panel"] == {"version": "1", "sha256": "0" * 64}
    assert made_by["cross_match"] == {"states": {"done": 1}, "version": "1.1"}


def test_samples_made_by_different_versions_are_not_reported_as_one() -> None:
    other = synthetic_typing("K2", "1")
    other["versions"]["reference_release"] = "8.8.0"
    samples = [typed_sample("K1", synthetic_typing("K1", "1"), DONE), typed_sample("K2", other, SKIPPED)]
    made_by = make_report(facts_of(share_of(1, {"K1": "GOOD", "K2": "GOOD"})), samples).made_by
    assert made_by["reference_release"] == ["8.8.0", "9.9.0"]
    assert made_by["cross_match"]["states"] == {"done": 1, "skipped": 1}


def test_a_report_without_any_typed_sample_still_names_its_artefacts() -> None:
    made_by = make_report(facts_of(share_of(1, {"K1": "BAD"})), [failed_sample("K1", "bad")]).made_by
    assert set(made_by["artefacts"]) == {"worker", "hla-typer", "reference", "panel"}


def test_the_xml_holds_what_the_json_holds() -> None:
    root = content_of(rendered("xml.gz"))
    document = json.loads(rendered("json"))
    assert root.tag == "gems_report"
    assert root.get("session_key") == document["session_key"]
    assert root.find("made_by").get("reference_release") == "9.9.0"  # type: ignore[union-attr]
    typed, failed = root.findall("samples/sample")
    assert failed.get("reason") == document["samples"][1]["reason"]
    assert [allele.get("name") for allele in typed.findall("loci/locus[@locus='A']/alleles/allele")] == [
        "A*91:01",
        "A*92:01",
    ]
    assert typed.find("loci/locus/flags/flag/evidence/entry[@name='a key']").text == "1"  # type: ignore[union-attr]


def test_characters_that_xml_cannot_hold_do_not_break_the_xml() -> None:
    broken = make_report(facts_of(share_of(1, {"K1": "BAD"})), [failed_sample("K1", "a\x00b\x1bc\ufffe")])
    root = content_of(rendered("xml.gz", broken))
    assert root.find("samples/sample").get("reason") == "a\ufffdb\ufffdc\ufffd"  # type: ignore[union-attr]


@pytest.mark.parametrize("missing", ["versions", "reads"])
def test_a_typing_without_a_part_that_the_report_needs_is_refused_by_its_name(missing: str) -> None:
    typing = synthetic_typing("K1", "1")
    del typing[missing]
    with pytest.raises(UnreadableTyping, match=f"typing.json of K1.*{missing}"):
        typed_sample("K1", typing, DONE)


def test_the_contracts_own_sample_can_be_reported() -> None:
    path = CONTRACT / "typing.sample.json"
    typing: dict[str, Any] = json.loads(path.read_text())
    result = typed_sample(typing["sample"], typing, SKIPPED)
    assert result.outcome is SampleOutcome.TYPED
    assert [call.locus for call in result.loci] == [locus["locus"] for locus in typing["loci"]]


def test_what_only_a_page_draws_stays_in_the_samples_own_file() -> None:
    typing: dict[str, Any] = json.loads((CONTRACT / "typing.sample.json").read_text())
    first = typed_sample(typing["sample"], typing, SKIPPED).loci[0].document
    assert first["links"] == typing["loci"][0]["links"]
    assert first["phase_blocks"] == [["exon1", "exon2"]]
    assert "exons" not in first
    assert all("depth" not in row and "runs" not in row for row in first["coverage"])
    assert "depth" in typing["loci"][0]["coverage"][0], "the typing itself is left as it is"


def test_links_and_phase_are_named_in_the_xml() -> None:
    typing: dict[str, Any] = json.loads((CONTRACT / "typing.sample.json").read_text())
    report = make_report(facts_of(share_of(1, {"K1": "GOOD"})), [typed_sample("K1", typing, SKIPPED)])
    locus = content_of(rendered("xml.gz", report)).find("samples/sample/loci/locus")
    assert locus is not None
    assert [exon.text for exon in locus.findall("phase_blocks/phase_block/exon")] == ["exon1", "exon2"]
    assert [link.get("to") for link in locus.findall("links/link")] == ["exon2"]


def test_what_the_unexplained_sequences_are_is_in_every_format_that_can_hold_it() -> None:
    typing = synthetic_typing("K1", "1")
    change = {"change": "exon3 95T>G", "amino_acid_change": "Asp122Glu"}
    typing["unexplained"] = [unexplained_entry(verdict="new_allele", differences=[change])]
    told = make_report(facts_of(share_of(1, {"K1": "GOOD"})), [typed_sample("K1", typing, DONE)])
    assert json.loads(rendered("json", told))["samples"][0]["unexplained"] == typing["unexplained"]
    sequence = content_of(rendered("xml.gz", told)).find("samples/sample/unexplained/sequence")
    assert sequence is not None
    assert sequence.get("verdict") == "new_allele"
    difference = sequence.find("differences/difference")
    assert difference is not None
    assert difference.get("amino_acid_change") == "Asp122Glu"
    rows, plain = (list(csv.DictReader(io.StringIO(rendered("csv", one)))) for one in (told, plain_report()))
    assert all("B: A sequence looks like a new allele." in row.pop("verdict_reasons") for row in rows[:3])
    assert [{**row, "verdict_reasons": ""} for row in rows[:3]] == [{**row, "verdict_reasons": ""} for row in plain[:3]]


def test_the_final_worker_looks_from_one_sample_to_the_other() -> None:
    small, large = synthetic_typing("K1", "1"), synthetic_typing("K2", "1")
    small["unexplained"] = [unexplained_entry(share=0.03)]
    large["unexplained"] = [unexplained_entry(share=0.4)]
    samples = [typed_sample("K1", small, DONE), typed_sample("K2", large, DONE), failed_sample("K3", "bad")]
    first, second, third = across_samples(samples)
    assert (first.unexplained[0]["verdict"], first.unexplained[0]["another_sample"]["samples"]) == (
        "another_sample",
        ["K2"],
    )
    assert second == samples[1]
    assert third == samples[2]


def test_entries_of_an_odd_shape_are_reported_as_they_are() -> None:
    odd = synthetic_typing("K1", "1")
    odd["unexplained"] = [{"verdict": "unknown"}, unexplained_entry(share=0.03)]
    samples = [typed_sample("K1", odd, DONE), typed_sample("K2", synthetic_typing("K2", "1"), DONE)]
    assert across_samples(samples) == samples


def unexplained_entry(**facts: Any) -> dict[str, Any]:
    entry = {"gene": "B", "amplicon": "Exon 3", "reads": 9, "share": 0.4, "verdict": "unknown", "best_match": None}
    return {**entry, "sequence": "ACGT", **facts}


def plain_report() -> Report:
    typed = typed_sample("K1", synthetic_typing("K1", "1"), DONE)
    return make_report(facts_of(share_of(1, {"K1": "GOOD"})), [typed])
