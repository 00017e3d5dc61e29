"""Rows as arrays give what rows letter by letter give; many guides in one call give what one by one gives."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from worker.explain.alignment import Place, locate
from worker.explain.rows import bases_beside, bases_completed, is_base

ROWS = st.lists(st.tuples(st.sampled_from("ACGT.*"), st.sampled_from("ACGT.*")), max_size=40)
BASES = st.text("ACGT*", max_size=40)


@given(ROWS)
def test_the_bases_of_a_row_are_those_of_its_columns(columns: list[tuple[str, str]]) -> None:
    row, guide = ("".join(letters) for letters in zip(*columns, strict=True)) if columns else ("", "")
    assert bases_beside(row, guide) == "".join(base for base, other in columns if is_base(base, other))


@given(ROWS)
def test_unknown_bases_are_completed_from_the_guide(columns: list[tuple[str, str]]) -> None:
    row, guide = ("".join(letters) for letters in zip(*columns, strict=True)) if columns else ("", "")
    letters = (other if base == "*" else base for base, other in columns)
    assert bases_completed(row, guide) == "".join(letters).replace(".", "")


@given(BASES, st.lists(BASES, max_size=4))
def test_many_subjects_are_located_as_each_by_itself(query: str, subjects: list[str]) -> None:
    assert locate(query, subjects) == [place for subject in subjects for place in locate(query, [subject])]


def test_what_matches_nowhere_has_no_place() -> None:
    nowhere = Place(0, 0, 0, 0, 0)
    assert locate("AAAA", ["CCCC", "", "CAAAAC"]) == [nowhere, nowhere, Place(4, 0, 4, 1, 5)]
    assert locate("", ["ACGT"]) == [nowhere]
