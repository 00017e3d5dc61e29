"""What pairs of bases and gaps count."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

LETTERS = "ACGTN"
"""What is aligned: four bases, and N for every other letter."""

Numbers = NDArray[np.int32]
Codes = NDArray[np.uint8]

_OTHERS = re.compile("[^ACGT]")
_CODES = np.full(256, LETTERS.index("N"), dtype=np.uint8)
for _number, _letter in enumerate(LETTERS):
    _CODES[ord(_letter)] = _number


@dataclass(frozen=True)
class Scheme:
    """The scores of an alignment; a pair of equal bases counts 1.

    Attributes:
        mismatch: of two unlike bases, below 0.
        unknown: of an N against anything, another N too; 0 or less.
        gap_open: what the first base of a gap costs, above 0.
        gap_extend: what each further one costs, 1 to ``gap_open``.
    """

    mismatch: int
    unknown: int
    gap_open: int
    gap_extend: int

    @cached_property
    def matrix(self) -> Numbers:
        """Scores by the numbers of two letters in ``LETTERS``."""
        bases = len(LETTERS) - 1
        scores = np.full((len(LETTERS), len(LETTERS)), self.unknown, dtype=np.int32)
        scores[:bases, :bases] = self.mismatch
        np.fill_diagonal(scores[:bases, :bases], 1)
        return scores

    def longest_gap(self, bases: int, score: int) -> int:
        """How many bases a gap can have beside so many bases of the other sequence, where the whole scores so much."""
        left = bases - score - self.gap_open
        return 0 if left < 0 else 1 + left // self.gap_extend


def comparable(bases: str) -> str:
    """The bases as they are aligned: whatever is not A, C, G or T is N."""
    return _OTHERS.sub("N", bases)


def codes(bases: str) -> Codes:
    """The letters' numbers in ``LETTERS``."""
    return _CODES[np.frombuffer(bases.encode("ascii"), dtype=np.uint8)]
