"""Whose alleles a sample shows beside its own, looked for in all samples of the run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gems_core.hla import DRB345_GENES
from gems_report.quality.genotypes import Carriers, called_names, compared
from gems_report.quality.losses import number
from gems_report.rules import Rules

if TYPE_CHECKING:
    from gems_report.model import SampleResult

TRACE_FLAGS = ("third_allele_suspected", "minor_allele_suspected", "doubtful_second_allele")
_OPEN = ("unknown", "another_sample", "new_allele")
"""Verdicts of unexplained sequences that may be another sample's allele."""


@dataclass(frozen=True)
class Trace:
    """One cell of the matrix: a sample, and another one whose alleles it shows.

    Attributes:
        loci: at which it shows them.
        of_loci: how many loci of the sample show an allele that is not its own.
        share: the largest share of a locus's pairs, 0 to 1; 0 where the evidence has none.
    """

    sample: str
    source: str
    loci: tuple[str, ...]
    of_loci: int
    share: float


@dataclass(frozen=True)
class _Odd:
    """An allele that a sample shows and should not."""

    locus: str
    names: frozenset[str]
    share: float


def traces_of(samples: Sequence[SampleResult], by: Rules) -> tuple[Trace, ...]:
    """The cells that are not empty, by sample, the best source first.

    A sample is named where it explains at least ``least_agreeing_loci`` loci, or where nobody else of the run has the allele,
    unless a better one explains all of its loci.

    Args:
        samples: typed ones.
        by: the rules in force.
    """
    carriers = Carriers.of(samples)
    return tuple(trace for one in samples for trace in _of_sample(one.sample, tuple(_odd_alleles(one)), carriers, by))


def carriers_of_calls(result: SampleResult, carriers: Carriers, most: float) -> tuple[str, ...]:
    """The samples that have most of the loci of a control that should be empty, the best first."""
    odd = tuple(_Odd(call.locus, called_names(call), 1.0) for call in result.loci if call.alleles)
    loci = _loci_by_source(result.sample, odd, carriers)
    ordered = sorted(loci, key=lambda source: (-len(loci[source]), source))
    return tuple(source for source in ordered if len(loci[source]) == len(loci[ordered[0]]))[: int(most)]


def _of_sample(sample: str, odd: tuple[_Odd, ...], carriers: Carriers, by: Rules) -> Iterator[Trace]:
    loci = _loci_by_source(sample, odd, carriers)
    of_loci = len({one.locus for one in odd})
    for source in _best_sources(loci, by.most_sources):
        if len(loci[source]) >= by.least_agreeing_loci or len(loci) == 1:
            yield Trace(sample, source, tuple(loci[source]), of_loci, max(loci[source].values()))


def _best_sources(loci: Mapping[str, Mapping[str, float]], most: float) -> list[str]:
    """Those that explain most loci; of the others, those that explain one which the better ones do not."""
    best: list[str] = []
    explained: set[str] = set()
    for source in sorted(loci, key=lambda source: (-len(loci[source]), source)):
        if not best or len(loci[source]) == len(loci[best[0]]) or not explained.issuperset(loci[source]):
            best.append(source)
            explained.update(loci[source])
    return best[: int(most)]


def _loci_by_source(sample: str, odd: tuple[_Odd, ...], carriers: Carriers) -> Mapping[str, dict[str, float]]:
    """By source, the share of the pairs by locus."""
    loci: dict[str, dict[str, float]] = defaultdict(dict)
    for one in odd:
        for source in carriers.of_any(one.names) - {sample}:
            loci[source][one.locus] = max(one.share, loci[source].get(one.locus, 0.0))
    return loci


def _odd_alleles(result: SampleResult) -> Iterator[_Odd]:
    """What the typer suspects, and sequences that are exactly an allele which is not called."""
    own: set[str] = set()
    for call in result.loci:
        own |= called_names(call)
        for flag in call.flags:
            if flag.code in TRACE_FLAGS:
                names = frozenset(map(compared, str(flag.evidence.get("allele", "")).split(" + ")))
                yield _Odd(call.locus, names, _share(flag.evidence.get("share")))
    for entry in result.unexplained:
        names = _exact_alleles(entry) - own
        if names:
            yield _Odd(_locus(entry), names, _share(entry.get("share")))


def _exact_alleles(entry: Mapping[str, Any]) -> frozenset[str]:
    """The alleles that have an unexplained sequence to the letter."""
    best = entry.get("best_match")
    if entry.get("verdict") not in _OPEN or not isinstance(best, Mapping) or best.get("differences") != 0:
        return frozenset()
    alike = best.get("alike")
    return (
        frozenset(compared(name) for name in alike if isinstance(name, str)) if isinstance(alike, list) else frozenset()
    )


def _locus(entry: Mapping[str, Any]) -> str:
    gene = str(entry.get("gene", ""))
    return "DRB345" if gene in DRB345_GENES else gene


def _share(value: object) -> float:
    return round(min(max(number(value), 0.0), 1.0), 4)
