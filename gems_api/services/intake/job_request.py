"""What a user asks for, read from a JSON body with every problem told at once."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import TypeVar

from gems_api.settings import Settings
from gems_core.errors import InvalidInput, Problem
from gems_core.hla import parse_hla_class

T = TypeVar("T")
# S3's rules for bucket names (S3 user guide, "Bucket naming rules").
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_EMAIL = re.compile(r"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?\.[A-Za-z]{2,24}")
LONGEST_EMAIL = 254
# Of UTF-8. The longest key of a result has 387 more (session key 254, sample 100, file 17, folders), and S3 takes 1,024.
LONGEST_PREFIX_BYTES = 600
LARGEST_BUDGET_USD = 1_000_000.0


@dataclass(frozen=True)
class JobRequest:
    """A well-formed wish for a job; whether its files are good is preflight's matter.

    Attributes:
        prefix: without slashes at its ends.
        hla_class: ``1``, ``2`` or ``all``; '' when what was sent is none of them (then there are problems).
        email: '' for no mail.
        workers: how many instances at most.
        budget_usd: what each run may cost; None for no limit.
    """

    bucket: str
    prefix: str
    hla_class: str
    email: str
    samples_per_worker: int
    workers: int
    time_limit_seconds: int
    budget_usd: float | None
    dry_run: bool

    @property
    def digest(self) -> str:
        """Names the request: two with the same digest ask for the same."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


def parse_job_request(body: object, settings: Settings) -> tuple[JobRequest, list[Problem]]:
    """Read the body of ``POST /job``.

    Returns:
        the request, and all that is wrong with it; a field that is wrong holds a harmless value.
    """
    problems: list[Problem] = []
    if not isinstance(body, dict):
        problems.append(_wrong("body", "a JSON object", body))
        body = {}
    known = {item.name for item in fields(JobRequest)}
    expected = f"one of the fields {', '.join(sorted(known))}"
    problems += [_wrong(name, expected, name) for name in sorted(set(body) - known)]
    request = JobRequest(
        _parsed(problems, body, "bucket", _bucket, expected="an S3 bucket name", fallback=""),
        _parsed(
            problems,
            body,
            "prefix",
            _prefix,
            expected=f"a folder of printable characters, of at most {LONGEST_PREFIX_BYTES} bytes in UTF-8",
            fallback="",
        ),
        _hla_class(body, problems),
        _parsed(problems, body, "email", _email, expected="an e-mail address", fallback="", optional=True),
        _number(problems, body, "samples_per_worker", settings.samples_per_worker, settings.max_samples),
        _number(problems, body, "workers", settings.max_workers, settings.max_workers),
        _number(problems, body, "time_limit_seconds", settings.job_limit_seconds, settings.job_limit_seconds),
        _budget(problems, body, settings.job_budget_usd),
        _parsed(problems, body, "dry_run", _boolean, expected="true or false", fallback=False, optional=True),
    )
    return request, problems


def _parsed(
    problems: list[Problem],
    body: Mapping[str, object],
    name: str,
    parse: Callable[[object], T],
    *,
    expected: str,
    fallback: T,
    optional: bool = False,
) -> T:
    value = body.get(name)
    if value is None and optional:
        return fallback
    try:
        return parse(value)
    except ValueError:
        problems.append(_wrong(name, expected, value))
        return fallback


def _bucket(value: object) -> str:
    if not isinstance(value, str) or not _BUCKET.fullmatch(value):
        raise ValueError(value)
    return value


def _prefix(value: object) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError(value)
    folder = value.strip("/")
    if len(folder.encode()) > LONGEST_PREFIX_BYTES:
        raise ValueError(value)
    return folder


def _email(value: object) -> str:
    if value == "":
        return ""
    if not isinstance(value, str) or len(value) > LONGEST_EMAIL or not _EMAIL.fullmatch(value) or ".." in value:
        raise ValueError(value)
    return value


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(value)  # noqa: TRY004 - the caller turns it into a problem
    return value


def _number(problems: list[Problem], body: Mapping[str, object], name: str, default: int, most: int) -> int:
    value = body.get(name)
    if value is None:
        return default
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        problems.append(_wrong(name, f"a whole number from 1 to {most}", value))
        return default
    return value


def _budget(problems: list[Problem], body: Mapping[str, object], most: float | None) -> float | None:
    value = body.get("budget_usd")
    if value is None:
        return most
    bound = math.inf if most is None else most
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= min(bound, LARGEST_BUDGET_USD):
        problems.append(
            _wrong("budget_usd", f"US dollars, above 0 and at most {min(bound, LARGEST_BUDGET_USD):g}", value)
        )
        return most
    return float(value)


def _hla_class(body: Mapping[str, object], problems: list[Problem]) -> str:
    try:
        return parse_hla_class(body.get("hla_class"))
    except InvalidInput as invalid:
        problems.extend(invalid.problems)
        return ""


def _wrong(name: str, expected: str, found: object) -> Problem:
    return Problem("invalid_field", name, expected, repr(found)[:120], "Correct the field and send the request again.")
