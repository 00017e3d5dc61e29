"""People beside whose products a by-product of two primers looks like one more allele's.

A release lists null alleles that lack all that lies between two primers. Their product is the primers alone, as a primer dimer is.
Where such an allele equals another one in all other amplicons, nothing but the dimer tells a homozygous person of the other
allele from a heterozygous one.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from gems_core.bases import UNKNOWN
from gems_reference.alignment import agree
from gems_reference.amplicons import amplicons
from gems_reference.gene_level import bases
from gems_simulator.genotypes import Genotype, Products


def twins_of_empty(products: Products) -> dict[str, tuple[str, ...]]:
    """For each gene that has some: alleles that may be drawn and are like one that has nothing between two primers.

    Like says: of the same bases, as far as they are stated, in every amplicon in which the other one has any.
    """
    twins = {gene: _twins(products, gene) for gene in products.genes}
    return {gene: own for gene, own in twins.items() if own}


def _twins(products: Products, gene: str) -> tuple[str, ...]:
    rows = products.panel.of_locus(gene)
    made = [{product.allele: product.aligned for product in amplicons(products.locus(gene), row)} for row in rows]
    found: dict[str, None] = {}
    for name in products.locus(gene).alleles:
        left = [by_allele for by_allele in made if bases(by_allele[name])]
        if len(left) < len(made) and any(by_allele[name].strip(UNKNOWN) for by_allele in left):
            drawable = products.drawable(gene)
            found |= dict.fromkeys(twin for twin in drawable if all(agree(own[twin], own[name]) for own in left))
    return tuple(found)


def with_twins(
    genotypes: Sequence[Genotype], twins: Mapping[str, Sequence[str]], rng: random.Random
) -> tuple[Genotype, ...]:
    """A person's genotypes, homozygous for such a twin in every gene that has one.

    Args:
        genotypes: as drawn.
        twins: of ``twins_of_empty``.
        rng: the only source of chance.
    """
    chosen = {gene: rng.choice(own) for gene, own in twins.items()}
    return tuple(
        Genotype(
            genotype.locus, tuple(sorted(chosen.get(allele.partition("*")[0], allele) for allele in genotype.alleles))
        )
        for genotype in genotypes
    )
