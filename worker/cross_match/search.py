"""Finds a query's matches among the subjects: words say where, alignments say how well."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gems_core.bases import reverse_complement
from worker.cross_match.align import Aligner, Path, scheme_of
from worker.cross_match.bounds import best_possible
from worker.cross_match.options import Options
from worker.cross_match.words import Numbers, WordIndex
from worker.pairwise.kernel import Kernel, Subjects, subjects_of
from worker.pairwise.scheme import comparable

STRANDS = (False, True)

_AT_ONCE = 32
"""Subjects in one call. The aligner takes up to 16 or 32 side by side in the time of one; the next bound may be too low."""


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
        # An empty one shares no word and is never asked for.
        self._ready = subjects_of(bases or "N" for bases in self._subjects)
        self._kernel = Kernel(scheme_of(options))
        self._options = options

    def best(self, query: str) -> list[Found]:
        """The one match of the best ``merit``, or none.

        Subjects are aligned in the order of the best score that they can have, some at once, until none can be as good
        as the best that was found.
        """
        strands = _strands(query)
        bounds = np.stack([self._bounds(strand) for strand in strands], axis=1).ravel()
        aligners = [Aligner(strand, self._kernel) for strand in strands]
        least, choice = self._options.minscore, -1
        promising = np.flatnonzero(bounds >= least)
        promising = promising[np.argsort(-bounds[promising], kind="stable")]
        for first in range(0, len(promising), _AT_ONCE):
            some = promising[first : first + _AT_ONCE]
            for place, score in self._scores(aligners, some[bounds[some] >= least]):
                if score > least or (score == least and (choice < 0 or place < choice)):
                    least, choice = score, place
        if choice < 0:
            return []
        path = aligners[choice % 2].path(self._subjects[choice // 2], least)
        return [_found(choice // 2, STRANDS[choice % 2], path, len(query))] if path else []

    def _scores(self, aligners: Sequence[Aligner], places: Numbers) -> Iterator[tuple[int, int]]:
        """Each place, which is a subject and a strand, and its score."""
        for strand, aligner in enumerate(aligners):
            of_strand = places[places % 2 == strand]
            if len(of_strand):
                yield from zip(of_strand.tolist(), aligner.scores(self._some(of_strand // 2)), strict=True)

    def _some(self, subjects: Numbers) -> Subjects:
        return self._ready.extract(subjects.tolist())

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
        subjects, starts = np.unique(shared.subject, return_index=True)
        ends = np.append(starts, len(shared.subject))[1:]
        is_promising = self._bounds(strand)[subjects] >= self._options.minscore
        if not is_promising.any():
            return
        subjects, starts, ends = subjects[is_promising], starts[is_promising], ends[is_promising]
        sequences = [self._subjects[subject] for subject in subjects.tolist()]
        firsts = Aligner(strand, self._kernel).paths(sequences, self._some(subjects), self._options.minscore)
        places = zip(subjects.tolist(), starts.tolist(), ends.tolist(), sequences, firsts, strict=True)
        for subject, start, end, bases, first in places:
            if first:
                words = shared.query[start:end], shared.position[start:end]
                pair = _Pair(strand, bases, self._options, self._kernel)
                yield from ((subject, path) for path in (first, *pair.further(first, *words)))


@dataclass(frozen=True)
class _Pair:
    """One query strand and one subject, which may match at more than one place."""

    query: str
    subject: str
    options: Options
    kernel: Kernel

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
            Aligner(masked_query, self.kernel).path(self.subject, least),
            Aligner(self.query, self.kernel).path(masked_subject, least),
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
