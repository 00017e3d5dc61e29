"""Two typings beside each other: per sample and gene the same, more or less resolved, or different, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from itertools import product
from math import prod

from gems_core.errors import InvalidInput
from gems_core.hla import AlleleName
from gems_report.gl import Genotype, gl_of
from gems_report.naming import cut
from gems_report.typings import Typings, ordered_genes

ALL_FIELDS = 4
# On the command line; a page takes fewer. A gene of which little is known leaves some ten thousand.
MOST_PAIRS = 10_000_000
_GROUP_FIELDS = {"G": 3, "P": 2}
Pair = tuple[str, str]


class Relation(StrEnum):
    """How the second typing of a gene stands to the first."""

    SAME = "same"
    MORE_RESOLVED = "more resolved"
    LESS_RESOLVED = "less resolved"
    OVERLAPPING = "overlapping"
    DIFFERENT = "different"
    ONLY_IN_FIRST = "only in first"
    ONLY_IN_SECOND = "only in second"
    NOT_COMPARED = "not compared"


@dataclass(frozen=True)
class Comparison:
    """A gene of a sample in two typings.

    Attributes:
        gene: '' where only one of the typings has the sample.
        first, second: GL Strings; '' without a call.
        why: one sentence; '' where they are the same.
    """

    sample: str
    gene: str
    relation: Relation
    first: str
    second: str
    why: str


class Budget:
    """How many pairs of alleles may still be compared: a few letters of a file can leave billions open.

    Args:
        most_pairs: of all genes together.
    """

    def __init__(self, most_pairs: int) -> None:
        self._left = most_pairs

    def allows(self, *typings: tuple[Genotype, ...]) -> bool:
        """Whether a gene's genotypes may be compared; then they are counted."""
        pairs = sum(_count_pairs(genotypes) for genotypes in typings)
        if pairs > self._left:
            return False
        self._left -= pairs
        return True


def compare_typings(
    first: Typings, second: Typings, *, fields: int = ALL_FIELDS, most_pairs: int = MOST_PAIRS
) -> list[Comparison]:
    """Every gene of every sample of two typings, in the order of reports.

    Args:
        first: the earlier, or the other laboratory's.
        second: what is compared with it.
        fields: names are compared up to so many; a name that has fewer in one typing is compared up to these.
        most_pairs: of alleles that are compared, of all genes together; what is beyond is ``NOT_COMPARED``.
    """
    budget = Budget(most_pairs)
    return [
        one
        for sample in sorted({*first, *second})
        for one in _compare_sample(sample, first.get(sample), second.get(sample), fields, budget)
    ]


def are_same(found: list[Comparison]) -> bool:
    """Whether two typings say the same."""
    return all(one.relation is Relation.SAME for one in found)


def relation_of(first: tuple[Genotype, ...], second: tuple[Genotype, ...], fields: int = ALL_FIELDS) -> Relation:
    """How two lists of genotypes of one gene stand to each other.

    One covers the other where each genotype of that is one of its own, or a finer one: ``A*02:01`` covers ``A*02:01:04``
    and not ``A*02:01:01:02N``, for a name without a suffix is of an allele that is expressed.
    """
    old, new = pairs_of(first, fields), pairs_of(second, fields)
    back, forth = _covers(old, new), _covers(new, old)
    if back and forth:
        return Relation.SAME
    if back:
        return Relation.MORE_RESOLVED
    if forth:
        return Relation.LESS_RESOLVED
    return Relation.OVERLAPPING if _meet(old, new) else Relation.DIFFERENT


def pairs_of(genotypes: tuple[Genotype, ...], fields: int = ALL_FIELDS) -> frozenset[Pair]:
    """Every pair of alleles that the genotypes leave open, each in order; one copy counts as two of its allele."""
    found: set[Pair] = set()
    for genotype in genotypes:
        copies = [{cut(name, fields) for name in copy} for copy in genotype.copies]
        if len(copies) == 1:
            found.update((name, name) for name in copies[0])
        else:
            found.update(_ordered(one, two) for one, two in product(*copies[:2]))
    return frozenset(found)


def _compare_sample(
    sample: str,
    first: Mapping[str, tuple[Genotype, ...]] | None,
    second: Mapping[str, tuple[Genotype, ...]] | None,
    fields: int,
    budget: Budget,
) -> Iterator[Comparison]:
    if first is None:
        yield Comparison(sample, "", Relation.ONLY_IN_SECOND, "", "", "The first typing has no such sample.")
        return
    if second is None:
        yield Comparison(sample, "", Relation.ONLY_IN_FIRST, "", "", "The second typing has no such sample.")
        return
    for gene in ordered_genes({*first, *second}):
        old, new = first.get(gene, ()), second.get(gene, ())
        relation = _relation(old, new, fields, budget)
        yield Comparison(sample, gene, relation, gl_of(old), gl_of(new), _why(relation, old, new, fields))


def _relation(old: tuple[Genotype, ...], new: tuple[Genotype, ...], fields: int, budget: Budget) -> Relation:
    if old == new:
        return Relation.SAME
    if old and new:
        return relation_of(old, new, fields) if budget.allows(old, new) else Relation.NOT_COMPARED
    if old:
        return Relation.ONLY_IN_FIRST
    return Relation.ONLY_IN_SECOND if new else Relation.SAME


def _count_pairs(genotypes: tuple[Genotype, ...]) -> int:
    return sum(prod(len(copy) for copy in genotype.copies) for genotype in genotypes)


def _why(relation: Relation, old: tuple[Genotype, ...], new: tuple[Genotype, ...], fields: int) -> str:
    if relation is Relation.SAME:
        return ""
    if relation is Relation.NOT_COMPARED:
        return f"They leave {_count_pairs(old)} and {_count_pairs(new)} pairs of alleles open: more than are compared at once."
    before, after = len(pairs_of(old, fields)), len(pairs_of(new, fields))
    words = {
        Relation.MORE_RESOLVED: f"Each genotype of the second ({after}) is one of the first ({before}), or finer.",
        Relation.LESS_RESOLVED: f"Each genotype of the first ({before}) is one of the second ({after}), or finer.",
        Relation.OVERLAPPING: f"They share some of {before} and {after} genotypes; each has some that the other excludes.",
        Relation.DIFFERENT: f"No genotype is in both: called {_called(old, fields)} and {_called(new, fields)}.",
        Relation.ONLY_IN_FIRST: "The second typing has no call.",
        Relation.ONLY_IN_SECOND: "The first typing has no call.",
    }
    return words[relation]


def _called(genotypes: tuple[Genotype, ...], fields: int) -> str:
    return "+".join(cut(copy[0], fields) for genotype in genotypes[:1] for copy in genotype.copies)


def _covers(coarse: frozenset[Pair], fine: frozenset[Pair]) -> bool:
    """Whether each pair of ``fine`` is one of ``coarse`` or a finer one."""
    holds = _holder(coarse)
    return all(map(holds, fine))


def _meet(old: frozenset[Pair], new: frozenset[Pair]) -> bool:
    """Whether some pair of one is a pair of the other, or a finer one."""
    return any(map(_holder(old), new)) or any(map(_holder(new), old))


def _holder(coarse: frozenset[Pair]) -> Callable[[Pair], bool]:
    """What tells whether a pair is one of ``coarse`` or a finer one; only names that stand there are put together."""
    names = {name for pair in coarse for name in pair}

    @cache
    def known_over(name: str) -> tuple[str, ...]:
        return tuple(one for one in _names_over(name) if one in names)

    def holds(pair: Pair) -> bool:
        return any(_ordered(one, two) in coarse for one, two in product(known_over(pair[0]), known_over(pair[1])))

    return holds


@lru_cache(maxsize=20_000)
def _names_over(name: str) -> tuple[str, ...]:
    """The name, what it is with fewer fields, and the groups that are named after it; its own name first."""
    try:
        parsed = AlleleName.parse(name)
    except InvalidInput:
        return (name,)
    names = [parsed.to_fields(count) for count in range(len(parsed.fields), 0, -1)]
    bare = f"{parsed.gene}*"
    groups = [
        bare + ":".join(parsed.fields[:count]) + group
        for group, count in _GROUP_FIELDS.items()
        if len(parsed.fields) >= count and (group == "G" or not parsed.suffix)
    ]
    return (*names, *groups)


def _ordered(one: str, two: str) -> Pair:
    return (one, two) if one <= two else (two, one)
