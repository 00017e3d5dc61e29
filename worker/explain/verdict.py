"""What each unexplained sequence of a sample is. Decides, and does nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from gems_core.hla import DRB345_GENES
from worker.explain import thresholds
from worker.explain.artefact import Artefact, changed_repeat, made_artefact, slippage
from worker.explain.chimera import Crossover, find_crossover
from worker.explain.comparison import Comparison, compare, lay, nearest
from worker.explain.differences import Difference, describe
from worker.explain.library import Library
from worker.explain.sequences import Unexplained


class Kind(StrEnum):
    """What a sequence may be."""

    NEW_ALLELE = "new_allele"
    CHIMERA = "chimera"
    PARALOGUE = "paralogue"
    ANOTHER_SAMPLE = "another_sample"
    ARTEFACT = "artefact"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Verdict:
    """What one sequence is, with what shows it.

    Attributes:
        best: the nearest allele of the verdict's gene; None where no gene is near, or the sequence was not compared.
        differences: from ``best``; of a new allele only.
        is_called: whether ``best`` is among the sample's calls.
        pcr_error: of a new allele, why it may be an error of PCR, or ''.
        no_pcr_error: of a new allele, why it is hardly one, or ''.
        crossover: a chimera's; of a new allele or an unknown sequence, one that would explain it as well.
        reason: why nothing better can be said, or ''.
    """

    query: Unexplained
    kind: Kind
    best: Comparison | None = None
    differences: tuple[Difference, ...] = ()
    is_called: bool = False
    pcr_error: str = ""
    no_pcr_error: str = ""
    crossover: Crossover | None = None
    artefact: Artefact | None = None
    reason: str = ""


@dataclass(frozen=True)
class Sample:
    """What the verdicts need to know of a sample.

    Attributes:
        called: gene to its called alleles.
        primers: of the panel, both strands.
    """

    called: Mapping[str, tuple[str, ...]]
    primers: tuple[str, ...] = field(default=())

    @property
    def alleles(self) -> frozenset[str]:
        """All called ones."""
        return frozenset(allele for alleles in self.called.values() for allele in alleles)


def judge(query: Unexplained, sample: Sample, library: Library) -> Verdict:
    """What a sequence is.

    Raises:
        ShareFailed: the library is not as the contract has it.
    """
    if len(query.bases) > thresholds.LONGEST_SEQUENCE_BP:
        return Verdict(query, Kind.UNKNOWN, reason=f"longer than {thresholds.LONGEST_SEQUENCE_BP} bases: not compared")
    artefact = made_artefact(query, sample.primers)
    if artefact is not None:
        return Verdict(query, Kind.ARTEFACT, artefact=artefact)
    own = _nearest_of(query, sample, library, _own_genes(query, library))
    parents = _parents(query, sample, library)
    single = own.difference_count + _uncovered(query, own) if own else len(query.bases)
    crossover = find_crossover(query.bases, parents)
    if crossover is not None and crossover.gain_on(single) >= thresholds.SMALLEST_CHIMERA_GAIN:
        return Verdict(query, Kind.CHIMERA, own, is_called=_is_called(own, sample), crossover=crossover)
    slipped = slippage(query.share, [one for one in parents if one.laying.gene.name in _own_genes(query, library)])
    if slipped is not None:
        return Verdict(query, Kind.ARTEFACT, slipped[1], is_called=True, artefact=slipped[0])
    other = _paralogue(query, sample, library, own) if single >= thresholds.SMALLEST_PARALOGUE_GAIN else None
    if other is not None:
        return Verdict(query, Kind.PARALOGUE, other, is_called=_is_called(other, sample))
    return _new_or_unknown(query, sample, own, crossover if crossover and crossover.gain_on(single) >= 0 else None)


def not_compared(query: Unexplained, reason: str) -> Verdict:
    """The verdict where a sequence was not looked at."""
    return Verdict(query, Kind.UNKNOWN, reason=reason)


def _own_genes(query: Unexplained, library: Library) -> tuple[str, ...]:
    """The genes of the sequence's amplicon."""
    genes = DRB345_GENES if query.gene == "DRB345" else (query.gene,)
    return tuple(gene for gene in genes if gene in library.names)


def _nearest_of(query: Unexplained, sample: Sample, library: Library, genes: Sequence[str]) -> Comparison | None:
    """The nearest allele of several genes."""
    found = []
    for name in genes:
        laying = lay(query, library.gene(name), sample.called.get(name, ()))
        comparison = None if laying is None else nearest(laying, sample.alleles)
        if comparison is not None:
            found.append(comparison)
    return min(found, key=lambda one: one.difference_count + _uncovered(query, one), default=None)


def _parents(query: Unexplained, sample: Sample, library: Library) -> list[Comparison]:
    """The sequence, compared with each called allele that it lies on."""
    found = []
    for name, alleles in sample.called.items():
        laying = lay(query, library.gene(name), alleles) if name in library.names else None
        if laying is not None:
            found += [compare(laying, allele) for allele in alleles if allele in laying.gene.alleles]
    return [one for one in found if one.compared_bp]


def _paralogue(query: Unexplained, sample: Sample, library: Library, own: Comparison | None) -> Comparison | None:
    """The nearest allele of another gene, if it is nearer than the amplicon's own gene by far."""
    genes = [name for name in library.names if name not in _own_genes(query, library)]
    found = _nearest_of(query, sample, library, _likely(query, sample, library, genes))
    if found is None or len(found.laying.covered) < thresholds.SMALLEST_PARALOGUE_SHARE * _seen(query):
        return None
    if found.difference_count > thresholds.LARGEST_PARALOGUE_DIVERGENCE * max(1, found.compared_bp):
        return None
    gain = _cost_within(own, found.laying.covered) - found.difference_count
    return found if gain >= thresholds.SMALLEST_PARALOGUE_GAIN else None


_LIKELY_GENES = 4
"""Other genes that are compared allele by allele: those on whose guides the sequence lies best."""


def _likely(query: Unexplained, sample: Sample, library: Library, genes: Sequence[str]) -> list[str]:
    costs = []
    for name in genes:
        guides = sample.called.get(name, ())
        laying = lay(query, library.gene(name), guides)
        if laying is not None:
            allele = min((*guides, laying.gene.reference), key=lambda one: compare(laying, one).difference_count)
            costs.append((compare(laying, allele).difference_count + _seen(query) - len(laying.covered), name))
    return [name for _, name in sorted(costs)[:_LIKELY_GENES]]


def _cost_within(own: Comparison | None, places: frozenset[int]) -> int:
    """What the bases at some places of the sequence cost on the nearest allele of its own gene."""
    if own is None:
        return len(places)
    return sum(place in places for place in own.places) + len(places - own.laying.covered)


def _new_or_unknown(query: Unexplained, sample: Sample, own: Comparison | None, crossover: Crossover | None) -> Verdict:
    """Neither is sure where a crossover of called alleles explains the sequence as well: it is told beside the verdict."""
    if own is None:
        return Verdict(query, Kind.UNKNOWN, reason="no allele of its gene fits it better than by chance")
    is_called = _is_called(own, sample)
    count = own.difference_count
    if count == 0:
        known = "is called for this sample" if is_called else "is not called for this sample"
        apart = ", but the two reads of its pairs do not fit together" if len(query.parts) > 1 else ""
        reason = f"it is {own.allele} here, which {known}{apart}"
        return Verdict(query, Kind.UNKNOWN, own, is_called=is_called, crossover=crossover, reason=reason)
    far = count > min(
        thresholds.MOST_NEW_ALLELE_DIFFERENCES, thresholds.LARGEST_NEW_ALLELE_DIVERGENCE * own.compared_bp
    )
    if far or len(own.laying.covered) < thresholds.SMALLEST_COMPARED_SHARE * _seen(query):
        return Verdict(query, Kind.UNKNOWN, own, is_called=is_called, reason="too far from every known allele")
    may, hardly = _pcr_error(query, own, crossover)
    return Verdict(query, Kind.NEW_ALLELE, own, describe(own), is_called, may, hardly, crossover)


def _pcr_error(query: Unexplained, own: Comparison, crossover: Crossover | None) -> tuple[str, str]:
    """Why it may be an error of PCR ('' if it hardly is), and why hardly."""
    share = f"{query.share:.0%} of the amplicon's pairs"
    repeat = changed_repeat(own)
    if repeat is not None:
        return f"a polymerase may have slipped: {repeat} of {own.allele}", ""
    if crossover is not None:
        return f"a crossover of {crossover.left.allele} and {crossover.right.allele} would give it too", ""
    if query.pairs < thresholds.FEWEST_PAIRS:
        return f"{query.pairs} pairs may all descend from one faulty copy", ""
    if query.share < thresholds.LARGEST_PCR_ERROR_SHARE:
        return f"{share}; errors of the first PCR cycles reach {thresholds.LARGEST_PCR_ERROR_SHARE:.0%}", ""
    return "", f"{share}; errors of the first PCR cycles stay below {thresholds.LARGEST_PCR_ERROR_SHARE:.0%}"


def _is_called(found: Comparison | None, sample: Sample) -> bool:
    return found is not None and found.allele in sample.alleles


def _uncovered(query: Unexplained, found: Comparison) -> int:
    return _seen(query) - len(found.laying.covered)


def _seen(query: Unexplained) -> int:
    return sum(len(bases) for _, bases in query.parts)
