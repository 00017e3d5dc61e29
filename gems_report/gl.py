"""GL Strings: every genotype that the reads leave possible, as text and as values.

Source: Milius et al. 2013, "Genotype List String". ``|`` stands between genotypes, ``+`` between copies, ``~`` between
what is in phase, ``/`` between alleles that cannot be told apart, ``^`` between loci, each binding tighter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

Copy = tuple[str, ...]
"""The alleles that one copy of a gene may be, the called one first."""


@dataclass(frozen=True)
class Genotype:
    """The copies of a locus; one where one copy of the gene is there, two else."""

    copies: tuple[Copy, ...]

    @property
    def text(self) -> str:
        """As a term of a GL String."""
        return "+".join("/".join(copy) for copy in self.copies)


def genotypes_of(gl_string: str) -> tuple[Genotype, ...]:
    """The genotypes of one locus's GL String, the called one first; none of ''."""
    terms = [term for term in gl_string.split("|") if term]
    return tuple(Genotype(tuple(tuple(copy.split("/")) for copy in term.split("+"))) for term in terms)


def spaced(gl_string: str) -> str:
    """The GL String for people: spaces around ``|`` and ``+``."""
    return gl_string.replace("|", " | ").replace("+", " + ")


def names_in(genotypes: Iterable[Genotype]) -> tuple[str, ...]:
    """Every allele of some genotypes, once, in their order."""
    return tuple(dict.fromkeys(name for genotype in genotypes for copy in genotype.copies for name in copy))


def with_prefix(gl_string: str) -> str:
    """The GL String with ``HLA-`` before every allele, as NMDP's services write it."""
    return re.sub(r"(^|[\^|+~/])(?=[^\^|+~/])", r"\1HLA-", gl_string)


def gl_of(genotypes: Iterable[Genotype]) -> str:
    """The GL String of some genotypes of one locus."""
    return "|".join(genotype.text for genotype in genotypes)


def by_gene(genotypes: Iterable[Genotype]) -> dict[str, tuple[Genotype, ...]]:
    """The genotypes of each gene, where a locus holds several (DRB3, DRB4, DRB5); by gene, in name order.

    A GL String joins copies of one gene by ``+``, never copies of two.
    """
    found: dict[str, dict[Genotype, None]] = {}
    for genotype in genotypes:
        genes: dict[str, list[Copy]] = {}
        for copy in genotype.copies:
            genes.setdefault(gene_of(copy[0]), []).append(copy)
        for gene, copies in genes.items():
            found.setdefault(gene, {})[Genotype(tuple(copies))] = None
    return {gene: tuple(found[gene]) for gene in sorted(found)}


def gene_of(name: str) -> str:
    """The gene of an allele's name."""
    return name.split("*", 1)[0]
