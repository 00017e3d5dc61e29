"""Whether the controls of a run are as they should be: the negative ones empty, the positive ones as expected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from gems_core.expected import ExpectedGenotype, parse_expected
from gems_core.plate import Placement, Role
from gems_core.protocol.done_marker import SampleOutcome
from gems_report.quality.contamination import carriers_of_calls
from gems_report.quality.genotypes import Carriers, compared
from gems_report.quality.losses import is_number, number
from gems_report.rules import Rules
from gems_report.verdict import NOT_LOOKED_AT, Verdict, is_uncalled

if TYPE_CHECKING:
    from gems_report.model import LocusCall, SampleResult


@dataclass(frozen=True)
class ControlOutcome:
    """What became of a control.

    Attributes:
        words: what was found, in one sentence.
        loci: those that should not be called, or should be called otherwise.
        shows: of a negative control, the samples whose alleles it shows, the likeliest first.
        value, threshold: the pairs of its strongest locus beside those it may have; '' of a positive control.
    """

    sample: str
    well: str
    role: Role
    verdict: Verdict
    words: str
    loci: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()
    value: str = ""
    threshold: str = ""


def control_outcomes(
    controls: Sequence[SampleResult], plate: Mapping[str, Placement], people: Sequence[SampleResult], by: Rules
) -> tuple[ControlOutcome, ...]:
    """Of every control, in order.

    Args:
        controls: the samples whose role is a control's.
        plate: what the sample sheet says, by sample.
        people: the typed samples that are not negative controls, in which a contamination is looked for.
        by: the rules in force.
    """
    carriers = Carriers.of(people)
    return tuple(_outcome(one, plate[one.sample], carriers, by) for one in controls)


def _outcome(result: SampleResult, placed: Placement, carriers: Carriers, by: Rules) -> ControlOutcome:
    if placed.role is Role.NEGATIVE_CONTROL:
        return _negative(result, placed, carriers, by)
    return _positive(result, placed)


def _negative(result: SampleResult, placed: Placement, carriers: Carriers, by: Rules) -> ControlOutcome:
    if result.outcome is SampleOutcome.FAILED:
        words = f"The negative control could not be typed, so it is not known whether it is empty: {result.reason}"
        return ControlOutcome(result.sample, placed.well, placed.role, Verdict.REVIEW, words)
    pairs = {call.locus: _called_pairs(call) for call in result.loci if call.alleles}
    most = max(pairs.values(), default=0.0)
    value = f"{most:g} pairs" if most < inf else "pairs not told"
    threshold = f"{by.most_control_pairs:g} pairs"
    loci = tuple(locus for locus, found in pairs.items() if found > by.most_control_pairs)
    if not loci:
        words = "The negative control has almost no reads, as it should."
        return ControlOutcome(result.sample, placed.well, placed.role, Verdict.PASS, words, (), (), value, threshold)
    shows = carriers_of_calls(result, carriers, by.most_sources)
    whose = f" Its alleles are those of {', '.join(shows)}." if shows else " No sample of the run has its alleles."
    words = f"The negative control was typed at {', '.join(loci)}.{whose}"
    return ControlOutcome(result.sample, placed.well, placed.role, Verdict.FAIL, words, loci, shows, value, threshold)


def _called_pairs(call: LocusCall) -> float:
    """Pairs of the called alleles over all places; beyond any threshold where the typer does not tell, because it has called them."""
    told = [allele.get("pairs") for allele in call.document["alleles"]]
    return round(sum(map(number, told)), 1) if all(map(is_number, told)) else inf


def _positive(result: SampleResult, placed: Placement) -> ControlOutcome:
    if result.outcome is SampleOutcome.FAILED:
        words = f"The positive control could not be typed: {result.reason}"
        return ControlOutcome(result.sample, placed.well, placed.role, Verdict.FAIL, words)
    uncalled = tuple(_uncalled(result))
    other = dict(_different(result, placed.expected))
    faults = [f"The positive control has no call at {', '.join(uncalled)}."] if uncalled else []
    faults += [f"The positive control differs at {found}." for found in other.values()]
    verdict = Verdict.FAIL if faults else Verdict.PASS
    right = "typed as expected" if placed.expected else "called at all loci"
    words = " ".join(faults) or f"The positive control is {right}."
    return ControlOutcome(result.sample, placed.well, placed.role, verdict, words, (*uncalled, *other))


def _uncalled(result: SampleResult) -> Iterator[str]:
    for call in result.loci:
        if is_uncalled(call):
            yield call.locus


def _different(result: SampleResult, expected: str) -> Iterator[tuple[str, str]]:
    """Locus, and what was expected and found there."""
    calls = {call.locus: call for call in result.loci if call.state not in NOT_LOOKED_AT}
    for genotype in _genotypes(expected):
        call = calls.get(genotype.locus)
        if call is None or is_uncalled(call):
            continue  # not looked at, or said already
        if not genotype.agrees_with([(allele.name, *allele.ambiguities) for allele in call.alleles]):
            found = "+".join(compared(allele.name) for allele in call.alleles) or "none"
            yield genotype.locus, f"{genotype.locus}: expected {genotype}, found {found}"


def _genotypes(expected: str) -> tuple[ExpectedGenotype, ...]:
    """None where a manifest of another release says it in a way that this one does not read."""
    try:
        return parse_expected(expected)
    except ValueError:
        return ()
