"""Read a library: loci, alleles, sequences."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Any

from gems_core.errors import InvalidInput, one_problem
from gems_reference.build import LIBRARY_FORMAT, LIBRARY_JSON, content_sha256
from gems_reference.gene_level import bases

_NAME_COLUMNS = ("allele", "g_group", "p_group", "ciwd")


@dataclass(frozen=True)
class Allele:
    """One allele of a library.

    Attributes:
        name: full name, e.g. ``A*01:01:01:02N``.
        g_group: full name or ''.
        p_group: full name or ''.
        ciwd: ``C``, ``I``, ``WD``, ``R`` or ''.
        cells: for each feature of the locus, the index of its row.
    """

    name: str
    g_group: str
    p_group: str
    ciwd: str
    cells: tuple[int, ...]


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
        about = self.summary["loci"][name]
        features = tuple(about["features"])
        rows: dict[str, list[str]] = {feature: [] for feature in features}
        for feature, index, row in self._read_table(f"{name}.sequences.tsv", ("feature", "index", "sequence")):
            if feature not in rows or int(index) != len(rows[feature]) or row.strip("ACGT.*"):
                raise damaged(
                    self.directory / f"{name}.sequences.tsv", f"row {len(rows.get(feature, ()))} of {feature}", index
                )
            rows[feature].append(row)
        alleles = {
            fields[0]: Allele(fields[0], fields[1], fields[2], fields[3], tuple(map(int, fields[4:])))
            for fields in self._read_table(f"{name}.alleles.tsv", (*_NAME_COLUMNS, *features))
        }
        return Locus(
            name, about["reference_allele"], features, alleles, tuple(tuple(rows[feature]) for feature in features)
        )

    def _read_table(self, file_name: str, header: tuple[str, ...]) -> list[list[str]]:
        path = self.directory / file_name
        content = read_checked(path, self.summary["files"].get(file_name, ""))
        lines = [line.split("\t") for line in content.decode("utf-8").split("\n")[:-1]]
        if tuple(lines[0]) != header:
            raise damaged(path, f"header {' '.join(header)}", " ".join(lines[0]))
        for number, fields in enumerate(lines, start=1):
            if len(fields) != len(header):
                raise damaged(path, f"{len(header)} fields in line {number}", str(len(fields)))
        return lines[1:]


def open_library(directory: Path) -> Library:
    """Open a library; its format and the sum that names its content are checked.

    Raises:
        InvalidInput: it is no library, of another format, or its list of files does not fit its sum.
    """
    path = directory / LIBRARY_JSON
    if not path.is_file():
        raise one_problem("no_library", str(directory), LIBRARY_JSON, "none", "Build it with 'gems reference build'.")
    try:
        summary = json.loads(path.read_bytes())
    except ValueError as error:
        raise damaged(path, "JSON", str(error)) from error
    if not isinstance(summary, dict) or summary.get("format") != LIBRARY_FORMAT:
        found = summary.get("format") if isinstance(summary, dict) else type(summary).__name__
        raise damaged(path, f"format {LIBRARY_FORMAT}", str(found))
    missing = {"release", "loci", "files", "sha256"} - summary.keys()
    if missing:
        raise damaged(path, f"the keys {', '.join(sorted(missing))}", "none")
    if content_sha256(summary["files"]) != summary["sha256"]:
        raise damaged(path, f"files whose sum is {summary['sha256']}", content_sha256(summary["files"]))
    return Library(directory, summary)


def read_checked(path: Path, sha256: str) -> bytes:
    """A file's bytes, held against its sum.

    Raises:
        InvalidInput: it is absent or has another sum.
    """
    if not path.is_file():
        raise damaged(path, "the file", "none")
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise damaged(path, f"SHA-256 {sha256}", found)
    return content


def damaged(path: Path, expected: str, found: str) -> InvalidInput:
    """The error for a library's file that is not as it was written."""
    return one_problem("damaged_library", str(path), expected, found, "Build the library again with --force.")
