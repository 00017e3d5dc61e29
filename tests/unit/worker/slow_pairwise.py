"""The slow twin of the pairwise alignment: plain Smith-Waterman and Needleman-Wunsch with affine gaps (Gotoh 1982)."""

from __future__ import annotations

from worker.pairwise.path import DELETED, INSERTED, PAIR, Steps
from worker.pairwise.scheme import Scheme

NEVER = float("-inf")


def pair_score(one: str, other: str, scheme: Scheme) -> int:
    if one not in "ACGT" or other not in "ACGT":
        return scheme.unknown
    return 1 if one == other else scheme.mismatch


def best_score(query: str, subject: str, scheme: Scheme, *, is_local: bool) -> float:
    """Over all cells, one state for pairs and one for each kind of gap."""
    before: list[tuple[float, float, float]] = []
    best = 0.0
    for row in range(len(query) + 1):
        now: list[tuple[float, float, float]] = []
        for column in range(len(subject) + 1):
            pair, deleted, inserted = NEVER, NEVER, NEVER
            if row == column == 0:
                pair = 0.0
            if row and column:
                pair = max(before[column - 1]) + pair_score(query[row - 1], subject[column - 1], scheme)
            if column:
                pair_left, deleted_left, inserted_left = now[column - 1]
                opened = max(pair_left, inserted_left) - scheme.gap_open
                deleted = max(opened, deleted_left - scheme.gap_extend)
            if row:
                pair_above, deleted_above, inserted_above = before[column]
                opened = max(pair_above, deleted_above) - scheme.gap_open
                inserted = max(opened, inserted_above - scheme.gap_extend)
            if is_local:
                pair = max(pair, 0.0)
                best = max(best, pair)
            now.append((pair, deleted, inserted))
        before = now
    return best if is_local else max(before[-1])


def score_of(steps: Steps, query: str, subject: str, scheme: Scheme) -> tuple[int, int, int]:
    """What the steps count, and how many bases of query and subject they use."""
    score = at_query = at_subject = 0
    for count, kind in steps:
        if kind == PAIR:
            pairs = zip(query[at_query : at_query + count], subject[at_subject : at_subject + count], strict=True)
            score += sum(pair_score(one, other, scheme) for one, other in pairs)
        else:
            score -= scheme.gap_open + (count - 1) * scheme.gap_extend
        at_query += count * (kind != DELETED)
        at_subject += count * (kind != INSERTED)
    return score, at_query, at_subject
