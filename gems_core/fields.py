"""The fields of a JSON object, stated once: one table reads them, writes them and describes them.

A ``Shape`` is the table of one kind of object, and stands beside the class that such objects become. Reading tells every
problem at once. The OpenAPI document (``gems_api.web.description``) and the tables in ``docs/`` are made of the same tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from gems_core.errors import InvalidInput, Problem

T = TypeVar("T")
Wrong = Callable[[str, str, object], Problem]
LONGEST_TEXT = 1024
MOST_TEXTS = 10_000
EXPECTED_MOMENT = "an ISO 8601 time with a zone"
REQUIRED: Any = object()
"""Stands for the value of an absent field where the field may not be absent."""


def parse_moment(text: str) -> datetime:
    """A time in ISO 8601 that names its zone.

    Raises:
        ValueError: it is no such time.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"expected a time with a zone, found {text!r}")
    return moment


def _as_it_is(value: object) -> object:
    return value


@dataclass(frozen=True)
class FieldKind:
    """What a field holds.

    Attributes:
        schema: JSON Schema's keywords; a ``Shape`` in it stands for a reference to that shape.
        expected: what would have been right, for a problem.
        read: makes the value of what the JSON holds. ValueError: it is not of this kind. InvalidInput: it tells itself.
        write: makes JSON of the value.
        blank: makes the JSON of an object that has nothing to tell.
        nested: whether the JSON has fields of its own, which tell their own problems.
    """

    schema: Mapping[str, Any] | Shape[Any]
    expected: str = ""
    read: Callable[[Any], Any] = _as_it_is
    write: Callable[[Any], object] = _as_it_is
    blank: Callable[[], object] = str
    nested: bool = False

    def then(self, change: Callable[[Any], object]) -> FieldKind:
        """The same kind, whose values are changed once they are read."""
        read = self.read
        return replace(self, read=lambda value: change(read(value)))


@dataclass(frozen=True)
class Field(Generic[T]):
    """One field of an object.

    Attributes:
        meaning: what it says, for people.
        absent: the value when the field is absent or null; ``REQUIRED`` where that is a problem.
        always: whether the object always has it, as the description says.
        nullable: whether the JSON may be null.
        source: where the value comes from when ``T`` is written; the attribute of the field's name unless told otherwise.
    """

    name: str
    kind: FieldKind
    meaning: str = ""
    absent: Any = REQUIRED
    always: bool = True
    nullable: bool = False
    source: Callable[[T], object] | None = None

    def __post_init__(self) -> None:
        if self.nullable and self.absent is REQUIRED:
            object.__setattr__(self, "absent", None)

    def read(self, value: object) -> Any:  # noqa: ANN401 - as the kind has it
        """The value of what the JSON holds, None where it holds nothing.

        Raises:
            ValueError: it is not of the kind.
            InvalidInput: it is not, and tells itself.
        """
        return self.absent if value is None and self.absent is not REQUIRED else self.kind.read(value)

    def written(self, source: T) -> object:
        """The JSON of this field of ``source``."""
        value = self.source(source) if self.source else getattr(source, self.name)
        return None if value is None else self.kind.write(value)

    @property
    def blank(self) -> object:
        """The JSON of an object that has nothing to tell."""
        return None if self.nullable else self.kind.blank()


def optional(name: str, kind: FieldKind, meaning: str = "", absent: object = None, **more: Any) -> Field[Any]:  # noqa: ANN401
    """A field that may be left out."""
    return Field(name, kind, meaning, absent, always=False, **more)


@dataclass(frozen=True)
class Shape(Generic[T]):
    """The fields of one kind of JSON object, in order.

    Attributes:
        name: in the OpenAPI document.
        what: in a problem.
    """

    name: str
    what: str
    fields: tuple[Field[T], ...]

    def read(self, value: object) -> dict[str, Any]:
        """The values of an object from outside, by name; fields that the shape does not know are passed over.

        Raises:
            InvalidInput: with everything that is wrong. The fields of nested objects are looked at when all others are right.
        """
        if not isinstance(value, dict):
            raise InvalidInput([self._wrong("", "a JSON object", value), *self._read_flat({})[1]])
        values, problems = self._read_flat(value)
        if problems:
            raise InvalidInput(problems)
        return values | {item.name: item.read(value.get(item.name)) for item in self.fields if item.kind.nested}

    def write(self, source: T) -> dict[str, object]:
        """The JSON object."""
        return {item.name: item.written(source) for item in self.fields}

    def blank(self) -> dict[str, object]:
        """The JSON object that has nothing to tell."""
        return {item.name: item.blank for item in self.fields}

    def _read_flat(self, value: Mapping[str, object]) -> tuple[dict[str, Any], list[Problem]]:
        return read_fields([item for item in self.fields if not item.kind.nested], value, self._wrong)

    def _wrong(self, name: str, expected: str, found: object) -> Problem:
        where = f"{self.what}, field {name}" if name else self.what
        return Problem("invalid_field", where, expected, repr(found)[:120], "Correct the field and send it again.")


def read_fields(
    fields: Iterable[Field[Any]], given: Mapping[str, object], wrong: Wrong
) -> tuple[dict[str, Any], list[Problem]]:
    """The values of fields by name, and everything that is wrong.

    Args:
        fields: which to read.
        given: what was sent.
        wrong: makes a problem of a field's name, of what was expected, and of what was found.

    Returns:
        the values, blank where a field is wrong (the value of an absent one, if it may be absent); and the problems.
    """
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for item in fields:
        found = given.get(item.name)
        values[item.name] = item.blank if item.absent is REQUIRED else item.absent
        try:
            values[item.name] = item.read(found)
        except ValueError:
            problems.append(wrong(item.name, item.kind.expected, found))
        except InvalidInput as invalid:
            problems += invalid.problems
    return values, problems


def checked(
    right: Callable[[Any], bool], expected: str, schema: Mapping[str, Any], blank: Callable[[], object] = str
) -> FieldKind:
    """A JSON value that is right as it is."""

    def read(value: object) -> object:
        if not right(value):
            raise ValueError(value)
        return value

    return FieldKind(schema, expected, read, blank=blank)


def text(longest: int = LONGEST_TEXT) -> FieldKind:
    """A string. How long it may be is a guard of the reader's, and no part of the description."""
    return checked(
        lambda value: isinstance(value, str) and len(value) <= longest,
        f"a text of at most {longest} characters",
        {"type": "string"},
    )


def parsed(parse: Callable[[str], object], expected: str, schema: Mapping[str, object] | None = None) -> FieldKind:
    """A string that ``parse`` accepts; a ValueError of its says that it is wrong."""
    return replace(text().then(parse), schema={"type": "string", **(schema or {})}, expected=expected)


def word(words: type[StrEnum], expected: str | None = None) -> FieldKind:
    """One of some words."""
    kind = parsed(words, expected or f"one of {', '.join(words)}", {"enum": [item.value for item in words]})
    return replace(kind, write=lambda item: item.value)


def moment(expected: str = EXPECTED_MOMENT) -> FieldKind:
    """A time with its zone."""
    return replace(parsed(parse_moment, expected, {"format": "date-time"}), write=datetime.isoformat)


def whole(minimum: int, maximum: int | None = None) -> FieldKind:
    """A whole number."""
    expected = (
        f"a whole number of at least {minimum}" if maximum is None else f"a whole number from {minimum} to {maximum}"
    )
    limits = {"minimum": minimum} if maximum is None else {"minimum": minimum, "maximum": maximum}

    def right(value: object) -> bool:
        if not isinstance(value, int) or isinstance(value, bool):
            return False
        return minimum <= value and (maximum is None or value <= maximum)

    return checked(right, expected, {"type": "integer", **limits}, blank=lambda: minimum)


def items(shape: Shape[Any]) -> FieldKind:
    """Objects of a shape in a list."""
    return FieldKind(
        {"type": "array", "items": shape},
        "a list",
        write=lambda values: [shape.write(value) for value in values],
        blank=list,
        nested=True,
    )


def nested(shape: Shape[Any], make: Callable[..., object] = dict) -> FieldKind:
    """An object of a shape, of whose fields ``make`` makes the value."""
    return FieldKind(shape, "a JSON object", lambda value: make(**shape.read(value)), shape.write, nested=True)


def by_name(kind: FieldKind) -> FieldKind:
    """An object with names of any kind."""
    return FieldKind({"type": "object", "additionalProperties": kind.schema}, blank=dict)


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and len(value) <= MOST_TEXTS and all(isinstance(item, str) for item in value)


TEXT = text()
FLAG = checked(lambda value: isinstance(value, bool), "true or false", {"type": "boolean"}, blank=bool)
NUMBER = FieldKind({"type": "number"}, blank=float)
URL = FieldKind({"type": "string", "format": "url"})
COUNT = whole(0)
TEXTS = replace(
    checked(_are_texts, f"a list of at most {MOST_TEXTS} texts", {"type": "array", "items": {"type": "string"}}).then(
        tuple
    ),
    write=list,
    blank=list,
)
MOMENT = moment()
