"""Pairwise alignment, by parasail's SIMD kernels, in terms of edits. Positions are 0-based; ends are not included."""

from __future__ import annotations

from dataclasses import dataclass
from operator import ne

import parasail

from gems_core.bases import UNKNOWN
from gems_core.digits import is_digits

UNSEEN = "N"
_MATCH, _MISMATCH, _GAP_OPEN, _GAP_EXTEND = 1, -2, 4, 3
"""cross_match's own scores, so that both weigh a sequence alike. A letter other than A C G T scores 0 against anything."""
_SCORES = parasail.matrix_create("ACGT", _MATCH, _MISMATCH)


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


def locate(query: str, subject: str) -> Place:
    """The best local alignment's place."""
    result = parasail.sw_trace_striped_sat(query, subject, _GAP_OPEN, _GAP_EXTEND, _SCORES)
    operations = _operations(result.cigar.decode.decode())
    # Where the alignment begins with the query's first base, parasail's traceback runs on to the subject's: no local
    # alignment begins with a gap.
    while operations and operations[0][1] in "ID":
        del operations[0]
    query_start = result.end_query + 1 - sum(length for length, operation in operations if operation != "D")
    subject_start = result.end_ref + 1 - sum(length for length, operation in operations if operation != "I")
    return Place(int(result.score), query_start, result.end_query + 1, subject_start, result.end_ref + 1)


def estimate(query: str, subject: str) -> float:
    """About how many differences ``edits`` would find, at a fraction of its time."""
    unknown = subject.count(UNKNOWN)
    if len(query) == len(subject):
        unlike = sum(map(ne, query, subject)) - unknown
        if unlike <= _DIRECT:
            return float(unlike)
    if not query or not subject:
        return 1.0
    found = parasail.nw_striped_16(query, subject, _GAP_OPEN, _GAP_EXTEND, _SCORES).score
    best = max(0, len(query) - unknown) * _MATCH
    return max(0.0, (best - int(found)) / (_MATCH - _MISMATCH))


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
    result = parasail.nw_trace_striped_16(query, subject, _GAP_OPEN, _GAP_EXTEND, _SCORES)
    found: list[Edit] = []
    at_query = at_subject = 0
    for length, operation in _operations(result.cigar.decode.decode()):
        if operation == "I":
            found.append(_shifted_insertion(query, at_query, at_subject, length))
            at_query += length
        elif operation == "D":
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


def _operations(cigar: str) -> list[tuple[int, str]]:
    found, digits = [], ""
    for letter in cigar:
        if is_digits(letter):
            digits += letter
        else:
            found.append((int(digits), letter))
            digits = ""
    return found
