"""The products in a sample's tube, in the proportions in which they are sequenced."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gems_core.errors import InvalidInput
from gems_core.hla import CLASS_1_LOCI
from gems_reference.amplicons import Amplicon, amplicons
from gems_reference.panel import PanelRow
from gems_simulator.artefacts import early_errors, slip, without_dropout, without_one
from gems_simulator.errors import scatter
from gems_simulator.genotypes import Genotype, Products
from gems_simulator.novelty import Novelty, changed
from gems_simulator.settings import RunSettings

PSEUDOGENE = "H"
SMALLEST_YIELD = 0.1
SMALLEST_SHARE = 0.02
BALANCED = 0.5


@dataclass(frozen=True)
class Tube:
    """One amplicon of one sample.

    Attributes:
        products: of its alleles, one or two.
        shares: of the pairs, for each product.
        intruders: products of a pseudogene that the primers also copy.
        pairs: how many pairs it yields.
        early: for each product a copy with a wrong base, or none at all.
    """

    products: tuple[Amplicon, ...]
    shares: tuple[float, ...]
    intruders: tuple[Amplicon, ...]
    pairs: int
    early: tuple[str, ...] = ()


def fill_tubes(
    products: Products,
    genotypes: Sequence[Genotype],
    settings: RunSettings,
    rng: random.Random,
    novelties: Sequence[Novelty] = (),
) -> tuple[Tube, ...]:
    """A sample's tubes: one for each amplicon and gene of its genotypes."""
    tubes: list[Tube] = []
    for genotype in genotypes:
        genes = dict.fromkeys(allele.partition("*")[0] for allele in genotype.alleles)
        for gene in genes:
            alleles = [allele for allele in genotype.alleles if allele.startswith(f"{gene}*")]
            tubes += _fill(products, alleles, novelties, settings, rng)
    return tuple(tubes)


def _fill(
    products: Products,
    alleles: Sequence[str],
    novelties: Sequence[Novelty],
    settings: RunSettings,
    rng: random.Random,
) -> Iterator[Tube]:
    made = without_dropout([_products(products, allele, novelties) for allele in alleles], settings.dropout_share, rng)
    rows = products.panel.of_locus(alleles[0].partition("*")[0])
    kept = without_one([row.amplicon for row in rows], settings.missing_share, rng)
    mean = _mean_share(settings, rng)
    for row in rows:
        present = tuple(by_name[row.amplicon] for by_name in made if row.amplicon in by_name)
        if present and row.amplicon in kept:
            yielded = max(SMALLEST_YIELD, rng.gauss(1.0, settings.pairs_spread))
            first = min(1 - SMALLEST_SHARE, max(SMALLEST_SHARE, rng.gauss(mean, settings.allele_share_spread)))
            shares = (first, 1 - first) if len(present) > 1 else (1.0,)
            # A gene on one chromosome only gives half the copies.
            pairs = round(settings.pairs_per_amplicon * yielded * (1.0 if len(alleles) > 1 else 0.5))
            early = early_errors(present, settings.early_error_share, rng)
            yield Tube(present, shares, _intruders(products, row), pairs, early)


def one_allele_each(tubes: Sequence[Tube]) -> tuple[Tube, ...]:
    """The same yields, each allele's products in tubes of their own, one allele's after the other's."""
    alone = [
        replace(
            tube,
            products=(product,),
            shares=(1.0,),
            pairs=round(tube.pairs * share),
            early=tube.early[number : number + 1],
        )
        for tube in tubes
        for number, (product, share) in enumerate(zip(tube.products, tube.shares, strict=True))
    ]
    return tuple(sorted(alone, key=lambda tube: tube.products[0].allele))


def _products(products: Products, allele: str, novelties: Sequence[Novelty]) -> dict[str, Amplicon]:
    return {made.row.amplicon: changed(products, made, novelties) for made in products.of_allele(allele)}


def _mean_share(settings: RunSettings, rng: random.Random) -> float:
    """The first allele's share; which of the two is the weaker is chance."""
    turned = settings.allele_share != BALANCED and rng.random() < BALANCED
    return 1 - settings.allele_share if turned else settings.allele_share


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
        chimeric = len(tube.products) > 1 and rng.random() < settings.chimera_share
        sequence = _chimera(tube.products, rng) if chimeric else _copy(tube, settings, rng)
    return slip(scatter(sequence, settings.pcr_error_rate, rng), settings.slippage_rate, rng)


def _copy(tube: Tube, settings: RunSettings, rng: random.Random) -> str:
    """One allele's product, faulty from the first cycles or not."""
    number = 0 if rng.random() < tube.shares[0] else len(tube.products) - 1
    if tube.early and rng.random() < settings.early_error_share:
        return tube.early[number]
    return tube.products[number].sequence


def _chimera(products: Sequence[Amplicon], rng: random.Random) -> str:
    """One allele up to a column, the other from there."""
    one, other = rng.sample(products, 2)
    column = rng.randrange(1, max(2, len(one.aligned)))
    return replace(one, aligned=one.aligned[:column] + other.aligned[column:]).sequence
