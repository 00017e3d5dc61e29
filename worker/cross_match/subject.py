"""The sequences that cross_match compares with: the library's distinct exons of a job's loci."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gems_core.bases import GAP, UNKNOWN
from gems_core.hla import DRB345_GENES, loci_of_class
from gems_formats.library_tables import LocusTables, read_tables, sequences_file


def exon_fasta(library: Path, hla_class: str, folder: Path) -> Path:
    """Write the subject file, or find it where an earlier share left it.

    Args:
        library: a reference library (docs/contracts.md, section 1).
        hla_class: ``1``, ``2`` or ``all``.
        folder: receives ``exons-<hla_class>.fasta``; it belongs to this library alone.

    Raises:
        InvalidInput, OSError: the library is not as the contract has it.
    """
    path = folder / f"exons-{hla_class}.fasta"
    if not path.exists():
        part = path.with_name(path.name + ".part")
        with part.open("w", encoding="ascii") as file:
            for gene in _genes(hla_class):
                for name, sequence in _exons(library, gene):
                    file.write(f">{name}\n{sequence}\n")
        part.replace(path)
    return path


def _genes(hla_class: str) -> Iterator[str]:
    for locus in loci_of_class(hla_class):
        yield from DRB345_GENES if locus == "DRB345" else (locus,)


def _exons(library: Path, gene: str) -> Iterator[tuple[str, str]]:
    """Distinct exon sequences without gaps, each named ``gene|exon|first allele that has it``.

    A row with an unknown base is left out: cross_match would align to a base that nobody has seen.
    """
    if not (library / sequences_file(gene)).exists():
        return
    tables = read_tables(library, gene)
    for slot, feature in enumerate(tables.features):
        if feature.startswith("exon"):
            for sequence, allele in _first_alleles(tables, slot).items():
                yield f"{gene}|{feature}|{allele}", sequence


def _first_alleles(tables: LocusTables, slot: int) -> dict[str, str]:
    """The known sequences of a feature, without gaps, and the first allele in the release's order that has each row."""
    by_row: dict[int, str] = {}
    for allele in tables.alleles.values():
        by_row.setdefault(allele.cells[slot], allele.name)
    first: dict[str, str] = {}
    for index, row in enumerate(tables.rows[slot]):
        sequence = row.replace(GAP, "")
        if sequence and UNKNOWN not in sequence and index in by_row:
            first.setdefault(sequence, by_row[index])
    return first
