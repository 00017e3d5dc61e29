"""The slow twin of the search: every cell of every pair, and every optimal alignment's ends."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from worker.cross_match.options import Options

Ends = tuple[int, int, int, int]
"""Query start and end, subject start and end: 0-based, half-open."""

NOWHERE = (float("-inf"), frozenset[tuple[int, int]]())
Cell = tuple[float, frozenset[tuple[int, int]]]


@dataclass(frozen=True)
class Best:
    """The best score of a pair of sequences, and the ends of every local alignment that has it."""

    score: int
    ends: frozenset[Ends]


def best_alignments(query: str, subject: str, options: Options) -> Best:
    """By dynamic programming over all cells, each with every start of its best alignments."""
    matched: dict[tuple[int, int], Cell] = {}
    deleted: dict[tuple[int, int], Cell] = {}
    inserted: dict[tuple[int, int], Cell] = {}
    for i, j in product(range(len(query) + 1), range(len(subject) + 1)):
        fresh = (0.0, frozenset({(i - 1, j - 1)}))
        before = [states.get((i - 1, j - 1), NOWHERE) for states in (matched, deleted, inserted)]
        step = _pair_score(query[i - 1], subject[j - 1], options) if i and j else float("-inf")
        matched[i, j] = _plus(_top(fresh, *before), step)
        deleted[i, j] = _gap(deleted, (matched, inserted), (i, j - 1), options)
        inserted[i, j] = _gap(inserted, (matched, deleted), (i - 1, j), options)
    score = max(cell[0] for cell in matched.values())
    if score <= 0:
        return Best(0, frozenset())
    ends = {(a, i, b, j) for (i, j), (value, starts) in matched.items() if value == score for a, b in starts}
    return Best(int(score), frozenset(ends))


def share_a_word(query: str, subject: str, word_bp: int) -> bool:
    """Whether a word without ambiguous bases is in both."""
    return bool(_words(query, word_bp) & _words(subject, word_bp))


def _words(bases: str, word_bp: int) -> set[str]:
    words = (bases[start : start + word_bp] for start in range(len(bases) - word_bp + 1))
    return {word for word in words if set(word) <= set("ACGT")}


def _pair_score(query: str, subject: str, options: Options) -> int:
    return 1 if query == subject and query in "ACGT" else options.penalty


def _gap(
    same: dict[tuple[int, int], Cell],
    others: tuple[dict[tuple[int, int], Cell], ...],
    before: tuple[int, int],
    options: Options,
) -> Cell:
    opened = [_plus(states.get(before, NOWHERE), options.gap_init) for states in others]
    return _top(_plus(same.get(before, NOWHERE), options.gap_ext), *opened)


def _plus(cell: Cell, score: float) -> Cell:
    return (cell[0] + score, cell[1])


def _top(*cells: Cell) -> Cell:
    score = max(cell[0] for cell in cells)
    return (score, frozenset().union(*(starts for value, starts in cells if value == score)))
