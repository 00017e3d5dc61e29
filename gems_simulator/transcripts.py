"""Spliced transcripts: the exons of whole genes, joined."""

from __future__ import annotations

from dataclasses import replace

from gems_reference.gene_level import bases
from gems_reference.library import Library, Locus
from gems_reference.panel import Panel, PanelRow
from gems_simulator.fragments import WholeGenes


class Transcripts(WholeGenes):
    """The typed genes of a library as their messages. An allele needs exons only to be drawn, not introns.

    Args:
        library: where the alleles are.
    """

    def __init__(self, library: Library) -> None:
        super().__init__(library)
        self._spliced: dict[str, Locus] = {}
        self.panel = Panel("transcripts", tuple(_row(self.locus(gene)) for gene in self.panel.loci))

    def locus(self, gene: str) -> Locus:
        """A gene without what is spliced out, nor its untranslated ends."""
        if gene not in self._spliced:
            self._spliced[gene] = spliced(self.library.locus(gene))
        return self._spliced[gene]

    def stated(self, locus: Locus) -> str:
        """The exons of a locus's reference allele that are stated as a whole, joined."""
        return super().stated(spliced(locus))


def spliced(locus: Locus) -> Locus:
    """A locus whose introns and untranslated ends have no columns, as if its release had no genomic alignment."""
    exons = ["exon" in feature for feature in locus.features]
    alleles = {
        name: replace(allele, cells=tuple(cell if exon else 0 for cell, exon in zip(allele.cells, exons, strict=True)))
        for name, allele in locus.alleles.items()
    }
    rows = tuple(own if exon else ("",) for own, exon in zip(locus.rows, exons, strict=True))
    return replace(locus, alleles=alleles, rows=rows)


def _row(locus: Locus) -> PanelRow:
    """One amplicon from the first exon's first base to the last exon's last, whatever bases these are."""
    exons = [feature for feature in locus.features if "exon" in feature]
    end = len(bases(locus.reference[locus.slot(exons[-1])]))
    return PanelRow(locus.name, "Transcript", exons[0], 0, exons[-1], end, "N", "N")
