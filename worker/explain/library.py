"""The compiled library as the verdicts need it: a gene's alleles as aligned rows (docs/contracts.md, section 1)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from gems_core.errors import InvalidInput
from gems_formats.library_json import LIBRARY_JSON, read_library_json
from gems_formats.library_tables import read_tables
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
        ShareFailed: of every method: a file is not as the contract has it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._genes: dict[str, Gene] = {}

    @cached_property
    def _references(self) -> dict[str, str]:
        """The reference allele of each gene."""
        with _unreadable():
            loci = read_library_json(self._folder)["loci"]
        return {name: locus["reference_allele"] for name, locus in loci.items()}

    @property
    def names(self) -> tuple[str, ...]:
        """All its genes, pseudogenes among them."""
        return tuple(self._references)

    def gene(self, name: str) -> Gene:
        """One gene."""
        if name not in self._genes:
            self._genes[name] = self._read(name)
        return self._genes[name]

    def _read(self, name: str) -> Gene:
        reference = self._references.get(name)
        with _unreadable():
            tables = read_tables(self._folder, name)
        if reference not in tables.alleles:
            raise ShareFailed(
                f"{self._folder / LIBRARY_JSON}: expected an allele of {name} as its reference, found {reference}. "
                "Build the library again."
            )
        indexes = {allele.name: allele.cells for allele in tables.alleles.values()}
        return Gene(name, tables.features, dict(zip(tables.features, tables.rows, strict=True)), indexes, reference)


@contextmanager
def _unreadable() -> Iterator[None]:
    """Turn what is wrong with the library into a failure of the share, not of a sample."""
    try:
        yield
    except (InvalidInput, OSError) as error:
        raise ShareFailed(str(error)) from error
