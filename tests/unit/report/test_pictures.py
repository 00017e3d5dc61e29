"""Pictures of results, and a change among its codons."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from gems_report.codon_view import codon_view
from gems_report.pages.typing_parts import Change, Coverage, DepthRun, Exon, Link
from gems_report.pictures.balance import balance_picture
from gems_report.pictures.depth import depth_pictures
from gems_report.pictures.phase import phase_picture

EXON = Exon("B*46:01:01", "exon3", "GGATCTCACACCCTCCAG")


def row(place: str, allele: str, depth: tuple[int, ...]) -> Coverage:
    runs = (DepthRun("intron1", 1, 2), DepthRun("exon2", 1, len(depth) - 2))
    return Coverage(place, allele, 10.0, mean_depth=5.0, minimum_depth=min(depth), runs=runs, depth=depth)


def points(svg: str, look: str) -> list[tuple[float, float]]:
    lines = [one for one in ElementTree.fromstring(svg).iter() if one.get("class") == look]
    return [tuple(map(float, pair.split(","))) for pair in lines[0].get("points", "").split()]  # type: ignore[misc]


def test_a_depth_picture_has_a_line_for_each_allele_on_one_scale() -> None:
    rows = [row("Exon 2", "A*01:01", (10, 10, 10, 10)), row("Exon 2", "A*02:01", (5, 5, 0, 5))]
    (picture,) = depth_pictures(rows, ["A*01:01", "A*02:01"])
    deep, thin = points(picture.svg, "allele1"), points(picture.svg, "allele2")
    assert {y for _, y in deep} == {min(y for _, y in deep)}
    assert max(y for _, y in thin) > max(y for _, y in deep), "a gap lies at the bottom"
    assert len(thin) == 4


def test_a_gap_of_one_base_in_a_long_place_does_not_vanish() -> None:
    depth = (50,) * 700 + (0,) + (50,) * 700
    (picture,) = depth_pictures([row("Exon 2", "A*01:01", depth)], ["A*01:01"])
    heights = {y for _, y in points(picture.svg, "allele1")}
    assert len(heights) == 2


def test_places_without_a_track_have_no_picture() -> None:
    assert depth_pictures([Coverage("Exon 2", "A*01:01", 3.0)], ["A*01:01"]) == ()


def test_a_phase_picture_tells_blocks_and_links() -> None:
    link = Link("A", "exon2", "exon3", ("Bridge 23",), 46, 39)
    root = ElementTree.fromstring(phase_picture([["exon1"], ["exon2", "exon3"]], [link]))
    looks = [one.get("class") for one in root.iter()]
    assert (looks.count("block"), looks.count("exon-box"), looks.count("link")) == (2, 3, 1)
    assert "exon2 to exon3 by 39 of 46 pairs" in (root.get("aria-label") or "")


def test_exons_stand_in_the_order_of_their_numbers() -> None:
    root = ElementTree.fromstring(phase_picture([["exon10"], ["exon2"]], []))
    assert [one.text for one in root.iter() if one.tag.endswith("text")] == ["exon2", "exon10"]


def test_without_blocks_there_is_no_picture() -> None:
    assert phase_picture([], []) == ""


@pytest.mark.parametrize(("first", "second", "cut"), [(0.25, 0.75, 30.0), (1.0, 0.0, 120.0), (0.0, 0.0, 0.0)])
def test_a_balance_is_cut_where_the_shares_meet(first: float, second: float, cut: float) -> None:
    boxes = [one for one in ElementTree.fromstring(balance_picture(first, second)).iter() if one.tag.endswith("rect")]
    assert float(boxes[0].get("width", "")) == cut


def change(position: int, old: str, new: str, cdna: int) -> Change:
    return Change(feature="exon3", position=position, old=old, new=new, cdna_position=cdna)


def test_a_change_stands_in_its_codon_between_its_neighbours() -> None:
    view = codon_view(change(8, "A", "G", 351), [EXON])
    assert view is not None
    assert [codon.reference for codon in view.codons if codon.is_changed] == [EXON.bases[5:8]]
    assert [codon.found for codon in view.codons if codon.is_changed] == [EXON.bases[5:7] + "G"]
    assert "".join(codon.reference for codon in view.codons) in EXON.bases


@pytest.mark.parametrize(("position", "cdna"), [(1, 1), (1, 3), (18, 18), (17, 19)])
def test_codons_are_cut_at_the_ends_of_the_exon(position: int, cdna: int) -> None:
    view = codon_view(change(position, EXON.bases[position - 1], "N", cdna), [EXON])
    assert view is not None
    assert view.first >= 1
    assert sum(codon.is_changed for codon in view.codons) == 1
    assert all(0 < len(codon.reference) <= 3 for codon in view.codons)


@pytest.mark.parametrize(
    "other",
    [change(8, "A", ".", 8), change(8, ".", "AC", 8), change(8, "T", "G", 8), change(99, "A", "G", 99), Change()],
)
def test_other_changes_have_no_codons(other: Change) -> None:
    assert codon_view(other, [EXON]) is None
