"""Panels: files, coordinates, products, and the design of the open one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from miniature import random_bases

from gems_core.bases import IUPAC, reverse_complement
from gems_core.errors import InvalidInput
from gems_formats.library_tables import Allele
from gems_reference.amplicons import amplicon, counted_on, window, with_borrowed_introns
from gems_reference.library import Locus
from gems_reference.panel import (
    Panel,
    PanelRow,
    check_panel,
    fits,
    no_panel_path,
    open_panel_path,
    panel_text,
    read_panel,
)
from gems_reference.panel_design import LAYOUT, best_primer, primer_site_counts

FEATURES = ("5UTR", "exon1", "intron1", "exon2", "3UTR")


def locus_of(rows: dict[str, tuple[str, ...]], name: str = "A") -> Locus:
    """A locus with one row of each feature for each allele."""
    alleles = {allele: Allele(allele, "", "", "", (number,) * len(FEATURES)) for number, allele in enumerate(rows)}
    columns = tuple(tuple(row[slot] for row in rows.values()) for slot in range(len(FEATURES)))
    return Locus(name, next(iter(rows)), FEATURES, alleles, columns)


@pytest.fixture
def locus() -> Locus:
    exon, intron = random_bases(40, 1), random_bases(60, 2)
    first = (random_bases(50, 3), exon, intron, random_bases(30, 4), random_bases(50, 5))
    gapped = ("." * 3 + first[0][3:], exon[:10] + "..." + exon[13:], intron[:5] + "." + intron[6:], first[3], first[4])
    unknown = (*first[:2], "*" * 60, *first[3:])
    return locus_of({"A*01:01": first, "A*02:01": gapped, "A*03:01": unknown})


def row_of(locus: Locus, start: tuple[str, int], end: tuple[str, int]) -> PanelRow:
    """A row with primers as the reference allele has them."""
    joined = "".join(locus.reference).replace(".", "")
    blank = PanelRow(locus.name, "X", *start, *end, "A" * 8, "A" * 8)
    place = window(locus, blank)
    product = joined[locus.base_columns.index(place.start) : locus.base_columns.index(place.end - 1) + 1]
    return PanelRow(locus.name, "X", *start, *end, product[:8], reverse_complement(product[-8:]))


def test_a_primer_of_iupac_letters_copies_the_alleles_own_bases(locus: Locus) -> None:
    plain = row_of(locus, ("5UTR", -20), ("intron1", 25))
    mixed = replace(
        plain, forward_primer="N" + plain.forward_primer[1:], reverse_primer=plain.reverse_primer[:-1] + "N"
    )
    assert amplicon(locus, mixed, "A*01:01").sequence == amplicon(locus, plain, "A*01:01").sequence


def test_a_letter_stands_for_its_bases_on_either_strand() -> None:
    assert fits("ARY", "AGC")
    assert not fits("ARY", "ACC")
    assert not fits("ARY", "AG")
    assert reverse_complement("AACR") == "YGTT"
    assert all(reverse_complement(reverse_complement(letter)) == letter for letter in IUPAC)


def test_offsets_count_bases_of_the_reference_allele_from_either_end(locus: Locus) -> None:
    row = row_of(locus, ("5UTR", -20), ("intron1", 25))
    reference = locus.reference
    assert amplicon(locus, row, "A*01:01").sequence == reference[0][-20:] + reference[1] + reference[2][:25]


def test_another_alleles_gaps_are_left_out_of_its_product(locus: Locus) -> None:
    row = row_of(locus, ("5UTR", -20), ("intron1", 25))
    product, reference = amplicon(locus, row, "A*02:01"), locus.reference
    assert (
        product.sequence
        == reference[0][-20:] + reference[1][:10] + reference[1][13:] + reference[2][:5] + reference[2][6:25]
    )
    assert product.is_known
    assert product.is_made


def test_a_product_with_unknown_bases_says_so_unless_they_lie_under_a_primer(locus: Locus) -> None:
    assert not amplicon(locus, row_of(locus, ("5UTR", -20), ("intron1", 25)), "A*03:01").is_known
    assert amplicon(locus, row_of(locus, ("5UTR", -20), ("intron1", 8)), "A*03:01").is_known


def test_the_bases_under_the_primers_are_the_primers(locus: Locus) -> None:
    row = PanelRow("A", "X", "5UTR", -20, "intron1", 25, "TTTTTTTT", "GGGGGGGG")
    sequence = amplicon(locus, row, "A*01:01").sequence
    assert (sequence[:8], sequence[-8:]) == ("TTTTTTTT", "CCCCCCCC")


def test_an_allele_deleted_under_a_primer_gives_no_product() -> None:
    whole = tuple(random_bases(40, seed) for seed in range(5))
    locus = locus_of({"A*01:01": whole, "A*02:01N": ("." * 40, "." * 40, *whole[2:])})
    assert not amplicon(locus, row_of(locus, ("5UTR", -20), ("intron1", 25)), "A*02:01N").is_made


def test_counting_on_another_allele_moves_the_coordinates(locus: Locus) -> None:
    row = PanelRow("A", "X", "exon1", 12, "exon2", 10, "A" * 8, "A" * 8)
    moved = window(counted_on(locus, "A*02:01"), row).start - window(locus, row).start
    assert moved == 3
    assert counted_on(locus, "A*99:99") is locus


@pytest.mark.parametrize("end", [("5UTR", -25), ("3UTR", 51), ("5UTR", -10)])
def test_an_amplicon_outside_its_locus_is_refused(locus: Locus, end: tuple[str, int]) -> None:
    with pytest.raises(InvalidInput, match="expected a start before its end"):
        window(locus, PanelRow("A", "X", "5UTR", -20, *end, "A" * 8, "A" * 8))


def test_borrowed_introns_are_the_donors_and_exons_the_locuss_own(locus: Locus) -> None:
    exons = locus_of({"DRB5*01:01": ("", "ACGTACGTAC", "", "GGGG", "")}, "DRB5")
    borrowed = with_borrowed_introns(exons, locus)
    assert borrowed.aligned("DRB5*01:01") == (
        locus.reference[0],
        "ACGTACGTAC",
        locus.reference[2],
        "GGGG",
        locus.reference[4],
    )


rows = st.builds(
    PanelRow,
    st.sampled_from(["A", "DRB1"]),
    st.text("abc 12", min_size=1).map(lambda text: f"x{text}x"),
    st.sampled_from(FEATURES),
    st.integers(-300, 300),
    st.sampled_from(FEATURES),
    st.integers(-300, 300),
    st.text("ACGT", min_size=1, max_size=30),
    st.text("ACGT", min_size=1, max_size=30),
)


@given(st.lists(rows, min_size=1, max_size=5, unique_by=lambda row: (row.locus, row.amplicon)))
def test_any_panel_survives_being_written_and_read(
    tmp_path_factory: pytest.TempPathFactory, amplicons: list[PanelRow]
) -> None:
    panel = Panel("word-1", tuple(amplicons), {"A": "A*02:01"})
    path = tmp_path_factory.mktemp("panel") / "panel.tsv"
    path.write_text(panel_text(panel, ["a remark"]))
    assert read_panel(path) == panel


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("A\tExon 1\t5UTR\tx\tintron1\t5\tA\tA", "line 2: expected a whole number as start_offset"),
        ("A\tExon 1\t5UTR\t1\tintron1\t5\tA\tAX", "bases in IUPAC letters as reverse_primer"),
        ("A\tExon 1", "8 columns"),
        ("", "a header and amplicons"),
    ],
)
def test_a_damaged_panel_is_refused_with_its_line(tmp_path: Path, line: str, expected: str) -> None:
    header = "locus\tamplicon\tstart_feature\tstart_offset\tend_feature\tend_offset\tforward_primer\treverse_primer"
    (tmp_path / "panel.tsv").write_text(f"{header}\n{line}\n")
    with pytest.raises(InvalidInput, match=expected):
        read_panel(tmp_path / "panel.tsv")


def test_a_primer_goes_where_the_alleles_are_alike() -> None:
    intron, exon = random_bases(120, 7), random_bases(40, 8)
    varied = intron[:70] + reverse_complement(intron[70:76]) + intron[76:]
    shared = {"A*01:01": intron, "A*02:01": varied, "A*03:01": "*" * 120}
    locus = locus_of({allele: (exon, exon, text, exon, exon) for allele, text in shared.items()})
    assert primer_site_counts(locus, "intron1", -45, is_start=True).total() == 2
    primer = best_primer([locus], "intron1", -45, is_start=True)
    assert primer.share == 1.0
    assert primer.offset >= -44
    assert primer.bases in intron
    assert primer.bases in varied


def test_the_open_panel_has_the_layout_and_primers_of_20_bases() -> None:
    panel = read_panel(open_panel_path())
    assert panel.primer_mask_version == "gems-open-1"
    assert {locus: [row.amplicon for row in panel.of_locus(locus)] for locus in panel.loci} == {
        locus: [span.amplicon for span in spans] for locus, spans in LAYOUT.items()
    }
    assert {len(primer) for row in panel.rows for primer in (row.forward_primer, row.reverse_primer)} == {20}


def test_no_primer_of_the_open_panel_lies_in_an_exon_that_it_should_read_in_full() -> None:
    for row in read_panel(open_panel_path()).rows:
        if row.amplicon != "Bridge 23":
            assert row.start_offset <= -20, row
            assert row.end_offset >= 20, row


def test_a_file_that_says_none_stands_in_a_panels_place() -> None:
    check_panel(no_panel_path())


def test_a_comment_alone_is_no_panel(tmp_path: Path) -> None:
    (tmp_path / "panel.tsv").write_text("# panel: some\n")
    with pytest.raises(InvalidInput, match="no amplicon"):
        check_panel(tmp_path / "panel.tsv")
