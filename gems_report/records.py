"""Frozen dataclasses as JSON objects and back: what pages read is stated once, as the fields of a class.

A reader leaves alone keys that it does not know, and gives a missing key its field's default. Everything else must be as the
field's type says, whoever wrote the document.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from gems_report.errors import UnreadableDocument

T = TypeVar("T")
_Reader = Callable[[Any, str], Any]


def to_json(record: object) -> Any:  # noqa: ANN401 - JSON values
    """A record, or what a field of one holds, as a JSON value."""
    if is_dataclass(record):
        kind: Any = type(record)
        return {name: to_json(getattr(record, name)) for name in _names(kind)}
    if isinstance(record, tuple | list):
        plain = set(map(type, record)) <= _PLAIN
        return list(record) if plain else [to_json(item) for item in record]
    if isinstance(record, Mapping):
        return {str(key): to_json(value) for key, value in record.items()}
    return record.value if isinstance(record, StrEnum) else record


def from_json(kind: type[T], document: object, where: str) -> T:
    """A record from a JSON value.

    Args:
        kind: a dataclass.
        document: as ``to_json`` wrote it.
        where: names the document in an error.

    Raises:
        UnreadableDocument: it has another shape.
    """
    form: Any = kind
    record: T = _reader(form)(document, where)
    return record


_TOO_LARGE = 1e15
_HALF_OF_A_PAIR = re.compile("[\ud800-\udfff]")
_PLAIN = {str, int, float, bool, type(None)}


@cache
def _names(kind: Any) -> tuple[str, ...]:  # noqa: ANN401 - a dataclass
    return tuple(field.name for field in fields(kind))


@cache
def _reader(kind: Any) -> _Reader:  # noqa: ANN401 - a type, or a form of typing
    """What reads a value of this type."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is not None:
        return _form_reader(origin, arguments)
    if is_dataclass(kind):
        return _record_reader(kind)
    if kind is Any:
        return lambda value, _: value
    return _word_reader(kind) if issubclass(kind, StrEnum) else _plain_reader(kind)


def _form_reader(origin: Any, arguments: tuple[Any, ...]) -> _Reader:  # noqa: ANN401 - a form of typing
    if origin in (Union, types.UnionType):
        return _optional_reader(next(part for part in arguments if part is not type(None)))
    return _items_reader(arguments[0]) if origin is tuple else _mapping_reader(arguments[1])


def _record_reader(kind: Any) -> _Reader:  # noqa: ANN401 - a dataclass
    hints = get_type_hints(kind)
    parts = [(field.name, _reader(hints[field.name]), _is_required(field)) for field in fields(kind)]

    def read(value: Any, where: str) -> Any:  # noqa: ANN401 - JSON values
        if not isinstance(value, Mapping):
            raise UnreadableDocument(where, "a JSON object", value)
        found = {}
        for name, reader, is_required in parts:
            if name in value:
                found[name] = reader(value[name], f"{where}.{name}")
            elif is_required:
                raise UnreadableDocument(where, f"a key {name}", sorted(map(str, value)))
        return kind(**found)

    return read


def _is_required(field: Any) -> bool:  # noqa: ANN401 - dataclasses.Field of any type
    return field.default is MISSING and field.default_factory is MISSING


def _optional_reader(kind: Any) -> _Reader:  # noqa: ANN401 - a type
    reader = _reader(kind)
    return lambda value, where: None if value is None else reader(value, where)


def _items_reader(kind: Any) -> _Reader:  # noqa: ANN401 - a type
    reader = _reader(kind)

    def read(value: Any, where: str) -> tuple[Any, ...]:  # noqa: ANN401 - JSON values
        if not isinstance(value, list | tuple):
            raise UnreadableDocument(where, "a list", value)
        if kind is str and set(map(type, value)) <= {str} and all(map(str.isascii, value)):
            return tuple(value)
        if kind is int and set(map(type, value)) <= {int} and _are_counts(value):
            return tuple(value)  # thousands of depths need no closer look
        return tuple(reader(item, f"{where}[{index}]") for index, item in enumerate(value))

    return read


def _mapping_reader(kind: Any) -> _Reader:  # noqa: ANN401 - a type
    reader = _reader(kind)

    def read(value: Any, where: str) -> dict[str, Any]:  # noqa: ANN401 - JSON values
        if not isinstance(value, Mapping):
            raise UnreadableDocument(where, "a JSON object", value)
        return {str(key): reader(part, f"{where}.{key}") for key, part in value.items()}

    return read


def _word_reader(kind: type[StrEnum]) -> _Reader:
    def read(value: Any, where: str) -> StrEnum:  # noqa: ANN401 - JSON values
        try:
            return kind(value)
        except ValueError:
            raise UnreadableDocument(where, f"one of {', '.join(kind)}", value) from None

    return read


def _are_counts(values: Sequence[float]) -> bool:
    """Whether they can be counted and drawn with: no NaN, nothing infinite, nothing beyond all counts."""
    return all(-_TOO_LARGE < value < _TOO_LARGE for value in values)


def _plain_reader(kind: type) -> _Reader:
    accepted = (int, float) if kind is float else (kind,)

    def read(value: Any, where: str) -> Any:  # noqa: ANN401 - JSON values
        if type(value) not in accepted:
            raise UnreadableDocument(where, f"a value of type {kind.__name__}", value)
        if kind in (int, float) and not _are_counts([value]):
            raise UnreadableDocument(
                where, "a number that can be drawn", f"one of another kind: {type(value).__name__}"
            )
        if kind is str and not value.isascii() and _HALF_OF_A_PAIR.search(value):
            raise UnreadableDocument(where, "a text", "half a surrogate pair")
        return value

    return read
