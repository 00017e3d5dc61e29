"""Which subjects share words with a query: an index of the subjects' words, asked with a query's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_NO_BASE = 4
_CODES = np.full(256, _NO_BASE, dtype=np.uint8)
_CODES[[ord(base) for base in "ACGT"]] = range(4)

_LONGEST_32_BIT_WORD, _START_BITS = 15, 32

Numbers = NDArray[np.int64]
Words = NDArray[np.signedinteger]


@dataclass(frozen=True)
class Shared:
    """The words that one query strand shares with the subjects, an item a pair of equal words.

    Attributes:
        query: first base of the word in the query, from 0.
        subject: number of the subject, in the index's order.
        position: first base of the word in that subject, from 0.
    """

    query: Numbers
    subject: Numbers
    position: Numbers


class WordIndex:
    """Every word of the subjects, sorted. A word holds A, C, G and T only; an ambiguous base is part of none.

    The subjects are indexed and not the queries: they are the same for every query, so that a query costs only the
    look-up of its own words.
    """

    def __init__(self, subjects: Sequence[str], word_bp: int) -> None:
        self.word_bp = word_bp
        self.lengths: Numbers = np.array([len(bases) for bases in subjects], dtype=np.int64)
        starts, words = _words("|".join(subjects), word_bp)
        self._words, self._starts = _sorted(words, starts)
        self._first_bases = np.concatenate(([0], np.cumsum(self.lengths + 1)[:-1]))
        self._subjects = np.repeat(np.arange(len(subjects), dtype=np.int32), self.lengths + 1)[self._starts]

    def counts(self, query: str) -> Numbers:
        """How many pairs of equal words each subject has with the query."""
        items, _ = self._items(query)
        return np.bincount(self._subjects[items], minlength=len(self.lengths)).astype(np.int64)

    def shared(self, query: str) -> Shared:
        """Where those pairs are, sorted by subject."""
        items, positions = self._items(query)
        subjects = self._subjects[items].astype(np.int64)
        order = np.argsort(subjects, kind="stable")
        subjects = subjects[order]
        inside = self._starts[items][order] - self._first_bases[subjects]
        return Shared(positions[order], subjects, inside)

    def _items(self, query: str) -> tuple[Numbers, Numbers]:
        """Which sorted words equal one of the query's, and that one's first base."""
        starts, words = _words(query, self.word_bp)
        low = np.searchsorted(self._words, words, side="left")
        sizes = np.searchsorted(self._words, words, side="right") - low
        ends = np.cumsum(sizes)
        total = int(ends[-1]) if len(ends) else 0
        items = np.arange(total) + np.repeat(low - (ends - sizes), sizes)
        return items, np.repeat(starts, sizes)


def _sorted(words: Words, starts: Numbers) -> tuple[Words, Numbers]:
    """Both by word. Short words are sorted with their starts in one number: ten times as fast as sorting by order."""
    if words.dtype == np.int64:
        order = np.argsort(words)
        return words[order], starts[order]
    packed: Numbers = words.astype(np.int64) * (1 << _START_BITS) + starts
    packed.sort()
    return (packed >> _START_BITS).astype(np.int32), packed & ((1 << _START_BITS) - 1)


def _words(bases: str, word_bp: int) -> tuple[Numbers, Words]:
    """First base and number of each word, two bits a base; words with anything but A, C, G and T are left out."""
    codes = _CODES[np.frombuffer(bases.encode("ascii"), dtype=np.uint8)]
    count = len(codes) - word_bp + 1
    if count < 1:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    words: Words = np.zeros(count, dtype=np.int32 if word_bp <= _LONGEST_32_BIT_WORD else np.int64)
    for offset in range(word_bp):
        words = np.bitwise_or(np.left_shift(words, 2), codes[offset : offset + count] & 3)
    spoilt = np.concatenate(([0], np.cumsum(codes == _NO_BASE, dtype=np.int32)))
    starts = np.flatnonzero(spoilt[word_bp:] == spoilt[:-word_bp])
    return starts, words[starts]
