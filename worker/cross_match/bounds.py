"""How well a query and a subject can align at best, by the number of words that they share."""

from __future__ import annotations

import numpy as np

from worker.cross_match.options import Options
from worker.cross_match.words import Numbers


def best_possible(shared: Numbers, query_bp: int, subjects_bp: Numbers, options: Options) -> Numbers:
    """An upper bound of the score of each subject; below 0 where no word is shared.

    Every word start in a sequence of n bases that is not a shared word is in the alignment and broken by a difference,
    or outside of it. Outside, it takes a base and so 1 from the score that n matches would have. Inside, it takes a
    ``_rate`` of what the difference costs. So the score is at most n less the rate times the unshared words.

    Args:
        shared: pairs of equal words, a number a subject; counting a word twice loosens the bound and keeps it true.
        query_bp: the query's length.
        subjects_bp: the subjects' lengths.
        options: the scores and the words' length.
    """
    rate = _rate(options)
    bounds = [
        bases - rate * np.maximum(bases - options.minmatch + 1 - shared, 0)
        for bases in (np.full_like(subjects_bp, query_bp), subjects_bp)
    ]
    return np.where(shared > 0, np.floor(np.minimum(*bounds) + _ROUNDING), -1).astype(np.int64)


_ROUNDING = 1e-6
"""A bound that is a whole number must not fall below it by the last bits of a product."""


def _rate(options: Options) -> float:
    """The least that one broken word costs, at most 1.

    With words of w bases: a mismatch costs its penalty and the match that it is not, and breaks w words; k bases in
    one sequence alone cost their gap and their k matches there, and break w + k - 1 words; in the other sequence the
    gap's cost breaks w - 1.
    """
    word = options.minmatch
    mismatch = (1 - options.penalty) / word
    first_base, further_base = (1 - options.gap_init) / word, float(1 - options.gap_ext)
    return min(mismatch, first_base, further_base, -options.gap_init / (word - 1), 1.0)
