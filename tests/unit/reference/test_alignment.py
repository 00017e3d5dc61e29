"""Alignment files: blocks, dashes, gaps, unknown bases, borders."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from miniature import alignment_text, small_locus

from gems_core.errors import InvalidInput
from gems_reference.alignment import parse_alignment


def test_dashes_become_the_bases_of_the_first_row() -> None:
    coding, _ = small_locus()
    parsed = parse_alignment(alignment_text(coding, "A_nuc.txt"), "A_nuc.txt")
    assert parsed.release == "9.1.0"
    assert parsed.reference_allele == "A*01:01:01:01"
    assert {allele: "|".join(row) for allele, row in parsed.rows.items()} == coding


@given(
    rows=st.lists(st.text("ACGT.*", min_size=30, max_size=30), min_size=1, max_size=5),
    borders=st.sets(st.integers(1, 29), max_size=4),
    block=st.integers(7, 50),
)
def test_any_alignment_survives_being_written_and_read(rows: list[str], borders: set[int], block: int) -> None:
    cuts = [0, *sorted(borders), 30]
    features = [[row[start:end] for start, end in pairwise(cuts)] for row in rows]
    text = alignment_text({f"A*{number:02}:01": "|".join(row) for number, row in enumerate(features)}, block=block)
    parsed = parse_alignment(text, "A_gen.txt")
    assert [list(row) for row in parsed.rows.values()] == features


def test_a_row_that_ends_early_is_unknown_from_there_on() -> None:
    text = alignment_text({"A*01:01": "ACGTACGT|ACGT|AC", "A*02:01": "ACGTAC"}, block=100)
    assert parse_alignment(text, "A_gen.txt").rows["A*02:01"] == ("ACGTAC**", "****", "**")


def test_a_last_exon_that_runs_on_gives_the_others_gaps_and_the_unknown_unknown() -> None:
    rows = {"C*01:01": "ACGT|AC", "C*04:09N": "ACGT|ACGTTT", "C*05:01": "ACGT|**"}
    parsed = parse_alignment(alignment_text(rows, "C_nuc.txt", block=5), "C_nuc.txt")
    assert [row[1] for row in parsed.rows.values()] == ["AC....", "ACGTTT", "******"]


def test_lower_case_bases_are_bases() -> None:
    assert parse_alignment(alignment_text({"B*01:01": "AcgT|A"}), "B_gen.txt").rows["B*01:01"] == ("ACGT", "A")


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (lambda text: text.replace("A*02:01  ", "A*02/01  ", 1), "A_gen.txt line 9: expected a row"),
        (lambda text: text.replace(" A*02:01", "\x00A*02:01", 1), "expected a row"),
        (lambda text: text[:400].replace("--", "-?", 1) + text[400:], "found '?'"),
        (
            lambda text: "\n".join(line for number, line in enumerate(text.split("\n")) if number != 8),
            "columns of every allele",
        ),
    ],
)
def test_a_damaged_file_is_refused_with_its_line(damage: Callable[[str], str], expected: str) -> None:
    text = damage(alignment_text({"A*01:01": "ACGT" * 30, "A*02:01": "ACGT" * 30}))
    with pytest.raises(InvalidInput, match=r"A_gen\.txt line") as refused:
        parse_alignment(text, "A_gen.txt")
    assert expected in str(refused.value)


def test_other_borders_than_the_reference_has_are_refused() -> None:
    text = alignment_text({"A*01:01": "ACGT|ACGT", "A*02:01": "ACG|TACGT"})
    with pytest.raises(InvalidInput, match=r"A\*02:01 with the feature borders"):
        parse_alignment(text, "A_gen.txt")


def test_a_file_without_rows_is_refused() -> None:
    with pytest.raises(InvalidInput, match="expected rows of alleles"):
        parse_alignment("# version: IPD-IMGT/HLA 9.1.0\n", "A_gen.txt")
