"""How two people match: donor and recipient per gene at two fields, with the direction of a mismatch; parent and child.

Proteins decide, so an allele that is not expressed (suffix N) counts as absent for a transplant. A child inherits the
allele whether it is expressed or not, so it counts there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from math import prod

from gems_report.gl import Genotype
from gems_report.naming import cut, suffix_of
from gems_report.typings import Genes, ordered_genes

_FIELDS = 2
_COPIES = 2
_MOST_PAIRS = 1_000_000
_NOT_EXPRESSED = "N"
Proteins = frozenset[str]


class Grade(StrEnum):
    """How sure a match is, with all that the data leave open."""

    MATCH = "match"
    POTENTIAL = "potential match"
    MISMATCH = "mismatch"
    UNKNOWN = "not told"


@dataclass(frozen=True)
class GeneMatch:
    """A gene of donor and recipient.

    Attributes:
        matched: of two, by the called genotypes; None where one of the two has no call.
        graft_versus_host: what the recipient has and the donor lacks, so that the graft may attack it.
        host_versus_graft: what the donor has and the recipient lacks, so that the host may reject it.
        not_expressed: called alleles that count as absent.
    """

    gene: str
    grade: Grade
    matched: int | None
    graft_versus_host: tuple[str, ...] = ()
    host_versus_graft: tuple[str, ...] = ()
    not_expressed: tuple[str, ...] = ()


class Kinship(StrEnum):
    """Whether a child can have got an allele of a gene from a parent."""

    CONSISTENT = "consistent"
    POSSIBLE = "possible"
    INCONSISTENT = "inconsistent"
    UNKNOWN = "not told"


def match_grades(donor: Genes, recipient: Genes) -> list[GeneMatch]:
    """Every gene that donor or recipient have a call of, in the order of reports."""
    return [_match(gene, donor.get(gene, ()), recipient.get(gene, ())) for gene in ordered_genes({*donor, *recipient})]


def kinship(parent: Genes, child: Genes) -> dict[str, Kinship]:
    """Whether the child shares an allele with the parent, per gene, at two fields.

    Returns:
        ``CONSISTENT`` where every genotype that is left open shares one, ``POSSIBLE`` where some do.
    """
    return {gene: _kin(parent.get(gene, ()), child.get(gene, ())) for gene in ordered_genes({*parent, *child})}


def _match(gene: str, donor: tuple[Genotype, ...], recipient: tuple[Genotype, ...]) -> GeneMatch:
    if not donor or not recipient or not (_are_few(donor) and _are_few(recipient)):
        return GeneMatch(gene, Grade.UNKNOWN, None)
    givers, takers = _expressed(donor), _expressed(recipient)
    are_one, may_agree = len({*givers, *takers}) == 1, bool({*givers} & {*takers})
    grade = Grade.MATCH if are_one else Grade.POTENTIAL if may_agree else Grade.MISMATCH
    giver, taker = givers[0], takers[0]
    lacking, foreign = tuple(sorted(taker - giver)), tuple(sorted(giver - taker))
    silent = sorted({name for one in (donor[0], recipient[0]) for copy in one.copies for name in _silent(copy[:1])})
    shared = (_twice(giver) & _twice(taker)).total()
    return GeneMatch(gene, grade, shared, lacking, foreign, tuple(silent))


def _twice(proteins: Proteins) -> Counter[str]:
    """Two copies: a protein that stands alone is there twice."""
    return Counter({protein: _COPIES // len(proteins) for protein in proteins})


def _expressed(genotypes: tuple[Genotype, ...]) -> list[Proteins]:
    """The proteins of each genotype that is left open, the called one's first."""
    found = {frozenset(name for name in pair if not _silent([name])): None for pair in _pairs(genotypes)}
    return list(found)


def _kin(parent: tuple[Genotype, ...], child: tuple[Genotype, ...]) -> Kinship:
    if not parent or not child or not (_are_few(parent) and _are_few(child)):
        return Kinship.UNKNOWN
    givers, takers = {*map(frozenset, _pairs(parent))}, {*map(frozenset, _pairs(child))}
    if frozenset().union(*givers).isdisjoint(frozenset().union(*takers)):
        return Kinship.INCONSISTENT
    # All against all; where that were too much, some are known to share one, which is what is said then.
    if len(givers) * len(takers) <= _MOST_PAIRS and all(
        not one.isdisjoint(other) for one, other in product(givers, takers)
    ):
        return Kinship.CONSISTENT
    return Kinship.POSSIBLE


def _are_few(genotypes: tuple[Genotype, ...]) -> bool:
    """Whether so few pairs are open that they can be looked at one by one; of more nothing could be said."""
    return sum(prod(map(len, genotype.copies)) for genotype in genotypes) <= _MOST_PAIRS


def _pairs(genotypes: tuple[Genotype, ...]) -> list[tuple[str, ...]]:
    """The two-field names of each genotype that is left open, the called one's first."""
    found: dict[tuple[str, ...], None] = {}
    for genotype in genotypes:
        copies = [dict.fromkeys(cut(name, _FIELDS) for name in copy) for copy in genotype.copies]
        found.update(dict.fromkeys(product(*copies)))
    return list(found)


def _silent(names: Iterable[str]) -> list[str]:
    return [name for name in names if suffix_of(name) == _NOT_EXPRESSED]
