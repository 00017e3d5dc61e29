"""The OpenAPI 3.1 description, written from the routes and what their decorators say of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar

from flask import Blueprint, Flask
from werkzeug.routing import Rule

from gems_api.web.shapes import Array, Json, Schema

View = TypeVar("View", bound=Callable[..., Any])
Shape = type[Schema] | Array
Responses = dict[int, Json]
_OPERATION = "operation"
_PATH_ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Operation:
    """What the decorators of a view say of it."""

    summary: str = ""
    responses: Responses = field(default_factory=dict)
    security: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    body: type[Schema] | None = None
    query: type[Schema] | None = None


class DescribedBlueprint(Blueprint):
    """A blueprint whose views are in the OpenAPI description."""

    def input(self, shape: type[Schema], *, location: Literal["json", "query"] = "json") -> Callable[[View], View]:
        """Describe the body (``json``) or the arguments (``query``); the use case parses, so nothing is checked here."""
        if location == "json":
            return _noting(lambda operation: replace(operation, body=shape))
        return _noting(lambda operation: replace(operation, query=shape))

    def doc(
        self, *, summary: str, responses: Responses, security: Iterable[str] = (), tags: Iterable[str] = ("Jobs",)
    ) -> Callable[[View], View]:
        """Describe a view; its docstring becomes the description."""
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


def answer(status: int, description: str, shape: Shape, content_type: str = "application/json") -> Responses:
    """An answer that has a body."""
    return {status: {"description": description, "content": {content_type: {"schema": shape}}}}


def plain(status: int, description: str) -> Responses:
    """An answer without a body."""
    return {status: {"description": description}}


def describe(app: Flask, info: Json, security_schemes: Json, url: str) -> Json:
    """The description of an app's described views.

    Args:
        app: the app.
        info: title, version and so on.
        security_schemes: the schemes that the views name.
        url: where the API is reached.
    """
    shapes: dict[str, type[Schema]] = {}
    paths: Json = {}
    for rule, operation in _described(app):
        path = _PATH_ARGUMENT.sub(r"{\1}", rule.rule)
        for method in sorted(rule.methods or ()):
            if method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
                view = app.view_functions[rule.endpoint]
                paths.setdefault(path, {})[method.lower()] = _operation(rule, view, operation, shapes)
    return {
        "openapi": "3.1.0",
        "info": info,
        "servers": [{"url": url}],
        "paths": paths,
        "components": {
            "schemas": {name: shape.as_json() for name, shape in sorted(shapes.items())},
            "securitySchemes": security_schemes,
        },
    }


def _described(app: Flask) -> Iterator[tuple[Rule, Operation]]:
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        operation = getattr(app.view_functions[rule.endpoint], _OPERATION, None)
        if operation is not None:
            yield rule, operation


def _operation(rule: Rule, view: Callable[..., Any], operation: Operation, shapes: dict[str, type[Schema]]) -> Json:
    document: Json = {
        "operationId": rule.endpoint.rpartition(".")[2],
        "summary": operation.summary,
        "description": (view.__doc__ or "").partition("\n")[0],
        "tags": list(operation.tags),
        "parameters": [*_path_parameters(rule), *_query_parameters(operation.query)],
        "responses": {str(status): _response(said, shapes) for status, said in operation.responses.items()},
    }
    if operation.body is not None:
        schema = _schema(operation.body, shapes)
        document["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    if operation.security:
        document["security"] = [{name: []} for name in operation.security]
    return document


def _path_parameters(rule: Rule) -> list[Json]:
    names = _PATH_ARGUMENT.findall(rule.rule)
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _query_parameters(query: type[Schema] | None) -> list[Json]:
    parameters = []
    for name, argument in (query.fields() if query is not None else {}).items():
        schema = argument.as_json()
        description = {"description": schema.pop("description")} if "description" in schema else {}
        parameters.append({"name": name, "in": "query", "required": argument.required, **description, "schema": schema})
    return parameters


def _response(said: Json, shapes: dict[str, type[Schema]]) -> Json:
    content = {kind: {"schema": _schema(body["schema"], shapes)} for kind, body in said.get("content", {}).items()}
    return {**said, "content": content} if content else said


def _schema(shape: Shape, shapes: dict[str, type[Schema]]) -> Json:
    """A reference to a shape, which is noted with all that it refers to."""
    if isinstance(shape, Array):
        return {"type": "array", "items": _schema(shape.shape, shapes)}
    if shapes.setdefault(shape.__name__, shape) is not shape:
        raise ValueError(f"two shapes are called {shape.__name__}; one name, one meaning")
    for field_ in shape.fields().values():
        for other in field_.shapes():
            if other.__name__ not in shapes:
                _schema(other, shapes)
    return shape.reference()
