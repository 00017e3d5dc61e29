"""The OpenAPI 3.1 description: what the decorators of the routes say, and the tables of fields that they name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar

from flask import Blueprint, Flask
from werkzeug.routing import Rule

from gems_core.fields import Field, Shape

View = TypeVar("View", bound=Callable[..., Any])
Json = dict[str, Any]
Responses = dict[int, Json]
_OPERATION = "operation"
_METHODS = frozenset({"get", "post", "put", "patch", "delete"})
_PATH_ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Operation:
    """What the decorators of a view say of it."""

    summary: str = ""
    responses: Responses = field(default_factory=dict)
    security: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    body: Shape[Any] | None = None
    query: Shape[Any] | None = None


class DescribedBlueprint(Blueprint):
    """A blueprint whose views are in the OpenAPI description."""

    def input(self, shape: Shape[Any], *, location: Literal["json", "query"] = "json") -> Callable[[View], View]:
        """Describe the body (``json``) or the arguments (``query``); the use case parses, so nothing is checked here."""
        if location == "json":
            return _noting(lambda operation: replace(operation, body=shape))
        return _noting(lambda operation: replace(operation, query=shape))

    def doc(
        self, *, summary: str, responses: Responses, security: Iterable[str] = (), tags: Iterable[str] = ("Jobs",)
    ) -> Callable[[View], View]:
        """Describe a view; its docstring becomes the description. Among the ``security`` '' stands for anybody."""
        return _noting(
            lambda operation: replace(
                operation, summary=summary, responses=responses, security=tuple(security), tags=tuple(tags)
            )
        )


def _noting(more: Callable[[Operation], Operation]) -> Callable[[View], View]:
    def note(view: View) -> View:
        setattr(view, _OPERATION, more(getattr(view, _OPERATION, Operation())))
        return view

    return note


def answer(
    status: int, description: str, shape: Shape[Any] | Json, content_type: str = "application/json"
) -> Responses:
    """An answer that has a body."""
    return {status: {"description": description, "content": {content_type: {"schema": shape}}}}


def array_of(shape: Shape[Any]) -> Json:
    """An array of a shape, where a body is one."""
    return {"type": "array", "items": shape}


def plain(status: int, description: str) -> Responses:
    """An answer without a body."""
    return {status: {"description": description}}


def describe(app: Flask, info: Json, security_schemes: Mapping[str, Json], url: str) -> Json:
    """The description of an app's described views.

    Args:
        app: the app.
        info: title, version and so on.
        security_schemes: the schemes that the views name.
        url: where the API is reached.
    """
    components = _Components()
    paths: Json = {}
    for rule, operation in _described(app):
        methods = {method.lower() for method in rule.methods or ()} & _METHODS
        view = app.view_functions[rule.endpoint]
        said = {method: _operation(rule, view, operation) for method in sorted(methods)}
        paths.setdefault(_PATH_ARGUMENT.sub(r"{\1}", rule.rule), {}).update(components.resolved(said))
    return {
        "openapi": "3.1.0",
        "info": info,
        "servers": [{"url": url}],
        "paths": paths,
        "components": {"schemas": components.schemas, "securitySchemes": dict(security_schemes)},
    }


class _Components:
    """The schemas of all shapes that a document refers to, by name."""

    def __init__(self) -> None:
        self.schemas: Json = {}
        self._shapes: dict[str, Shape[Any]] = {}

    def resolved(self, said: Any) -> Any:  # noqa: ANN401 - whatever a document may hold
        """The same with a reference in place of each shape."""
        if isinstance(said, Shape):
            return self._reference(said)
        if isinstance(said, dict):
            return {key: self.resolved(value) for key, value in said.items()}
        return [self.resolved(value) for value in said] if isinstance(said, list) else said

    def _reference(self, shape: Shape[Any]) -> Json:
        if shape.name not in self._shapes:
            self._shapes[shape.name] = shape
            self.schemas[shape.name] = self._object(shape)
        if self._shapes[shape.name] is not shape:
            raise ValueError(f"expected one shape of the name {shape.name}, found two")
        return {"$ref": f"#/components/schemas/{shape.name}"}

    def _object(self, shape: Shape[Any]) -> Json:
        """The JSON Schema of a shape; it has no keys beside its own."""
        always = [item.name for item in shape.fields if item.always]
        return {
            "type": "object",
            "properties": {item.name: self._field(item) for item in shape.fields},
            **({"required": always} if always else {}),
            "additionalProperties": False,
        }

    def _field(self, item: Field[Any]) -> Json:
        schema: Json = self.resolved(item.kind.schema)
        if item.nullable and isinstance(item.kind.schema, Shape):
            schema = {"anyOf": [schema, {"type": "null"}]}
        elif item.nullable:
            words = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
            schema = {**schema, **words, "type": [schema["type"], "null"]}
        return schema | _description(item)


def _description(item: Field[Any]) -> Json:
    return {"description": item.meaning} if item.meaning else {}


def body_fields(document: Json, operation: Json) -> list[Json]:
    """The fields of an operation's body, in order.

    Args:
        document: what ``describe`` made.
        operation: one of it.

    Returns:
        for each field its ``name``, ``type``, ``description`` and whether it is ``required``; none without a body.
    """
    content = operation.get("requestBody", {}).get("content", {})
    return [field for body in content.values() for field in schema_fields(document, body["schema"])]


def schema_fields(document: Json, schema: Json) -> list[Json]:
    """The fields of an object's schema in a document, as of ``body_fields``."""
    shape = _shape(document, schema)
    return [
        {
            "name": name,
            "type": _kind(document, field),
            "description": field.get("description", ""),
            "required": name in shape.get("required", ()),
        }
        for name, field in shape["properties"].items()
    ]


def _shape(document: Json, schema: Json) -> Json:
    """A schema, which may be the name of one."""
    name = schema.get("$ref", "").rpartition("/")[2]
    found: Json = document["components"]["schemas"][name] if name else schema
    return found


def _kind(document: Json, field: Json) -> str:
    """A field's type in words; that of a list tells what it is of."""
    if "anyOf" in field:
        return " or ".join(_kind(document, one) for one in field["anyOf"])
    kind = _shape(document, field).get("type", "anything")
    words = " or ".join(kind) if isinstance(kind, list) else str(kind)
    return f"{words} of {_kind(document, field['items'])}" if "items" in field else words


def _described(app: Flask) -> Iterator[tuple[Rule, Operation]]:
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        operation = getattr(app.view_functions[rule.endpoint], _OPERATION, None)
        if operation is not None:
            yield rule, operation


def _operation(rule: Rule, view: Callable[..., Any], operation: Operation) -> Json:
    query = [] if operation.query is None else [_argument(item) for item in operation.query.fields]
    document: Json = {
        "operationId": rule.endpoint.rpartition(".")[2],
        "summary": operation.summary,
        "description": (view.__doc__ or "").partition("\n")[0],
        "tags": list(operation.tags),
        "parameters": [*_path_parameters(rule), *query],
        "responses": {str(status): said for status, said in operation.responses.items()},
    }
    if operation.body is not None:
        document["requestBody"] = {"required": True, "content": {"application/json": {"schema": operation.body}}}
    if operation.security:
        document["security"] = [{name: []} if name else {} for name in operation.security]
    return document


def _argument(item: Field[Any]) -> Json:
    place = {"in": "query", "name": item.name, "required": item.always}
    return {**place, "schema": item.kind.schema, **_description(item)}


def _path_parameters(rule: Rule) -> list[Json]:
    names = _PATH_ARGUMENT.findall(rule.rule)
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]
