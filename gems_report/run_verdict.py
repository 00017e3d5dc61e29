"""Whether a run can be taken as it stands, and what the run says of each of its samples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from gems_core.plate import Placement, Role
from gems_core.protocol.done_marker import SampleOutcome
from gems_report.quality.controls import ControlOutcome
from gems_report.quality.losses import losses_of
from gems_report.quality.run_quality import Quality, role_of
from gems_report.rules import Rules, rules
from gems_report.verdict import (
    Judgement,
    Reason,
    ReasonCode,
    Verdict,
    judge_sample,
    loci_called_of_asked,
    uses_few_pairs,
)

if TYPE_CHECKING:
    from gems_report.model import SampleResult

MISFIT_CODES = (ReasonCode.PANEL_DOES_NOT_FIT, ReasonCode.MOST_LOCI_UNCALLED)
MOST_NAMED = 10
_CHECK_FIT = "Check that panel and library are those of these reads, then type the run again."


def misfit(samples: Sequence[SampleResult], plate: Mapping[str, Placement], by: Rules) -> tuple[Reason, ...]:
    """Why panel or library do not fit the run; nothing where they do. Controls do not count."""
    typed = [one for one in _people(samples, plate) if one.outcome is SampleOutcome.TYPED]
    return tuple(reason for reason in (_few_used(typed, by), _most_uncalled(typed, by)) if reason is not None)


def judge_samples(
    samples: Sequence[SampleResult], plate: Mapping[str, Placement], quality: Quality, asked: Sequence[str] = ()
) -> dict[str, Judgement]:
    """Every sample's verdict, by name, of a run in which some loci were asked for; a negative control is judged by whether it is empty, and by nothing else."""
    beside = _beside(quality)
    controls = {control.sample: control for control in quality.controls}
    fits = not misfit(samples, plate, rules())
    found = {}
    for one in samples:
        if role_of(one.sample, plate) is Role.NEGATIVE_CONTROL:
            reasons = [_of_control(controls[one.sample])]
            found[one.sample] = Judgement.of(reason for reason in reasons if reason.verdict is not Verdict.PASS)
        else:
            found[one.sample] = judge_sample(one, beside.get(one.sample, ()), asked, fits=fits)
    return found


def judge_run(
    samples: Sequence[SampleResult],
    plate: Mapping[str, Placement],
    quality: Quality,
    judgements: Mapping[str, Judgement],
    by: Rules,
) -> Judgement:
    """A run's verdict. That panel or library do not fit is said first, whatever else is to be said."""
    first = misfit(samples, plate, by)
    rest = Judgement.of(
        [
            *(_of_control(control) for control in quality.controls if control.verdict is not Verdict.PASS),
            *_of_samples([one.sample for one in _people(samples, plate)], judgements, samples),
            *_of_quality(quality),
        ]
    )
    worst = min((reason.verdict for reason in (*first, *rest.reasons)), key=lambda it: it.rank, default=Verdict.PASS)
    return Judgement(worst, (*first, *rest.reasons))


def _people(samples: Iterable[SampleResult], plate: Mapping[str, Placement]) -> list[SampleResult]:
    return [one for one in samples if role_of(one.sample, plate) is Role.SAMPLE]


def _few_used(typed: Sequence[SampleResult], by: Rules) -> Reason | None:
    poor = [one.sample for one in typed if uses_few_pairs(losses_of(one.reads), by)]
    if len(poor) <= by.misfit_share * len(typed):
        return None
    words = f"Panel or library do not fit: {len(poor)} of {len(typed)} samples use under {by.least_used_share:.0%} of their pairs."
    share = f"{len(poor) / len(typed):.0%} of samples"
    threshold = f"{by.misfit_share:.0%} of samples"
    return Reason(Verdict.REVIEW, ReasonCode.PANEL_DOES_NOT_FIT, words, _CHECK_FIT, "", share, threshold, _named(poor))


def _most_uncalled(typed: Sequence[SampleResult], by: Rules) -> Reason | None:
    counts = [loci_called_of_asked(one) for one in typed]
    called, asked = sum(count[0] for count in counts), sum(count[1] for count in counts)
    if not typed or (asked and called >= by.least_called_share * asked):
        return None
    words = f"Panel or library do not fit: only {called} of {asked} loci of all samples have a call."
    value, threshold = f"{called / max(asked, 1):.0%}", f"{by.least_called_share:.0%}"
    return Reason(Verdict.REVIEW, ReasonCode.MOST_LOCI_UNCALLED, words, _CHECK_FIT, "", value, threshold)


def _of_control(control: ControlOutcome) -> Reason:
    advice = (
        "Do not report the run before it is known where the DNA came from."
        if control.role is Role.NEGATIVE_CONTROL
        else "Find out whether samples were swapped, or the run is poor, before it is reported."
    )
    return Reason(
        control.verdict,
        ReasonCode(control.role.value),
        f"{control.sample}: {control.words}",
        advice,
        ", ".join(control.loci),
        control.value,
        control.threshold,
        (control.sample,),
    )


def _of_samples(
    people: Sequence[str], judgements: Mapping[str, Judgement], samples: Sequence[SampleResult]
) -> Iterator[Reason]:
    """One reason for the failed ones, one for those to be reviewed."""
    if not any(one.outcome is SampleOutcome.TYPED for one in samples):
        yield Reason(
            Verdict.FAIL, ReasonCode.NO_SAMPLE_TYPED, "No sample could be typed.", "See the reasons of the samples."
        )
        return
    advice = {Verdict.FAIL: "Repeat them, or leave them out.", Verdict.REVIEW: "Look at each before it is reported."}
    for verdict, code in ((Verdict.FAIL, ReasonCode.SAMPLES_FAIL), (Verdict.REVIEW, ReasonCode.SAMPLES_TO_REVIEW)):
        named = [sample for sample in people if judgements[sample].verdict is verdict]
        if named:
            words = f"{len(named)} of {len(people)} samples are {verdict.value}."
            yield Reason(Verdict.REVIEW, code, words, advice[verdict], samples=_named(named))


def _of_quality(quality: Quality) -> Iterator[Reason]:
    for depth in quality.amplicons:
        if depth.failed:
            words = f"{depth.amplicon} of {depth.gene} has almost no pairs in most samples: its PCR failed."
            value, threshold = f"{depth.median_pairs:g} pairs in the median", f"{depth.threshold:g} pairs"
            advice = "Repeat this PCR; calls that rest on it stay open."
            yield Reason(Verdict.REVIEW, ReasonCode.AMPLICON_FAILED, words, advice, depth.gene, value, threshold)
    cells = {run.flow_cell for run in quality.sequencing.runs}
    if len(cells) > 1:
        words = f"The reads come from {len(cells)} flow cells: {', '.join(sorted(cells)[:MOST_NAMED])}."
        yield Reason(
            Verdict.REVIEW,
            ReasonCode.SEVERAL_FLOW_CELLS,
            words,
            "Check that no file of another run is among the reads.",
        )
    for group in quality.identical:
        yield _of_identical(group)


def _beside(quality: Quality) -> dict[str, list[Reason]]:
    """What the run says of its samples, by sample."""
    found: dict[str, list[Reason]] = {}
    for group in quality.identical:
        for sample in group:
            found.setdefault(sample, []).append(_of_identical(group))
    for trace in quality.contamination:
        words = f"Shows alleles of {trace.source} at {len(trace.loci)} of {trace.of_loci} loci with foreign alleles."
        advice = "Look for contamination by that sample, or index hopping."
        reason = Reason(
            Verdict.REVIEW, ReasonCode.SHOWS_OTHER_SAMPLE, words, advice, ", ".join(trace.loci), f"{trace.share:.1%}", "",
            (trace.source,),
        )  # fmt: skip
        found.setdefault(trace.sample, []).append(reason)
    for control in quality.controls:
        if control.verdict is not Verdict.PASS:
            found.setdefault(control.sample, []).append(_of_control(control))
    return found


def _of_identical(group: Sequence[str]) -> Reason:
    words = f"{', '.join(group[:MOST_NAMED])} have the same alleles at all called loci."
    advice = "Check that they are one person's or siblings', and not swapped or mixed up."
    return Reason(Verdict.REVIEW, ReasonCode.IDENTICAL_GENOTYPES, words, advice, samples=_named(group))


def _named(samples: Sequence[str]) -> tuple[str, ...]:
    return tuple(samples[:MOST_NAMED])
