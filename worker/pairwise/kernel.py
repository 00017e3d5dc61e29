"""Best scores and where they end, by Opal (pyopal), which has wheels for x86-64 and for Arm.

Opal puts one subject in each lane of the processor's vectors: a call with 1 subject of 280 bases takes as long as one
with 16. So whoever has many subjects asks for them in one call. Opal's own paths are not used: they take 12 bytes a
cell, and its code may reach outside of its memory (docs/adr/0026).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from pyopal import Aligner, Alphabet, Database
from scoring_matrices.lib import ScoringMatrix

from worker.pairwise.scheme import LETTERS, Scheme

Subjects = Database
"""Sequences that were made ready to be aligned with; ``extract`` gives some of them."""

_ALPHABET = Alphabet(LETTERS)


@dataclass(frozen=True)
class End:
    """The best score of a local alignment, and where one that has it ends: the first in the subject, then in the query.

    Attributes:
        score: 0 where nothing matches; the ends mean nothing then.
        query, subject: after the last base, from 0.
    """

    score: int
    query: int
    subject: int


def subjects_of(sequences: Iterable[str]) -> Subjects:
    """Sequences of ``comparable`` letters, none empty, ready to be aligned with."""
    return Database(sequences, alphabet=_ALPHABET)


@dataclass(frozen=True)
class Kernel:
    """Aligns a query of ``comparable`` letters, not empty, with subjects; answers are in the subjects' order."""

    scheme: Scheme

    def local_scores(self, query: str, subjects: Subjects) -> list[int]:
        """The best score of any local alignment; 0 where no base matches."""
        return [found.score for found in self._aligner.align(query, subjects, mode="score", algorithm="sw")]

    def local_ends(self, query: str, subjects: Subjects) -> list[End]:
        """The best score of any local alignment, and where it ends."""
        found = self._aligner.align(query, subjects, mode="end", algorithm="sw")
        return [End(one.score, one.query_end + 1, one.target_end + 1) for one in found]

    def global_scores(self, query: str, subjects: Subjects) -> list[int]:
        """The best score of any alignment of both from end to end."""
        return [found.score for found in self._aligner.align(query, subjects, mode="score", algorithm="nw")]

    @cached_property
    def _aligner(self) -> Aligner:
        matrix = ScoringMatrix(self.scheme.matrix.astype(float).tolist(), alphabet=LETTERS)
        return Aligner(matrix, gap_open=self.scheme.gap_open, gap_extend=self.scheme.gap_extend)
