"""New alleles: a base that no allele of the library has there, or bases more or fewer, in an exon or an intron."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gems_core.bases import GAP
from gems_reference.amplicons import Amplicon, window
from gems_reference.gene_level import bases
from gems_reference.library import Locus
from gems_simulator.genotypes import Genotype, Products

NO_BASE = "."
MARGIN_BP = 10
"""Bases on either side of a gap that must be read as well."""
SHORT_BP = 3
SPLICE_BP = 2
"""Bases at either end of an intron that the message is cut by."""


@dataclass(frozen=True)
class Novelty:
    """A substitution, an insertion or a deletion that makes a library's allele a new one.

    Attributes:
        allele: the allele that is changed.
        exon: e.g. ``exon3``; ``intron3`` for a change of an intron.
        position: of the first changed base, or of the base before which others are inserted; 1-based in the allele's exon
            or intron.
        column: the same in the locus's joined features, 0-based.
        old: its bases in the library; ``.`` where others are inserted.
        new: its bases in the new allele; ``.`` where they are deleted.
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


def plant_splice_change(products: Products, allele: str, rng: random.Random) -> Novelty | None:
    """Another base at the first or last two of an intron of an allele; None where the release states none that is copied."""
    locus = products.locus(allele.partition("*")[0])
    windows = [window(locus, product.row) for product in products.of_allele(allele)]
    places = []
    if not products.library.locus(locus.name).has_genomic_sequence:  # introns are borrowed, so no change can be seen
        return None
    for slot, columns in _stated(locus, allele, "intron"):
        text = bases(locus.aligned(allele)[slot])
        for at in (*range(SPLICE_BP), *range(len(text) - SPLICE_BP, len(text))):
            if any(place.inner_start <= columns[at] < place.inner_end for place in windows):
                free = _unused(locus, slot, columns[at] - locus.feature_columns[slot])
                if free:
                    places.append(_Place(allele, locus.features[slot], at + 1, columns[at], text[at], free))
    return rng.choice(places).turned(rng) if places else None


def _stated(locus: Locus, allele: str, kind: str) -> Iterator[tuple[int, list[int]]]:
    """Slots of exons or introns that the release states for an allele as a whole, and the columns of their bases."""
    for slot, (feature, text) in enumerate(zip(locus.features, locus.aligned(allele), strict=True)):
        if kind in feature and text and "*" not in text:
            yield slot, [locus.feature_columns[slot] + offset for offset, base in enumerate(text) if base != GAP]


def plant_gap(
    products: Products, allele: str, size_bp: int, rng: random.Random, *, inserted: bool, kind: str = "exon"
) -> Novelty | None:
    """An insertion or deletion in an exon or intron of an allele, told in the last place that equal bases allow.

    Args:
        products: of the library and panel.
        allele: what is changed.
        size_bp: how many bases; of an insertion of more than three they repeat those before it, as most do.
        rng: the only source of chance.
        inserted: whether bases are inserted, not deleted.
        kind: ``exon`` or ``intron``.

    Returns:
        None where the release states none whole that is copied.
    """
    places = list(_gap_places(products, allele, size_bp, kind))
    if not places:
        return None
    slot, at = rng.choice(places)
    locus = products.locus(allele.partition("*")[0])
    aligned = locus.aligned(allele)[slot]
    text = bases(aligned)
    repeated = text[at - size_bp : at] if size_bp > SHORT_BP else "".join(rng.choices("ACGT", k=size_bp))
    turned = repeated if inserted else text[at : at + size_bp]
    following = at if inserted else at + size_bp
    while following < len(text) - 1 and text[following] == turned[0]:
        turned, at, following = turned[1:] + turned[0], at + 1, following + 1
    column = locus.feature_columns[slot] + [offset for offset, base in enumerate(aligned) if base != GAP][at]
    old, new = (NO_BASE, turned) if inserted else (turned, NO_BASE)
    return Novelty(allele, locus.features[slot], at + 1, column, old, new)


def _gap_places(products: Products, allele: str, size_bp: int, kind: str) -> Iterator[tuple[int, int]]:
    """Slots and places of exons or introns that lie under a product with some bases beside them."""
    locus = products.locus(allele.partition("*")[0])
    windows = [window(locus, product.row) for product in products.of_allele(allele)]
    for slot, columns in _stated(locus, allele, kind):
        for at in range(size_bp, len(columns) - size_bp - 1):
            first, last = columns[max(0, at - MARGIN_BP)], columns[min(len(columns) - 1, at + size_bp + MARGIN_BP)]
            if any(place.inner_start <= first and last < place.inner_end for place in windows):
                yield slot, at


def changed(products: Products, product: Amplicon, novelties: Sequence[Novelty]) -> Amplicon:
    """A product of a new allele."""
    for novelty in novelties:
        if novelty.allele == product.allele:
            place = window(products.locus(product.row.locus), product.row)
            at = novelty.column - place.inner_start
            if 0 <= at < len(product.aligned):
                product = replace(product, aligned=_changed(product.aligned, at, novelty))
    return product


def _changed(aligned: str, at: int, novelty: Novelty) -> str:
    old, new = novelty.old.strip(NO_BASE), novelty.new.strip(NO_BASE)
    end = at
    for _ in old:
        end += 1
        while end < len(aligned) and aligned[end] == GAP:
            end += 1
    return aligned[:at] + new + aligned[end:]
