"""Local alignments of one query strand: many best scores at once, paths only where they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from worker.cross_match.options import Options
from worker.pairwise.kernel import End, Kernel, Subjects, subjects_of
from worker.pairwise.path import DELETED, INSERTED, Steps, local_path
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
        return next(self.paths([subject], subjects_of([subject]), at_least))

    def paths(self, sequences: Sequence[str], subjects: Subjects, at_least: int) -> Iterator[Path | None]:
        """For each subject what ``path`` gives; the best scores are asked for in one call.

        Args:
            sequences: of the subjects.
            subjects: the same, ready to be aligned with.
            at_least: the least score of a path.
        """
        for sequence, end in zip(sequences, self._kernel.local_ends(self._query, subjects), strict=True):
            yield self._path(sequence, end) if end.score >= at_least else None

    def _path(self, subject: str, end: End) -> Path:
        query_start, subject_start, steps = local_path(self._query, subject, end, self._kernel.scheme)
        return Path(end.score, query_start, end.query, subject_start, end.subject, steps)
