"""Copies of a library that lack alleles or genes, as an older or a smaller release does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from gems_core.bases import GAP, UNKNOWN
from gems_core.errors import one_problem
from gems_reference.build import LIBRARY_JSON, content_sha256
from gems_reference.library import Allele, Library, Locus


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
    files, about = {}, {}
    for name in loci:
        contents, about[name] = _reduced(library, name, left_out)
        for file_name, content in contents.items():
            (directory / file_name).write_bytes(content)
            files[file_name] = hashlib.sha256(content).hexdigest()
    summary = {**library.summary, "loci": about, "files": dict(sorted(files.items())), "sha256": content_sha256(files)}
    (directory / LIBRARY_JSON).write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
    return directory


def _reduced(library: Library, name: str, left_out: frozenset[str]) -> tuple[dict[str, bytes], dict[str, Any]]:
    """A locus's files without some alleles, and what the summary says of it."""
    locus, about = library.locus(name), library.summary["loci"][name]
    alleles_file, sequences_file = f"{name}.alleles.tsv", f"{name}.sequences.tsv"
    gone = left_out & locus.alleles.keys()
    if not gone:
        return {file: (library.directory / file).read_bytes() for file in (alleles_file, sequences_file)}, about
    kept = [allele for allele in locus.alleles.values() if allele.name not in gone]
    # Rows keep the order of first use, and those that nobody uses any more go.
    numbers = [
        {cell: number for number, cell in enumerate(dict.fromkeys(allele.cells[slot] for allele in kept))}
        for slot in range(len(locus.features))
    ]
    contents = {alleles_file: _alleles(locus, kept, numbers), sequences_file: _sequences(locus, numbers)}
    genomic = about["genomic_alleles"] - sum(_is_genomic(locus, allele) for allele in gone)
    return contents, {**about, "alleles": len(kept), "genomic_alleles": genomic}


def _alleles(locus: Locus, kept: Sequence[Allele], numbers: Sequence[Mapping[int, int]]) -> bytes:
    lines = ["\t".join(("allele", "g_group", "p_group", "ciwd", *locus.features))]
    for allele in kept:
        cells = (str(own[cell]) for own, cell in zip(numbers, allele.cells, strict=True))
        lines.append("\t".join((allele.name, allele.g_group, allele.p_group, allele.ciwd, *cells)))
    return "".join(f"{line}\n" for line in lines).encode()


def _sequences(locus: Locus, numbers: Sequence[Mapping[int, int]]) -> bytes:
    lines = ["feature\tindex\tsequence"]
    for feature, rows, own in zip(locus.features, locus.rows, numbers, strict=True):
        lines += [f"{feature}\t{number}\t{rows[cell]}" for cell, number in own.items()]
    return "".join(f"{line}\n" for line in lines).encode()


def _is_genomic(locus: Locus, allele: str) -> bool:
    """Whether anything but exons is stated of an allele."""
    rows = zip(locus.features, locus.aligned(allele), strict=True)
    return any(row.strip(UNKNOWN + GAP) for feature, row in rows if "exon" not in feature)
