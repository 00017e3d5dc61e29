"""Reads a match line: ``score %sub %del %ins query start end (left) [C] subject … [*]``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gems_core.digits import is_digits
from worker.cross_match.line import Line, shown
from worker.cross_match.records import Match

TAG = "ALIGNMENT"
OVERLAPPED = "*"

_SHAPE = "score %sub %del %ins query start end (left) [C] subject and its three positions [*]"
_WHOLE = re.compile(r"[0-9]{1,12}")
_LEFT = re.compile(r"\(([0-9]{1,12})\)")
_PERCENT = re.compile(r"[0-9]{1,4}\.[0-9]{1,4}")
_QUERY_FIELDS, _FORWARD_FIELDS, _COMPLEMENT_FIELDS = 8, 4, 5
_ROUNDING = 0.01


def is_match(line: Line) -> bool:
    """Whether the line means to be a match: tagged, or begun with a whole number and decimal ones, or long enough."""
    fields = line.fields
    if fields[0] == TAG:
        return True
    if not _WHOLE.fullmatch(fields[0]):
        return False
    is_long = len(fields) >= _QUERY_FIELDS + _FORWARD_FIELDS and not is_digits(fields[1])
    return is_long or (len(fields) > 1 and all("." in field for field in fields[1:4]))


def read_match(line: Line) -> Match:
    """The match of a line, without what the following lines add.

    Raises:
        UnreadableResult: the line has another shape, or its numbers contradict each other.
    """
    fields = line.fields[1:] if line.fields[0] == TAG else line.fields
    overlapped = len(fields) > _QUERY_FIELDS + _FORWARD_FIELDS and fields[-1] == OVERLAPPED
    if overlapped:
        fields = fields[:-1]
    if len(fields) < _QUERY_FIELDS + _FORWARD_FIELDS:
        raise line.error(f"a match ({_SHAPE})")
    complement, subject, (subject_start, subject_end, subject_left) = _subject(line, fields[_QUERY_FIELDS:])
    query_start, query_end, query_left = _forward(line, "query", fields[5:8])
    sub, deleted, inserted = (_percent(line, field) for field in fields[1:4])
    match = Match(
        score=_whole(line, "score", fields[0]),
        percent_sub=sub,
        percent_del=deleted,
        percent_ins=inserted,
        query=fields[4],
        query_start=query_start,
        query_end=query_end,
        query_left=query_left,
        complement=complement,
        subject=subject,
        subject_start=subject_start,
        subject_end=subject_end,
        subject_left=subject_left,
        overlapped=overlapped,
    )
    _check_percentages(line, match)
    return match


def _subject(line: Line, fields: Sequence[str]) -> tuple[bool, str, tuple[int, int, int]]:
    """Whether it is a complement, its name, and start, end and left on the forward strand."""
    if len(fields) == _FORWARD_FIELDS:
        return False, fields[0], _forward(line, "subject", fields[1:])
    if len(fields) == _COMPLEMENT_FIELDS and fields[0] == "C":
        left, high, low = fields[2:]
        return True, fields[1], _forward(line, "subject", (low, high, left))
    raise line.error(
        "'subject start end (left)' or 'C subject (left) end start' after the query", shown(" ".join(fields))
    )


def _forward(line: Line, whose: str, fields: Sequence[str]) -> tuple[int, int, int]:
    start, end = (_whole(line, f"{whose} position", field) for field in fields[:2])
    left = _LEFT.fullmatch(fields[2])
    if left is None:
        raise line.error(f"the bases left of the {whose} in parentheses", shown(fields[2]))
    if not 1 <= start <= end:
        raise line.error(f"a {whose} from 1 on, its start not after its end", f"start {start} and end {end}")
    return start, end, int(left[1])


def _whole(line: Line, what: str, field: str) -> int:
    if not _WHOLE.fullmatch(field):
        raise line.error(f"a {what} of at most 12 digits", shown(field))
    return int(field)


def _percent(line: Line, field: str) -> float:
    if not _PERCENT.fullmatch(field):
        raise line.error("a percentage with its decimals", shown(field))
    return float(field)


def _check_percentages(line: Line, match: Match) -> None:
    """Percentages are of the query's span; only bases that it lacks can be more than itself."""
    span = match.query_end - match.query_start + 1
    longest = max(span, match.subject_end - match.subject_start + 1)
    of_span = match.percent_sub + match.percent_ins
    # Each number was rounded on its own.
    if of_span > 100 * longest / span + 2 * _ROUNDING or match.percent_del > 100 * longest / span + _ROUNDING:
        found = f"{match.percent_sub}, {match.percent_del}, {match.percent_ins}"
        raise line.error(f"percentages of {span} aligned query bases", found)
