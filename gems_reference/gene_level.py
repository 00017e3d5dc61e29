"""Exons as the gene has them.

Reads come from the gene, but an alignment may give the message: where an allele is spliced oddly, its coding row runs on
into an intron, stops short, or lacks an exon. These functions put the gene's bases in such a row's place.
"""

from __future__ import annotations

from gems_core.bases import GAP, UNKNOWN

# Shorter repeats than this happen by chance at the border of an exon. In release 3.51.0 the shortest run of bases that a
# coding row has too many or too few by splicing is 14.
SHORTEST_SPLICED_BP = 8


def bases(aligned: str) -> str:
    """The bases of an aligned row, gaps left out; unknown ones stay ``*``."""
    return aligned.replace(GAP, "")


def carry_over(row: str, reference: str, target_reference: str) -> str | None:
    """A row of one alignment in the columns of another one.

    Args:
        row: to carry over.
        reference: the reference allele's row beside it.
        target_reference: the reference allele's row in the other alignment, with the same bases.

    Returns:
        the row in the other alignment's columns; None where an insertion has no room there.
    """
    inserted, at_base = _by_reference_base(row, reference)
    widths = _gap_widths(target_reference)
    if any(len(extra) > width for extra, width in zip(inserted, widths, strict=True)):
        return None
    pieces = [extra.ljust(width, GAP) for extra, width in zip(inserted, widths, strict=True)]
    return "".join(piece + base for piece, base in zip(pieces, [*at_base, ""], strict=True))


def _by_reference_base(row: str, reference: str) -> tuple[list[str], list[str]]:
    """Bases before each of the reference's bases (and after the last), and what stands at each of them."""
    inserted, at_base = [""], []
    for base, kept in zip(row, reference, strict=True):
        if kept != GAP:
            at_base.append(base)
            inserted.append("")
        elif base != GAP:
            inserted[-1] += base
    return inserted, at_base


def _gap_widths(reference: str) -> list[int]:
    widths = [0]
    for base in reference:
        if base == GAP:
            widths[-1] += 1
        else:
            widths.append(0)
    return widths


def unspliced(row: tuple[str, ...], reference: tuple[str, ...]) -> tuple[str, ...]:
    """An allele's features (``5UTR exon1 intron1 … 3UTR``) with exons as the gene has them, as far as the row tells.

    Two traces of splicing show in a row whose introns are known. An exon runs on into the next intron: its last bases are
    that intron's first; they become gaps. An exon lacks bases at its border that the reference has: a splice site was
    skipped and the bases are nowhere in the row; they become unknown.
    """
    cells = list(row)
    for slot in range(1, len(cells) - 1, 2):
        exon, intron = cells[slot], bases(cells[slot + 1])
        if not intron or UNKNOWN in exon or intron.startswith(UNKNOWN):
            continue
        surplus = len(bases(exon)) - len(bases(reference[slot]))
        if surplus >= SHORTEST_SPLICED_BP:
            cells[slot] = _without_overhang(exon, intron, surplus)
        elif surplus <= -SHORTEST_SPLICED_BP:
            cells[slot] = _unknown_borders(exon, reference[slot])
    return tuple(cells)


def _without_overhang(exon: str, intron: str, surplus: int) -> str:
    if not intron.startswith(bases(exon)[-surplus:]):
        return exon
    kept, left = [], surplus
    for base in reversed(exon):
        is_overhang = left > 0 and base != GAP
        kept.append(GAP if is_overhang else base)
        left -= is_overhang
    return "".join(reversed(kept))


def _unknown_borders(exon: str, reference: str) -> str:
    first, last = len(exon) - len(exon.lstrip(GAP)), len(exon.rstrip(GAP))
    return "".join(
        UNKNOWN if (place < first or place >= last) and base == GAP and kept != GAP else base
        for place, (base, kept) in enumerate(zip(exon, reference.ljust(len(exon), GAP), strict=True))
    )
