"""Reading the query of ``GET /job``, with every problem told at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from gems_api.services.review.work_list import DEFAULT_LIMIT as DEFAULT_WORK_LIMIT
from gems_api.services.review.work_list import LARGEST_LIMIT as LARGEST_WORK_LIMIT
from gems_api.services.shown.job_filter import DEFAULT_LIMIT, LARGEST_LIMIT, JobFilter
from gems_api.services.shown.job_logs import LogQuery
from gems_core.digits import is_digits
from gems_core.errors import InvalidInput, Problem
from gems_core.fields import TEXT, FieldKind, Shape, optional, read_fields
from gems_core.hla import parse_hla_class
from gems_core.layout import place_parts
from gems_core.people import parse_name
from gems_core.review.waiting import Wait
from gems_core.session_key import SessionKey
from gems_core.statuses import JobStatus
from gems_report.verdict import Verdict

# Of the number of an entry: no log is ever so long.
_MOST_DIGITS = 9


def parse_query(arguments: MultiDict[str, str]) -> JobFilter:
    """The filter that a query string asks for.

    Raises:
        InvalidInput: with every argument that is wrong; one that is unknown is, because it would silently filter nothing.
    """
    return JobFilter(**_values(JOB_QUERY, arguments))


def _values(shape: Shape[Any], arguments: MultiDict[str, str]) -> dict[str, Any]:
    known = [item.name for item in shape.fields]
    expected = f"one of {', '.join(sorted(known))}"
    problems = [_wrong(name, expected, name) for name in sorted(set(arguments) - set(known))]
    values, wrong = read_fields(shape.fields, arguments.to_dict(), _wrong_text)
    if problems or wrong:
        raise InvalidInput(problems + wrong)
    return values


def parse_log_query(arguments: MultiDict[str, str]) -> LogQuery:
    """What a query string asks for of a job's logs.

    Raises:
        InvalidInput: with every argument that is wrong.
    """
    return LogQuery(**_values(LOG_QUERY, arguments))


def parse_review_query(arguments: MultiDict[str, str]) -> int:
    """The number of the entry after which a job's log is asked for.

    Raises:
        InvalidInput: with every argument that is wrong.
    """
    after: int = _values(REVIEW_QUERY, arguments)["after"]
    return after


def parse_work_query(arguments: MultiDict[str, str]) -> dict[str, Any]:
    """What a query string asks for of the work list, by the names of ``WORK_QUERY``.

    Raises:
        InvalidInput: with every argument that is wrong.
    """
    return _values(WORK_QUERY, arguments)


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


def _index(text: str) -> int:
    if not is_digits(text) or len(text) > 6:  # noqa: PLR2004 - no job has so many
        raise ValueError(text)
    return int(text)


def _number(text: str) -> int:
    if not is_digits(text) or len(text) > _MOST_DIGITS:
        raise ValueError(text)
    return int(text)


def _limit(text: str) -> int:
    limit = int(text) if is_digits(text) else 0
    if not 1 <= limit <= LARGEST_LIMIT:
        raise ValueError(text)
    return limit


def _work_limit(text: str) -> int:
    limit = _number(text)
    if not 1 <= limit <= LARGEST_WORK_LIMIT:
        raise ValueError(text)
    return limit


def _argument(parse: Callable[[str], object], expected: str, **schema: object) -> FieldKind:
    """A text that ``parse`` accepts."""

    def read(text: str) -> object:
        try:
            return parse(text)
        except InvalidInput as error:
            raise ValueError(text) from error

    return FieldKind({"type": "string", **schema}, expected, read)


JOB_QUERY: Shape[JobFilter] = Shape(
    "JobQuery",
    "query",
    (
        optional("session_key", _argument(SessionKey.parse, "a session key"), "one job"),
        optional("bucket", FieldKind(TEXT.schema), "jobs with reads in this bucket"),
        optional("prefix", FieldKind(TEXT.schema), "jobs with reads in this folder"),
        optional("hla_class", _argument(parse_hla_class, "1, 2 or all"), "jobs of this class"),
        optional(
            "overall_status",
            _argument(JobStatus, f"one of {', '.join(JobStatus)}", enum=[status.value for status in JobStatus]),
            "jobs with this status",
        ),
        optional(
            "since",
            _argument(_moment, "a date, or a time in ISO 8601", format="date-time"),
            "jobs made then or later: ISO 8601 with a zone, or a date (UTC)",
        ),
        optional(
            "before", _argument(_place, "what the Link header of a page said"), "cursor, as the Link header gives it"
        ),
        optional(
            "limit",
            _argument(
                _limit, f"a whole number from 1 to {LARGEST_LIMIT}", type="integer", minimum=1, maximum=LARGEST_LIMIT
            ),
            f"jobs at most; default {DEFAULT_LIMIT}",
            DEFAULT_LIMIT,
        ),
    ),
)


LOG_QUERY: Shape[LogQuery] = Shape(
    "LogQuery",
    "query",
    (
        optional(
            "worker",
            _argument(_index, "the index of a worker", type="integer", minimum=0, maximum=999_999),
            "only this worker; without it all of them",
        ),
        optional(
            "since",
            _argument(_moment, "a date, or a time in ISO 8601", format="date-time"),
            "only what S3 was given then or later: ISO 8601 with a zone, or a date (UTC)",
        ),
        optional("after", FieldKind(TEXT.schema), "cursor: the `next` of a page", ""),
    ),
)


REVIEW_QUERY: Shape[Any] = Shape(
    "ReviewQuery",
    "query",
    (
        optional(
            "after",
            _argument(_number, "the number of an entry", type="integer", minimum=0, maximum=10**_MOST_DIGITS - 1),
            "cursor: the `next` of a part",
            0,
        ),
    ),
)


_POSITIVE = {"type": "integer", "minimum": 0, "maximum": 10**_MOST_DIGITS - 1}
WORK_QUERY: Shape[Any] = Shape(
    "WorkQuery",
    "query",
    (
        optional("flag", FieldKind(TEXT.schema), "samples with this flag", ""),
        optional(
            "verdict",
            _argument(Verdict, f"one of {', '.join(Verdict)}", enum=[one.value for one in Verdict]),
            "samples with this verdict",
        ),
        optional("run", FieldKind(TEXT.schema), "a part of the folder's name, or a session key", ""),
        optional(
            "waits_for",
            _argument(Wait, f"one of {', '.join(Wait)}", enum=[one.value for one in Wait]),
            "samples that wait for this",
        ),
        optional("person", _argument(parse_name, "the name of a person"), "what waits for this person"),
        optional("skip", _argument(_number, "a number of samples", **_POSITIVE), "so many samples are left out", 0),
        optional(
            "limit",
            _argument(
                _work_limit,
                f"a whole number from 1 to {LARGEST_WORK_LIMIT}",
                type="integer",
                minimum=1,
                maximum=LARGEST_WORK_LIMIT,
            ),
            f"samples at most; default {DEFAULT_WORK_LIMIT}",
            DEFAULT_WORK_LIMIT,
        ),
    ),
)


def _wrong_text(name: str, expected: str, found: object) -> Problem:
    return _wrong(name, expected, repr(str(found)[:120]))


def _wrong(name: str, expected: str, found: str) -> Problem:
    return Problem("invalid_argument", f"query, argument {name}", expected, found, "Correct it and ask again.")
