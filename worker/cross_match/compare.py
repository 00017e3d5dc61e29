"""Compares every query with the subjects, on as many processes as there are cores."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from worker.cross_match.describe import match_of
from worker.cross_match.fasta import Sequence
from worker.cross_match.mask import BEST_ONLY, told
from worker.cross_match.options import Options
from worker.cross_match.records import Match
from worker.cross_match.search import Search

_QUERIES_A_PROCESS = 8
"""Fewer do not pay for a process: it takes 20 ms to start, a query some 10 ms."""


@dataclass(frozen=True)
class Comparison:
    """What is compared with what."""

    queries: list[Sequence]
    subjects: list[Sequence]
    options: Options

    def run(self, processes: int) -> Iterator[tuple[Match, ...]]:
        """Each query's matches, in the queries' order.

        Processes and not threads: the aligner's calls are so short that two threads are not faster than one.

        Raises:
            BrokenProcessPool: a process was killed, as for lack of memory.
        """
        search = Search([subject.bases for subject in self.subjects], self.options)
        processes = min(processes, len(self.queries) // _QUERIES_A_PROCESS)
        if processes <= 1 or "fork" not in multiprocessing.get_all_start_methods():
            yield from (self.matches(search, query) for query in self.queries)
            return
        context = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(processes, context, initializer=_remember, initargs=(self, search)) as pool:
            yield from pool.map(_matches_of, range(len(self.queries)), chunksize=_QUERIES_A_PROCESS // 2)

    def matches(self, search: Search, query: Sequence) -> tuple[Match, ...]:
        """The matches of one query that are to be told."""
        only_best = self.options.masklevel == BEST_ONLY
        found = search.best(query.bases) if only_best else search.every(query.bases)
        return tuple(
            match_of(match, overlapped, query, self.subjects[match.subject], self.options)
            for match, overlapped in told(found, len(query.bases), self.options.masklevel)
        )


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_remembered: list[tuple[Comparison, Search]] = []
"""What a process of the pool works with: forked, not sent, for the index is large."""


def _remember(comparison: Comparison, search: Search) -> None:
    _remembered.append((comparison, search))


def _matches_of(number: int) -> tuple[Match, ...]:
    comparison, search = _remembered[0]
    return comparison.matches(search, comparison.queries[number])
