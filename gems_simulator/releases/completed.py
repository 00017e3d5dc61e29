"""Alleles that a release states in part: what it leaves open is taken from the most similar allele that it states as a whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from gems_core.bases import UNKNOWN
from gems_reference.amplicons import Amplicon, amplicon
from gems_reference.library import Library, Locus
from gems_reference.panel import Panel
from gems_simulator.genotypes import EXPRESSED, Products


class CompletedProducts(Products):
    """Products under a panel, also of alleles with unknown bases there: each is completed when it is first asked for.

    Args:
        library: where the alleles are.
        panel: what is amplified.
    """

    def __init__(self, library: Library, panel: Panel) -> None:
        super().__init__(library, panel)
        self._whole: dict[str, set[str]] = {}

    def whole(self, gene: str) -> set[str]:
        """Alleles without an expression suffix that the release itself states in every amplicon."""
        if gene not in self._whole:
            self._whole[gene] = super().whole(gene)
        return self._whole[gene]

    def partly_stated(self, gene: str) -> tuple[str, ...]:
        """The other alleles without an expression suffix, in the release's order."""
        names = self.library.locus(gene).alleles
        return tuple(name for name in names if EXPRESSED.fullmatch(name) and name not in self.whole(gene))

    def of_allele(self, allele: str) -> tuple[Amplicon, ...]:
        """An allele's products, those that are made; open bases are those of the nearest whole allele."""
        gene = allele.partition("*")[0]
        locus = self.locus(gene)
        if not all(amplicon(locus, row, allele).is_known for row in self.panel.of_locus(gene)):
            self._loci[gene] = completed(locus, allele, nearest(locus, allele, sorted(self.whole(gene))))
        return super().of_allele(allele)


def nearest(locus: Locus, allele: str, others: Iterable[str]) -> str:
    """The one of some alleles that differs from an allele in the fewest bases that both state."""
    own = "".join(locus.aligned(allele))
    columns = [column for column, base in enumerate(own) if base != UNKNOWN]

    def differences(name: str) -> int:
        other = "".join(locus.aligned(name))
        return sum(other[column] not in (own[column], UNKNOWN) for column in columns)

    return min(others, key=differences)


def completed(locus: Locus, allele: str, donor: str) -> Locus:
    """A locus in which an allele's unknown bases are another allele's."""
    filled = [
        "".join(lent if base == UNKNOWN else base for base, lent in zip(row, other, strict=True))
        for row, other in zip(locus.aligned(allele), locus.aligned(donor), strict=True)
    ]
    rows = tuple((*own, new) for own, new in zip(locus.rows, filled, strict=True))
    cells = tuple(len(own) for own in locus.rows)
    return replace(locus, rows=rows, alleles={**locus.alleles, allele: replace(locus.alleles[allele], cells=cells)})
