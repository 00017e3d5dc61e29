"""The compiled library as the verdicts need it: a gene's alleles as aligned rows (docs/contracts.md, section 1)."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from worker.errors import ShareFailed


@dataclass(frozen=True)
class Gene:
    """One locus of the library.

    Attributes:
        features: in the gene's order.
        rows: feature to its distinct aligned rows, all of one length.
        alleles: name to the row's index in each feature, in the release's order.
        reference: the allele that the release numbers by.
    """

    name: str
    features: tuple[str, ...]
    rows: dict[str, tuple[str, ...]]
    alleles: dict[str, tuple[int, ...]]
    reference: str

    @cached_property
    def widths(self) -> tuple[int, ...]:
        """Columns of each feature."""
        return tuple(len(self.rows[feature][0]) for feature in self.features)

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """0-based first column of each feature."""
        starts, column = [], 0
        for width in self.widths:
            starts.append(column)
            column += width
        return tuple(starts)

    @property
    def columns(self) -> int:
        """Of the whole gene."""
        return sum(self.widths)

    def row(self, allele: str) -> str:
        """An allele's aligned row over all features."""
        indexes = self.alleles[allele]
        return "".join(self.rows[feature][index] for feature, index in zip(self.features, indexes, strict=True))

    def piece(self, allele: str, feature: str) -> str:
        """An allele's aligned row of one feature."""
        return self.rows[feature][self.alleles[allele][self.features.index(feature)]]

    def feature_at(self, column: int) -> int:
        """The feature, by its place in the gene's order, that a column lies in."""
        last = 0
        for place, (start, width) in enumerate(zip(self.starts, self.widths, strict=True)):
            if width and start <= column:
                last = place
        return last


class Library:
    """A library's folder; each gene is read when it is first asked for and kept.

    Raises:
        ShareFailed: of every method: a table is not as the contract has it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._genes: dict[str, Gene] = {}

    @cached_property
    def _loci(self) -> dict[str, str]:
        path = self._folder / "library.json"
        try:
            loci = json.loads(path.read_bytes())["loci"]
            return {str(name): str(locus["reference_allele"]) for name, locus in loci.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ShareFailed(
                f"{path}: expected a library's loci, found {error!r}. Build the library again."
            ) from error

    @property
    def names(self) -> tuple[str, ...]:
        """All its genes, pseudogenes among them."""
        return tuple(self._loci)

    def gene(self, name: str) -> Gene:
        """One gene."""
        if name not in self._genes:
            self._genes[name] = self._read(name)
        return self._genes[name]

    def _read(self, name: str) -> Gene:
        try:
            sequences = _table(self._folder / f"{name}.sequences.tsv")
            alleles = _table(self._folder / f"{name}.alleles.tsv")
            features = tuple(alleles[0])[4:]
            rows = {feature: _rows_of(sequences, feature) for feature in features}
            indexes = {row["allele"]: tuple(int(row[feature]) for feature in features) for row in alleles}
            gene = Gene(name, features, rows, indexes, self._loci[name])
            _check(gene)
        except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
            raise ShareFailed(
                f"{self._folder / name}.*.tsv: expected a gene's tables, found {error!r}. Build the library again."
            ) from error
        return gene


def _rows_of(sequences: list[dict[str, str]], feature: str) -> tuple[str, ...]:
    found = {int(row["index"]): row["sequence"] for row in sequences if row["feature"] == feature}
    return tuple(found[index] for index in range(len(found)))


def _check(gene: Gene) -> None:
    for feature in gene.features:
        if len({len(row) for row in gene.rows[feature]}) != 1:
            raise ValueError(f"rows of {feature} of different lengths")
    for place, feature in enumerate(gene.features):
        if any(not 0 <= indexes[place] < len(gene.rows[feature]) for indexes in gene.alleles.values()):
            raise ValueError(f"an allele without its row of {feature}")
    if gene.reference not in gene.alleles:
        raise ValueError(f"no row of the reference allele {gene.reference}")


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
