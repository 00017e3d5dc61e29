"""JSON shapes, declared as classes and written as JSON Schema 2020-12, the dialect of OpenAPI 3.1.

Only what this API's shapes need: a library for it would be half of the Lambda's start (ADR 3).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

Json = dict[str, Any]


class OneOf:
    """The values that a field may take."""

    def __init__(self, values: Sequence[str]) -> None:
        self.words: Json = {"enum": list(values)}


class Range:
    """The least and the largest number, both included."""

    def __init__(self, min: int, max: int | None = None) -> None:  # noqa: A002 - JSON Schema's words
        self.words: Json = {"minimum": min} | ({} if max is None else {"maximum": max})


class Field:
    """A value of a shape.

    Args:
        required: whether it is always there.
        allow_none: whether it may be ``null``.
        validate: which values are meant.
        metadata: more of JSON Schema's words, such as ``description``.
    """

    words: ClassVar[Json] = {}

    def __init__(
        self,
        *,
        required: bool = False,
        allow_none: bool = False,
        validate: OneOf | Range | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        self.required = required
        self._allow_none = allow_none
        self._more: Json = ({} if validate is None else validate.words) | dict(metadata or {})

    def as_json(self) -> Json:
        """Its JSON Schema."""
        document = self._value() | self._more
        if not self._allow_none:
            return document
        if "$ref" in document:
            return {"anyOf": [document, {"type": "null"}]}
        values = {"enum": [*document["enum"], None]} if "enum" in document else {}
        return document | values | {"type": [document["type"], "null"]}

    def shapes(self) -> Iterator[type[Schema]]:
        """The shapes that it refers to."""
        return iter(())

    def _value(self) -> Json:
        return dict(self.words)


class String(Field):
    """Text."""

    words: ClassVar[Json] = {"type": "string"}


class Email(Field):
    """An address of mail."""

    words: ClassVar[Json] = {"type": "string", "format": "email"}


class URL(Field):
    """An absolute address."""

    words: ClassVar[Json] = {"type": "string", "format": "uri"}


class DateTime(Field):
    """A moment, with its zone."""

    words: ClassVar[Json] = {"type": "string", "format": "date-time"}


class Integer(Field):
    """A whole number."""

    words: ClassVar[Json] = {"type": "integer"}


class Float(Field):
    """A number."""

    words: ClassVar[Json] = {"type": "number"}


class Boolean(Field):
    """True or false."""

    words: ClassVar[Json] = {"type": "boolean"}


class Nested(Field):
    """A value of another shape."""

    def __init__(self, shape: type[Schema], *, required: bool = False, allow_none: bool = False) -> None:
        super().__init__(required=required, allow_none=allow_none)
        self._shape = shape

    def shapes(self) -> Iterator[type[Schema]]:
        """The other shape."""
        yield self._shape

    def _value(self) -> Json:
        return self._shape.reference()


class List(Field):
    """An array."""

    def __init__(self, item: Field, *, required: bool = False, allow_none: bool = False) -> None:
        super().__init__(required=required, allow_none=allow_none)
        self._item = item

    def shapes(self) -> Iterator[type[Schema]]:
        """Those of its items."""
        return self._item.shapes()

    def _value(self) -> Json:
        return {"type": "array", "items": self._item.as_json()}


class Dict(Field):
    """An object whose keys are data."""

    def __init__(self, values: Field, *, required: bool = False, allow_none: bool = False) -> None:
        super().__init__(required=required, allow_none=allow_none)
        self._item = values

    def shapes(self) -> Iterator[type[Schema]]:
        """Those of its values."""
        return self._item.shapes()

    def _value(self) -> Json:
        return {"type": "object", "additionalProperties": self._item.as_json()}


class Schema:
    """A shape: an object whose keys are the class's fields."""

    @classmethod
    def fields(cls) -> dict[str, Field]:
        """The fields by name, in the order in which they are written."""
        return {name: value for name, value in vars(cls).items() if isinstance(value, Field)}

    @classmethod
    def reference(cls) -> Json:
        """How another schema refers to it."""
        return {"$ref": f"#/components/schemas/{cls.__name__}"}

    @classmethod
    def as_json(cls) -> Json:
        """Its JSON Schema."""
        fields = cls.fields()
        return {
            "type": "object",
            "description": (cls.__doc__ or "").partition("\n")[0],
            "properties": {name: field.as_json() for name, field in fields.items()},
            "required": [name for name, field in fields.items() if field.required],
            "additionalProperties": False,
        }


class Array:
    """An array of a shape, where a body is one."""

    def __init__(self, shape: type[Schema]) -> None:
        self.shape = shape
