"""Reads a discrepancy line: ``S|D|I[-n] query-position base(quality) subject-position context``."""

from __future__ import annotations

import re

from worker.cross_match.line import Line, shown
from worker.cross_match.records import Discrepancy, Kind, Match

TAG = "DISCREPANCY"
NO_QUALITY = -1

_SHAPE = "S|D|I[-n] query-position base(quality) subject-position context"
_KIND = re.compile(r"([SDI])(?:-([0-9]{1,9}))?")
_POSITION = re.compile(r"[0-9]{1,12}")
_BASE = re.compile(r"([A-Za-z*.-]{1,100000})(?:\((-1|[0-9]{1,3})\))?")
_CONTEXT = re.compile(r"[A-Za-z*.-]+")
_FIELDS = 5


def is_discrepancy(line: Line) -> bool:
    """Whether the line means to be a discrepancy: tagged, or a kind and a position in five fields."""
    fields = line.fields
    if fields[0] == TAG:
        return True
    return len(fields) == _FIELDS and bool(_KIND.fullmatch(fields[0]) and _POSITION.fullmatch(fields[1]))


def read_discrepancy(line: Line, match: Match) -> Discrepancy:
    """The discrepancy of a line.

    Args:
        line: tagged or not.
        match: the one it belongs to; its positions lie in it.

    Raises:
        UnreadableResult: the line has another shape, or lies outside the match.
    """
    fields = line.fields[1:] if line.fields[0] == TAG else line.fields
    if len(fields) != _FIELDS:
        raise line.error(f"a discrepancy ({_SHAPE})")
    kind, length = _kind(line, fields[0])
    base, quality = _base(line, fields[2])
    if not _CONTEXT.fullmatch(fields[4]):
        raise line.error("the bases around the discrepancy", shown(fields[4]))
    return Discrepancy(
        kind=kind,
        length=length,
        query_position=_position(line, "query", fields[1], match.query_start, match.query_end),
        base=base,
        quality=quality,
        subject_position=_position(line, "subject", fields[3], match.subject_start, match.subject_end),
        context=fields[4],
    )


def _kind(line: Line, field: str) -> tuple[Kind, int]:
    found = _KIND.fullmatch(field)
    if found is None:
        raise line.error("S, D or I, and its length where it is not 1", shown(field))
    kind, length = Kind(found[1]), int(found[2] or 1)
    if length < 1 or (kind is Kind.SUBSTITUTION and length > 1):
        raise line.error("a length of at least 1, and 1 for a substitution", shown(field))
    return kind, length


def _base(line: Line, field: str) -> tuple[str, int | None]:
    """The query's base and its quality; programs write -1 or nothing where there is none."""
    found = _BASE.fullmatch(field)
    if found is None:
        raise line.error("a base with its quality in parentheses", shown(field))
    quality = int(found[2] or NO_QUALITY)
    return found[1], None if quality == NO_QUALITY else quality


def _position(line: Line, whose: str, field: str, start: int, end: int) -> int:
    if not _POSITION.fullmatch(field) or not start <= int(field) <= end:
        raise line.error(f"a {whose} position within the match's {start} to {end}", shown(field))
    return int(field)
