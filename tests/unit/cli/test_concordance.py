"""Calls beside the truth."""

from typing import Any

import pytest

from gems_cli.concordance import TruthRow, agreeing_fields, compare


def report(*called: list[str]) -> dict[str, Any]:
    alleles = [{"ambiguities": names} for names in called]
    return {"samples": [{"sample": "s", "loci": [{"locus": "A", "alleles": alleles}]}]}


def verdicts(truth: tuple[str, str], *called: list[str]) -> list[str]:
    return [one.verdict for one in compare([TruthRow("s", "A", truth)], report(*called))]


@pytest.mark.parametrize(
    ("truth", "name", "fields"),
    [
        ("A*02:01:01:01", "A*02:01:01:02", 3),
        ("A*02:01", "A*02:01:01:01", 2),
        ("A*02:01:01:01", "A*02:06", 0),
        ("A*24:09N", "A*24:09", 0),
        ("A*02:01", "B*02:01", 0),
    ],
)
def test_names_agree_as_far_as_their_leading_fields(truth: str, name: str, fields: int) -> None:
    assert agreeing_fields(truth, name) == fields


def test_the_order_of_the_two_alleles_does_not_matter() -> None:
    assert verdicts(("A*01:01", "A*02:01"), ["A*02:01"], ["A*01:01"]) == ["same", "same"]


def test_one_call_cannot_stand_for_both_alleles_of_a_heterozygous_truth() -> None:
    assert verdicts(("A*01:01", "A*02:01"), ["A*02:01"], ["A*03:01"]) == ["differs", "same"]


def test_a_homozygous_call_answers_for_both() -> None:
    assert verdicts(("A*01:01", "A*01:01"), ["A*01:01"]) == ["same", "same"]
    assert verdicts(("A*01:01", "A*02:01"), ["A*01:01"]) == ["same", "differs"]


def test_a_missing_call_is_no_agreement() -> None:
    assert verdicts(("A*01:01", "A*02:01")) == ["no call", "no call"]


def test_an_ambiguity_counts_when_the_truth_is_among_its_names() -> None:
    assert verdicts(("A*01:01:01:03", "A*01:01:01:01"), ["A*01:01:01:01", "A*01:01:01:03"]) == ["same", "same"]
