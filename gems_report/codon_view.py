"""A change of a new allele among the codons around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gems_report.pages.typing_parts import Change, Exon

_BESIDE = 3
"""Codons shown on either side."""
_CODON_BP = 3


@dataclass(frozen=True)
class Codon:
    """Three bases, fewer at an exon's end, of the nearest allele and of the sequence that was found."""

    reference: str
    found: str

    @property
    def is_changed(self) -> bool:
        """Whether they differ."""
        return self.reference != self.found


@dataclass(frozen=True)
class CodonView:
    """Codons of one exon in a row.

    Attributes:
        allele: the one that the first line shows.
        first: position in the exon of the first base, counted from 1.
    """

    allele: str
    feature: str
    first: int
    codons: tuple[Codon, ...]


def codon_view(difference: Change, exons: Sequence[Exon]) -> CodonView | None:
    """The codons around a changed base of an exon; None for other changes, or where the exon was not drawn.

    Args:
        difference: of an unexplained sequence.
        exons: of the called alleles, which have the changed base's old letter at its position.
    """
    feature, position, cdna = difference.feature, difference.position, difference.cdna_position
    old, new = difference.old, difference.new
    is_one_base = len(old) == len(new) == 1 and "." not in (old, new)
    if not is_one_base or position is None or position < 1 or cdna is None:
        return None
    exon = next((one for one in exons if one.feature == feature and one.bases[position - 1 : position] == old), None)
    if exon is None:
        return None
    found = exon.bases[: position - 1] + new + exon.bases[position:]
    phase = (cdna - 1) % _CODON_BP
    begin = position - 1 - phase - _BESIDE * _CODON_BP
    starts = [begin + _CODON_BP * step for step in range(2 * _BESIDE + 1)]
    spans = [(max(start, 0), min(start + _CODON_BP, len(found))) for start in starts]
    codons = tuple(Codon(exon.bases[start:end], found[start:end]) for start, end in spans if start < end)
    return CodonView(exon.allele, feature, max(begin, 0) + 1, codons)
