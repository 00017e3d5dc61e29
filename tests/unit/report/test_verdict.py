from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quality_builders import NEGATIVE, flag, locus, person, report_of, typed, typing

from gems_report.flags import FLAGS, Severity
from gems_report.model import SampleResult, failed_sample
from gems_report.rules import rules
from gems_report.verdict import ReasonCode, Verdict, judge_call, judge_sample

LOCI = ("A", "B", "C")


def sample(name: str = "K1", flags: list[tuple[str, str]] | None = None, **parts: Any) -> SampleResult:
    """Called everywhere, with flags by locus ('' is the sample's own)."""
    given_flags = flags or []
    loci = [
        locus(
            one,
            f"{one}*01:{hash_of(name)}",
            f"{one}*02:01",
            flags=[flag(code) for at, code in given_flags if at == one],
        )
        for one in LOCI
    ]
    own = [flag(code) for at, code in given_flags if not at]
    return typed(typing(name, *loci, flags=own, **parts))


def hash_of(name: str) -> str:
    """Two digits, so that samples differ."""
    return f"{sum(map(ord, name)) % 90 + 10}"


def reads(used: int, *, is_of_panel: bool = True) -> dict[str, Any]:
    filters = [{"name": "no_primer" if is_of_panel else "not_hla", "pairs": 1000 - used, "meaning": "lost"}]
    return {"pairs": 1000, "used_pairs": used, "filters": filters}


def test_a_sample_without_flags_passes() -> None:
    assert judge_sample(sample()).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("partly_unknown_allele", Verdict.PASS),
        ("possible_new_allele", Verdict.REVIEW),
        ("null_not_excluded", Verdict.REVIEW),
        ("made_up_by_a_laboratory", Verdict.REVIEW),
    ],
)
def test_notes_are_no_warnings(code: str, verdict: Verdict) -> None:
    flagged = sample(flags=[("A", code)])
    assert judge_sample(flagged).verdict is verdict
    assert judge_call(flagged.loci[0]).verdict is verdict
    assert judge_call(flagged.loci[1]).verdict is Verdict.PASS


def test_several_people_fail_a_sample_and_come_first_of_its_reasons() -> None:
    judgement = judge_sample(sample(flags=[("A", "low_depth"), ("", "several_people_suspected")]))
    assert judgement.verdict is Verdict.FAIL
    assert [reason.code for reason in judgement.reasons] == ["several_people_suspected", "low_depth"]


def test_a_value_stands_beside_its_threshold() -> None:
    (reason,) = judge_sample(sample(reads=reads(400))).reasons
    assert (reason.code, reason.value, reason.threshold) == ("few_pairs_used", "40%", "50%")


def test_without_a_panel_unused_pairs_say_nothing() -> None:
    assert judge_sample(sample(reads=reads(10, is_of_panel=False))).verdict is Verdict.PASS


def test_a_sample_with_few_calls_fails() -> None:
    assert judge_sample(typed(typing("K1", locus("A", "A*01:01")))).verdict is Verdict.FAIL


def test_loci_that_were_not_looked_at_do_not_count() -> None:
    states = [locus(name, state="not_in_panel") for name in ("B", "C")]
    assert judge_sample(typed(typing("K1", locus("A", "A*01:01"), *states))).verdict is Verdict.PASS


def test_a_run_of_good_samples_passes() -> None:
    assert report_of(sample("K1"), sample("K2")).judgement.verdict is Verdict.PASS


def test_a_run_counts_its_samples_by_verdict_and_names_them() -> None:
    report = report_of(sample("K1", [("A", "low_depth")]), failed_sample("K2", "bad"), sample("K3"))
    assert report.judgement.verdict is Verdict.REVIEW
    assert [(reason.code, reason.samples) for reason in report.judgement.reasons] == [
        ("samples_fail", ("K2",)),
        ("samples_to_review", ("K1",)),
    ]


def test_a_run_in_which_nothing_could_be_typed_fails() -> None:
    assert report_of(failed_sample("K1", "bad")).judgement.verdict is Verdict.FAIL


def test_a_panel_that_does_not_fit_is_said_first_and_is_for_review() -> None:
    report = report_of(*(sample(name, reads=reads(100)) for name in ("K1", "K2")), sample("K3"))
    assert (report.judgement.verdict, report.judgement.reasons[0].code) == (Verdict.REVIEW, "panel_does_not_fit")
    assert (report.judgement.reasons[0].value, report.judgement.reasons[0].threshold) == (
        "67% of samples",
        "50% of samples",
    )
    assert not report.fits


def test_one_poor_sample_of_three_is_no_misfit() -> None:
    assert report_of(sample("K1", reads=reads(100)), sample("K2"), sample("K3")).fits


def test_most_loci_uncalled_is_a_misfit_too() -> None:
    report = report_of(*(typed(typing(name, locus("A", "A*01:01"))) for name in ("K1", "K2")))
    assert (report.fits, report.judgement.verdict) == (False, Verdict.REVIEW)
    assert report.judgement.reasons[0].code == "most_loci_uncalled"


def test_a_misfit_is_said_before_a_control_that_fails_the_run() -> None:
    dirty = sample("NTC")
    report = report_of(sample("K1", reads=reads(100)), dirty, plate={"NTC": NEGATIVE})
    assert report.judgement.verdict is Verdict.FAIL
    assert [reason.code for reason in report.judgement.reasons][:2] == ["panel_does_not_fit", "negative_control"]


def test_controls_do_not_count_as_samples() -> None:
    empty = typed(typing("NTC", reads=reads(0)))
    report = report_of(sample("K1"), empty, plate={"NTC": NEGATIVE})
    assert (report.fits, report.judgement.verdict) == (True, Verdict.PASS)


def test_reads_of_two_flow_cells_are_for_review() -> None:
    runs = [f"M01716:11:000000000-{cell}:1" for cell in ("AAAAA", "BBBBB")]
    first, second = ({**reads(999), "sequencer_runs": [run]} for run in runs)
    report = report_of(sample("K1", reads=first), sample("K2", reads=second))
    assert [reason.code for reason in report.judgement.reasons] == ["several_flow_cells"]


@settings(max_examples=60, deadline=None)
@given(
    flags=st.lists(st.tuples(st.sampled_from(["", *LOCI]), st.sampled_from(sorted(FLAGS))), max_size=6),
    added=st.tuples(
        st.sampled_from(LOCI),
        st.sampled_from(sorted(code for code in FLAGS if FLAGS[code].severity is not Severity.NOTE)),
    ),
    used=st.integers(0, 1000),
)
def test_a_further_warning_never_improves_a_verdict(
    flags: list[tuple[str, str]], added: tuple[str, str], used: int
) -> None:
    before, after = (
        report_of(sample("K1", given_flags, reads=reads(used)), person("K2"))
        for given_flags in (flags, [*flags, added])
    )
    for first, second in (
        (before.judgement, after.judgement),
        *(
            (before.judgement_of(one), after.judgement_of(other))
            for one, other in zip(before.samples, after.samples, strict=True)
        ),
    ):
        assert second.verdict.rank <= first.verdict.rank
    assert after.judgement_of(after.samples[0]).verdict is not Verdict.PASS


@given(st.lists(st.sampled_from(sorted(FLAGS)), max_size=8))
def test_the_reasons_are_ordered_and_the_first_decides(codes: list[str]) -> None:
    judgement = judge_sample(sample(flags=[("A", code) for code in codes]))
    ranks = [reason.verdict.rank for reason in judgement.reasons]
    assert ranks == sorted(ranks)
    assert judgement.verdict is (judgement.reasons[0].verdict if judgement.reasons else Verdict.PASS)
    assert all(reason.words and reason.advice for reason in judgement.reasons)


def test_the_docs_tell_every_reason_and_no_other() -> None:
    text = (Path(__file__).parents[3] / "docs" / "quality.md").read_text()
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    told = {code for row in rows for code in re.findall(r"`([a-z_]+)`", row)}
    assert told == set(ReasonCode)


def test_every_rule_has_a_number_and_a_reason() -> None:
    assert rules().version == "1"
    assert all(value > 0 for name, value in vars(rules()).items() if name != "version")


def whole(name: str) -> dict[str, Any]:
    """A typing.json with a call at each locus."""
    return typing(name, *(locus(one, f"{one}*01:01", f"{one}*02:01") for one in LOCI))


@pytest.mark.parametrize("state", ["heterozygous", "homozygous", "made_up_by_a_laboratory"])
def test_a_locus_without_alleles_is_not_called_whatever_a_typer_says(state: str) -> None:
    document = whole("K1")
    document["loci"][0] |= {"state": state, "alleles": [], "gl_string": ""}
    judged = judge_sample(typed(document))
    assert (judged.verdict, [reason.locus for reason in judged.reasons]) == (Verdict.REVIEW, ["A"])


def test_a_sample_of_which_the_typer_says_nothing_fails() -> None:
    judged = judge_sample(typed({**whole("K1"), "loci": []}))
    assert (judged.verdict, judged.reasons[0].code) == (Verdict.FAIL, ReasonCode.FEW_LOCI_CALLED)


def test_a_locus_of_the_run_that_the_typer_leaves_out_is_to_be_reviewed() -> None:
    document = whole("K1")
    del document["loci"][2]
    one = typed(document)
    judged = report_of(one).judgement_of(one)
    assert (judged.verdict, [reason.words for reason in judged.reasons]) == (
        Verdict.REVIEW,
        ["The typer says nothing of C."],
    )


def test_a_null_that_fits_is_to_be_reviewed_though_no_flag_says_so() -> None:
    document = whole("K1")
    document["loci"][0]["alleles"][0]["ambiguities"] = ["A*01:01", "A*24:09N"]
    judged = judge_sample(typed(document))
    assert (judged.verdict, judged.reasons[0].code) == (Verdict.REVIEW, "null_not_excluded")
    assert "A*24:09N" in judged.reasons[0].words


@pytest.mark.parametrize("pairs", [None, "many", 1e300, float("nan"), True])
def test_a_negative_control_that_is_called_fails_where_its_pairs_are_not_told(pairs: object) -> None:
    document = typing("NTC", locus("A", "A*01:01", "A*02:01"))
    for allele in document["loci"][0]["alleles"]:
        allele["pairs"] = pairs
    control = typed(document)
    report = report_of(control, plate={"NTC": NEGATIVE})
    assert report.judgement_of(control).verdict is Verdict.FAIL
    assert report.judgement.verdict is Verdict.FAIL


def test_nothing_is_called_new_where_panel_or_library_do_not_fit() -> None:
    entry = {"gene": "A", "verdict": "new_allele", "message": "A is a new allele", "reads": 3}
    poor = typed({**whole("K1"), "unexplained": [entry], "reads": reads(10)})
    good = typed({**whole("K1"), "unexplained": [entry], "reads": reads(990)})
    told = {
        name: [reason.words for reason in report_of(one).judgement_of(one).reasons if reason.code == "new_allele"]
        for name, one in (("poor", poor), ("good", good))
    }
    assert told["good"] == ["A is a new allele"]
    assert told["poor"] == ["A sequence looks new, which means nothing if panel or library do not fit."]
