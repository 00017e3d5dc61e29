"""Which genotypes the bases that a release states can decide, if every copied base is read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise, product

from gems_reference.amplicons import amplicons
from gems_simulator.fragments import WholeGenes

# Two bases so near to each other stand on one fragment often enough to tell which are of one copy.
LINKED_COLUMNS = 300
Row = str


class Decider:
    """Holds pairs of alleles against all others that the release states as a whole where a kit copies them.

    Alleles that it states in part are left out: they never count as a match.

    Args:
        products: what the kit copies.
    """

    def __init__(self, products: WholeGenes) -> None:
        self.products = products
        self._stated: dict[str, dict[Row, list[str]]] = {}

    def is_decided(self, alleles: Sequence[str]) -> bool:
        """Whether no other one or two alleles of a locus would give the same bases.

        Args:
            alleles: of one person's locus; two of one gene, or one of each.
        """
        by_gene: dict[str, list[str]] = defaultdict(list)
        for allele in alleles:
            by_gene[allele.partition("*")[0]].append(allele)
        return all(self._is_decided(gene, own) for gene, own in by_gene.items())

    def _is_decided(self, gene: str, alleles: Sequence[str]) -> bool:
        rows = self._rows(gene)
        row_of = {name: row for row, names in rows.items() for name in names}
        one, two = (row_of[allele] for allele in (alleles[0], alleles[-1]))
        if any(len(rows[row]) > 1 for row in (one, two)):
            return False
        return ways(one, two, list(rows)) == 1

    def _rows(self, gene: str) -> dict[Row, list[str]]:
        """The aligned bases between a kit's primers, and whose they are."""
        if gene not in self._stated:
            (row,) = self.products.panel.of_locus(gene)
            found: dict[Row, list[str]] = defaultdict(list)
            for copy in amplicons(self.products.locus(gene), row):
                if copy.is_known and copy.is_made:
                    found[copy.aligned].append(copy.allele)
            self._stated[gene] = dict(found)
        return self._stated[gene]


def ways(one: Row, two: Row, rows: Sequence[Row]) -> int:
    """How many pairs of rows show in each block of linked columns what one and two show there."""
    blocks = _blocks(one, two)
    same = [c for c in range(len(one)) if one[c] == two[c]]
    patterns = [
        pattern for row in rows if all(row[c] == one[c] for c in same) for pattern in [_pattern(row, one, two, blocks)] if pattern
    ]  # fmt: skip
    pairs = {
        tuple(sorted((first, second)))
        for first, second in product(range(len(patterns)), repeat=2)
        if all({a, b} == {1, 2} for a, b in zip(patterns[first], patterns[second], strict=True))
    }
    return len(pairs) if blocks else len(patterns)


def _blocks(one: Row, two: Row) -> list[list[int]]:
    """Columns in which two rows differ, those of one block linked by fragments."""
    columns = [c for c in range(len(one)) if one[c] != two[c]]
    blocks = [columns[:1]] if columns else []
    for before, column in pairwise(columns):
        if column - before <= LINKED_COLUMNS:
            blocks[-1].append(column)
        else:
            blocks.append([column])
    return blocks


def _pattern(row: Row, one: Row, two: Row, blocks: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """For each block whether a row is there as the first or as the second; empty where it is as neither."""
    pattern = []
    for block in blocks:
        if all(row[c] == one[c] for c in block):
            pattern.append(1)
        elif all(row[c] == two[c] for c in block):
            pattern.append(2)
        else:
            return ()
    return tuple(pattern) or (0,)
