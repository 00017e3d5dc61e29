"""Which exons the same pairs show, so that their phase is seen and not guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element

from gems_core.digits import is_digits
from gems_report.pages.typing_parts import Link
from gems_report.pictures import svg

_STEP, _BOX, _HIGH, _ROW = 84, 56, 22, 18


def phase_picture(blocks: Sequence[Sequence[str]], links: Sequence[Link]) -> str:
    """Exons as boxes, those in phase on one ground; an arc joins two exons that pairs link.

    Args:
        blocks: exons whose phase is seen, block by block.
        links: with their pairs; the phasing ones show a base that tells the alleles apart in both exons.
    """
    exons = sorted({exon for block in blocks for exon in block}, key=_number)
    if not exons:
        return ""
    at = {exon: 8 + i * _STEP for i, exon in enumerate(exons)}
    longest = max((_span(at, link) for link in links if link.start in at and link.end in at), default=0)
    top = 14 + _ROW * longest
    root = svg.picture(at[exons[-1]] + _BOX + 8, top + _HIGH + 8, _label(blocks, links), "phase-view")
    for block in blocks:
        first, last = min(at[exon] for exon in block), max(at[exon] for exon in block)
        svg.box(root, (first - 5, top - 5, last - first + _BOX + 10, _HIGH + 10), "block")
    for link in links:
        if link.start in at and link.end in at:
            _arc(root, at, link, top)
    for exon in exons:
        svg.box(root, (at[exon], top, _BOX, _HIGH), "exon-box")
        svg.words(root, (at[exon] + _BOX / 2, top + 15), exon, "", "middle")
    return svg.drawn(root)


def _arc(root: Element, at: Mapping[str, int], link: Link, top: float) -> None:
    one, two = sorted((at[link.start] + _BOX / 2, at[link.end] + _BOX / 2))
    high = top - _ROW * _span(at, link)
    look = "link" if link.phasing_pairs else "link loose"
    title = f"{link.start} and {link.end}: {link.pairs} pairs, of which {link.phasing_pairs} show the phase"
    svg.curve(root, f"M{one:g} {top:g}Q{(one + two) / 2:g} {2 * high - top + 8:g} {two:g} {top:g}", look, title)
    svg.words(root, ((one + two) / 2, high + 3), str(link.phasing_pairs or link.pairs), "tick", "middle")


def _span(at: Mapping[str, int], link: Link) -> int:
    return abs(at[link.start] - at[link.end]) // _STEP


def _number(exon: str) -> tuple[int, str]:
    digits = "".join(letter for letter in exon if is_digits(letter))
    return int(digits or 0), exon


def _label(blocks: Sequence[Sequence[str]], links: Sequence[Link]) -> str:
    seen = "; ".join(", ".join(block) for block in blocks)
    linked = "; ".join(f"{link.start} to {link.end} by {link.phasing_pairs} of {link.pairs} pairs" for link in links)
    return f"Exons in phase: {seen}. Linked: {linked or 'none'}."
