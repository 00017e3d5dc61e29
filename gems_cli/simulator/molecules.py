"""The products in a sample's tube, in the proportions in which they are sequenced."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gems_cli.reference.amplicons import Amplicon, amplicons
from gems_cli.reference.panel import PanelRow
from gems_cli.simulator.errors import scatter
from gems_cli.simulator.genotypes import Genotype, Products
from gems_cli.simulator.settings import RunSettings
from gems_core.errors import InvalidInput
from gems_core.hla import CLASS_1_LOCI

PSEUDOGENE = "H"
SMALLEST_YIELD = 0.1


@dataclass(frozen=True)
class Tube:
    """One amplicon of one sample.

    Attributes:
        products: of its alleles, one or two.
        shares: of the pairs, for each product.
        intruders: products of a pseudogene that the primers also copy.
        pairs: how many pairs it yields.
    """

    products: tuple[Amplicon, ...]
    shares: tuple[float, ...]
    intruders: tuple[Amplicon, ...]
    pairs: int


def fill_tubes(
    products: Products, genotypes: Sequence[Genotype], settings: RunSettings, rng: random.Random
) -> tuple[Tube, ...]:
    """A sample's tubes: one for each amplicon and gene of its genotypes."""
    tubes: list[Tube] = []
    for genotype in genotypes:
        genes = dict.fromkeys(allele.partition("*")[0] for allele in genotype.alleles)
        for gene in genes:
            alleles = [allele for allele in genotype.alleles if allele.startswith(f"{gene}*")]
            tubes += _fill(products, alleles, settings, rng)
    return tuple(tubes)


def _fill(products: Products, alleles: Sequence[str], settings: RunSettings, rng: random.Random) -> Iterator[Tube]:
    made = [{product.row.amplicon: product for product in products.of_allele(allele)} for allele in alleles]
    for row in products.panel.of_locus(alleles[0].partition("*")[0]):
        present = [by_name[row.amplicon] for by_name in made if row.amplicon in by_name]
        if present:
            yielded = max(SMALLEST_YIELD, rng.gauss(1.0, settings.pairs_spread))
            first = min(0.9, max(0.1, rng.gauss(0.5, settings.allele_share_spread)))
            shares = (first, 1 - first) if len(present) > 1 else (1.0,)
            intruders = _intruders(products, row)
            # A gene on one chromosome only gives half the copies.
            pairs = round(settings.pairs_per_amplicon * yielded * (1.0 if len(alleles) > 1 else 0.5))
            yield Tube(tuple(present), shares, intruders, pairs)


def _intruders(products: Products, row: PanelRow) -> tuple[Amplicon, ...]:
    """What a class I row's primers copy from HLA-H, where the library has it and its features are alike."""
    if row.locus not in CLASS_1_LOCI or PSEUDOGENE not in products.library.loci:
        return ()
    locus = products.library.locus(PSEUDOGENE)
    try:
        return tuple(product for product in amplicons(locus, row) if product.is_known and product.is_made)
    except InvalidInput:
        return ()


def draw_molecule(tube: Tube, settings: RunSettings, rng: random.Random) -> str:
    """One product of a tube, 5' to 3' on the coding strand, with the faults of PCR."""
    if tube.intruders and rng.random() < settings.pseudogene_share:
        sequence = rng.choice(tube.intruders).sequence
    else:
        product = tube.products[0] if rng.random() < tube.shares[0] else tube.products[-1]
        chimeric = len(tube.products) > 1 and rng.random() < settings.chimera_share
        sequence = _chimera(tube.products, rng) if chimeric else product.sequence
    return scatter(sequence, settings.pcr_error_rate, rng)


def _chimera(products: Sequence[Amplicon], rng: random.Random) -> str:
    """One allele up to a column, the other from there."""
    one, other = rng.sample(products, 2)
    column = rng.randrange(1, max(2, len(one.aligned)))
    return replace(one, aligned=one.aligned[:column] + other.aligned[column:]).sequence
