"""A small, strict evaluator of IAM policies: what it does not understand is an error, never a yes.

After "Policy evaluation logic" and "IAM JSON policy elements" of the IAM user guide: an explicit Deny wins, then any Allow,
else no. It knows the operators that infra/gems.yaml uses and no others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

VERSION = "2012-10-17"
_ELEMENTS = {"Sid", "Effect", "Action", "Resource", "Condition"}
Values = Sequence[str]
# "Specifying special characters" of the IAM user guide: a sign that stands for itself.
_LITERAL = re.compile(r"\$\{[*?$]\}")
_SIGN = re.compile(rf"{_LITERAL.pattern}|.", re.DOTALL)
_SIGNS = {"*": ".*", "?": ".", "${*}": r"\*", "${?}": r"\?", "${$}": r"\$"}


@dataclass(frozen=True)
class Request:
    """One question to IAM; an API call asks one for each resource that it touches.

    Attributes:
        context: condition keys, in lower case, and their values.
    """

    action: str
    resource: str
    context: Mapping[str, Values] = field(default_factory=dict)


def request(action: str, resource: str, context: Mapping[str, str | Values] = MappingProxyType({})) -> Request:
    """A request with these condition keys, single values or lists."""
    listed = {key.lower(): (value,) if isinstance(value, str) else tuple(value) for key, value in context.items()}
    return Request(action, resource, listed)


def allows(documents: Iterable[Mapping[str, Any]], asked: Request) -> bool:
    """Whether the policies of a role let it."""
    effects = {statement["Effect"] for document in documents for statement in _matching(document, asked)}
    assert effects <= {"Allow", "Deny"}, effects
    return effects == {"Allow"}


def _matching(document: Mapping[str, Any], asked: Request) -> list[Mapping[str, Any]]:
    assert set(document) == {"Version", "Statement"}, sorted(document)
    assert document["Version"] == VERSION, document["Version"]
    return [statement for statement in document["Statement"] if concerns(statement, asked)]


def concerns(statement: Mapping[str, Any], asked: Request) -> bool:
    """Whether a statement says anything of a request."""
    unknown = set(statement) - _ELEMENTS
    assert not unknown, f"{statement.get('Sid')}: elements {unknown} are not understood"
    return (
        any(_like(pattern.lower(), asked.action.lower()) for pattern in _list(statement["Action"]))
        and any(_like(pattern, asked.resource) for pattern in _list(statement["Resource"]))
        and all(
            _holds(operator, key, _list(wanted), asked.context)
            for operator, block in statement.get("Condition", {}).items()
            for key, wanted in block.items()
        )
    )


def _holds(operator: str, key: str, wanted: Values, context: Mapping[str, Values]) -> bool:
    found = context.get(key.lower())
    if operator == "Null":
        assert wanted in (["true"], ["false"]), wanted
        return (not found) == (wanted == ["true"])
    if operator.startswith("ForAllValues:"):
        compare = _OPERATORS[operator.removeprefix("ForAllValues:")]
        # Holds for a key that is absent: a statement must ask for its presence with Null.
        return all(any(compare(value, pattern) for pattern in wanted) for value in found or ())
    compare = _OPERATORS[operator]
    if found is None:
        return False
    assert len(found) == 1, f"{key}: a condition on several values needs ForAllValues or ForAnyValue, found {found}"
    return any(compare(found[0], pattern) for pattern in wanted)


def _like(pattern: str, text: str) -> bool:
    assert "${" not in _LITERAL.sub("", pattern), f"{pattern}: policy variables are not understood"
    parts = (_SIGNS.get(sign) or re.escape(sign) for sign in _SIGN.findall(pattern))
    return re.fullmatch("".join(parts), text, re.DOTALL) is not None


_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda value, pattern: value == pattern,
    "StringLike": lambda value, pattern: _like(pattern, value),
    "ArnEquals": lambda value, pattern: _like(pattern, value),
    "Bool": lambda value, pattern: value.lower() == pattern.lower(),
    "NumericLessThan": lambda value, pattern: float(value) < float(pattern),
}


def _list(value: str | Sequence[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
