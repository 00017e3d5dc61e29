from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from quality_builders import NEGATIVE, allele, flag, locus, person, report_of, typed, typing

from gems_core.plate import Placement, Role
from gems_report.model import SampleResult, failed_sample
from gems_report.quality.contamination import Trace
from gems_report.verdict import Verdict


def positive(expected: str = "") -> dict[str, Placement]:
    return {"POS": Placement("H11", Role.POSITIVE_CONTROL, expected)}


def other(sample: str, **parts: Any) -> SampleResult:
    """A person who shares no allele with ``person``."""
    return typed(
        typing(
            sample,
            locus("A", "A*24:02:01", "A*11:01:01"),
            locus("B", "B*35:01:01", "B*40:01:02"),
            locus("C", "C*03:04:01", "C*04:01:01"),
            **parts,
        )
    )


def test_depth_counts_both_alleles_and_a_sample_without_the_call_counts_as_empty() -> None:
    deep = typed(typing("K1", locus("A", "A*01:01", "A*02:01", depths={"Exon 2": 50, "Exon 3": 5})))
    empty = typed(typing("K2"))
    exon_2, exon_3 = report_of(deep, empty).quality.amplicons
    assert (exon_2.samples, exon_2.median_pairs, exon_2.lowest_pairs, exon_2.lowest_sample) == (2, 50.0, 0.0, "K2")
    assert (exon_2.below, exon_3.below) == (1, 2)


def test_a_gene_of_drb345_counts_only_where_it_is_called() -> None:
    one = typed(typing("K1", hla_class="2", loci=[locus("DRB345", "DRB3*01:01:02", "DRB5*01:01:01")]))
    two = typed(typing("K2", hla_class="2", loci=[locus("DRB345", "DRB4*01:03:01")]))
    found = {depth.gene: depth.samples for depth in report_of(one, two, hla_class="2").quality.amplicons}
    assert found == {"DRB3": 1, "DRB5": 1, "DRB4": 1}


def test_an_amplicon_that_is_empty_in_most_samples_is_a_failed_pcr() -> None:
    samples = [
        typed(typing(f"K{number}", locus("A", "A*01:01", depths={"Exon 2": 50, "Exon 3": depth})))
        for number, depth in enumerate((0, 1, 50))
    ]
    report = report_of(*samples)
    assert [(depth.amplicon, depth.failed) for depth in report.quality.amplicons] == [
        ("Exon 2", False),
        ("Exon 3", True),
    ]
    assert "amplicon_failed" in [reason.code for reason in report.judgement.reasons]


def test_pairs_and_losses_are_summed_by_filter() -> None:
    losses = report_of(person("K1"), person("K2")).quality.losses
    assert (losses.pairs, losses.used_pairs, losses.filters[0].pairs) == (2000, 1996, 4)


def test_an_empty_negative_control_is_right_and_counts_as_no_sample() -> None:
    report = report_of(person("K1"), typed(typing("NTC")), plate={"NTC": NEGATIVE})
    assert report.quality.controls[0].verdict is Verdict.PASS
    assert (report.judgement.verdict, report.judgement_of(report.samples[1]).verdict) == (Verdict.PASS, Verdict.PASS)
    assert report.quality.losses.pairs == 1000


def test_a_negative_control_that_types_fails_the_run_and_names_whose_alleles_it_shows() -> None:
    ntc = typed(typing("NTC", locus("A", allele("A*24:02:01", pairs=30)), locus("B", allele("B*35:01:01", pairs=40))))
    report = report_of(person("K1"), other("K2"), ntc, plate={"NTC": NEGATIVE})
    (control,) = report.quality.controls
    assert (control.verdict, control.loci, control.shows) == (Verdict.FAIL, ("A", "B"), ("K2",))
    assert (control.value, control.threshold) == ("40 pairs", "20 pairs")
    assert report.judgement.verdict is Verdict.FAIL
    assert report.judgement.reasons[0].code == "negative_control"
    assert "K2" in report.judgement.reasons[0].words


def test_a_few_pairs_in_a_negative_control_are_no_contamination() -> None:
    ntc = typed(typing("NTC", locus("A", allele("A*24:02:01", pairs=20))))
    assert report_of(person("K1"), ntc, plate={"NTC": NEGATIVE}).judgement.verdict is Verdict.PASS


def test_a_negative_control_that_could_not_be_typed_is_to_be_looked_at() -> None:
    report = report_of(person("K1"), failed_sample("NTC", "damaged"), plate={"NTC": NEGATIVE})
    assert report.judgement.verdict is Verdict.REVIEW
    assert report.judgement.reasons[0].words.endswith("damaged")


@pytest.mark.parametrize(
    ("expected", "verdict"),
    [
        ("", Verdict.PASS),
        ("A*01:01+A*02:01^B*07:02+B*08:01", Verdict.PASS),
        ("A*01:01+A*03:01", Verdict.FAIL),
        ("A*01:01+A*02:01 DRB1*15:01", Verdict.PASS),
    ],
)
def test_a_positive_control_must_be_as_expected(expected: str, verdict: Verdict) -> None:
    report = report_of(person("POS"), other("K1"), plate=positive(expected))
    assert (report.quality.controls[0].verdict, report.judgement.verdict) == (verdict, verdict)


def test_a_positive_control_says_what_was_expected_and_found() -> None:
    (control,) = report_of(person("POS"), plate=positive("A*01:01+A*03:01")).quality.controls
    assert control.words == "The positive control differs at A: expected A*01:01+A*03:01, found A*01:01:01+A*02:01:01."


def test_a_gene_that_is_expected_and_absent_is_a_difference() -> None:
    absent = typed(
        typing("POS", hla_class="2", loci=[locus("DRB345", state="no_drb345"), locus("DRB1", "DRB1*01:01:01")])
    )
    (control,) = report_of(absent, plate=positive("DRB4*01:03"), hla_class="2").quality.controls
    assert (control.verdict, control.loci) == (Verdict.FAIL, ("DRB345",))


def test_a_positive_control_that_is_not_called_everywhere_fails_the_run() -> None:
    pos = typed(typing("POS", locus("A", "A*01:01:01")))
    report = report_of(pos, other("K1"), plate=positive())
    assert report.quality.controls[0].loci == ("B", "C")
    assert report.judgement.verdict is Verdict.FAIL


def test_a_failed_positive_control_fails_the_run() -> None:
    assert report_of(failed_sample("POS", "bad"), other("K1"), plate=positive()).judgement.verdict is Verdict.FAIL


def contaminated(*flags: tuple[str, dict[str, Any]]) -> SampleResult:
    """K1, with these flags by locus."""
    document = typing("K1", *(locus(name, f"{name}*01:02:01", flags=[found]) for name, found in flags))
    return typed(document)


def test_a_sample_that_shows_anothers_alleles_at_two_loci_is_a_cell_of_the_matrix() -> None:
    k1 = contaminated(
        ("A", flag("third_allele_suspected", allele="A*24:02:01:01 + A*11:01:01", share=0.04)),
        ("B", flag("minor_allele_suspected", allele="B*35:01:01:02", share=0.02)),
        ("C", flag("doubtful_second_allele", allele="C*99:01:01", share=0.01)),
    )
    report = report_of(k1, other("K2"), person("K3"))
    assert report.quality.contamination == (Trace("K1", "K2", ("A", "B"), 3, 0.04),)
    assert "shows_other_sample" in [reason.code for reason in report.judgement_of(k1).reasons]
    assert "shows_other_sample" not in [reason.code for reason in report.judgement_of(report.samples[1]).reasons]


def test_a_single_locus_names_a_sample_only_where_nobody_else_has_the_allele() -> None:
    k1 = contaminated(("A", flag("third_allele_suspected", allele="A*24:02:01", share=0.04)))
    assert len(report_of(k1, other("K2")).quality.contamination) == 1
    assert report_of(k1, other("K2"), other("K3")).quality.contamination == ()


def test_a_sample_is_not_named_where_a_better_one_explains_all_that_it_does() -> None:
    k1 = contaminated(
        *(
            (name, flag("third_allele_suspected", allele=odd))
            for name, odd in zip("ABC", ("A*24:02:01", "B*35:01:01", "C*04:01:01"), strict=True)
        )
    )
    two = typed(typing("K3", locus("A", "A*24:02:01"), locus("B", "B*35:01:01")))
    assert [trace.source for trace in report_of(k1, other("K2"), two).quality.contamination] == ["K2"]
    assert [trace.source for trace in report_of(k1, other("K2"), other("K4"), two).quality.contamination] == [
        "K2",
        "K4",
    ]


def test_an_unexplained_sequence_that_is_an_allele_of_another_sample_is_evidence() -> None:
    entry = {
        "gene": "B", "share": 0.1, "verdict": "unknown",
        "best_match": {"differences": 0, "alike": ["B*35:01:01:01"]},
    }  # fmt: skip
    k1 = replace(person("K1"), unexplained=(entry,))
    assert report_of(k1, other("K2")).quality.contamination == (Trace("K1", "K2", ("B",), 1, 0.1),)


@pytest.mark.parametrize(
    "entry",
    [{}, {"verdict": "unknown", "best_match": 7}, {"verdict": "unknown", "best_match": {"differences": 0, "alike": 7}}],
)
def test_odd_entries_are_no_evidence(entry: dict[str, Any]) -> None:
    assert report_of(replace(person("K1"), unexplained=(entry,)), other("K2")).quality.contamination == ()


def test_samples_with_the_same_alleles_everywhere_are_told() -> None:
    report = report_of(person("K1"), other("K2"), person("K3"))
    assert report.quality.identical == (("K1", "K3"),)
    assert [reason.code for reason in report.judgement_of(report.samples[0]).reasons] == ["identical_genotypes"]


def test_positive_controls_may_be_of_one_person_but_a_sample_may_not_be_theirs() -> None:
    plate = {name: Placement("", Role.POSITIVE_CONTROL) for name in ("P1", "P2")}
    assert report_of(person("P1"), person("P2"), plate=plate).quality.identical == ()
    assert report_of(person("P1"), person("K1"), plate=plate).quality.identical == (("K1", "P1"),)


def test_samples_with_too_few_calls_are_not_told_to_be_alike() -> None:
    few = [typed(typing(name, locus("A", "A*01:01:01"), locus("B", "B*07:02:01"))) for name in ("K1", "K2")]
    assert report_of(*few).quality.identical == ()


def test_a_run_of_a_thousand_contaminated_samples_is_judged() -> None:
    flags = [flag("third_allele_suspected", allele="A*24:02:01 + A*01:01:01", share=0.04)]
    dirty = typed(typing("K", *(locus(name, f"{name}*01:01:01", flags=flags) for name in "ABC")))
    report = report_of(*(replace(dirty, sample=f"K{number}") for number in range(1000)))
    assert report.judgement.verdict is Verdict.REVIEW
