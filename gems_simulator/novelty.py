"""New alleles: a base in an exon that no allele of the library has there."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gems_core.bases import GAP
from gems_reference.amplicons import Amplicon, window
from gems_reference.library import Locus
from gems_simulator.genotypes import Genotype, Products


@dataclass(frozen=True)
class Novelty:
    """A substitution that makes a library's allele a new one.

    Attributes:
        allele: the allele that is changed.
        exon: e.g. ``exon3``.
        position: of the changed base, 1-based in the allele's exon.
        column: the same in the locus's joined features, 0-based.
        old: its base in the library.
        new: its base in the new allele.
    """

    allele: str
    exon: str
    position: int
    column: int
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.allele} {self.exon} {self.position}{self.old}>{self.new}"


def plant(products: Products, genotypes: Sequence[Genotype], share: float, rng: random.Random) -> tuple[Novelty, ...]:
    """New alleles for some of a person's heterozygous loci.

    Args:
        products: of the library and panel.
        genotypes: the person's.
        share: of the heterozygous loci that get one.
        rng: the only source of chance.
    """
    planted = []
    for genotype in genotypes if share > 0 else ():
        if len(set(genotype.alleles)) > 1 and rng.random() < share:
            allele = rng.choice(genotype.alleles)
            planted.append(rng.choice(list(_places(products, allele))).turned(rng))
    return tuple(planted)


@dataclass(frozen=True)
class _Place:
    allele: str
    exon: str
    position: int
    column: int
    old: str
    free: tuple[str, ...]

    def turned(self, rng: random.Random) -> Novelty:
        return Novelty(self.allele, self.exon, self.position, self.column, self.old, rng.choice(self.free))


def _places(products: Products, allele: str) -> Iterator[_Place]:
    """Bases of the exons between the primers where some base stands in no allele."""
    locus = products.locus(allele.partition("*")[0])
    windows = [window(locus, product.row) for product in products.of_allele(allele)]
    for slot, (exon, text) in enumerate(zip(locus.features, locus.aligned(allele), strict=True)):
        position = 0
        for offset, old in enumerate(text if "exon" in exon else ""):
            position += old != GAP
            column = locus.feature_columns[slot] + offset
            if old != GAP and any(place.inner_start <= column < place.inner_end for place in windows):
                free = _unused(locus, slot, offset)
                if free:
                    yield _Place(allele, exon, position, column, old, free)


def _unused(locus: Locus, slot: int, offset: int) -> tuple[str, ...]:
    seen = {row[offset] for row in locus.rows[slot]}
    return tuple(base for base in "ACGT" if base not in seen)


def changed(products: Products, product: Amplicon, novelties: Sequence[Novelty]) -> Amplicon:
    """A product of a new allele."""
    for novelty in novelties:
        if novelty.allele == product.allele:
            place = window(products.locus(product.row.locus), product.row)
            at = novelty.column - place.inner_start
            if 0 <= at < len(product.aligned):
                aligned = product.aligned[:at] + novelty.new + product.aligned[at + 1 :]
                product = replace(product, aligned=aligned)
    return product
