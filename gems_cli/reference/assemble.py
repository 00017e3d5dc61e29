"""One locus out of its coding and its genomic alignment: exons from the one, introns and UTRs from the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gems_cli.reference.alignment import GAP, UNKNOWN
from gems_core.errors import one_problem

Rows = Mapping[str, tuple[str, ...]]

# Releases hold a handful of alleles whose coding and genomic rows differ (3.33.0: none); a copy in which one compared
# exon in twenty differs has its borders shifted or its files from two releases.
MOST_DISAGREEING_SHARE = 0.05
LISTED_DISAGREEMENTS = 20


@dataclass(frozen=True)
class LocusTable:
    """A locus as the library stores it.

    Attributes:
        locus: its name, e.g. ``DRB1``.
        reference_allele: the genomic alignment's first row; without one, the coding alignment's.
        features: ``5UTR exon1 intron1 … 3UTR``, in order.
        sequences: for each feature its distinct aligned rows, in order of first use.
        cells: for each allele, in the release's order, an index into each feature's rows.
        genomic_alleles: how many alleles have a genomic row.
        exons_from_genomic: exons that the coding alignment lacks or cuts elsewhere.
        disagreements: ``allele feature`` where both alignments know an exon and differ; the coding row is kept.
    """

    locus: str
    reference_allele: str
    features: tuple[str, ...]
    sequences: tuple[tuple[str, ...], ...]
    cells: dict[str, tuple[int, ...]]
    genomic_alleles: int
    exons_from_genomic: tuple[str, ...] = ()
    disagreements: tuple[str, ...] = ()


def feature_names(count: int) -> tuple[str, ...]:
    """Names of a genomic alignment's features.

    An alignment that starts and ends in a UTR has an odd number of features; an even number (a truncated pseudogene)
    ends in an exon.
    """
    names = ["5UTR"]
    for number in range(1, count // 2 + 1):
        names += [f"exon{number}", f"intron{number}"]
    names = names[:count]
    if count % 2 and count > 1:
        names[-1] = "3UTR"
    return tuple(names)


def assemble_locus(locus: str, coding: Rows, genomic: Rows, *, drop_empty_columns: bool = False) -> LocusTable:
    """Join a locus's rows.

    Args:
        locus: its name.
        coding: exons of each allele; may be empty.
        genomic: all features of each allele; may be empty, then introns and UTRs have no columns.
        drop_empty_columns: leave out exon columns in which no allele of the locus has a base (the coding alignment is
            shared with other loci).

    Raises:
        InvalidInput: the two alignments disagree too often to be of one release.
    """
    if not genomic:
        genomic_width = 2 * len(next(iter(coding.values()))) + 1
        names = feature_names(genomic_width)
        reference = next(iter(coding))
        return table_of_rows(
            locus, reference, names, _exons_only(coding, genomic_width), 0, drop_empty_columns=drop_empty_columns
        )
    names = feature_names(len(next(iter(genomic.values()))))
    reference = next(iter(genomic))
    replaced = _exons_of_coding(names, coding.get(reference, ()), genomic[reference])
    disagreements = _disagreements(locus, names, replaced, coding, genomic)
    rows = _joined(names, replaced, coding, genomic)
    kept = tuple(name for name in names if name.startswith("exon") and name not in replaced) if coding else ()
    return table_of_rows(
        locus, reference, names, rows, len(genomic), kept, disagreements, drop_empty_columns=drop_empty_columns
    )


def _exons_only(coding: Rows, width: int) -> dict[str, list[str]]:
    rows = {}
    for allele, exons in coding.items():
        rows[allele] = [""] * width
        rows[allele][1::2] = exons
    return rows


def _exons_of_coding(names: tuple[str, ...], coding: tuple[str, ...], genomic: tuple[str, ...]) -> dict[str, int]:
    """Exons to take from the coding alignment, with their index there: those on which the reference allele agrees.

    (HLA-E's coding alignment ends with the stop codon, its genomic one has an exon more; such exons stay genomic.)
    """
    return {
        name: number
        for number, (name, exon) in enumerate(zip(names[1::2], genomic[1::2], strict=True))
        if number < len(coding) and bases(coding[number]) == bases(exon)
    }


def bases(aligned: str) -> str:
    """The bases of an aligned row, gaps left out; unknown ones stay ``*``."""
    return aligned.replace(GAP, "")


def _disagreements(
    locus: str, names: tuple[str, ...], replaced: Mapping[str, int], coding: Rows, genomic: Rows
) -> tuple[str, ...]:
    found, compared = [], 0
    for allele, features in genomic.items():
        for name, number in replaced.items() if allele in coding else ():
            of_coding, of_genomic = coding[allele][number], features[names.index(name)]
            if UNKNOWN in of_coding or UNKNOWN in of_genomic:
                continue
            compared += 1
            if bases(of_coding) != bases(of_genomic):
                found.append(f"{allele} {name}")
    if len(found) > max(1, MOST_DISAGREEING_SHARE * compared):
        raise one_problem(
            "alignments_disagree",
            f"{locus}: coding and genomic alignment",
            "the same exons in both",
            f"{len(found)} of {compared} exons that differ, the first {found[0]}",
            "The files are damaged or of two releases; fetch the release again.",
        )
    return tuple(found)


def _joined(names: tuple[str, ...], replaced: Mapping[str, int], coding: Rows, genomic: Rows) -> dict[str, list[str]]:
    """All alleles' features; what an allele's alignments do not give is unknown."""
    first = next(iter(genomic.values()))
    unknown = [UNKNOWN * len(feature) for feature in first]
    slots = [(names.index(name), number) for name, number in replaced.items()]
    for slot, number in slots:
        unknown[slot] = UNKNOWN * len(next(iter(coding.values()))[number])
    rows = {}
    for allele in [*coding, *(allele for allele in genomic if allele not in coding)]:
        row = list(genomic.get(allele, unknown))
        for slot, number in slots:
            row[slot] = coding[allele][number] if allele in coding else unknown[slot]
        rows[allele] = row
    return rows


def table_of_rows(
    locus: str,
    reference: str,
    names: tuple[str, ...],
    rows: Mapping[str, Sequence[str]],
    genomic_alleles: int,
    exons_from_genomic: tuple[str, ...] = (),
    disagreements: tuple[str, ...] = (),
    *,
    drop_empty_columns: bool = False,
) -> LocusTable:
    """The table of alleles' features; rows that are equal in a feature are stored once."""
    indices: list[dict[str, int]] = [{} for _ in names]
    cells = {
        allele: tuple(index.setdefault(piece, len(index)) for piece, index in zip(row, indices, strict=True))
        for allele, row in rows.items()
    }
    sequences = tuple(tuple(index) for index in indices)
    if drop_empty_columns:
        sequences = tuple(_without_empty_columns(feature) for feature in sequences)
    return LocusTable(locus, reference, names, sequences, cells, genomic_alleles, exons_from_genomic, disagreements)


def _without_empty_columns(rows: Iterable[str]) -> tuple[str, ...]:
    """The rows without the columns in which none has a base. Rows stay in place, so indices stay valid."""
    rows = tuple(rows)
    empty = {GAP, UNKNOWN}
    kept = [column for column in zip(*rows, strict=True) if not empty.issuperset(column)]
    if not kept:
        return tuple("" for _ in rows)
    return tuple("".join(row) for row in zip(*kept, strict=True))
