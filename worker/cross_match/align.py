"""Local alignments with affine gaps, by parasail's SIMD code: the score first, the path only when it is asked for.

parasail measured best of what is on PyPI for this: 19 µs a score of 280 by 280 bases on one core of an AMD EPYC. edlib
takes as long and knows unit costs alone; mappy is as fast and promises no best score.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import parasail

from worker.cross_match.options import Options

LARGEST_QUERY_BP = 20_000
"""A score is at most the query's length and must fit 16 bits; a path takes twice the square of it, in bytes."""

_STEP, _GAP_STEP = re.compile(r"([0-9]+)([=XID])"), re.compile(r"([0-9]+)([ID])")
_AMBIGUOUS = re.compile("[^ACGT]")


@dataclass(frozen=True)
class Path:
    """A local alignment of a query strand with a subject, 0-based and half-open.

    Attributes:
        cigar: along the query strand: ``=`` or ``X`` a pair of bases, ``I`` bases that only the query has, ``D`` bases
            that only the subject has.
    """

    score: int
    query_start: int
    query_end: int
    subject_start: int
    subject_end: int
    cigar: str

    @property
    def steps(self) -> Iterator[tuple[int, str]]:
        """How often and what, as in ``cigar``."""
        return ((int(count), step) for count, step in _STEP.findall(self.cigar))

    @property
    def diagonals(self) -> tuple[int, int]:
        """Smallest and largest of subject position less query position that the alignment goes along."""
        diagonal = low = high = self.subject_start - self.query_start
        for count, step in _GAP_STEP.findall(self.cigar):
            diagonal += int(count) if step == "D" else -int(count)
            low, high = min(low, diagonal), max(high, diagonal)
        return low, high


def comparable(bases: str) -> str:
    """The bases as they are compared: whatever is ambiguous or masked is N."""
    return _AMBIGUOUS.sub("N", bases)


class Aligner:
    """Aligns one query strand with subjects, both ``comparable``. An N matches nothing, not even itself.

    A gap of n bases costs ``gap_init`` and n - 1 times ``gap_ext``: what parasail calls opening pays for the first.
    """

    def __init__(self, query: str, options: Options) -> None:
        self._gaps = (-options.gap_init, -options.gap_ext)
        self._longest_subject_bp = 2 * len(query)
        self._profile = parasail.profile_create_16(query, _matrix(options.penalty))

    def score(self, subject: str) -> int:
        """The best score of any local alignment; 0 when no base matches."""
        return int(parasail.sw_striped_profile_16(self._profile, subject, *self._gaps).score)

    def path(self, subject: str, at_least: int) -> Path | None:
        """A local alignment of the best score, or None when that is below ``at_least``.

        The subject is cut to the stretch that such an alignment can reach, as a path takes memory by the cell: a best
        alignment of n query bases has fewer than n subject bases in gaps, each of which costs 1 or more.
        """
        best = parasail.sw_striped_profile_16(self._profile, subject, *self._gaps)
        if best.score < at_least:
            return None
        end = int(best.end_ref) + 1
        offset = max(0, end - self._longest_subject_bp)
        found = parasail.sw_trace_striped_profile_16(self._profile, subject[offset:end], *self._gaps)
        query_start, subject_start, steps = _without_leading_gap(found.cigar)
        return Path(
            int(found.score),
            query_start,
            int(found.end_query) + 1,
            offset + subject_start,
            offset + int(found.end_ref) + 1,
            steps,
        )


def _without_leading_gap(cigar: parasail.Cigar) -> tuple[int, int, str]:
    """Where the alignment begins in query and subject, and its steps.

    Where it begins with the first base of either, parasail goes on to the first base of both, with a gap that the
    score does not know of (parasail-python issue 61).
    """
    steps, starts = cigar.decode.decode("ascii"), {"I": int(cigar.beg_query), "D": int(cigar.beg_ref)}
    while gap := _GAP_STEP.match(steps):
        starts[gap[2]] += int(gap[1])
        steps = steps[gap.end() :]
    return starts["I"], starts["D"], steps


def _matrix(penalty: int) -> parasail.Matrix:
    matrix = parasail.matrix_create("ACGTN", 1, penalty)
    matrix[4, 4] = penalty
    return matrix
