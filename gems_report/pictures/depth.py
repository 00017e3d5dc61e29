"""How deep the called alleles are read, base by base, in one amplicon or exon."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from gems_report.pages.typing_parts import Coverage
from gems_report.pictures import svg

WIDTH, HEIGHT = 260, 96
_LEFT, _TOP, _BOTTOM = 34, 8, 18
_MOST_POINTS = 260


@dataclass(frozen=True)
class DepthPicture:
    """A picture and its place."""

    place: str
    svg: str


def depth_pictures(coverage: Sequence[Coverage], alleles: Sequence[str]) -> tuple[DepthPicture, ...]:
    """One for each place that has a depth track, all on the scale of the deepest.

    Args:
        coverage: rows of the locus.
        alleles: the called ones, in the order of their colours.
    """
    rows = [row for row in coverage if row.depth]
    most = max((max(row.depth) for row in rows), default=0)
    places = list(dict.fromkeys(row.amplicon for row in rows))
    return tuple(
        DepthPicture(place, _picture(place, [row for row in rows if row.amplicon == place], alleles, max(most, 1)))
        for place in places
    )


def _picture(place: str, rows: Sequence[Coverage], alleles: Sequence[str], most: float) -> str:
    told = "; ".join(f"{row.allele} mean {row.mean_depth:.0f}, lowest {row.minimum_depth:.0f}" for row in rows)
    root = svg.picture(WIDTH, HEIGHT, f"Depth of {place}: {told}", "depth")
    _exons(root, rows[0])
    for share in (0.0, 0.5, 1.0):
        y = _y(share * most, most)
        svg.line(root, [(_LEFT, y), (WIDTH, y)], "grid")
        svg.words(root, (_LEFT - 4, y + 3), f"{share * most:.0f}", "tick", "end")
    for row in rows:
        side = alleles.index(row.allele) if row.allele in alleles else 0
        svg.line(root, _points(row.depth, most), f"allele{min(side, 1) + 1}", row.allele)
    return svg.drawn(root)


def _exons(root: Element, row: Coverage) -> None:
    """What of the place is exon, told by a ground of its own."""
    bases = len(row.depth)
    at = 0
    for run in row.runs:
        if run.feature.startswith("exon"):
            x, end = _x(at, bases), _x(at + run.bases, bases)
            svg.box(root, (x, _TOP, end - x, HEIGHT - _TOP - _BOTTOM), "exon")
            svg.words(root, ((x + end) / 2, HEIGHT - 5), run.feature, "tick", "middle")
        at += run.bases


def _points(depth: Sequence[int], most: float) -> Iterator[tuple[float, float]]:
    """At most as many as the picture has columns; of several bases in one, the lowest: a gap must not vanish."""
    step = max(1, -(-len(depth) // _MOST_POINTS))
    for start in range(0, len(depth), step):
        yield _x(start, len(depth)), _y(min(depth[start : start + step]), most)


def _x(base: int, bases: int) -> float:
    return _LEFT + (WIDTH - _LEFT) * base / max(1, bases)


def _y(depth: float, most: float) -> float:
    return _TOP + (HEIGHT - _TOP - _BOTTOM) * (1 - depth / most)
