"""Calls beside the truth: to how many fields they agree. Used by ``gems demo`` and by benchmarks."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations, takewhile
from pathlib import Path
from typing import Any

from gems_core.hla import AlleleName

LEAST_FIELDS = 2


@dataclass(frozen=True)
class TruthRow:
    """The true alleles of one sample at one locus."""

    sample: str
    locus: str
    alleles: tuple[str, str]


@dataclass(frozen=True)
class Comparison:
    """One allele of the truth beside the call that suits it best.

    Attributes:
        called: the primary name of the matched call; '' when there is none.
        same: whether the true name is among the call's.
        ambiguities: how many names the call holds.
        fields: to how many fields the two agree (the best over the call's ambiguities); 0 when not even to two.
    """

    sample: str
    locus: str
    truth: str
    called: str
    same: bool
    ambiguities: int
    fields: int

    @property
    def verdict(self) -> str:
        """The comparison in words."""
        if not self.called:
            return "no call"
        if self.same:
            return "same"
        return f"same to {self.fields} fields" if self.fields else "differs"


def read_truth(path: Path) -> list[TruthRow]:
    """The rows of a ``truth.tsv`` (columns sample, locus, allele_1, allele_2)."""
    with path.open(newline="") as file:
        rows = csv.DictReader(file, delimiter="\t")
        return [TruthRow(row["sample"], row["locus"], (row["allele_1"], row["allele_2"])) for row in rows]


def compare(truth: Iterable[TruthRow], report: Mapping[str, Any]) -> list[Comparison]:
    """Compare a ``report.json`` with the truth.

    Returns:
        two comparisons for each row of the truth, in its order.
    """
    calls = {
        (sample["sample"], locus["locus"]): [allele["ambiguities"] for allele in locus["alleles"]]
        for sample in report["samples"]
        for locus in sample["loci"]
    }
    return [one for row in truth for one in _compare_row(row, calls.get((row.sample, row.locus), []))]


def agreeing_fields(truth: str, name: str) -> int:
    """How many leading fields two names share, two or more; 0 when fewer, or when gene or expression suffix differ."""
    left, right = AlleleName.parse(truth), AlleleName.parse(name)
    if (left.gene, left.suffix) != (right.gene, right.suffix):
        return 0
    pairs = zip(left.fields, right.fields, strict=False)
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return shared if shared >= LEAST_FIELDS else 0


def _compare_row(row: TruthRow, called: Sequence[Sequence[str]]) -> list[Comparison]:
    slots: list[Sequence[str]] = list(called) if len(called) > 1 else list(called) * 2
    slots += [[]] * (2 - len(slots))
    best = max(permutations(slots, 2), key=lambda order: _agreement(row.alleles, order))
    return [
        Comparison(
            row.sample, row.locus, truth, names[0] if names else "", truth in names, len(names), _fields(truth, names)
        )
        for truth, names in zip(row.alleles, best, strict=True)
    ]


def _fields(truth: str, names: Sequence[str]) -> int:
    return max((agreeing_fields(truth, name) for name in names), default=0)


def _agreement(truth: Sequence[str], called: Sequence[Sequence[str]]) -> int:
    return sum(_fields(true, names) + (true in names) for true, names in zip(truth, called, strict=True))
