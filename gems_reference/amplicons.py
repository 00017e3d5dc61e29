"""What a panel's primers copy from an allele."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate

from gems_core.bases import IUPAC, UNKNOWN, reverse_complement
from gems_core.errors import one_problem
from gems_reference.gene_level import bases
from gems_reference.library import Library, Locus
from gems_reference.panel import Panel, PanelRow

# Long enough to be rare by chance in the 1,000 bp of a locus's exons, short enough to survive paralogues' differences.
WORD_BP = 12


@dataclass(frozen=True)
class Window:
    """An amplicon's columns in its locus's joined features, 0-based half-open.

    Attributes:
        start: first column under the forward primer.
        inner_start: first column that is not.
        inner_end: first column under the reverse primer.
        end: first column after the amplicon.
    """

    start: int
    inner_start: int
    inner_end: int
    end: int


@dataclass(frozen=True)
class Amplicon:
    """What a PCR makes of one allele.

    Attributes:
        row: the panel's row.
        allele: the allele's name.
        aligned: its aligned bases between the primers.
        sites: its aligned bases under the forward and under the reverse primer.
    """

    row: PanelRow
    allele: str
    aligned: str
    sites: tuple[str, str]

    @property
    def is_known(self) -> bool:
        """Whether every base between the primers is known."""
        return UNKNOWN not in self.aligned

    @property
    def is_made(self) -> bool:
        """Whether both primers find a place: the allele is not deleted under one of them for half its length or more."""
        return all(2 * len(bases(site)) > len(primer) for site, primer in zip(self.sites, self._primers, strict=True))

    @property
    def _primers(self) -> tuple[str, str]:
        return self.row.forward_primer, self.row.reverse_primer

    @property
    def sequence(self) -> str:
        """The product, 5' to 3' on the coding strand: the bases under the primers are the primers'."""
        forward, reverse = self.row.forward_primer, reverse_complement(self.row.reverse_primer)
        return _spelled(forward, self.sites[0]) + bases(self.aligned) + _spelled(reverse, self.sites[1])


def _spelled(primer: str, site: str) -> str:
    """A primer in plain bases: of a mixture of primers the one that binds best copies the allele."""
    under = bases(site)
    own = under if len(under) == len(primer) else primer
    return "".join(
        base if base in IUPAC[letter] else IUPAC[letter][0] for letter, base in zip(primer, own, strict=True)
    )


def window(locus: Locus, row: PanelRow) -> Window:
    """Where an amplicon lies in a locus's columns.

    Raises:
        InvalidInput: the row's ends are outside the locus, or in the wrong order.
    """
    columns = locus.base_columns
    start = _reference_base(locus, row.start_feature, row.start_offset)
    end = _reference_base(locus, row.end_feature, row.end_offset)
    inner_start, inner_end = start + len(row.forward_primer), end - len(row.reverse_primer)
    if not 0 <= start < inner_start <= inner_end < end <= len(columns):
        raise one_problem(
            "panel_amplicon",
            f"{row.locus} {row.amplicon}",
            f"a start before its end, within {len(columns)} bases of {locus.reference_allele}",
            f"{start} to {end}",
            "Correct the panel's offsets.",
        )
    return Window(columns[start], columns[inner_start - 1] + 1, columns[inner_end], columns[end - 1] + 1)


def _reference_base(locus: Locus, feature: str, offset: int) -> int:
    """0-based base of the reference allele's joined features."""
    slot = locus.slot(feature)
    ends = list(accumulate(len(bases(row)) for row in locus.reference))
    return (ends[slot] if offset < 0 else ends[slot] - len(bases(locus.reference[slot]))) + offset


def cut(locus: Locus, allele: str, start: int, end: int) -> str:
    """An allele's aligned bases in columns ``[start, end)`` of the joined features."""
    pieces = []
    for before, piece in zip(locus.feature_columns, locus.aligned(allele), strict=True):
        if before < end and start < before + len(piece):
            pieces.append(piece[max(0, start - before) : end - before])
    return "".join(pieces)


def amplicon(locus: Locus, row: PanelRow, allele: str) -> Amplicon:
    """What the row's primers copy from an allele.

    Args:
        locus: of ``panel_locus``.
        row: of the panel.
        allele: its name.
    """
    return _amplify(locus, row, window(locus, row), allele)


def amplicons(locus: Locus, row: PanelRow) -> Iterator[Amplicon]:
    """What the row's primers copy from each allele of a locus."""
    place = window(locus, row)
    return (_amplify(locus, row, place, allele) for allele in locus.alleles)


def _amplify(locus: Locus, row: PanelRow, place: Window, allele: str) -> Amplicon:
    whole = cut(locus, allele, place.start, place.end)
    left, right = place.inner_start - place.start, place.inner_end - place.start
    return Amplicon(row, allele, whole[left:right], (whole[:left], whole[right:]))


def panel_locus(library: Library, panel: Panel, name: str) -> Locus:
    """A locus as a panel counts it: with introns, and with the panel's allele (if the library has it) as the reference.

    A locus that the library has without introns gets those of the most similar locus's reference allele, the same for every
    allele.

    Raises:
        InvalidInput: no similar locus has introns.
    """
    locus = library.locus(name)
    if not locus.has_genomic_sequence:
        locus = with_borrowed_introns(locus, most_similar(library, locus))
    return counted_on(locus, panel.counted_on.get(name, ""))


def counted_on(locus: Locus, allele: str) -> Locus:
    """The locus with another reference allele, if it has that allele."""
    return replace(locus, reference_allele=allele) if allele in locus.alleles else locus


def most_similar(library: Library, locus: Locus) -> Locus:
    """The locus with introns and as many features whose reference exons share most words with this locus's.

    Raises:
        InvalidInput: there is none.
    """
    others = [
        library.locus(name)
        for name, about in library.summary["loci"].items()
        if tuple(about["features"]) == locus.features
    ]
    words = _words(locus)
    similar = {other.name: len(words & _words(other)) for other in others if other.has_genomic_sequence}
    best = max(sorted(similar), key=lambda name: similar[name], default=None)
    if best is None or not similar[best]:
        raise one_problem(
            "no_introns",
            locus.name,
            "a locus with introns and similar exons",
            ", ".join(sorted(similar)) or "none",
            "Leave the locus out of the panel, or use a release that has its genomic alignment.",
        )
    return library.locus(best)


def _words(locus: Locus) -> set[str]:
    exons = "".join(
        bases(row) for feature, row in zip(locus.features, locus.reference, strict=True) if "exon" in feature
    )
    return {exons[place : place + WORD_BP] for place in range(len(exons) - WORD_BP + 1)}


def with_borrowed_introns(locus: Locus, donor: Locus) -> Locus:
    """The locus with the donor's reference introns and UTRs as every allele's."""
    is_exon = ["exon" in feature for feature in locus.features]
    rows = tuple(own if exon else (lent,) for own, lent, exon in zip(locus.rows, donor.reference, is_exon, strict=True))
    alleles = {
        name: replace(
            allele, cells=tuple(cell if exon else 0 for cell, exon in zip(allele.cells, is_exon, strict=True))
        )
        for name, allele in locus.alleles.items()
    }
    return replace(locus, alleles=alleles, rows=rows)
