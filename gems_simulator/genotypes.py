"""Draw genotypes: two alleles of each locus, whole under every amplicon, common ones where the library knows which are."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass

from gems_core.errors import one_problem
from gems_core.hla import CLASS_1_LOCI, CLASS_2_LOCI, DRB345_GENES, AlleleName
from gems_reference.amplicons import Amplicon, amplicon, amplicons, panel_locus
from gems_reference.library import Library, Locus
from gems_reference.panel import Panel

# Which gene stands beside DRB1 on a haplotype, by DRB1's first field; the others (01, 08, 10) have none of them.
# Source: the DR51, DR52 and DR53 haplotype groups (hla.alleles.org/nomenclature).
BESIDE_DRB1 = {
    **dict.fromkeys(("15", "16"), "DRB5"),
    **dict.fromkeys(("03", "11", "12", "13", "14"), "DRB3"),
    **dict.fromkeys(("04", "07", "09"), "DRB4"),
}
EXPRESSED = re.compile(r".*[0-9]")


@dataclass(frozen=True)
class Genotype:
    """One person's alleles at a reported locus: two, or for DRB345 none to two."""

    locus: str
    alleles: tuple[str, ...]


class Products:
    """The PCR products of a library's alleles under a panel.

    Args:
        library: where the alleles are.
        panel: what is amplified.
    """

    def __init__(self, library: Library, panel: Panel) -> None:
        self.library = library
        self.panel = panel
        self._loci: dict[str, Locus] = {}
        self._drawable: dict[str, dict[str, float]] = {}

    @property
    def genes(self) -> tuple[str, ...]:
        """Genes of the panel that the library has."""
        return tuple(name for name in self.panel.loci if name in self.library.loci)

    def locus(self, gene: str) -> Locus:
        """A gene as the panel counts it."""
        if gene not in self._loci:
            self._loci[gene] = panel_locus(self.library, self.panel, gene)
        return self._loci[gene]

    def of_allele(self, allele: str) -> tuple[Amplicon, ...]:
        """An allele's products, those that are made.

        Raises:
            InvalidInput: a product has unknown bases, so no reads can be made of it.
        """
        gene = allele.partition("*")[0]
        made = [amplicon(self.locus(gene), row, allele) for row in self.panel.of_locus(gene)]
        unknown = [product.row.amplicon for product in made if not product.is_known]
        if unknown:
            raise one_problem(
                "unknown_bases",
                allele,
                "an allele known under the whole panel",
                f"unknown bases in {', '.join(unknown)}",
                "Choose another allele.",
            )
        return tuple(product for product in made if product.is_made)

    def drawable(self, gene: str) -> dict[str, float]:
        """The alleles that may be drawn, with their weights."""
        if gene not in self._drawable:
            locus = self.locus(gene)
            whole = self.whole(gene)
            common = {name for name in whole if locus.alleles[name].ciwd == "C"}
            self._drawable[gene] = {name: weight(name) for name in locus.alleles if name in (common or whole)}
        return self._drawable[gene]

    def whole(self, gene: str) -> set[str]:
        """Alleles without an expression suffix, of which every amplicon is known and made."""
        locus = self.locus(gene)
        whole = {name for name in locus.alleles if EXPRESSED.fullmatch(name)}
        for row in self.panel.of_locus(locus.name):
            whole &= {product.allele for product in amplicons(locus, row) if product.is_known and product.is_made}
        return whole


def weight(allele: str) -> float:
    """Low numbers were given first, for the alleles are common: one over the square of the product of the fields that count.

    The first field counts in DP genes only, where it is a serial number; elsewhere it is a serological group.
    """
    name = AlleleName.parse(allele)
    product = 1
    for field in name.fields[0 if name.gene.startswith("DP") else 1 :]:
        product *= max(1, int(field))
    return float(product) ** -2


def draw_genotypes(products: Products, rng: random.Random, homozygous_share: float = 0.0) -> tuple[Genotype, ...]:
    """One person: two draws a locus, DRB345 by what stands beside the DRB1 alleles.

    Args:
        products: of the library and panel.
        rng: the only source of chance.
        homozygous_share: loci, DRB345 apart, that get one allele twice, beside those that get it by chance.
    """
    genotypes: list[Genotype] = []
    for locus in CLASS_1_LOCI + CLASS_2_LOCI:
        if locus == "DRB345":
            genotypes += _beside(products, genotypes, rng)
        elif locus in products.genes:
            genotypes.append(Genotype(locus, _draw_two(products, locus, homozygous_share, rng)))
    return tuple(genotypes)


def _draw_two(products: Products, gene: str, homozygous_share: float, rng: random.Random) -> tuple[str, ...]:
    first = _draw(products, gene, rng)
    twice = homozygous_share > 0 and rng.random() < homozygous_share
    return tuple(sorted((first, first if twice else _draw(products, gene, rng))))


def _beside(products: Products, genotypes: Iterable[Genotype], rng: random.Random) -> list[Genotype]:
    if not set(DRB345_GENES) & set(products.genes):
        return []
    drb1 = [allele for genotype in genotypes if genotype.locus == "DRB1" for allele in genotype.alleles]
    genes = [BESIDE_DRB1.get(AlleleName.parse(allele).fields[0], "") for allele in drb1]
    return [Genotype("DRB345", tuple(sorted(_draw(products, gene, rng) for gene in genes if gene in products.genes)))]


def _draw(products: Products, gene: str, rng: random.Random) -> str:
    weights = products.drawable(gene)
    if not weights:
        raise one_problem(
            "nothing_to_draw",
            gene,
            "an allele known under the whole panel",
            "none",
            "Use another release, or leave the locus out of the panel.",
        )
    return rng.choices(list(weights), list(weights.values()))[0]
