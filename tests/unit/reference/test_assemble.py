"""Loci: exons of the coding alignment, introns of the genomic one, the gene's bases where they differ."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from miniature import random_bases, small_locus

from gems_core.errors import InvalidInput
from gems_reference.assemble import LocusTable, assemble_locus, feature_names
from gems_reference.gene_level import bases, carry_over, unspliced

Split = dict[str, tuple[str, ...]]


def split(rows: dict[str, str]) -> Split:
    return {allele: tuple(row.split("|")) for allele, row in rows.items()}


def features_of(table: LocusTable, allele: str) -> tuple[str, ...]:
    return tuple(rows[cell] for rows, cell in zip(table.sequences, table.cells[allele], strict=True))


def test_a_genomic_allele_keeps_its_introns_and_a_coding_only_one_has_them_unknown() -> None:
    coding, genomic = map(split, small_locus())
    table = assemble_locus("A", coding, genomic)
    assert table.features == ("5UTR", "exon1", "intron1", "exon2", "3UTR")
    assert features_of(table, "A*01:02") == genomic["A*01:02"]
    assert features_of(table, "A*02:02") == ("*" * 30, "*" * 24, "*" * 40, coding["A*02:02"][1], "*" * 25)
    assert list(table.cells) == list(coding)
    assert table.genomic_alleles == 3


def test_equal_rows_of_a_feature_are_stored_once() -> None:
    coding, genomic = map(split, small_locus())
    assert all(len(set(rows)) == len(rows) for rows in assemble_locus("A", coding, genomic).sequences)


def test_a_locus_without_genomic_alignment_has_introns_without_columns() -> None:
    table = assemble_locus("DRB5", {"DRB5*01:01": ("ACGT", "GG")}, {})
    assert table.features == ("5UTR", "exon1", "intron1", "exon2", "3UTR")
    assert features_of(table, "DRB5*01:01") == ("", "ACGT", "", "GG", "")
    assert table.genomic_alleles == 0


def test_a_pseudogene_without_coding_alignment_is_all_genomic() -> None:
    table = assemble_locus("P", {}, {"P*01:01": ("AC", "GT", "AA", "CC")})
    assert table.features == ("5UTR", "exon1", "intron1", "exon2")
    assert features_of(table, "P*01:01") == ("AC", "GT", "AA", "CC")


def test_an_exon_that_the_coding_alignment_cuts_elsewhere_stays_genomic() -> None:
    table = assemble_locus(
        "E",
        {"E*01:01": ("ACGT", "GGTAA"), "E*01:02": ("ACGA", "GGTAA")},
        {"E*01:01": ("A", "ACGT", "C", "GGTAAG", "T", "A", "T")},
    )
    assert table.exons_from_genomic == ("exon2", "exon3")
    assert features_of(table, "E*01:02")[1::2] == ("ACGA", "******", "*")


def test_columns_of_other_loci_are_dropped_from_a_shared_alignment() -> None:
    table = assemble_locus("DRB3", {"DRB3*01:01": ("AC..GT",), "DRB3*02:01": ("ACT.**",)}, {}, drop_empty_columns=True)
    assert table.sequences[1] == ("AC.GT", "ACT**")


def test_an_oddly_spliced_exon_gets_the_genes_bases_and_is_reported() -> None:
    exon = random_bases(40, 1)
    coding = {f"A*01:{number:02}": (exon + "." * 12, "ACGT") for number in range(1, 30)}
    coding["A*01:07"] = (exon[:30] + "." * 22, "ACGT")
    genomic = dict.fromkeys(coding, ("TT", exon, "GTAAGT", "ACGT", "A"))
    table = assemble_locus("A", coding, genomic)
    assert table.disagreements == ("A*01:07 exon1",)
    assert bases(features_of(table, "A*01:07")[1]) == exon
    assert len({len(row) for row in table.sequences[1]}) == 1


def test_alignments_that_disagree_all_over_are_refused() -> None:
    coding = {f"A*01:{number:02}": ("ACGT",) for number in range(1, 9)}
    genomic = {allele: ("T", "ACGT" if number == 0 else "ACCC", "G") for number, allele in enumerate(coding)}
    with pytest.raises(InvalidInput, match="7 of 8 exons that differ, the first"):
        assemble_locus("A", coding, genomic)


@pytest.mark.parametrize(("count", "last"), [(3, "3UTR"), (12, "exon6"), (17, "3UTR")])
def test_an_even_number_of_features_ends_in_an_exon(count: int, last: str) -> None:
    names = feature_names(count)
    assert len(names) == count
    assert (names[0], names[1], names[-1]) == ("5UTR", "exon1", last)


@given(
    st.text("ACGT.", min_size=12, max_size=12),
    st.text("ACGT", min_size=12, max_size=12),
    st.lists(st.integers(0, 12), max_size=6),
)
def test_a_carried_row_keeps_its_bases_or_is_refused(row: str, reference: str, gaps: list[int]) -> None:
    target = reference
    for place in sorted(gaps, reverse=True):
        target = target[:place] + "." + target[place:]
    carried = carry_over(row, reference, target)
    assert carried is not None
    assert (bases(carried), len(carried)) == (bases(row), len(target))


def test_an_insertion_without_room_is_not_carried() -> None:
    assert carry_over("ACGGT", "AC.GT", "ACGT") is None


def test_an_exon_that_runs_into_the_intron_loses_the_introns_bases() -> None:
    intron, exon = "GTAAGTCCATGACA", "ACGTACGTAA"
    row = ("T", exon + intron[:9], intron, "CC", "A")
    reference = ("T", exon + "." * 9, intron, "CC", "A")
    assert unspliced(row, reference) == ("T", exon + "." * 9, intron, "CC", "A")


def test_an_exon_that_stops_short_is_unknown_where_it_stops_and_a_deletion_inside_stays() -> None:
    reference = ("T", "ACGTACGTACGTACGTACGT", "GTAAGT", "CC", "A")
    short = ("T", "ACGTACGTAC..........", "GTAAGT", "CC", "A")
    inside = ("T", "ACGTA..........TACGT", "GTAAGT", "CC", "A")
    assert unspliced(short, reference)[1] == "ACGTACGTAC**********"
    assert unspliced(inside, reference) == inside


def test_nothing_is_concluded_where_the_intron_is_unknown() -> None:
    row = ("T", "ACGTACGTAC..........", "******", "CC", "A")
    assert unspliced(row, ("T", "ACGTACGTACGTACGTACGT", "GTAAGT", "CC", "A")) == row
