"""How deep each amplicon was read over the run. One that is empty in most samples is a PCR that failed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from gems_report.quality.losses import number
from gems_report.rules import Rules
from gems_report.verdict import NOT_LOOKED_AT

if TYPE_CHECKING:
    from gems_report.model import LocusCall, SampleResult

_OF_SEVERAL_GENES = "DRB345"
_Place = tuple[str, str]
"""Gene and amplicon."""


@dataclass(frozen=True)
class AmpliconDepth:
    """One amplicon (without a panel, exon) over all samples that should have it.

    Attributes:
        gene: of DRB345 the gene itself; only samples in which it is called count there.
        median_pairs, lowest_pairs: pairs of both called alleles together.
        lowest_sample: the first by name of those with the fewest pairs.
        below: samples with fewer pairs than ``threshold``.
        failed: whether most samples have next to no pairs.
    """

    gene: str
    amplicon: str
    samples: int
    median_pairs: float
    lowest_pairs: float
    lowest_sample: str
    below: int
    threshold: float
    failed: bool


def amplicon_depths(samples: Sequence[SampleResult], by: Rules) -> tuple[AmpliconDepth, ...]:
    """Of every amplicon that any sample shows, in the order in which they are met."""
    found = {one.sample: dict(_pairs_by_place(one)) for one in samples}
    places = dict.fromkeys(place for pairs in found.values() for place in pairs)
    looked_at = {one.sample: {call.locus for call in one.loci if call.state not in NOT_LOOKED_AT} for one in samples}
    depths: dict[_Place, list[tuple[float, str]]] = defaultdict(list)
    for sample, pairs in found.items():
        for place in places:
            if place in pairs or place[0] in looked_at[sample]:
                depths[place].append((pairs.get(place, 0.0), sample))
    return tuple(_depth(place, depths[place], by) for place in places)


def _pairs_by_place(result: SampleResult) -> Iterator[tuple[_Place, float]]:
    for call in result.loci:
        pairs: dict[_Place, float] = defaultdict(float)
        for row in call.document["coverage"]:
            pairs[_gene(call, str(row.get("allele", ""))), str(row.get("amplicon", ""))] += number(row.get("pairs"))
        yield from pairs.items()


def _gene(call: LocusCall, allele: str) -> str:
    return allele.split("*", 1)[0] if call.locus == _OF_SEVERAL_GENES else call.locus


def _depth(place: _Place, depths: list[tuple[float, str]], by: Rules) -> AmpliconDepth:
    lowest_pairs, lowest_sample = min(depths)
    below = sum(pairs < by.least_amplicon_pairs for pairs, _ in depths)
    empty = sum(pairs < by.failed_amplicon_pairs for pairs, _ in depths)
    return AmpliconDepth(
        *place,
        len(depths),
        round(median(pairs for pairs, _ in depths), 1),
        round(lowest_pairs, 1),
        lowest_sample,
        below,
        by.least_amplicon_pairs,
        len(depths) >= by.least_samples_of_failed_amplicon and empty > by.failed_amplicon_share * len(depths),
    )
