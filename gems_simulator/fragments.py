"""Reads from anywhere in the genes: whole-gene products (or a genome) broken into fragments, read at both ends."""

from __future__ import annotations

import random
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from pathlib import Path

from gems_core.bases import UNKNOWN, reverse_complement
from gems_core.hla import CLASS_1_LOCI, CLASS_2_LOCI, DRB345_GENES
from gems_reference.amplicons import Amplicon, amplicon, most_similar, with_borrowed_introns
from gems_reference.gene_level import bases
from gems_reference.library import Library, Locus
from gems_reference.panel import Panel, PanelRow
from gems_simulator.errors import Profile, make_profiles, scatter
from gems_simulator.genotypes import Products
from gems_simulator.molecules import Tube, fill_tubes
from gems_simulator.releases.completed import completed, nearest
from gems_simulator.run import Person, Read, read_both_ends, write_pairs
from gems_simulator.settings import RunSettings

# What a product has beyond the exons: within the untranslated ends that most alleles of a release state.
FLANK_BP = 150
# Coverage changes over stretches of about this length, as a polymerase's and a transposase's preferences do.
STRETCH_BP = 400
# HLA-DRB genes differ in about one intron base of fifteen.
INTRON_DIVERGENCE = 0.07


@dataclass(frozen=True)
class FragmentSettings:
    """How products are broken.

    Attributes:
        reads: allele shares and the sequencer's faults.
        depth: mean reads over a base, of both alleles together.
        fragment_bp: mean length of a fragment.
        fragment_spread_bp: its standard deviation.
        unevenness: standard deviation of a stretch's log coverage.
        genome: whether the library's other genes and pseudogenes are read as well, as from a genome.
        foreign_share: pairs that come from nowhere near HLA.
        five_prime_bp: how far from the product's 5' end fragments start on average, as of a 5' RNA kit; 0 is anywhere.
    """

    reads: RunSettings = field(default_factory=RunSettings)
    depth: float = 60.0
    fragment_bp: int = 400
    fragment_spread_bp: int = 80
    unevenness: float = 0.3
    genome: bool = False
    foreign_share: float = 0.02
    five_prime_bp: int = 0


def whole_genes(library: Library, last_intron: int = 0) -> Panel:
    """A panel that copies each typed gene as a whole, from one untranslated end to the other.

    Args:
        library: where the genes are.
        last_intron: the intron in which the products end, of genes that have it; 0 copies to the other end.
    """
    typed = [
        gene for locus in (*CLASS_1_LOCI, *CLASS_2_LOCI) for gene in (DRB345_GENES if locus == "DRB345" else (locus,))
    ]
    return Panel("whole-genes", tuple(_row(library, gene, last_intron) for gene in typed if gene in library.loci))


def _row(library: Library, gene: str, last_intron: int) -> PanelRow:
    locus = library.locus(gene)
    if not locus.has_genomic_sequence:
        locus = with_borrowed_introns(locus, most_similar(library, locus))
    names, last_name = locus.features, f"intron{last_intron}"
    # The last intron's number would name the 3' end as well.
    ending = names.index(last_name) if last_name in names else len(names) - 1
    first, last = bases(locus.reference[0]), bases(locus.reference[ending])
    # The outer ends of an untranslated end may be open even in the reference allele.
    start = max(len(first) - len(first.lstrip("*")), len(first) - FLANK_BP)
    end = min(len(last.rstrip("*")), FLANK_BP)
    return PanelRow(gene, "Gene", names[0], start, names[ending], end, first[start], reverse_complement(last[end - 1]))


class WholeGenes(Products):
    """Whole genes of a library.

    Introns that the release does not state are the most similar gene's, changed as much as such genes differ, so that no
    gene's reads pass for another's.

    Args:
        library: where the alleles are.
        last_intron: the intron in which the products end, of genes that have it; 0 copies to the other end.
    """

    def __init__(self, library: Library, last_intron: int = 0) -> None:
        super().__init__(library, whole_genes(library, last_intron))
        self._changed: dict[str, Locus] = {}

    def locus(self, gene: str) -> Locus:
        """A gene with introns, its own or changed ones."""
        found = super().locus(gene)
        if self.library.locus(gene).has_genomic_sequence:
            return found
        if gene not in self._changed:
            self._changed[gene] = _with_changed_introns(found)
        return self._changed[gene]

    def others(self) -> Iterator[str]:
        """What each of the library's other genes and pseudogenes is read as: its reference allele as far as it is stated."""
        for name in self.library.loci:
            if name not in self.genes:
                yield self.stated(self.library.locus(name))

    def stated(self, locus: Locus) -> str:
        """The features of a locus's reference allele that are stated as a whole, joined."""
        return "".join(bases(row) for row in locus.reference if UNKNOWN not in row)


class CompletedGenes(WholeGenes):
    """Whole genes, also of alleles that the release states in part: their open bases are the nearest whole allele's."""

    def of_allele(self, allele: str) -> tuple[Amplicon, ...]:
        """An allele's one product."""
        gene = allele.partition("*")[0]
        (row,) = self.panel.of_locus(gene)
        if not amplicon(self.locus(gene), row, allele).is_known:
            whole = completed(self.locus(gene), allele, nearest(self.locus(gene), allele, sorted(self.whole(gene))))
            self._loci[gene] = whole
            self._changed.pop(gene, None)
        return super().of_allele(allele)


def _with_changed_introns(locus: Locus) -> Locus:
    rng = random.Random(locus.name)  # noqa: S311 - simulation, and it must repeat
    rows = tuple(
        own if "exon" in feature else tuple(_changed(row, rng) for row in own)
        for feature, own in zip(locus.features, locus.rows, strict=True)
    )
    return replace(locus, rows=rows)


def _changed(row: str, rng: random.Random) -> str:
    """Bases changed; gaps and unknown bases stay. Whole stretches of ``ACGT`` are scattered at once."""
    return re.sub("[ACGT]+", lambda found: scatter(found[0], INTRON_DIVERGENCE, rng), row)


@dataclass(frozen=True)
class _Source:
    """A tube's sequences and how often each place is read."""

    sequences: tuple[str, ...]
    shares: tuple[float, ...]
    stretches: tuple[float, ...]
    pairs: int


def write_fragments(
    products: WholeGenes,
    people: Sequence[Person],
    directory: Path,
    settings: FragmentSettings,
    seed: int,
) -> dict[str, tuple[Path, Path]]:
    """Write the FASTQ files of people whose whole genes were read in fragments.

    Args:
        products: the genes of a library.
        people: the samples.
        directory: where; made if absent.
        settings: depth, breakage and the sequencer's faults.
        seed: the same seed, library and settings give the same bytes.

    Returns:
        R1 and R2 of each sample.

    Raises:
        InvalidInput: an allele is unknown or not stated as a whole.
    """
    directory.mkdir(parents=True, exist_ok=True)
    rng = random.Random(seed)  # noqa: S311 - simulation, and it must repeat
    profiles = [
        make_profiles(first, last, settings.reads.read_length, rng)
        for first, last in zip(settings.reads.first_quality, settings.reads.last_quality, strict=True)
    ]
    written = {}
    for number, person in enumerate(people, start=1):
        tubes = fill_tubes(products, person.genotypes, settings.reads, rng, person.novelties)
        sources = [_source(tube, settings, rng) for tube in tubes]
        sources += _others(products, settings, rng) if settings.genome else []
        paths = [directory / f"{person.sample}_S{number}_L001_R{read}_001.fastq.gz" for read in (1, 2)]
        write_pairs(paths, _pairs(sources, profiles, settings, rng), number)
        written[person.sample] = (paths[0], paths[1])
    return written


def _source(tube: Tube, settings: FragmentSettings, rng: random.Random) -> _Source:
    """A gene on one chromosome only gives half the copies, which the tube's yield says."""
    sequences = tuple(product.sequence for product in tube.products)
    copies = tube.pairs / settings.reads.pairs_per_amplicon
    return _filled(sequences, tube.shares, copies, settings, rng)


def _filled(
    sequences: tuple[str, ...],
    shares: tuple[float, ...],
    copies: float,
    settings: FragmentSettings,
    rng: random.Random,
) -> _Source:
    length = len(sequences[0])
    stretches = [rng.lognormvariate(0.0, settings.unevenness) for _ in range(length // STRETCH_BP + 1)]
    pairs = round(copies * settings.depth * length / (2 * settings.reads.read_length))
    return _Source(sequences, shares, tuple(accumulate(stretches)), pairs)


def _others(products: WholeGenes, settings: FragmentSettings, rng: random.Random) -> list[_Source]:
    """The library's other genes, each with two copies of one allele."""
    return [
        _filled((sequence,), (1.0,), 1.0, settings, rng)
        for sequence in products.others()
        if len(sequence) > settings.fragment_bp
    ]


def _pairs(
    sources: Sequence[_Source],
    profiles: Sequence[Sequence[Profile]],
    settings: FragmentSettings,
    rng: random.Random,
) -> Iterator[tuple[Read, Read]]:
    """A sample's pairs in no order."""
    drawn = [source for source in sources for _ in range(source.pairs)]
    rng.shuffle(drawn)
    for source in drawn:
        foreign = rng.random() < settings.foreign_share
        bp = max(settings.reads.read_length // 2, round(rng.gauss(settings.fragment_bp, settings.fragment_spread_bp)))
        cut = "".join(rng.choices("ACGT", k=bp)) if foreign else _fragment(source, bp, settings, rng)
        yield read_both_ends(scatter(cut, settings.reads.pcr_error_rate, rng), profiles, settings.reads, rng)


def _fragment(source: _Source, bp: int, settings: FragmentSettings, rng: random.Random) -> str:
    sequence = source.sequences[0 if rng.random() < source.shares[0] else -1]
    if settings.five_prime_bp > 0:
        start = max(0, min(int(rng.expovariate(1 / settings.five_prime_bp)), len(sequence) - bp))
        return sequence[start : start + bp]
    stretch = bisect_left(source.stretches, rng.random() * source.stretches[-1])
    # A fragment is drawn by its middle; one that would begin or end beyond the product is what the product has of it.
    middle = stretch * STRETCH_BP + rng.randrange(STRETCH_BP)
    start = max(0, min(middle - bp // 2, len(sequence) - bp))
    return sequence[start : start + bp]
