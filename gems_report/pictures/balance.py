"""How the pairs that tell two alleles apart divide between them."""

from __future__ import annotations

from gems_report.pictures import svg

WIDTH, HEIGHT = 120, 10


def balance_picture(first: float, second: float) -> str:
    """A bar in two parts.

    Args:
        first: a share.
        second: the other; both add up to about 1.
    """
    whole = first + second or 1.0
    cut = WIDTH * first / whole
    root = svg.picture(WIDTH, HEIGHT, f"Balance {first:.0%} to {second:.0%}", "balance")
    svg.box(root, (0, 0, cut, HEIGHT), "allele1")
    svg.box(root, (cut, 0, WIDTH - cut, HEIGHT), "allele2")
    return svg.drawn(root)
