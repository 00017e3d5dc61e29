"""Design a panel of amplicons around exons: primers where the alleles differ least.

The layout says between which features each amplicon lies and how far from the exon its ends should be. For each end every
20-mer in a window around that place is weighed by the share of alleles (of those whose bases are known there) that have it
letter for letter; several libraries count by the least of their shares. Conservation is all that is weighed: the primers
were never in a tube.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gems_core.bases import GAP, UNKNOWN, reverse_complement
from gems_reference.amplicons import amplicons, counted_on, most_similar, panel_locus
from gems_reference.gene_level import bases
from gems_reference.library import Library, Locus
from gems_reference.panel import Panel, PanelRow, fits

PRIMER_BP = 20
# Two reads of 250 bp then overlap by at least 20 bp, enough to join them.
LONGEST_AMPLICON_BP = 480
# How much nearer to, or farther from, its exon than the layout asks a primer may lie: the first pair within which a place
# has GOOD_SHARE is taken. Past the last, two reads would no longer meet.
WINDOWS_BP = ((25, 40), (50, 60), (110, 80))
# Within an exon (a bridge): inwards little, for a bridge is for reading far into both exons; outwards less, for it is long.
BRIDGE_WINDOWS_BP = ((25, 26),)
GOOD_SHARE = 0.9
# Shares that differ by less are alike, and the place nearer to the layout's is taken.
ALIKE_SHARE = 0.005


@dataclass(frozen=True)
class Span:
    """An amplicon of the layout: name, and both ends as a panel row states them."""

    amplicon: str
    start_feature: str
    start_offset: int
    end_feature: str
    end_offset: int


_EXON_1_TO_3 = (
    Span("Exon 1", "5UTR", -130, "intron1", 100),
    Span("Exon 2", "intron1", -45, "intron2", 45),
    Span("Exon 3", "intron2", -45, "intron3", 45),
)
CLASS_1_LAYOUT = (
    *_EXON_1_TO_3[:2],
    Span("Bridge 23", "exon2", 170, "exon3", 100),
    _EXON_1_TO_3[2],
    Span("Exon 4", "intron3", -45, "intron4", 45),
    Span("Exon 5", "intron4", -80, "intron5", 80),
    Span("Exon 6-7", "intron5", -45, "intron7", 30),
)
CLASS_2_LAYOUT = (*_EXON_1_TO_3, Span("Exon 4", "intron3", -80, "intron4", 80))
LAYOUT: Mapping[str, tuple[Span, ...]] = {
    **dict.fromkeys(("A", "B", "C"), CLASS_1_LAYOUT),
    **dict.fromkeys(("DRB1", "DQA1", "DQB1", "DPA1", "DPB1", "DRB3", "DRB4", "DRB5"), CLASS_2_LAYOUT),
}


@dataclass(frozen=True)
class Primer:
    """A place for a primer.

    Attributes:
        offset: of the amplicon's end, as the panel states it.
        moved_bp: how far it is from where the layout asks for it.
        bases: of the coding strand.
        share: of the alleles known there, those that have these bases; the least of all libraries.
    """

    offset: int
    moved_bp: int
    bases: str
    share: float


def design_panel(libraries: Sequence[Library], version: str) -> Panel:
    """Design a panel.

    Args:
        libraries: the first gives coordinates and must have every locus of the layout; the others have a say where they have
            the locus.
        version: its ``primer_mask_version``.

    Raises:
        InvalidInput: a locus is missing, or no similar locus lends it introns.
    """
    rows: dict[str, tuple[PanelRow, ...]] = {}
    lenders: dict[str, str] = {}
    counted: dict[str, str] = {}
    for name in LAYOUT:
        locus = libraries[0].locus(name)
        if locus.has_genomic_sequence:
            loci = [library.locus(name) for library in libraries if name in library.loci]
            common = _common_reference(loci)
            if common != locus.reference_allele:
                counted[name] = common
                loci = [counted_on(locus, common) for locus in loci]
            rows[name] = tuple(_design_row(loci, span) for span in LAYOUT[name])
        else:
            lenders[name] = most_similar(libraries[0], locus).name
    for name, lender in lenders.items():
        rows[name] = tuple(replace(row, locus=name) for row in rows[lender])
    return Panel(version, tuple(row for name in LAYOUT for row in rows[name]), counted)


def _common_reference(loci: Sequence[Locus]) -> str:
    """The allele to count bases on: a library's reference allele that all have whole, the first one's if there is none."""
    wanted = [locus.reference_allele for locus in loci]
    shared = [name for name in wanted if all(name in locus.alleles and _is_whole(locus, name) for locus in loci)]
    return shared[0] if shared else wanted[0]


def _is_whole(locus: Locus, allele: str) -> bool:
    """Known in every exon and intron; UTRs may begin or end unknown."""
    return not any(UNKNOWN in row for row in locus.aligned(allele)[1:-1])


def _design_row(loci: Sequence[Locus], span: Span) -> PanelRow:
    start = best_primer(loci, span.start_feature, span.start_offset, is_start=True)
    end = best_primer(loci, span.end_feature, span.end_offset, is_start=False)
    return PanelRow(
        loci[0].name,
        span.amplicon,
        span.start_feature,
        start.offset,
        span.end_feature,
        end.offset,
        start.bases,
        reverse_complement(end.bases),
    )


def best_primer(loci: Sequence[Locus], feature: str, target: int, *, is_start: bool) -> Primer:
    """The best place for one end.

    Args:
        loci: the same locus in each library.
        feature: where the end lies.
        target: the offset that the layout asks for.
        is_start: whether it is the amplicon's start (the primer's first base) or its end (the base after its last).
    """
    primers: list[Primer] = []
    for window_bp in BRIDGE_WINDOWS_BP if feature.startswith("exon") else WINDOWS_BP:
        offsets = _offsets(loci[0], feature, target, window_bp, is_start=is_start)
        weighed = (_weigh(loci, feature, offset, moved, is_start=is_start) for offset, moved in offsets)
        primers = [primer for primer in weighed if primer is not None]
        if max(primer.share for primer in primers) >= GOOD_SHARE:
            break
    best = max(primer.share for primer in primers)
    alike = [primer for primer in primers if primer.share >= best - ALIKE_SHARE]
    return min(alike, key=lambda primer: (primer.moved_bp, primer.offset))


def _offsets(
    locus: Locus, feature: str, target: int, window_bp: tuple[int, int], *, is_start: bool
) -> Iterator[tuple[int, int]]:
    """Offsets whose primer lies whole in the feature, with their distance from the target."""
    length = len(bases(locus.reference[locus.slot(feature)]))
    nearer, farther = window_bp
    for offset in range(target - max(window_bp), target + max(window_bp) + 1):
        outwards = (target - offset) if is_start else (offset - target)
        first = (offset + length if offset < 0 else offset) - (0 if is_start else PRIMER_BP)
        if (offset < 0) == (target < 0) and -nearer <= outwards <= farther and 0 <= first <= length - PRIMER_BP:
            yield offset, abs(outwards)


def _weigh(loci: Sequence[Locus], feature: str, offset: int, moved_bp: int, *, is_start: bool) -> Primer | None:
    counts = [primer_site_counts(locus, feature, offset, is_start=is_start) for locus in loci]
    if not counts[0]:
        return None
    sequence = counts[0].most_common(1)[0][0]
    if len(sequence) != PRIMER_BP:
        return None
    return Primer(offset, moved_bp, sequence, min(share_of(sequence, count) for count in counts))


def share_of(sequence: str, counts: Counter[str]) -> float:
    """Share of the counted alleles that have a sequence, or one that its IUPAC letters stand for; 0 of none."""
    return sum(count for site, count in counts.items() if fits(sequence, site)) / max(1, counts.total())


def primer_site_counts(locus: Locus, feature: str, offset: int, *, is_start: bool) -> Counter[str]:
    """How many alleles have which bases under a primer; alleles with unknown ones there are not counted."""
    slot = locus.slot(feature)
    columns = [column for column, base in enumerate(locus.reference[slot]) if base != GAP]
    first = (offset + len(columns) if offset < 0 else offset) - (0 if is_start else PRIMER_BP)
    if not 0 <= first <= len(columns) - PRIMER_BP:
        return Counter()
    start, end = columns[first], columns[first + PRIMER_BP - 1] + 1
    weights = Counter(allele.cells[slot] for allele in locus.alleles.values())
    counts: Counter[str] = Counter()
    for cell, alleles in weights.items():
        site = locus.rows[slot][cell][start:end]
        if UNKNOWN not in site:
            counts[bases(site)] += alleles
    return counts


@dataclass(frozen=True)
class Conservation:
    """How a panel row fits a library.

    Attributes:
        row: of the panel.
        forward_share: of the alleles known under the forward primer, those that have its bases.
        reverse_share: as ``forward_share``.
        known_alleles: alleles known under both primers and between them.
        shortest_bp: of those alleles' products.
        longest_bp: of those alleles' products.
    """

    row: PanelRow
    forward_share: float
    reverse_share: float
    known_alleles: int
    shortest_bp: int
    longest_bp: int


def conservation(library: Library, panel: Panel) -> Iterator[Conservation]:
    """How each of a panel's rows fits a library; loci that the library lacks, or has without introns, are left out."""
    for name in panel.loci:
        if name not in library.loci or not library.locus(name).has_genomic_sequence:
            continue
        locus = panel_locus(library, panel, name)
        for row in panel.of_locus(name):
            yield _row_conservation(locus, row)


def _row_conservation(locus: Locus, row: PanelRow) -> Conservation:
    forward, reverse, lengths = Counter[str](), Counter[str](), []
    for product in amplicons(locus, row):
        for site, counts in zip(product.sites, (forward, reverse), strict=True):
            if UNKNOWN not in site:
                counts[bases(site)] += 1
        if product.is_known and product.is_made and UNKNOWN not in "".join(product.sites):
            lengths.append(len(product.sequence))
    return Conservation(
        row,
        share_of(row.forward_primer, forward),
        share_of(reverse_complement(row.reverse_primer), reverse),
        len(lengths),
        min(lengths, default=0),
        max(lengths, default=0),
    )
