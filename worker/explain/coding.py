"""Reading frame, codons and amino acids of an allele."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from gems_core.bases import GAP, UNKNOWN
from worker.explain.library import Gene

SIGNAL_PEPTIDE_CODONS = {
    **dict.fromkeys(("A", "B", "C", "G"), 24),
    **dict.fromkeys(("E", "F"), 21),
    **dict.fromkeys(("DRB1", "DRB2", "DRB3", "DRB4", "DRB5", "DRB6", "DRB7", "DRB8", "DRB9"), 29),
    **dict.fromkeys(("DRA", "DOA"), 25),
    **dict.fromkeys(("DMA", "DOB"), 26),
    "DMB": 18,
    "DQA1": 23,
    "DQB1": 32,
    **dict.fromkeys(("DPA1", "DPA2"), 31),
    **dict.fromkeys(("DPB1", "DPB2"), 29),
}
"""The mature protein's codon 1 follows them. Source: the lines `AA codon -n` at the head of IPD-IMGT/HLA's own alignments
(`<gene>_nuc.txt`, release 3.33.0; github.com/ANHIG/IMGTHLA, folder alignments)."""

STOP = "Ter"
_ORDER = "TCAG"
_LETTERS = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
_NAMES = dict(
    zip(
        "ARNDCQEGHILKMFPSTWYV*",
        ("Ala Arg Asn Asp Cys Gln Glu Gly His Ile Leu Lys Met Phe Pro Ser Thr Trp Tyr Val " + STOP).split(),
        strict=True,
    )
)
_CODE = {
    first + second + third: _NAMES[_LETTERS[16 * i + 4 * j + k]]
    for i, first in enumerate(_ORDER)
    for j, second in enumerate(_ORDER)
    for k, third in enumerate(_ORDER)
}
"""NCBI's translation table 1, in its own order of codons (ncbi.nlm.nih.gov/Taxonomy/Utils/wprintgc.cgi)."""


def amino_acid(codon: str) -> str | None:
    """Three letters, ``Ter`` for a stop, None for a codon that is not wholly known."""
    return _CODE.get(codon)


@dataclass(frozen=True)
class Codon:
    """A codon's numbers: of the mature protein (the signal peptide negative, no 0), and from the first ATG on, from 1."""

    number: int
    from_start: int


def codon_at(gene: str, cds_position: int) -> Codon | None:
    """The codon of a coding position (from 1) of the reference allele.

    HLA numbers codons by the reference allele, whatever another allele inserts or lacks before (some HLA-DQA1 lack codon 56).

    Returns:
        None for a gene without a protein of known signal peptide.
    """
    if gene not in SIGNAL_PEPTIDE_CODONS:
        return None
    from_start = (cds_position - 1) // 3 + 1
    number = from_start - SIGNAL_PEPTIDE_CODONS[gene]
    return Codon(number if number > 0 else number - 1, from_start)


@dataclass(frozen=True)
class CodingSequence:
    """An allele's exons in one, from the first base of exon 1; bases that the release does not state are ``*``."""

    gene: Gene
    allele: str

    @cached_property
    def exons(self) -> dict[str, str]:
        """Exon to its bases; where they are unknown, as many as the reference allele has."""
        names = [feature for feature in self.gene.features if feature.startswith("exon")]
        return {name: self._bases(name) for name in names}

    @cached_property
    def bases(self) -> str:
        """All exons."""
        return "".join(self.exons.values())

    def position(self, exon: str, position_in_exon: int) -> int:
        """The coding position, from 1, of a position, from 1, in an exon."""
        names = list(self.exons)
        return sum(len(self.exons[name]) for name in names[: names.index(exon)]) + position_in_exon

    def reference_position(self, exon: str, column: int) -> int:
        """The reference allele's coding position, from 1, at a column, from 0, of an exon; in a gap of it the base before."""
        reference = CodingSequence(self.gene, self.gene.reference)
        row = self.gene.piece(self.gene.reference, exon)[: column + 1]
        return max(1, reference.position(exon, len(row) - row.count(GAP)))

    def _bases(self, exon: str) -> str:
        own = self.gene.piece(self.allele, exon)
        reference = self.gene.piece(self.gene.reference, exon)
        return "".join(
            base
            for base, other in zip(own, reference, strict=True)
            if base != GAP and not (base == UNKNOWN and other == GAP)
        )
