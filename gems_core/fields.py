"""Reading fields of JSON objects that come from outside, with every problem told at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import TypeVar

from gems_core.errors import InvalidInput, Problem

T = TypeVar("T")
LONGEST_TEXT = 1024
NO_MOMENT = datetime.min.replace(tzinfo=UTC)


def parse_moment(text: str) -> datetime:
    """A time in ISO 8601 that names its zone.

    Raises:
        ValueError: it is no such time.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"expected a time with a zone, found {text!r}")
    return moment


class FieldReader:
    """Takes typed fields from one JSON object and gathers what is wrong with them.

    Use::

        fields = FieldReader(value, "status report")
        index = fields.integer("instance_index", minimum=0)
        fields.finish()          # raises InvalidInput if anything was wrong
    """

    def __init__(self, value: object, what: str) -> None:
        self._what = what
        self._problems: list[Problem] = []
        self._value: Mapping[str, object] = value if isinstance(value, dict) else {}
        if not isinstance(value, dict):
            self._report("", "a JSON object", value)

    def text(self, name: str, *, longest: int = LONGEST_TEXT, default: str | None = None) -> str:
        """A string; absent or null gives ``default`` when there is one."""
        value = self._value.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or len(value) > longest:
            self._report(name, f"a text of at most {longest} characters", value)
            return ""
        return value

    def integer(self, name: str, *, minimum: int, default: int | None = None) -> int:
        """A whole number of at least ``minimum``; absent or null gives ``default`` when there is one."""
        value = self._value.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, int) or isinstance(value, bool) or value < minimum:
            self._report(name, f"a whole number of at least {minimum}", value)
            return minimum
        return value

    def optional_integer(self, name: str, *, minimum: int) -> int | None:
        """A whole number, or None when absent or null."""
        return None if self._value.get(name) is None else self.integer(name, minimum=minimum)

    def flag(self, name: str) -> bool:
        """True or false; absent or null is false."""
        value = self._value.get(name)
        if value is not None and not isinstance(value, bool):
            self._report(name, "true or false", value)
        return value is True

    def texts(self, name: str, *, most: int = 10_000) -> tuple[str, ...]:
        """A list of strings; absent or null is an empty one."""
        value = self._value.get(name)
        if value is None:
            return ()
        if not isinstance(value, list) or len(value) > most or not all(isinstance(item, str) for item in value):
            self._report(name, f"a list of at most {most} texts", value)
            return ()
        return tuple(value)

    def parsed(self, name: str, parse: Callable[[str], T], expected: str, fallback: T) -> T:
        """A string that ``parse`` accepts; a ValueError of its becomes a problem."""
        value = self._value.get(name)
        if isinstance(value, str) and len(value) <= LONGEST_TEXT:
            with suppress(ValueError):
                return parse(value)
        self._report(name, expected, value)
        return fallback

    def nested(self, name: str) -> object:
        """The raw value of a field, for a reader of its own; None when absent."""
        return self._value.get(name)

    def finish(self) -> None:
        """Raise InvalidInput if any field was wrong."""
        if self._problems:
            raise InvalidInput(self._problems)

    def _report(self, name: str, expected: str, found: object) -> None:
        where = f"{self._what}, field {name}" if name else self._what
        self._problems.append(
            Problem("invalid_field", where, expected, repr(found)[:120], "Correct the field and send it again.")
        )
