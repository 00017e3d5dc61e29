"""The sequences that cross_match compares with: the library's distinct exons of a job's loci."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from gems_core.bases import GAP, UNKNOWN
from gems_core.hla import DRB345_GENES, loci_of_class


def exon_fasta(library: Path, hla_class: str, folder: Path) -> Path:
    """Write the subject file, or find it where an earlier share left it.

    Args:
        library: a reference library (docs/contracts.md, section 1).
        hla_class: ``1``, ``2`` or ``all``.
        folder: receives ``exons-<hla_class>.fasta``; it belongs to this library alone.

    Raises:
        OSError, ValueError, KeyError: the library is not as the contract has it.
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
    alleles, sequences = library / f"{gene}.alleles.tsv", library / f"{gene}.sequences.tsv"
    if not sequences.exists():
        return
    first_alleles = _first_alleles(_rows(alleles))
    seen: set[tuple[str, str]] = set()
    for row in _rows(sequences):
        feature, sequence = row["feature"], row["sequence"].replace(GAP, "")
        allele = first_alleles.get((feature, row["index"]))
        if allele is None or not feature.startswith("exon") or not sequence or UNKNOWN in sequence:
            continue
        if (feature, sequence) not in seen:
            seen.add((feature, sequence))
            yield f"{gene}|{feature}|{allele}", sequence


def _first_alleles(rows: Sequence[dict[str, str]]) -> dict[tuple[str, str], str]:
    """The first allele in the release's order that has a feature's row."""
    first: dict[tuple[str, str], str] = {}
    for row in rows:
        for feature, index in row.items():
            if feature.startswith("exon"):
                first.setdefault((feature, index), row["allele"])
    return first


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
