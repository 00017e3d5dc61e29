"""Whether a sample's calls can be taken as they stand: PASS, REVIEW or FAIL, with the reasons, the worst first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from gems_core.protocol import SampleOutcome
from gems_report.flags import Flag, Severity
from gems_report.model import LocusCall, SampleResult
from gems_report.rules import Rules, rules

UNCALLED = "no_call"


class Verdict(StrEnum):
    """The worst first."""

    FAIL = "FAIL"
    REVIEW = "REVIEW"
    PASS = "PASS"  # noqa: S105 - no password

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Verdict).index(self)


@dataclass(frozen=True)
class Reason:
    """Why a verdict is not PASS.

    Attributes:
        code: the flag's, or this module's own (``failed``, ``no_call``, ``few_pairs_used``, ``few_loci_called``).
        words: one sentence.
        advice: what to do.
        locus: '' where it is about the whole sample.
        value, threshold: the numbers beside each other; '' where there are none.
    """

    verdict: Verdict
    code: str
    words: str
    advice: str
    locus: str = ""
    value: str = ""
    threshold: str = ""


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


_OF_SEVERITY = {Severity.ERROR: Verdict.FAIL, Severity.WARNING: Verdict.REVIEW, Severity.NOTE: Verdict.PASS}


def judge_sample(result: SampleResult) -> Judgement:
    """A sample's verdict."""
    return Judgement.of(reason for reason in _reasons(result, rules()) if reason.verdict is not Verdict.PASS)


def judge_call(call: LocusCall) -> Judgement:
    """A locus's verdict."""
    return Judgement.of(reason for reason in _of_call(call) if reason.verdict is not Verdict.PASS)


def _reasons(result: SampleResult, by: Rules) -> Iterator[Reason]:
    if result.outcome is SampleOutcome.FAILED:
        yield Reason(Verdict.FAIL, "failed", result.reason, "Repair what the reason names, then type the sample again.")
        return
    yield from _of_reads(result, by)
    for flag in result.flags:
        yield _of_flag(flag)
    for call in result.loci:
        yield from _of_call(call)


def _of_reads(result: SampleResult, by: Rules) -> Iterator[Reason]:
    reads = result.reads or {}
    pairs, used = int(reads.get("pairs", 0)), int(reads.get("used_pairs", 0))
    is_of_panel = all(lost.get("name") != "not_hla" for lost in reads.get("filters", ()))
    if is_of_panel and used < by.least_used_share * pairs:
        yield Reason(
            Verdict.REVIEW,
            "few_pairs_used",
            f"Only {used} of {pairs} pairs could be used.",
            "Check that panel and library are those of these reads.",
            value=f"{used / pairs:.0%}",
            threshold=f"{by.least_used_share:.0%}",
        )
    asked = [call for call in result.loci if call.state not in ("not_in_library", "not_in_panel")]
    called = [call for call in asked if call.state != UNCALLED]
    if len(called) < by.least_called_share * len(asked):
        yield Reason(
            Verdict.FAIL,
            "few_loci_called",
            f"Only {len(called)} of {len(asked)} loci have a call.",
            "Check panel and library; repeat the sample.",
            value=f"{len(called) / len(asked):.0%}",
            threshold=f"{by.least_called_share:.0%}",
        )


def _of_call(call: LocusCall) -> Iterator[Reason]:
    for flag in call.flags:
        yield _of_flag(flag, call.locus)
    if call.state == UNCALLED:
        yield Reason(Verdict.REVIEW, UNCALLED, f"{call.locus} has no call.", "See why in its flags.", call.locus)


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
