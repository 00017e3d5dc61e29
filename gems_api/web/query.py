"""Reading the query of ``GET /job``, with every problem told at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from gems_api.services.shown.job_filter import DEFAULT_LIMIT, LARGEST_LIMIT, JobFilter
from gems_core.errors import InvalidInput, Problem
from gems_core.hla import parse_hla_class
from gems_core.layout import place_parts
from gems_core.session_key import SessionKey
from gems_core.statuses import JobStatus

T = TypeVar("T")
_KNOWN = frozenset({"session_key", "bucket", "prefix", "hla_class", "overall_status", "since", "before", "limit"})


def parse_query(arguments: MultiDict[str, str]) -> JobFilter:
    """The filter that a query string asks for.

    Raises:
        InvalidInput: with every argument that is wrong; one that is unknown is, for it would silently filter nothing.
    """
    problems = [_wrong(name, f"one of {', '.join(sorted(_KNOWN))}", name) for name in sorted(set(arguments) - _KNOWN)]

    def read(name: str, parse: Callable[[str], T], expected: str) -> T | None:
        text = arguments.get(name)
        if text is None:
            return None
        try:
            return parse(text)
        except (ValueError, InvalidInput):
            problems.append(_wrong(name, expected, repr(text[:120])))
            return None

    wanted = JobFilter(
        read("session_key", SessionKey.parse, "a session key"),
        arguments.get("bucket"),
        arguments.get("prefix"),
        read("hla_class", parse_hla_class, "1, 2 or all"),
        read("overall_status", JobStatus, f"one of {', '.join(JobStatus)}"),
        read("since", _moment, "a date, or a time in ISO 8601"),
        read("before", _place, "what the Link header of a page said"),
        read("limit", _limit, f"a whole number from 1 to {LARGEST_LIMIT}") or DEFAULT_LIMIT,
    )
    if problems:
        raise InvalidInput(problems)
    return wanted


def next_link(url: str, arguments: MultiDict[str, str], before: str) -> str:
    """The ``Link`` header that leads to the next page (RFC 8288)."""
    query = urlencode({**arguments.to_dict(), "before": before})
    return f'<{url}?{query}>; rel="next"'


def _place(text: str) -> str:
    place_parts(text)
    return text


def _moment(text: str) -> datetime:
    # A plus sign in a query string arrives as a space unless it was encoded.
    moment = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _limit(text: str) -> int:
    limit = int(text)
    if not 1 <= limit <= LARGEST_LIMIT:
        raise ValueError(text)
    return limit


def _wrong(name: str, expected: str, found: str) -> Problem:
    return Problem("invalid_argument", f"query, argument {name}", expected, found, "Correct it and ask again.")
