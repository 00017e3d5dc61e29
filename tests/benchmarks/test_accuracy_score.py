"""What the accuracy tables count as right, as wrong, and as wrong without a flag."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest
from accuracy_decided import ways
from accuracy_samples import Sample, Truth, truths_of
from accuracy_score import FullNames, Judge, Judged, Verdict, counts

from gems_reference.library import Library
from gems_simulator.genotypes import Genotype
from gems_simulator.novelty import Novelty
from gems_simulator.run import Person

NOTHING = Path("nothing")
SAMPLE = Sample("S", NOTHING, None, NOTHING, None, ())


@dataclass(frozen=True)
class Groups:
    """A library in which each allele's G group is its first two fields."""

    def locus(self, gene: str) -> Groups:
        return self

    @property
    def alleles(self) -> Groups:
        return self

    def __getitem__(self, allele: str) -> Any:
        return type("Allele", (), {"g_group": ":".join(allele.split(":")[:2]) + "G"})


def call(locus: str, *alleles: str | tuple[str, ...], flags: tuple[str, ...] = (), state: str = "") -> dict[str, Any]:
    """A locus of ``typing.json``; an allele is its name, or its ambiguities."""
    named = [(allele,) if isinstance(allele, str) else allele for allele in alleles]
    return {
        "locus": locus,
        "state": state or {0: "no_call", 1: "homozygous"}.get(len(alleles), "heterozygous"),
        "alleles": [{"name": names[0], "ambiguities": list(names)} for names in named],
        "flags": [{"code": code, "evidence": {}} for code in flags],
    }


def judged(truth: Truth, *calls: dict[str, Any], sample_flags: tuple[str, ...] | None = None) -> Judged:
    typing: dict[str, Any] = {"loci": list(calls)}
    if sample_flags is not None:
        typing["flags"] = [{"code": code, "message": "", "evidence": {}} for code in sample_flags]
    return Judge(cast("Library", Groups())).judge(replace(SAMPLE, truths=(truth,)), typing)


def verdict(truth: Truth, *calls: dict[str, Any], sample_flags: tuple[str, ...] | None = None) -> Verdict:
    return judged(truth, *calls, sample_flags=sample_flags).verdicts[0]


HETEROZYGOUS = Truth("A", ("A*01:01:01:01", "A*02:01:01:01"))
HOMOZYGOUS = Truth("A", ("A*01:01:01:01", "A*01:01:01:01"))


def test_a_call_is_right_at_two_fields_and_among_its_ambiguities() -> None:
    found = verdict(HETEROZYGOUS, call("A", ("A*02:643", "A*02:01:01:03"), "A*01:01:01:02"))
    assert (found.outcome, found.right_in_g) == ("right", True)


def test_where_the_name_is_asked_for_an_ambiguity_does_not_do() -> None:
    truth = Truth("A", ("A*01:01", "A*02:01"), "name")
    assert verdict(truth, call("A", ("A*02:643", "A*02:01:01:03"), "A*01:01:01:02")).outcome == "wrong"
    assert verdict(truth, call("A", ("A*02:01:01:03", "A*02:643"), "A*01:01:01:02")).outcome == "right"


def test_an_invented_second_allele_is_wrong_though_it_shares_the_protein() -> None:
    found = verdict(HOMOZYGOUS, call("A", "A*01:01:01:01", "A*01:01:02"))
    assert (found.outcome, found.is_wrong_without_a_flag) == ("wrong", True)
    assert verdict(HOMOZYGOUS, call("A", "A*01:01:01:03")).outcome == "right"


def test_a_flag_that_warns_of_the_reads_is_a_flag_and_another_is_not() -> None:
    wrong = ("A*03:01", "A*02:01")
    assert verdict(HETEROZYGOUS, call("A", *wrong, flags=("ambiguous_protein",))).is_wrong_without_a_flag
    assert not verdict(HETEROZYGOUS, call("A", *wrong, flags=("low_depth",))).is_wrong_without_a_flag


def test_a_flag_of_the_sample_counts_at_each_of_its_loci() -> None:
    found = judged(HETEROZYGOUS, call("A", "A*03:01", "A*02:01"), sample_flags=("more_than_one_person",))
    assert found.warnings == ("more_than_one_person",)
    assert found.verdicts[0].warnings == ("more_than_one_person",)
    assert not found.verdicts[0].is_wrong_without_a_flag
    assert judged(HETEROZYGOUS, call("A"), sample_flags=("linkage_unusual",)).warnings == ()


def test_an_older_typer_flags_no_sample() -> None:
    assert judged(HETEROZYGOUS, call("A", "A*01:01:01:01", "A*02:01:01:01")).warnings == ()


@pytest.mark.parametrize(
    ("flags", "outcome", "found"),
    [((), "wrong", 0), (("unexplained_sequence",), "right", 0), (("possible_new_allele",), "right", 1)],
)
def test_of_an_unknown_allele_a_flag_is_right_whatever_is_called(
    flags: tuple[str, ...], outcome: str, found: int
) -> None:
    truth = Truth("A", HETEROZYGOUS.alleles, "flag")
    seen = verdict(truth, call("A", "A*01:01:01:01", "A*02:03", flags=flags))
    assert (seen.outcome, seen.planted, seen.found, seen.invented) == (outcome, 1, found, 0)
    assert verdict(truth, call("A", "A*02:03"), sample_flags=("unknown_reads",)).outcome == "right"
    assert verdict(truth, call("A", flags=flags)).outcome == "no_call"


def test_where_call_and_flag_are_asked_for_one_does_not_do() -> None:
    truth = Truth("A", HETEROZYGOUS.alleles, "call and flag")
    right = ("A*01:01:01:01", "A*02:01:01:01")
    assert verdict(truth, call("A", *right, flags=("short_reads",))).outcome == "right"
    assert verdict(truth, call("A", *right)).is_wrong_without_a_flag
    assert verdict(truth, call("A", "A*03:01", flags=("short_reads",))).outcome == "wrong"


def test_of_a_mixture_a_flag_of_the_sample_is_right_or_a_call_of_all_that_is_there() -> None:
    people = [
        Person("S", (Genotype("A", (one, other)),)) for one, other in (("A*01:01", "A*02:01"), ("A*01:01", "A*03:01"))
    ]
    (truth,) = truths_of(people)
    assert truth == Truth("A", ("A*01:01", "A*02:01", "A*03:01"), "sample flag")
    called = call("A", "A*01:01", "A*02:01", flags=("third_allele_suspected",))
    assert verdict(truth, called).outcome == "wrong"
    assert not verdict(truth, called).is_wrong_without_a_flag
    assert verdict(truth, called, sample_flags=("more_than_one_person",)).outcome == "right"
    (same,) = truths_of([people[0], people[0]])
    assert verdict(same, call("A", "A*01:01", "A*02:01")).outcome == "right"


def test_new_alleles_are_told_by_exon_position_and_base() -> None:
    new = Novelty("A*01:01:01:01", "exon3", 95, 400, "T", "G")
    (truth,) = truths_of([Person("S", (Genotype("A", HETEROZYGOUS.alleles),), (new,))])
    seen = call("A", *HETEROZYGOUS.alleles, flags=("possible_new_allele", "possible_new_allele"))
    for flag, position in zip(seen["flags"], (95, 96), strict=True):
        flag["evidence"] = {"feature": "exon3", "position": position, "old_base": "T", "new_base": "G"}
    found = verdict(truth, seen)
    assert (found.planted, found.found, found.invented) == (1, 1, 1)


def test_drb_genes_beside_drb1_are_compared_as_genes() -> None:
    truth = Truth("DRB345", ("DRB3",), "genes")
    assert verdict(truth, call("DRB345", "DRB3*01:01:02", "DRB3*02:02")).outcome == "right"
    assert verdict(truth, call("DRB345", "DRB3*01:01:02", "DRB5*01:01")).outcome == "wrong"


def test_reads_of_another_kind_are_to_be_refused_or_not_called() -> None:
    truth = Truth("A", (), "nothing")
    sample = replace(SAMPLE, truths=(truth,), alone=True)
    assert verdict(truth, call("A")).outcome == "right"
    assert verdict(truth, call("A", "A*01:01")).is_wrong_without_a_flag
    assert [one.outcome for one in Judge(None).judge(sample, None).verdicts] == ["right"]


def test_a_refused_sample_is_not_called_and_flagged() -> None:
    (found,) = Judge(None).judge(replace(SAMPLE, truths=(HETEROZYGOUS,)), None).verdicts
    assert (found.outcome, found.warnings) == ("no_call", ("refused",))


def test_a_call_where_there_are_no_reads_is_wrong() -> None:
    sample = replace(SAMPLE, truths=(HETEROZYGOUS,), alone=True)
    calls = [call("A", *HETEROZYGOUS.alleles), call("B"), call("C", "C*01:02"), call("DPA1", state="not_in_library")]
    found = Judge(cast("Library", Groups())).judge(sample, {"loci": calls}).verdicts
    assert [one.outcome for one in found] == ["right", "wrong"]


def test_sums_are_by_locus_and_by_sample() -> None:
    total = counts(
        [
            judged(HETEROZYGOUS, call("A", "A*03:01"), sample_flags=("more_than_one_person",)),
            judged(HETEROZYGOUS, call("A", "A*03:01")),
            judged(HETEROZYGOUS, call("A")),
        ]
    )
    assert {key: total[key] for key in ("samples", "flagged_samples", "loci", "wrong", "no_call")} == {
        "samples": 3,
        "flagged_samples": 1,
        "loci": 3,
        "wrong": 2,
        "no_call": 1,
    }
    assert (total["wrong_without_a_flag"], total["flagged"]) == (1, 1)


def test_full_names_are_judged_where_they_are_asked_for() -> None:
    truth = replace(HETEROZYGOUS, is_decided=True)
    found = verdict(truth, call("A", ("A*01:01:01:02", "A*01:01:01:01"), "A*02:01:01:01")).full_names
    assert found == FullNames((True, True, False), is_listed=True, is_decided=True, alleles=2, names=3)
    assert verdict(HETEROZYGOUS, call("A", *HETEROZYGOUS.alleles)).full_names is None


@pytest.mark.parametrize(
    ("pair", "others", "found"),
    [
        (("ACGT", "ACGA"), ["TCGT"], 1),
        # Two bases of one fragment are in phase; farther apart, the crossed alleles would show the same.
        (("AC" + "G" * 100 + "TT", "CC" + "G" * 100 + "TA"), ["AC" + "G" * 100 + "TA", "CC" + "G" * 100 + "TT"], 1),
        (("AC" + "G" * 900 + "TT", "CC" + "G" * 900 + "TA"), ["AC" + "G" * 900 + "TA", "CC" + "G" * 900 + "TT"], 2),
        (("AC" + "G" * 900 + "TT", "CC" + "G" * 900 + "TA"), ["AC" + "G" * 900 + "TA"], 1),
        (("ACGT", "ACGT"), ["ACGA"], 1),
    ],
)
def test_a_genotype_is_decided_where_no_other_shows_the_same(
    pair: tuple[str, str], others: list[str], found: int
) -> None:
    assert ways(*pair, list(dict.fromkeys([*pair, *others]))) == found
