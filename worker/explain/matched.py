"""What cross_match found of a sequence, beside the verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from worker.cross_match.query import name_in_results
from worker.cross_match.records import Match, ResultFile
from worker.explain.sequences import Unexplained


def best_matches(result: ResultFile, sequences: Sequence[Unexplained]) -> dict[str, Match]:
    """The best match of each sequence, by its name.

    Matches carry the names that the runner gave. A result of other names has the first word of each, and ``B|Exon`` may
    be several: the length tells them apart, and a sequence that shares both with another has none.
    """
    known = Counter(_mark(one.name, len(one.bases)) for one in sequences)
    best: dict[tuple[str, int], Match] = {}
    for match in result.matches:
        mark = _mark(match.query, match.query_end + match.query_left)
        if mark not in best or match.score > best[mark].score:
            best[mark] = match
    found: dict[str, Match] = {}
    for one in sequences:
        given, first_word = (name_in_results(one.name), len(one.bases)), _mark(one.name, len(one.bases))
        mark = given if given in best else first_word
        if mark in best and (mark == given or known[mark] == 1):
            found[one.name] = best[mark]
    return found


def match_as_json(match: Match) -> dict[str, Any]:
    """``cross_match`` of an entry (docs/contracts.md, section 3)."""
    return {
        "subject": match.subject,
        "score": match.score,
        "percent_sub": match.percent_sub,
        "percent_del": match.percent_del,
        "percent_ins": match.percent_ins,
        "query_start": match.query_start,
        "query_end": match.query_end,
        "complement": match.complement,
        "discrepancies": len(match.discrepancies),
    }


def _mark(name: str, length: int) -> tuple[str, int]:
    return name.split(maxsplit=1)[0], length
