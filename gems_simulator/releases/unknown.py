"""Alleles that a library does not know: which of its alleles to take away so that one of them is new to it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from gems_core.hla import AlleleName
from gems_reference.alignment import agree
from gems_reference.amplicons import window
from gems_reference.library import Library
from gems_simulator.genotypes import BESIDE_DRB1, Genotype, Products, draw_genotypes
from gems_simulator.releases.completed import CompletedProducts

Frequency = Literal["common", "rare", "partly stated"]
"""``common`` draws as people are drawn, ``rare`` each protein as often as any other, ``partly stated`` the same of the alleles that a
release leaves open somewhere: most are, and they are nearest to others that are."""
Beside = Literal["as drawn", "itself", "partly stated"]
"""The other allele of the locus; ``itself`` makes the person homozygous."""
MOST_TRIES = 10_000


@dataclass(frozen=True)
class UnknownAllele:
    """An allele of the whole library that a reduced one has nothing like.

    Attributes:
        name: its full name.
        taken_away: it and all alleles that reads of its exons could be of, or that share its protein.
    """

    name: str
    taken_away: frozenset[str]

    @property
    def gene(self) -> str:
        """E.g. ``DRB3``."""
        return self.name.partition("*")[0]


def draw_unknown(
    products: Products, frequency: Frequency, rng: random.Random, taken_away: frozenset[str] = frozenset()
) -> UnknownAllele:
    """Draw an allele to take away, each gene as likely as any, and so that its gene keeps alleles that can be drawn.

    Args:
        products: of the whole library.
        frequency: what kind of allele.
        rng: the only source of chance.
        taken_away: what goes as well.
    """
    references = _references(products.library, products)
    for _ in range(MOST_TRIES):
        gene = rng.choice(products.genes)
        drawn = _draw(products, gene, frequency, rng)
        unknown = UnknownAllele(drawn, alike(products, drawn))
        left = products.drawable(gene).keys() - unknown.taken_away - taken_away
        if left and not unknown.taken_away & references:
            return unknown
    raise AssertionError("every allele that was drawn is like a reference allele, or its gene's last")


def _references(library: Library, products: Products) -> frozenset[str]:
    """Alleles whose bases positions count; a library must keep them."""
    own = (about["reference_allele"] for about in library.summary["loci"].values())
    return frozenset((*own, *products.panel.counted_on.values()))


def _draw(products: Products, gene: str, frequency: Frequency, rng: random.Random) -> str:
    if frequency == "common":
        weights = products.drawable(gene)
        return rng.choices(list(weights), list(weights.values()))[0]
    if frequency == "partly stated":
        assert isinstance(products, CompletedProducts)
        names = products.partly_stated(gene)
    else:
        names = tuple(sorted(products.whole(gene)))
    by_protein: dict[str, list[str]] = {}
    for name in names:
        by_protein.setdefault(_protein(name), []).append(name)
    return rng.choice(rng.choice(list(by_protein.values())))


def alike(products: Products, allele: str) -> frozenset[str]:
    """Alleles that share a protein's name with an allele, or whose stated exon bases that are read are the allele's own."""
    columns = list(_exon_columns(products, allele))
    locus = products.locus(allele.partition("*")[0])
    own = "".join(locus.aligned(allele))
    read = [own[column] for column in columns]

    def fits(name: str) -> bool:
        other = "".join(locus.aligned(name))
        return agree(read, (other[column] for column in columns))

    return frozenset(name for name in locus.alleles if _protein(name) == _protein(allele) or fits(name))


def _exon_columns(products: Products, allele: str) -> Iterator[int]:
    """Columns of the exons between the primers of the allele's products, in the locus's joined features."""
    made = products.of_allele(allele)
    locus = products.locus(allele.partition("*")[0])
    windows = [window(locus, product.row) for product in made]
    for slot, feature in enumerate(locus.features):
        first = locus.feature_columns[slot]
        for column in range(first, first + len(locus.rows[slot][0])) if "exon" in feature else ():
            if any(place.inner_start <= column < place.inner_end for place in windows):
                yield column


def _protein(allele: str) -> str:
    return AlleleName.parse(allele).to_fields(2)


def draw_carrier(
    products: Products,
    unknown: UnknownAllele,
    taken_away: frozenset[str],
    rng: random.Random,
    beside: Beside = "as drawn",
) -> tuple[Genotype, ...]:
    """One person with an unknown allele in the place of one drawn, and with known alleles everywhere else.

    Args:
        products: of the whole library.
        unknown: what the person has.
        taken_away: everything that the reduced library lacks.
        rng: the only source of chance.
        beside: what the other allele of the locus is.
    """

    def companion(old: str) -> str:
        if beside == "itself":
            return unknown.name
        return _in_place_of(products, old, taken_away, rng) if beside == "partly stated" else old

    copies = 2 if beside == "itself" else 1
    for _ in range(MOST_TRIES):
        genotypes = tuple(_with(genotype, unknown.name, companion, rng) for genotype in draw_genotypes(products, rng))
        lacking = [allele for genotype in genotypes for allele in genotype.alleles if allele in taken_away]
        if set(lacking) == {unknown.name} and len(lacking) <= copies:
            return genotypes
    raise AssertionError(f"no drawn person could carry {unknown.name}")


def _with(genotype: Genotype, allele: str, companion: Callable[[str], str], rng: random.Random) -> Genotype:
    """The genotype with the allele in the place of one that stands beside the same genes, if it has one.

    If the other allele cannot be what it is to be, the genotype has no alleles: no person has it.
    """
    places = [place for place, old in enumerate(genotype.alleles) if _neighbours(old) == _neighbours(allele)]
    if not places:
        return genotype
    one = rng.choice(places)
    others = {old: companion(old) for place, old in enumerate(genotype.alleles) if place != one}
    if any(_neighbours(old) != _neighbours(new) for old, new in others.items()):
        return Genotype(genotype.locus, ())
    return Genotype(genotype.locus, tuple(sorted((allele, *others.values()))))


def _in_place_of(products: Products, old: str, taken_away: frozenset[str], rng: random.Random) -> str:
    """A partly stated allele that stands beside the same genes; where there is none, the old one."""
    assert isinstance(products, CompletedProducts)
    names = products.partly_stated(old.partition("*")[0])
    fit = [name for name in names if name not in taken_away and _neighbours(name) == _neighbours(old)]
    return rng.choice(fit) if fit else old


def _neighbours(allele: str) -> tuple[str, str]:
    """Gene, and for DRB1 the gene that stands beside it."""
    name = AlleleName.parse(allele)
    return name.gene, BESIDE_DRB1.get(name.fields[0], "") if name.gene == "DRB1" else ""
