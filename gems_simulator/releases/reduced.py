"""Copies of a library that lack alleles or genes, as an older or a smaller release does."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from gems_core.bases import GAP, UNKNOWN
from gems_core.errors import one_problem
from gems_formats.library_json import write_library_json
from gems_formats.library_tables import Allele, LocusTables, write_tables
from gems_reference.library import Library, Locus


def without_alleles(library: Library, alleles: Collection[str], directory: Path) -> Path:
    """Write a copy of a library that lacks some alleles, and the sequences that no other allele has.

    Args:
        library: the whole one.
        alleles: full names; those that the library does not have are passed over.
        directory: where; made, and must not be there.

    Returns:
        the directory.

    Raises:
        InvalidInput: a reference allele is among them: its bases are what positions count.
    """
    left_out = frozenset(alleles)
    references = {about["reference_allele"] for about in library.summary["loci"].values()}
    if left_out & references:
        found = ", ".join(sorted(left_out & references))
        raise one_problem("reference_allele", str(library.directory), "other alleles", found, "Leave out others.")
    return _copy(library, library.loci, left_out, directory)


def of_loci(library: Library, loci: Collection[str], directory: Path) -> Path:
    """Write a copy of a library that has some loci only; arguments as above."""
    return _copy(library, [name for name in library.loci if name in loci], frozenset(), directory)


def _copy(library: Library, loci: Iterable[str], left_out: frozenset[str], directory: Path) -> Path:
    directory.mkdir(parents=True)
    sums: dict[str, str] = {}
    about: dict[str, Any] = {}
    for name in loci:
        tables, about[name] = _reduced(library, name, left_out)
        sums |= write_tables(directory, name, tables)
    write_library_json(directory, {**library.summary, "loci": about}, sums)
    return directory


def _reduced(library: Library, name: str, left_out: frozenset[str]) -> tuple[LocusTables, dict[str, Any]]:
    """A locus's tables without some alleles, and what the summary says of it."""
    locus, about = library.locus(name), library.summary["loci"][name]
    gone = left_out & locus.alleles.keys()
    if not gone:
        return LocusTables(locus.features, locus.alleles, locus.rows), about
    kept = [allele for allele in locus.alleles.values() if allele.name not in gone]
    # Rows keep the order of first use, and those that nobody uses any more go.
    numbers = [
        {cell: number for number, cell in enumerate(dict.fromkeys(allele.cells[slot] for allele in kept))}
        for slot in range(len(locus.features))
    ]
    alleles = {allele.name: _renumbered(allele, numbers) for allele in kept}
    rows = tuple(tuple(own[cell] for cell in used) for own, used in zip(locus.rows, numbers, strict=True))
    genomic = about["genomic_alleles"] - sum(_is_genomic(locus, allele) for allele in gone)
    return LocusTables(locus.features, alleles, rows), {**about, "alleles": len(kept), "genomic_alleles": genomic}


def _renumbered(allele: Allele, numbers: Sequence[Mapping[int, int]]) -> Allele:
    return replace(allele, cells=tuple(own[cell] for own, cell in zip(numbers, allele.cells, strict=True)))


def _is_genomic(locus: Locus, allele: str) -> bool:
    """Whether anything but exons is stated of an allele."""
    rows = zip(locus.features, locus.aligned(allele), strict=True)
    return any(row.strip(UNKNOWN + GAP) for feature, row in rows if "exon" not in feature)
