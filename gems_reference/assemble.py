"""One locus out of its coding and its genomic alignment: exons from the one, introns and UTRs from the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gems_core.bases import GAP, UNKNOWN
from gems_core.errors import one_problem
from gems_reference.gene_level import bases, carry_over

Rows = Mapping[str, tuple[str, ...]]

# Of some 30,000 exons that both alignments of 3.33.0 know, 11 differ; a copy in which one in twenty differs has its borders
# shifted or its files from two releases.
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
        disagreements: ``allele feature`` where both alignments know an exon and differ: alleles that are spliced oddly, whose
            coding row is the message's. The genomic bases are kept, for reads come from the gene.
        not_carried_over: those whose genomic bases have an insertion for which the coding alignment has no columns; the
            coding row, or unknown, is kept.
    """

    locus: str
    reference_allele: str
    features: tuple[str, ...]
    sequences: tuple[tuple[str, ...], ...]
    cells: dict[str, tuple[int, ...]]
    genomic_alleles: int
    exons_from_genomic: tuple[str, ...] = ()
    disagreements: tuple[str, ...] = ()
    not_carried_over: tuple[str, ...] = ()


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
            locus,
            reference,
            names,
            _exons_only(coding, genomic_width),
            genomic_alleles=0,
            drop_empty_columns=drop_empty_columns,
        )
    names = feature_names(len(next(iter(genomic.values()))))
    reference = next(iter(genomic))
    replaced = _exons_of_coding(names, coding.get(reference, ()), genomic[reference])
    disagreements = _disagreements(locus, names, replaced, coding, genomic)
    rows = _joined(names, replaced, coding, genomic)
    only_genomic = [(allele, name) for allele in genomic if allele not in coding for name in replaced]
    left = _carry_over_exons(rows, names, [*disagreements, *only_genomic], genomic)
    kept = tuple(name for name in names if name.startswith("exon") and name not in replaced) if coding else ()
    return table_of_rows(
        locus,
        reference,
        names,
        rows,
        genomic_alleles=len(genomic),
        exons_from_genomic=kept,
        disagreements=tuple(map(" ".join, disagreements)),
        not_carried_over=left,
        drop_empty_columns=drop_empty_columns,
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


def _disagreements(
    locus: str, names: tuple[str, ...], replaced: Mapping[str, int], coding: Rows, genomic: Rows
) -> tuple[tuple[str, str], ...]:
    found, compared = [], 0
    slots = [(name, names.index(name), number) for name, number in replaced.items()]
    for allele, features in genomic.items():
        for name, slot, number in slots if allele in coding else ():
            of_coding, of_genomic = coding[allele][number], features[slot]
            if UNKNOWN in of_coding or UNKNOWN in of_genomic:
                continue
            compared += 1
            if bases(of_coding) != bases(of_genomic):
                found.append((allele, name))
    if len(found) > max(1, MOST_DISAGREEING_SHARE * compared):
        raise one_problem(
            "alignments_disagree",
            f"{locus}: coding and genomic alignment",
            "the same exons in both",
            f"{len(found)} of {compared} exons that differ, the first {' '.join(found[0])}",
            "The files are damaged or of two releases; fetch the release again.",
        )
    return tuple(found)


def _joined(names: tuple[str, ...], replaced: Mapping[str, int], coding: Rows, genomic: Rows) -> dict[str, list[str]]:
    """All alleles' features; what an allele's alignments do not give is unknown."""
    reference = next(iter(genomic.values()))
    unknown = [UNKNOWN * len(feature) for feature in reference]
    slots = [(names.index(name), number) for name, number in replaced.items()]
    for slot, number in slots:
        unknown[slot] = UNKNOWN * len(next(iter(coding.values()))[number])
    rows = {}
    for allele in [*coding, *(allele for allele in genomic if allele not in coding)]:
        rows[allele] = list(genomic.get(allele, unknown))
        for slot, number in slots:
            rows[allele][slot] = coding[allele][number] if allele in coding else unknown[slot]
    return rows


def _carry_over_exons(
    rows: Mapping[str, list[str]],
    names: tuple[str, ...],
    cells: Iterable[tuple[str, str]],
    genomic: Rows,
) -> tuple[str, ...]:
    """Put the genomic bases of the given alleles' exons into the coding columns; returns those for which there is no room."""
    reference = next(iter(genomic))
    left = []
    for allele, name in cells:
        slot = names.index(name)
        carried = carry_over(genomic[allele][slot], genomic[reference][slot], rows[reference][slot])
        if carried is None:
            left.append(f"{allele} {name}")
        else:
            rows[allele][slot] = carried
    return tuple(left)


def table_of_rows(
    locus: str,
    reference: str,
    names: tuple[str, ...],
    rows: Mapping[str, Sequence[str]],
    *,
    genomic_alleles: int,
    exons_from_genomic: tuple[str, ...] = (),
    disagreements: tuple[str, ...] = (),
    not_carried_over: tuple[str, ...] = (),
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
    return LocusTable(
        locus, reference, names, sequences, cells, genomic_alleles, exons_from_genomic, disagreements, not_carried_over
    )


def _without_empty_columns(rows: Iterable[str]) -> tuple[str, ...]:
    """The rows without the columns in which none has a base. Rows stay in place, so indices stay valid."""
    rows = tuple(rows)
    empty = {GAP, UNKNOWN}
    kept = [column for column in zip(*rows, strict=True) if not empty.issuperset(column)]
    if not kept:
        return tuple("" for _ in rows)
    return tuple("".join(row) for row in zip(*kept, strict=True))
