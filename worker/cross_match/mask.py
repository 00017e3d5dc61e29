"""Which matches are told: ``-masklevel`` hides those that better ones cover."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np

from worker.cross_match.search import Found

BEST_ONLY, ALL = 0, 101


def told(found: Sequence[Found], query_bp: int, masklevel: int) -> list[tuple[Found, bool]]:
    """The matches of one query to tell, by their place in it, each with whether a better one covers part of it.

    A match is told if at least (100 - masklevel)% of its query bases are in no match of a better score; matches of one
    score never hide each other. 0 tells the best alone, 100 whatever is not covered whole, 101 all.
    """
    ranked = sorted(found, key=lambda match: match.merit)
    if masklevel == BEST_ONLY:
        return [(match, False) for match in ranked[:1]]
    judged = list(_judged(ranked, query_bp))
    shown = [(match, covered_bp > 0) for match, covered_bp in judged if _is_told(match, covered_bp, masklevel)]
    return sorted(shown, key=lambda item: (item[0].query_start, item[0].query_end, item[0].merit))


def _judged(ranked: Sequence[Found], query_bp: int) -> Iterator[tuple[Found, int]]:
    """Each match, and how many of its query bases better ones cover."""
    covered = np.zeros(query_bp, dtype=bool)
    for _, group in groupby(ranked, key=lambda match: match.score):
        equals = list(group)
        for match in equals:
            yield match, int(np.count_nonzero(covered[match.query_start : match.query_end]))
        for match in equals:
            covered[match.query_start : match.query_end] = True


def _is_told(match: Found, covered_bp: int, masklevel: int) -> bool:
    length = match.query_end - match.query_start
    if masklevel == ALL:
        return True
    return covered_bp < length and 100 * (length - covered_bp) >= (100 - masklevel) * length
