"""The path of an alignment: which bases stand opposite each other.

Where several paths are best, this rule picks one. The path is read from its end to its start. It takes a pair of bases
where that is best, else a gap in the query, else a gap in the subject, each as short as can be. A local path ends where
its score has come down to 0, so it is the shortest.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np

from worker.pairwise.kernel import End
from worker.pairwise.scheme import Codes, Numbers, Scheme, codes

PAIR, INSERTED, DELETED = "M", "I", "D"
"""A pair of bases; bases that only the query has; bases that only the subject has."""

Steps = tuple[tuple[int, str], ...]
"""How often and what, from the first base to the last."""

_NEVER = -(1 << 30)


def local_path(query: str, subject: str, end: End, scheme: Scheme) -> tuple[int, int, Steps]:
    """First base in query and subject, and the steps, of a best local alignment that ends at ``end``, of a score above 0.

    Memory is 2 bytes for each pair of bases before the end, within the reach of such an alignment.
    """
    reach = end.query + scheme.longest_gap(end.query, end.score)
    offset = max(0, end.subject - reach)
    rows, columns = codes(query[: end.query]), codes(subject[offset : end.subject])
    pairs = _ungapped(rows, columns, end.score, scheme)
    if pairs:
        return end.query - pairs, end.subject - pairs, ((pairs, PAIR),)
    cells = _cells(rows, columns, scheme, is_local=True)
    start_row, start_column, steps = _back(cells, rows, columns, scheme, least=1)
    return start_row, offset + start_column, steps


def global_path(query: str, subject: str, scheme: Scheme) -> Steps:
    """The steps of a best alignment of both from end to end; memory is 4 bytes for each pair of bases that it weighs.

    Equal bases at both ends are pairs in some best alignment, so only what lies between them is weighed. That puts a
    gap as far to the right as it can stand.
    """
    rows, columns = codes(query), codes(subject)
    head = _equal(rows, columns)
    rows, columns = rows[head:], columns[head:]
    tail = _equal(rows[::-1], columns[::-1])
    rows, columns = rows[: len(rows) - tail], columns[: len(columns) - tail]
    cells = _cells(rows, columns, scheme, is_local=False)
    return _joined([(head, PAIR), *_back(cells, rows, columns, scheme, least=_NEVER)[2], (tail, PAIR)])


def _equal(rows: Codes, columns: Codes) -> int:
    """How many bases both begin with; an N is not equal to another."""
    shorter = min(len(rows), len(columns))
    unlike = np.flatnonzero((rows[:shorter] != columns[:shorter]) | (rows[:shorter] > _LAST_BASE))
    return int(unlike[0]) if len(unlike) else shorter


_LAST_BASE = 3


def _ungapped(rows: Codes, columns: Codes, score: int, scheme: Scheme) -> int:
    """How many pairs before the end have the whole score without a gap, which most paths need not; 0 if none have."""
    pairs = min(len(rows), len(columns))
    sums = np.cumsum(scheme.matrix[rows[len(rows) - pairs :], columns[len(columns) - pairs :]][::-1])
    return int(np.argmax(sums == score)) + 1 if pairs and sums.max() == score else 0


def _cells(rows: Codes, columns: Codes, scheme: Scheme, *, is_local: bool) -> Numbers:
    """The best score of an alignment up to each pair of places, row by row; a local one may begin anywhere.

    In a row, a gap in the query comes from the left: its best start is a running maximum of scores that are made to
    rise by what each further base of the gap would cost.
    """
    width = len(columns) + 1
    ramp = np.arange(width, dtype=np.int32) * scheme.gap_extend
    opened = ramp[:-1] + scheme.gap_open
    fits_16_bits = is_local and len(rows) < np.iinfo(np.int16).max
    cells = np.empty((len(rows) + 1, width), dtype=np.int16 if fits_16_bits else np.int32)
    above, inserted = np.zeros(width, dtype=np.int32), np.full(width, _NEVER, dtype=np.int32)
    if not is_local:
        above[1:] = -opened
    cells[0] = above
    pair_scores = scheme.matrix[:, columns]
    best, other = np.empty_like(above), np.empty_like(above)
    for number, row in enumerate(rows.tolist(), start=1):
        inserted -= scheme.gap_extend
        np.subtract(above, scheme.gap_open, out=other)
        np.maximum(inserted, other, out=inserted)
        np.add(above[:-1], pair_scores[row], out=best[1:])
        best[0] = 0 if is_local else _NEVER
        np.maximum(best, inserted, out=best)
        if is_local:
            np.maximum(best, 0, out=best)
        np.add(best, ramp, out=other)
        np.maximum.accumulate(other, out=other)
        other[:-1] -= opened
        np.maximum(best[1:], other[:-1], out=best[1:])
        cells[number] = best
        above, best = best, above
    return cells


def _back(cells: Numbers, rows: Codes, columns: Codes, scheme: Scheme, *, least: int) -> tuple[int, int, Steps]:
    """Where the path to the last cell begins, and its steps; it goes on as long as scores are ``least`` or more."""
    row, column = len(rows), len(columns)
    steps: list[tuple[int, str]] = []
    while (row or column) and cells[row, column] >= least:
        pairs = _pairs_back(cells, rows[:row], columns[:column], scheme, least)
        if pairs:
            steps.append((pairs, PAIR))
            row, column = row - pairs, column - pairs
        elif deleted := _gap_back(cells[row, : column + 1], scheme):
            steps.append((deleted, DELETED))
            column -= deleted
        else:
            inserted = _gap_back(cells[: row + 1, column], scheme)
            steps.append((inserted, INSERTED))
            row -= inserted
    return row, column, _joined(steps[::-1])


def _pairs_back(cells: Numbers, rows: Codes, columns: Codes, scheme: Scheme, least: int) -> int:
    """How many pairs in a row a best path to this cell ends with."""
    most = min(len(rows), len(columns))
    if not most:
        return 0
    first_row, first_column = len(rows) - most, len(columns) - most
    scores = cells[first_row : len(rows) + 1, first_column : len(columns) + 1].diagonal()
    steps = scheme.matrix[rows[first_row:], columns[first_column:]]
    broken = np.flatnonzero((scores[1:] != scores[:-1] + steps) | (scores[1:] < least))
    return most - 1 - int(broken[-1]) if len(broken) else most


def _gap_back(scores: Numbers, scheme: Scheme) -> int:
    """How many bases the shortest gap has that explains the last of these scores; 0 when none does."""
    before = scores[-2::-1].astype(np.int32)
    costs = scheme.gap_open + scheme.gap_extend * np.arange(len(before), dtype=np.int32)
    explained = np.flatnonzero(before - costs == scores[-1])
    return int(explained[0]) + 1 if len(explained) else 0


def _joined(steps: Sequence[tuple[int, str]]) -> Steps:
    """Neighbours of one kind as one step, without steps of no bases."""
    some = [step for step in steps if step[0]]
    return tuple((sum(count for count, _ in same), kind) for kind, same in groupby(some, key=lambda step: step[1]))
