"""Pairwise alignment in terms of edits. Positions are 0-based; ends are not included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import ne

from gems_core.bases import UNKNOWN
from worker.pairwise.kernel import End, Kernel, subjects_of
from worker.pairwise.path import DELETED, INSERTED, LocalPath, global_path, local_paths
from worker.pairwise.scheme import Scheme, comparable

UNSEEN = "N"
_SCHEME = Scheme(mismatch=-2, unknown=0, gap_open=4, gap_extend=3)
"""cross_match's own scores, so that both weigh a sequence alike. A letter other than A C G T scores 0 against anything."""
_KERNEL = Kernel(_SCHEME)


@dataclass(frozen=True)
class Edit:
    """One difference of a query from a subject.

    Attributes:
        query: place in the query; of a deletion, of the base after it.
        subject: place in the subject; of an insertion, of the base after it.
        old, new: the subject's and the query's bases; '' where there are none.
    """

    query: int
    subject: int
    old: str
    new: str


@dataclass(frozen=True)
class Place:
    """Where a query lies best in a subject."""

    score: int
    query_start: int
    query_end: int
    subject_start: int
    subject_end: int


def locate(query: str, subjects: Sequence[str]) -> list[Place]:
    """Where the query lies best in each subject; a place of score 0, and of no bases, where none of its bases matches."""
    if not query or not all(subjects):
        return [locate(query, [subject])[0] if query and subject else _NOWHERE for subject in subjects]
    query, subjects = comparable(query), [comparable(subject) for subject in subjects]
    ends = _KERNEL.local_ends(query, subjects_of(subjects))
    found = [pair for pair in zip(subjects, ends, strict=True) if pair[1].score > 0]
    paths = iter(local_paths(query, found, _SCHEME))
    return [_place(end, next(paths)) if end.score > 0 else _NOWHERE for end in ends]


def _place(end: End, path: LocalPath) -> Place:
    return Place(end.score, path.query_start, end.query, path.subject_start, end.subject)


_NOWHERE = Place(0, 0, 0, 0, 0)


def estimates(query: str, subjects: Sequence[str]) -> list[float]:
    """About how many differences ``edits`` would find with each subject, at a fraction of its time."""
    found: list[float | None] = [_estimate(query, subject) for subject in subjects]
    left = [place for place, about in enumerate(found) if about is None]
    ready = subjects_of(comparable(subjects[place]) for place in left)
    scores = _KERNEL.global_scores(comparable(query), ready) if left else []
    for place, score in zip(left, scores, strict=True):
        best = max(0, len(query) - subjects[place].count(UNKNOWN))
        found[place] = max(0.0, (best - score) / (1 - _SCHEME.mismatch))
    return [about for about in found if about is not None]


def _estimate(query: str, subject: str) -> float | None:
    """What needs no alignment."""
    if len(query) == len(subject):
        unlike = sum(map(ne, query, subject)) - subject.count(UNKNOWN)
        if unlike <= _DIRECT:
            return float(unlike)
    return None if query and subject else 1.0


def edits(query: str, subject: str) -> tuple[Edit, ...]:
    """What turns the subject into the query, both from end to end; unknown bases differ from none."""
    if len(query) == len(subject):
        direct = _substitutions(query, subject)
        if len(direct) <= _DIRECT:
            return direct
        aligned = _aligned(query, subject)
        return direct if len(direct) <= len(aligned) else aligned
    return _aligned(query, subject)


_DIRECT = 3
"""So few mismatches are never better told as gaps: two gaps cost more."""


def differ(one: str, other: str) -> bool:
    """Whether two bases are known and unlike."""
    return one != other and UNKNOWN not in (one, other) and UNSEEN not in (one, other)


def _substitutions(query: str, subject: str) -> tuple[Edit, ...]:
    if query == subject:
        return ()
    pairs = enumerate(zip(query, subject, strict=True))
    return tuple(Edit(place, place, old, new) for place, (new, old) in pairs if differ(old, new))


def _aligned(query: str, subject: str) -> tuple[Edit, ...]:
    if not query or not subject:
        return (Edit(0, 0, subject, query),) if query or subject else ()
    found: list[Edit] = []
    at_query = at_subject = 0
    for length, operation in global_path(comparable(query), comparable(subject), _SCHEME):
        if operation == INSERTED:
            found.append(_shifted_insertion(query, at_query, at_subject, length))
            at_query += length
        elif operation == DELETED:
            found.append(_shifted_deletion(subject, at_query, at_subject, length))
            at_subject += length
        else:
            run = _substitutions(query[at_query : at_query + length], subject[at_subject : at_subject + length])
            found += [Edit(at_query + one.query, at_subject + one.subject, one.old, one.new) for one in run]
            at_query, at_subject = at_query + length, at_subject + length
    return tuple(found)


def _shifted_insertion(query: str, at_query: int, at_subject: int, length: int) -> Edit:
    shift = _room(query, at_query, length)
    return Edit(at_query + shift, at_subject + shift, "", query[at_query + shift : at_query + shift + length])


def _shifted_deletion(subject: str, at_query: int, at_subject: int, length: int) -> Edit:
    shift = _room(subject, at_subject, length)
    return Edit(at_query + shift, at_subject + shift, subject[at_subject + shift : at_subject + shift + length], "")


def _room(bases: str, start: int, length: int) -> int:
    """How far to the right equal bases allow a gap to go: the nomenclature takes the last place (HGVS, 3' rule)."""
    shift = 0
    while start + shift + length < len(bases) and bases[start + shift] == bases[start + shift + length]:
        shift += 1
    return shift
