"""Read a library: loci, alleles, sequences."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Any

from gems_core.errors import one_problem
from gems_formats.library_json import LIBRARY_JSON, check_sum, content_sha256, damaged, read_library_json
from gems_formats.library_tables import Allele, alleles_file, read_tables, sequences_file
from gems_reference.gene_level import bases


@dataclass(frozen=True)
class Locus:
    """A locus of a library, in memory.

    Attributes:
        name: e.g. ``DRB1``.
        reference_allele: the one whose bases the panel's offsets count.
        features: in order.
        alleles: by name, in the release's order.
        rows: for each feature its distinct aligned rows.
    """

    name: str
    reference_allele: str
    features: tuple[str, ...]
    alleles: dict[str, Allele]
    rows: tuple[tuple[str, ...], ...]

    def aligned(self, allele: str) -> tuple[str, ...]:
        """The allele's aligned features (``ACGT``, ``.`` gap, ``*`` unknown).

        Raises:
            InvalidInput: the locus has no such allele.
        """
        found = self.alleles.get(allele)
        if found is None:
            raise one_problem(
                "unknown_allele", self.name, "an allele of the library", allele, "Check the name and the release."
            )
        return tuple(rows[index] for rows, index in zip(self.rows, found.cells, strict=True))

    def sequence(self, allele: str, feature: str) -> str:
        """A feature's bases without gaps; unknown ones are ``*``."""
        return bases(self.aligned(allele)[self.slot(feature)])

    def slot(self, feature: str) -> int:
        """A feature's place; the intron after the last exon is the 3UTR.

        Raises:
            InvalidInput: the locus has no such feature.
        """
        if feature in self.features:
            return self.features.index(feature)
        if feature == f"intron{len(self.features) // 2}" and self.features[-1] == "3UTR":
            return len(self.features) - 1
        raise one_problem("unknown_feature", self.name, ", ".join(self.features), feature, "Check the panel.")

    @property
    def has_genomic_sequence(self) -> bool:
        """Whether introns and UTRs have columns."""
        return any(
            rows and rows[0] for feature, rows in zip(self.features, self.rows, strict=True) if "exon" not in feature
        )

    @cached_property
    def reference(self) -> tuple[str, ...]:
        """The reference allele's aligned features."""
        return self.aligned(self.reference_allele)

    @cached_property
    def base_columns(self) -> tuple[int, ...]:
        """For each base of the reference allele, 0-based, its column in the joined features."""
        return tuple(column for column, base in enumerate("".join(self.reference)) if base != ".")

    @cached_property
    def feature_columns(self) -> tuple[int, ...]:
        """Each feature's first column in the joined features."""
        return tuple(accumulate((len(row) for row in self.reference[:-1]), initial=0))


class Library:
    """A library on disk; loci are read when asked for."""

    def __init__(self, directory: Path, summary: dict[str, Any]) -> None:
        self.directory = directory
        self.summary = summary
        self._loci: dict[str, Locus] = {}

    @property
    def release(self) -> str:
        """E.g. ``3.33.0``."""
        return str(self.summary["release"])

    @property
    def loci(self) -> tuple[str, ...]:
        """Names of all loci."""
        return tuple(self.summary["loci"])

    def locus(self, name: str) -> Locus:
        """Read a locus, its files held against their sums.

        Raises:
            InvalidInput: the library has no such locus, or a file of it is damaged.
        """
        if name not in self.summary["loci"]:
            raise one_problem(
                "unknown_locus",
                str(self.directory),
                ", ".join(self.loci),
                name,
                "Build the library from another source.",
            )
        if name not in self._loci:
            self._loci[name] = self._read_locus(name)
        return self._loci[name]

    def _read_locus(self, name: str) -> Locus:
        about, sums = self.summary["loci"][name], self.summary["files"]
        for file in (alleles_file(name), sequences_file(name)):
            check_sum(self.directory / file, sums.get(file, ""))
        tables = read_tables(self.directory, name)
        features = tuple(about["features"])
        if tables.features != features:
            raise damaged(
                self.directory / alleles_file(name), f"features {' '.join(features)}", " ".join(tables.features)
            )
        return Locus(name, about["reference_allele"], features, tables.alleles, tables.rows)


def open_library(directory: Path) -> Library:
    """Open a library; its format and the sum that names its content are checked.

    Raises:
        InvalidInput: it is not a library, of another format, or its list of files does not fit its sum.
    """
    path = directory / LIBRARY_JSON
    summary = read_library_json(directory)
    missing = {"release", "files", "sha256"} - summary.keys()
    if missing:
        raise damaged(path, f"the keys {', '.join(sorted(missing))}", "none")
    if content_sha256(summary["files"]) != summary["sha256"]:
        raise damaged(path, f"files whose sum is {summary['sha256']}", content_sha256(summary["files"]))
    return Library(directory, summary)
