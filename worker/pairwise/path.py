"""The path of an alignment: which bases stand opposite each other.

Where several paths are best, this rule picks one. The path is read from its end to its start. It takes a pair of bases
where that is best, else a gap in the query, else a gap in the subject, each as short as can be. A local path ends where
its score has come down to 0, so it is the shortest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from worker.pairwise.kernel import End
from worker.pairwise.scheme import Codes, Numbers, Scheme, codes

PAIR, INSERTED, DELETED = "M", "I", "D"
"""A pair of bases; bases that only the query has; bases that only the subject has."""

Steps = tuple[tuple[int, str], ...]
"""How often and what, from the first base to the last."""

_NEVER = -(1 << 30)


@dataclass(frozen=True)
class LocalPath:
    """Where a local alignment begins in query and subject, and its steps."""

    query_start: int
    subject_start: int
    steps: Steps


def local_paths(query: str, subjects: Sequence[tuple[str, End]], scheme: Scheme) -> list[LocalPath]:
    """A best local alignment with each subject that ends at its ``End``, whose score is above 0.

    Those that need gaps are weighed some at once: a row of one pair takes hardly less time than a row of many. Memory
    is 2 bytes for each pair of bases before the end, within the reach of such an alignment, and about 10 MB besides.
    """
    rows = codes(query)
    windows = [_Window.of(rows, subject, end, scheme) for subject, end in subjects]
    found = {number: path for number, window in enumerate(windows) if (path := window.ungapped(scheme))}
    left = sorted(set(range(len(windows))) - set(found), key=lambda number: len(windows[number].columns))
    while left:
        width = len(windows[left[-1]].columns) + 1
        at_once = max(1, _CELLS_AT_ONCE // ((len(rows) + 1) * width))
        some, left = left[-at_once:], left[:-at_once]
        longest = max(len(windows[number].rows) for number in some)
        cells = _cells(rows[:longest], [windows[number].columns for number in some], scheme, is_local=True)
        found |= {number: windows[number].traced(one, scheme) for number, one in zip(some, cells, strict=True)}
    return [found[number] for number in range(len(windows))]


_CELLS_AT_ONCE = 4_000_000
"""Measured best of 0.1 to 8 million: 1.3 ms a path of 300 by 300 bases, where one by one takes 4 ms."""


@dataclass(frozen=True)
class _Window:
    """What an alignment that ends at ``end`` can reach.

    Attributes:
        offset: of the first column in the subject.
    """

    rows: Codes
    columns: Codes
    offset: int
    end: End

    @classmethod
    def of(cls, rows: Codes, subject: str, end: End, scheme: Scheme) -> _Window:
        """The query before the end, and as much of the subject as so many bases can be aligned with."""
        reach = end.query + scheme.longest_gap(end.query, end.score)
        offset = max(0, end.subject - reach)
        return cls(rows[: end.query], codes(subject[offset : end.subject]), offset, end)

    def ungapped(self, scheme: Scheme) -> LocalPath | None:
        """The path, where pairs alone have the whole score: most paths are so."""
        pairs = min(len(self.rows), len(self.columns))
        rows, columns = self.rows[len(self.rows) - pairs :], self.columns[len(self.columns) - pairs :]
        sums = np.cumsum(scheme.matrix[rows, columns][::-1])
        if sums.max() != self.end.score:
            return None
        pairs = int(np.argmax(sums)) + 1
        return LocalPath(self.end.query - pairs, self.end.subject - pairs, ((pairs, PAIR),))

    def traced(self, cells: Numbers, scheme: Scheme) -> LocalPath:
        """The path through the scores of these rows and columns."""
        row, column, steps = _back(cells, self.rows, self.columns, scheme, least=1)
        return LocalPath(row, self.offset + column, steps)


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
    (cells,) = _cells(rows, [columns], scheme, is_local=False)
    return _joined([(head, PAIR), *_back(cells, rows, columns, scheme, least=_NEVER)[2], (tail, PAIR)])


def _equal(rows: Codes, columns: Codes) -> int:
    """How many bases both begin with; an N is not equal to another."""
    shorter = min(len(rows), len(columns))
    unlike = np.flatnonzero((rows[:shorter] != columns[:shorter]) | (rows[:shorter] > _LAST_BASE))
    return int(unlike[0]) if len(unlike) else shorter


_LAST_BASE = 3


def _cells(rows: Codes, subjects: Sequence[Codes], scheme: Scheme, *, is_local: bool) -> Numbers:
    """The best scores of alignments up to each pair of places; a local one may begin anywhere.

    In a row, a gap in the query comes from the left: its best start is a running maximum of scores that are made to
    rise by what each further base of the gap would cost.

    Returns:
        subject by row by column, each from the place before the first base; columns after a subject's end mean nothing.
    """
    width = max(map(len, subjects)) + 1
    columns = np.zeros((len(subjects), width - 1), dtype=np.uint8)
    for number, subject in enumerate(subjects):
        columns[number, : len(subject)] = subject
    ramp = np.arange(width, dtype=np.int32) * scheme.gap_extend
    opened = ramp[:-1] + scheme.gap_open
    fits_16_bits = is_local and len(rows) < np.iinfo(np.int16).max
    cells = np.empty((len(subjects), len(rows) + 1, width), dtype=np.int16 if fits_16_bits else np.int32)
    above = np.zeros((len(subjects), width), dtype=np.int32)
    inserted = np.full_like(above, _NEVER)
    if not is_local:
        above[:, 1:] = -opened
    cells[:, 0] = above
    pair_scores = scheme.matrix[:, columns]
    best, other = np.empty_like(above), np.empty_like(above)
    for number, row in enumerate(rows.tolist(), start=1):
        inserted -= scheme.gap_extend
        np.subtract(above, scheme.gap_open, out=other)
        np.maximum(inserted, other, out=inserted)
        np.add(above[:, :-1], pair_scores[row], out=best[:, 1:])
        best[:, 0] = 0 if is_local else _NEVER
        np.maximum(best, inserted, out=best)
        if is_local:
            np.maximum(best, 0, out=best)
        np.add(best, ramp, out=other)
        np.maximum.accumulate(other, axis=1, out=other)
        other[:, :-1] -= opened
        np.maximum(best[:, 1:], other[:, :-1], out=best[:, 1:])
        cells[:, number] = best
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
