"""The called alleles of a run's samples, indexed so that a thousand samples are compared in a moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gems_core.errors import InvalidInput
from gems_core.hla import AlleleName

if TYPE_CHECKING:
    from gems_report.model import LocusCall, SampleResult

COMPARED_FIELDS = 3
"""The fourth field is of introns, which weak evidence hardly shows."""


@dataclass(frozen=True)
class Carriers:
    """Which samples have an allele called, by its name of three fields."""

    by_allele: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, samples: Iterable[SampleResult]) -> Carriers:
        """Of typed samples; an allele that the reads cannot tell from a called one counts as called."""
        found: dict[str, set[str]] = defaultdict(set)
        for one in samples:
            for call in one.loci:
                for name in called_names(call):
                    found[name].add(one.sample)
        return cls({name: frozenset(carriers) for name, carriers in found.items()})

    def of_any(self, names: Iterable[str]) -> frozenset[str]:
        """The samples that have any of these alleles; names are of three fields."""
        return frozenset().union(*(self.by_allele.get(name, frozenset()) for name in names))


def compared(name: str) -> str:
    """An allele's name as it is compared; one that is not one of IPD-IMGT/HLA stays whole."""
    try:
        return AlleleName.parse(name).to_fields(COMPARED_FIELDS)
    except InvalidInput:
        return name


def called_names(call: LocusCall) -> frozenset[str]:
    """All names of three fields that a call may stand for."""
    return frozenset(compared(name) for allele in call.alleles for name in (allele.name, *allele.ambiguities))


def identical_groups(samples: Sequence[SampleResult], least_loci: float) -> tuple[tuple[str, ...], ...]:
    """Samples whose called alleles are the same at all called loci: duplicates, or samples that were swapped.

    Args:
        samples: typed ones.
        least_loci: called loci that a sample must have to be told.
    """
    groups: dict[tuple[tuple[str, ...], ...], list[str]] = defaultdict(list)
    for one in samples:
        key = tuple(_genotypes(one))
        if len(key) >= least_loci:
            groups[key].append(one.sample)
    return tuple(sorted(tuple(sorted(names)) for names in groups.values() if len(names) > 1))


def _genotypes(result: SampleResult) -> Iterator[tuple[str, ...]]:
    for call in result.loci:
        if call.alleles:
            yield (call.locus, *sorted({compared(allele.name) for allele in call.alleles}))
