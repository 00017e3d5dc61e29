"""Finds a query's matches among the subjects: words say where, alignments say how well."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gems_core.bases import reverse_complement
from worker.cross_match.align import Aligner, Path, comparable
from worker.cross_match.bounds import best_possible
from worker.cross_match.options import Options
from worker.cross_match.words import Numbers, WordIndex

STRANDS = (False, True)


@dataclass(frozen=True)
class Found:
    """One match of a query.

    Attributes:
        subject: its number, from 0.
        complement: whether the path is along the query's other strand.
        query_start, query_end: on the query's forward strand, 0-based and half-open.
    """

    subject: int
    complement: bool
    path: Path
    query_start: int
    query_end: int

    @property
    def score(self) -> int:
        """The path's."""
        return self.path.score

    @property
    def merit(self) -> tuple[int, int, bool, int]:
        """Sorts the best first; among equals the first subject, the forward strand, the first base."""
        return (-self.score, self.subject, self.complement, self.query_start)


class Search:
    """The subjects, ready to be asked."""

    def __init__(self, subjects: Sequence[str], options: Options) -> None:
        self._subjects = [comparable(bases) for bases in subjects]
        self._index = WordIndex(self._subjects, options.minmatch)
        self._options = options

    def best(self, query: str) -> list[Found]:
        """The one match of the best ``merit``, or none.

        Subjects are aligned in the order of the best score that they can have, until none can be as good as the best
        that was found.
        """
        strands = _strands(query)
        bounds = np.stack([self._bounds(strand) for strand in strands], axis=1).ravel()
        aligners = [Aligner(strand, self._options) for strand in strands]
        least, choice = self._options.minscore, -1
        promising = np.flatnonzero(bounds >= least)
        for place in promising[np.argsort(-bounds[promising], kind="stable")].tolist():
            if bounds[place] < least:
                break
            score = aligners[place % 2].score(self._subjects[place // 2])
            if score > least or (score == least and (choice < 0 or place < choice)):
                least, choice = score, place
        if choice < 0:
            return []
        path = aligners[choice % 2].path(self._subjects[choice // 2], least)
        return [_found(choice // 2, STRANDS[choice % 2], path, len(query))] if path else []

    def every(self, query: str) -> list[Found]:
        """Every match of the least score or more with a subject that shares a word."""
        return [
            _found(subject, complement, path, len(query))
            for complement, strand in zip(STRANDS, _strands(query), strict=True)
            for subject, path in self._paths(strand)
        ]

    def _bounds(self, strand: str) -> Numbers:
        return best_possible(self._index.counts(strand), len(strand), self._index.lengths, self._options)

    def _paths(self, strand: str) -> Iterator[tuple[int, Path]]:
        shared = self._index.shared(strand)
        bounds = self._bounds(strand)
        aligner = Aligner(strand, self._options)
        subjects, starts = np.unique(shared.subject, return_index=True)
        ends = np.append(starts, len(shared.subject))[1:]
        for subject, start, end in zip(subjects.tolist(), starts.tolist(), ends.tolist(), strict=True):
            if bounds[subject] >= self._options.minscore:
                bases = self._subjects[subject]
                first = aligner.path(bases, self._options.minscore)
                if first:
                    words = shared.query[start:end], shared.position[start:end]
                    pair = _Pair(strand, bases, self._options)
                    yield from ((subject, path) for path in (first, *pair.further(first, *words)))


@dataclass(frozen=True)
class _Pair:
    """One query strand and one subject, which may match at more than one place."""

    query: str
    subject: str
    options: Options

    def further(self, first: Path, query: Numbers, position: Numbers) -> Iterator[Path]:
        """The matches besides the first, while shared words are left that no match explains.

        Each is the better one of what the query's bases outside of the earlier matches have with the whole subject,
        and the whole query with the subject's bases outside of them.
        """
        path: Path | None = first
        masked_query, masked_subject = self.query, self.subject
        while path:
            unexplained = ~_explained(path, query, position, self.options)
            query, position = query[unexplained], position[unexplained]
            if not len(query):
                return
            masked_query = _masked(masked_query, path.query_start, path.query_end)
            masked_subject = _masked(masked_subject, path.subject_start, path.subject_end)
            path = self._better(masked_query, masked_subject)
            if path:
                yield path

    def _better(self, masked_query: str, masked_subject: str) -> Path | None:
        least = self.options.minscore
        paths = (
            Aligner(masked_query, self.options).path(self.subject, least),
            Aligner(self.query, self.options).path(masked_subject, least),
        )
        return max(filter(None, paths), key=lambda path: path.score, default=None)


def _explained(path: Path, query: Numbers, position: Numbers, options: Options) -> NDArray[np.bool_]:
    """Which words lie beside the path, and within the bandwidth of its diagonals."""
    low, high = path.diagonals
    diagonals = position - query
    beside = (query < path.query_end) & (query + options.minmatch > path.query_start)
    near = (diagonals >= low - options.bandwidth) & (diagonals <= high + options.bandwidth)
    return np.asarray(beside & near)


def _masked(bases: str, start: int, end: int) -> str:
    return bases[:start] + "N" * (end - start) + bases[end:]


def _strands(query: str) -> tuple[str, str]:
    forward = comparable(query)
    return forward, reverse_complement(forward)


def _found(subject: int, complement: bool, path: Path, query_bp: int) -> Found:
    start, end = path.query_start, path.query_end
    if complement:
        start, end = query_bp - end, query_bp - start
    return Found(subject, complement, path, start, end)
