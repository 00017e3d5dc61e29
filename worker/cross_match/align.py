"""Local alignments of one query strand: many best scores at once, paths only where they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from worker.cross_match.options import Options
from worker.pairwise.kernel import End, Kernel, Subjects, subjects_of
from worker.pairwise.path import DELETED, INSERTED, LocalPath, Steps, local_paths
from worker.pairwise.scheme import Scheme

LARGEST_QUERY_BP = 20_000
"""A path takes memory by the square of it: 0.8 to 1.1 GB."""


@dataclass(frozen=True)
class Path:
    """A local alignment of a query strand with a subject, 0-based and half-open.

    Attributes:
        steps: how often and what along the query strand: ``M`` a pair of bases, ``I`` bases that only the query has,
            ``D`` bases that only the subject has.
    """

    score: int
    query_start: int
    query_end: int
    subject_start: int
    subject_end: int
    steps: Steps

    @property
    def diagonals(self) -> tuple[int, int]:
        """Smallest and largest of subject position less query position that the alignment goes along."""
        diagonal = low = high = self.subject_start - self.query_start
        for count, step in self.steps:
            if step in (INSERTED, DELETED):
                diagonal += count if step == DELETED else -count
                low, high = min(low, diagonal), max(high, diagonal)
        return low, high


def scheme_of(options: Options) -> Scheme:
    """The options' scores. An N matches nothing, not even itself."""
    return Scheme(options.penalty, options.penalty, -options.gap_init, -options.gap_ext)


class Aligner:
    """Aligns one query strand with subjects, both ``comparable``.

    A gap of n bases costs ``gap_init`` and n - 1 times ``gap_ext``.
    """

    def __init__(self, query: str, kernel: Kernel) -> None:
        self._query = query
        self._kernel = kernel

    def scores(self, subjects: Subjects) -> list[int]:
        """The best score of each subject's local alignments; 0 when no base matches."""
        return self._kernel.local_scores(self._query, subjects)

    def path(self, subject: str, at_least: int) -> Path | None:
        """A local alignment of the best score, or None when that is below ``at_least``."""
        return self.paths([subject], subjects_of([subject]), at_least)[0]

    def paths(self, sequences: Sequence[str], subjects: Subjects, at_least: int) -> list[Path | None]:
        """For each subject what ``path`` gives, in less time than one by one.

        Args:
            sequences: of the subjects.
            subjects: the same, ready to be aligned with.
            at_least: the least score of a path.
        """
        ends = self._kernel.local_ends(self._query, subjects)
        good = [(number, end) for number, end in enumerate(ends) if end.score >= at_least]
        found = local_paths(self._query, [(sequences[number], end) for number, end in good], self._kernel.scheme)
        paths: list[Path | None] = [None] * len(ends)
        for (number, end), path in zip(good, found, strict=True):
            paths[number] = _path(end, path)
        return paths


def _path(end: End, found: LocalPath) -> Path:
    return Path(end.score, found.query_start, end.query, found.subject_start, end.subject, found.steps)
