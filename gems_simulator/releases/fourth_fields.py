"""Alleles that differ outside of exons only: people of whom each name of a third field is as likely as another."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from gems_core.hla import AlleleName
from gems_simulator.genotypes import Genotype, Products


def with_any_fourth_field(
    products: Products, genotypes: Sequence[Genotype], rng: random.Random
) -> tuple[Genotype, ...]:
    """The same people, each allele changed for one that shares its first three fields, or kept.

    Args:
        products: what is read; only alleles that are known as a whole there are taken.
        genotypes: of one person.
        rng: the only source of chance.
    """
    return tuple(
        replace(genotype, alleles=tuple(sorted(_any(products, allele, rng) for allele in genotype.alleles)))
        for genotype in genotypes
    )


def _any(products: Products, allele: str, rng: random.Random) -> str:
    gene, fields = allele.partition("*")[0], _three_fields(allele)
    return rng.choice(sorted(name for name in products.whole(gene) if _three_fields(name) == fields))


def _three_fields(allele: str) -> tuple[str, ...]:
    return AlleleName.parse(allele).fields[:3]
