"""The table of calls."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from gems_cli.run.calls import calls_view
from gems_report.reported import short_name


def allele(name: str, *others: str) -> dict[str, Any]:
    return {"name": name, "ambiguities": [name, *others]}


def locus(name: str, state: str, *alleles: dict[str, Any], flags: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"locus": name, "state": state, "alleles": list(alleles), "flags": [{"code": code} for code in flags]}


def sample(name: str, *loci: dict[str, Any]) -> dict[str, Any]:
    lost = {"name": "no_primer", "pairs": 2, "meaning": "neither read begins with a primer of the panel"}
    reads = {"pairs": 100, "used_pairs": 98, "filters": [lost]}
    return {"sample": name, "outcome": "typed", "reason": "", "loci": list(loci), "reads": reads}


def shown(*samples: dict[str, Any], width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width)
    console.print(calls_view({"samples": list(samples)}))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize(
    ("name", "under", "expected"),
    [
        ("A*02:01:01:01", "A", "02:01:01"),
        ("A*24:09N", "A", "24:09N"),
        ("DRB4*01:03:01:02N", "DRB345", "4*01:03:01N"),
        ("B*new", "B", "B*new"),
    ],
)
def test_a_name_is_cut_to_three_fields_and_keeps_its_suffix(name: str, under: str, expected: str) -> None:
    assert short_name(name, under) == expected


def test_ambiguities_are_counted_and_flags_marked_and_explained() -> None:
    table = shown(
        sample(
            "P1",
            locus("A", "heterozygous", allele("A*02:01:01:01", "A*02:01:99"), allele("A*03:01"), flags=("low_depth",)),
        )
    )
    assert "02:01:01 +1" in table
    assert "03:01 !" in table
    assert "! warning: look before you report" in table
    assert "low_depth: P1 A" in table


def test_a_place_with_a_flag_twice_is_named_once() -> None:
    genes = (allele("DRB3*01:01:02"), allele("DRB4*01:03:01"))
    table = shown(sample("P1", locus("DRB345", "heterozygous", *genes, flags=("low_depth", "low_depth"))))
    assert table.count("P1 DRB345") == 1


def test_a_homozygous_call_is_shown_twice_and_one_copy_of_drb345_once() -> None:
    table = shown(
        sample(
            "P1",
            locus("B", "homozygous", allele("B*07:02:01")),
            locus("DRB345", "single_copy", allele("DRB5*01:01:01")),
        )
    )
    assert table.count("07:02:01") == 2
    assert table.count("5*01:01:01") == 1


def test_a_locus_without_a_call_says_so_and_one_not_looked_at_is_a_dash() -> None:
    table = shown(
        sample("P1", locus("A", "no_call", flags=("too_few",)), locus("C", "not_in_library", flags=("not_in_library",)))
    )
    assert "no call !" in table
    assert "not_in_library" not in table
    assert "not looked at because the library or the panel lacks it" in table
    assert "DRB1" not in table


def test_a_failed_sample_is_named_with_its_reason() -> None:
    failed = {"sample": "P2", "outcome": "failed", "reason": "line 44 is cut", "loci": []}
    assert "P2: failed: line 44 is cut" in shown(failed)


def test_a_class_two_table_of_long_names_fits_a_hundred_columns() -> None:
    long = [
        locus(
            name, "heterozygous", allele(f"{gene}*104:01:01:01", *["x"] * 136), allele(f"{gene}*15:02:16"), flags=("f",)
        )
        for name, gene in zip(
            ("DRB1", "DRB345", "DQA1", "DQB1", "DPA1", "DPB1"),
            ("DRB1", "DRB3", "DQA1", "DQB1", "DPA1", "DPB1"),
            strict=True,
        )
    ]
    table = shown(sample("K159100-HG01597", *long))
    assert max(len(line) for line in table.splitlines()) <= 100
    assert table.count("+136") == len(long)
    assert "…" not in table


def test_a_sample_whose_reads_went_unused_says_where_they_went() -> None:
    poor = sample("s1", locus("A", "no_call"))
    poor["reads"]["used_pairs"] = 3
    poor["reads"]["filters"][0]["pairs"] = 97
    text = shown(poor, sample("s2", locus("A", "heterozygous", allele("A*01:01"), allele("A*02:01"))))
    assert "s1: only 3 of 100 pairs could be used; of 97, neither read begins with a primer of the panel." in text
    assert "s2: only" not in text


def flagged(name: str, *codes: str) -> dict[str, Any]:
    one = sample(name, locus("A", "heterozygous", allele("A*01:01"), allele("A*02:01")))
    one["flags"] = [{"code": code, "message": f"700 of 1000 pairs: {code}", "evidence": {}} for code in codes]
    return one


def test_a_flag_of_the_whole_sample_marks_its_name_and_is_told_with_its_message() -> None:
    text = shown(flagged("P1", "most_pairs_lost", "mixed"), flagged("P2"))
    assert "P1 !" in text
    assert "P2 !" not in text
    assert "P1: 700 of 1000 pairs: most_pairs_lost (most_pairs_lost)" in text
    assert "P1: 700 of 1000 pairs: mixed (mixed)" in text
    assert "01:01!" not in text


def test_a_flag_without_a_message_is_told_by_its_code() -> None:
    bare = flagged("P1", "mixed")
    del bare["flags"][0]["message"]
    assert "P1: mixed\n" in shown(bare)


def test_lost_pairs_that_a_flag_tells_are_told_once() -> None:
    poor = flagged("s1", "most_pairs_lost")
    poor["reads"]["used_pairs"] = 3
    assert shown(poor).count("s1:") == 1


def test_a_failed_sample_has_no_flags_to_tell() -> None:
    failed = {"sample": "P2", "outcome": "failed", "reason": "line 44 is cut", "flags": [], "loci": []}
    assert "P2: failed: line 44 is cut" in shown(failed)


def test_every_new_allele_is_listed_and_other_sequences_are_counted() -> None:
    message = "B: 61 pairs (36%) of Exon 3 are a new allele, nearest B*46:01:01: exon 3 95T>G, codon 122 Asp>Glu."
    new = sample("P1", locus("B", "no_call"))
    new["unexplained"] = [{"verdict": "new_allele", "gene": "B", "message": message}]
    others = []
    for number in range(2, 8):
        other = sample(f"P{number}", locus("B", "no_call"))
        other["unexplained"] = [{"verdict": "paralogue", "gene": "C", "message": "C: ..."}]
        others.append(other)
    text = shown(new, *others, width=200)
    assert f"P1 {message}" in text
    assert "sequences of other genes: P2 C, P3 C, P4 C, P5 C and 2 more, see report.json" in text
