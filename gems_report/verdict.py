"""Whether a sample's calls can be taken as they stand: PASS, REVIEW or FAIL, with the reasons, the worst first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from gems_core.protocol.done_marker import SampleOutcome
from gems_report.expression import NULL, not_expressed
from gems_report.flags import Flag, Severity, words_of
from gems_report.naming import ABSENT_STATES, suffix_of
from gems_report.quality.losses import Losses, losses_of
from gems_report.rules import Rules, rules

if TYPE_CHECKING:
    from gems_report.model import LocusCall, SampleResult

UNCALLED = "no_call"
NOT_LOOKED_AT = ("not_in_library", "not_in_panel")
NEW_ALLELE = "new_allele"
NULL_NOT_EXCLUDED = "null_not_excluded"


class Verdict(StrEnum):
    """The worst first."""

    FAIL = "FAIL"
    REVIEW = "REVIEW"
    PASS = "PASS"  # noqa: S105 - no password

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Verdict).index(self)


class ReasonCode(StrEnum):
    """Reasons that are not flags (docs/quality.md)."""

    FAILED = "failed"
    FEW_LOCI_CALLED = "few_loci_called"
    FEW_PAIRS_USED = "few_pairs_used"
    NO_CALL = "no_call"
    NEW_ALLELE = "new_allele"
    SHOWS_OTHER_SAMPLE = "shows_other_sample"
    IDENTICAL_GENOTYPES = "identical_genotypes"
    NEGATIVE_CONTROL = "negative_control"
    POSITIVE_CONTROL = "positive_control"
    PANEL_DOES_NOT_FIT = "panel_does_not_fit"
    MOST_LOCI_UNCALLED = "most_loci_uncalled"
    NO_SAMPLE_TYPED = "no_sample_typed"
    SAMPLES_FAIL = "samples_fail"
    SAMPLES_TO_REVIEW = "samples_to_review"
    AMPLICON_FAILED = "amplicon_failed"
    SEVERAL_FLOW_CELLS = "several_flow_cells"


@dataclass(frozen=True)
class Reason:
    """Why a verdict is not PASS.

    Attributes:
        code: the flag's, or a ``ReasonCode``.
        words: one sentence.
        advice: what to do.
        locus: '' where it is about the whole sample.
        value, threshold: the numbers beside each other; '' where there are none.
        samples: of a run's reason, the first samples that it is about.
    """

    verdict: Verdict
    code: str
    words: str
    advice: str
    locus: str = ""
    value: str = ""
    threshold: str = ""
    samples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judgement:
    """A verdict with its reasons, the worst first."""

    verdict: Verdict
    reasons: tuple[Reason, ...]

    @classmethod
    def of(cls, reasons: Iterable[Reason]) -> Judgement:
        """The worst of some reasons decides; without any it is PASS."""
        ordered = tuple(sorted(reasons, key=lambda reason: reason.verdict.rank))
        return cls(ordered[0].verdict if ordered else Verdict.PASS, ordered)


_MOST_NAMED = 10
_OF_SEVERITY = {Severity.ERROR: Verdict.FAIL, Severity.WARNING: Verdict.REVIEW, Severity.NOTE: Verdict.PASS}


def judge_sample(
    result: SampleResult, beside: Iterable[Reason] = (), asked: Sequence[str] = (), *, fits: bool = True
) -> Judgement:
    """A sample's verdict.

    Args:
        result: what was found in it.
        beside: what its run says of it: controls, other samples' alleles.
        asked: the loci of the run; one of which the typer said nothing is not called.
        fits: whether panel and library are those of the run's reads; where they are not, nothing is called new.
    """
    reasons = [*_reasons(result, rules(), fits=fits), *_missing(result, asked), *beside]
    return Judgement.of(reason for reason in reasons if reason.verdict is not Verdict.PASS)


def judge_call(call: LocusCall) -> Judgement:
    """A locus's verdict."""
    return Judgement.of(reason for reason in _of_call(call) if reason.verdict is not Verdict.PASS)


def uses_few_pairs(losses: Losses, by: Rules) -> bool:
    """Whether most of a sample's pairs went unused; without a panel most are of other genes, which says nothing."""
    return losses.is_of_panel and losses.used_pairs < by.least_used_share * losses.pairs


def is_uncalled(call: LocusCall) -> bool:
    """Whether nobody knows the alleles of a locus that was looked at, whatever a typer calls that."""
    if call.state == UNCALLED:
        return True
    return not call.alleles and call.state not in (*NOT_LOOKED_AT, *ABSENT_STATES)


def loci_called_of_asked(result: SampleResult) -> tuple[int, int]:
    """How many loci have a call, of those that library and panel have."""
    asked = [call for call in result.loci if call.state not in NOT_LOOKED_AT]
    return sum(not is_uncalled(call) for call in asked), len(asked)


def _reasons(result: SampleResult, by: Rules, *, fits: bool) -> Iterator[Reason]:
    if result.outcome is SampleOutcome.FAILED:
        yield Reason(
            Verdict.FAIL, ReasonCode.FAILED, result.reason, "Repair what the reason names, then type the sample again."
        )
        return
    yield from _of_reads(result, by)
    for flag in result.flags:
        yield _of_flag(flag)
    for call in result.loci:
        yield from _of_call(call)
    for entry in result.unexplained:
        if entry.get("verdict") == NEW_ALLELE:
            gene, words = str(entry.get("gene", "")), str(entry.get("message") or "A sequence looks like a new allele.")
            advice = "Look at the alignment, and confirm it by another method."
            if not fits:
                words = "A sequence looks new, which means nothing if panel or library do not fit."
                advice = "Check panel and library first."
            yield Reason(Verdict.REVIEW, ReasonCode.NEW_ALLELE, words, advice, gene)


def _of_reads(result: SampleResult, by: Rules) -> Iterator[Reason]:
    losses = losses_of(result.reads)
    if uses_few_pairs(losses, by):
        yield Reason(
            Verdict.REVIEW,
            ReasonCode.FEW_PAIRS_USED,
            f"Only {losses.used_pairs} of {losses.pairs} pairs could be used.",
            "Check that panel and library are those of these reads.",
            value=f"{losses.used_share:.0%}",
            threshold=f"{by.least_used_share:.0%}",
        )
    called, asked = loci_called_of_asked(result)
    if not asked:
        words, advice = "No locus was looked at.", "Check panel and library; type the sample again."
        yield Reason(Verdict.FAIL, ReasonCode.FEW_LOCI_CALLED, words, advice)
    elif called < by.least_called_share * asked:
        yield Reason(
            Verdict.FAIL,
            ReasonCode.FEW_LOCI_CALLED,
            f"Only {called} of {asked} loci have a call.",
            "Check panel and library; repeat the sample.",
            value=f"{called / asked:.0%}",
            threshold=f"{by.least_called_share:.0%}",
        )


def _of_call(call: LocusCall) -> Iterator[Reason]:
    for flag in call.flags:
        yield _of_flag(flag, call.locus)
    if is_uncalled(call):
        yield Reason(
            Verdict.REVIEW, ReasonCode.NO_CALL, f"{call.locus} has no call.", "See why in its flags.", call.locus
        )
    nulls = [name for name in not_expressed(call) if suffix_of(name) == NULL]
    if nulls and all(flag.code != NULL_NOT_EXCLUDED for flag in call.flags):
        # The flag is our typer's; another typer's null must not pass for want of it.
        words = words_of(NULL_NOT_EXCLUDED)
        told = f"{words.sentence} {', '.join(nulls[:_MOST_NAMED])}"
        yield Reason(Verdict.REVIEW, NULL_NOT_EXCLUDED, told, words.advice, call.locus)


def _missing(result: SampleResult, asked: Iterable[str]) -> Iterator[Reason]:
    told = {call.locus for call in result.loci}
    for locus in asked:
        if result.outcome is SampleOutcome.TYPED and locus not in told:
            words, advice = f"The typer says nothing of {locus}.", "Type the sample again, for all genes of the run."
            yield Reason(Verdict.REVIEW, ReasonCode.NO_CALL, words, advice, locus)


def _of_flag(flag: Flag, locus: str = "") -> Reason:
    threshold = flag.evidence.get("threshold", "")
    value = flag.evidence.get("share", flag.evidence.get("depth", ""))
    return Reason(
        _OF_SEVERITY[flag.severity],
        flag.code,
        flag.message or flag.words.sentence,
        flag.words.advice,
        locus,
        str(value),
        str(threshold),
    )
