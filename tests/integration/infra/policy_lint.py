"""What policy_sentry's copy of AWS's "Service Authorization Reference" says of a policy's words.

A policy that names an action, a resource or a condition key which does not go with the others is not refused by IAM: it just
never lets anything, or lets more than its author meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from policy_sentry.querying.actions import get_action_data

_GLOBAL = "aws:"
# Global in their names, and yet only some actions and resources have them.
_OF_TAGS = ("aws:requesttag/", "aws:resourcetag/", "aws:tagkeys")
# A variable of an ARN's format, or one sign of it.
_SIGN = re.compile(r"\$\{\w+\}|.")
# What a variable does not stand for; a name may have slashes.
_NOT_IN = {"${ObjectName}": "", "${BucketName}": ":/"}
_NAMED_BY_THE_ASKER = re.compile(r"\$\{\w+\}|<\w+>")


@dataclass(frozen=True, order=True)
class Finding:
    """Words of a statement that do not go together.

    Attributes:
        what: ``unknown action``, ``no resource of this action``, ``no action on this resource``, ``key is never there`` or
            ``could name its resources``.
    """

    sid: str
    what: str
    word: str


def lint(document: Mapping[str, Any]) -> Iterator[Finding]:
    """Findings of an identity policy, statement by statement."""
    for statement in document["Statement"]:
        yield from _lint(statement)


def _lint(statement: Mapping[str, Any]) -> Iterator[Finding]:
    sid, resources = statement["Sid"], _list(statement["Resource"])
    conditions = statement.get("Condition", {})
    keys = [key for block in conditions.values() for key in block]
    actions = [action for action in _list(statement["Action"]) if action != "*"]
    for action in actions:
        rows = _rows(action)
        if not rows:
            yield Finding(sid, "unknown action", action)
            continue
        if resources == ["*"]:
            if {row.arn for row in rows} != {"*"} and not conditions:
                yield Finding(sid, "could name its resources", action)
            touched = rows
        else:
            touched = tuple(row for row in rows if any(row.takes(resource) for resource in resources))
            if not touched:
                yield Finding(sid, "no resource of this action", action)
        for key in keys:
            if touched and not any(row.knows(key) for row in touched):
                yield Finding(sid, "key is never there", f"{key} of {action}")
    for resource in resources:
        if resource != "*" and not any(row.takes(resource) for action in actions for row in _rows(action)):
            yield Finding(sid, "no action on this resource", resource)


@dataclass(frozen=True)
class _Row:
    """One kind of resource that an action takes; ``*`` alone where it takes none.

    Attributes:
        keys: condition keys in lower case.
    """

    arn: str
    keys: tuple[str, ...]

    def takes(self, resource: str) -> bool:
        """Whether something that this pattern of a policy matches can be of this kind."""
        return _meet(tuple(resource), tuple(_SIGN.findall(self.arn)))

    def knows(self, key: str) -> bool:
        key = key.lower()
        if key.startswith(_GLOBAL) and not key.startswith(_OF_TAGS):
            return True
        return any(re.fullmatch(_pattern_of(known), key) for known in self.keys)


def _pattern_of(known: str) -> str:
    return ".+".join(re.escape(part) for part in _NAMED_BY_THE_ASKER.split(known))


@cache
def _rows(action: str) -> tuple[_Row, ...]:
    service, _, name = action.partition(":")
    found = get_action_data(service, name)
    listed: Iterable[Mapping[str, Any]] = found[service] if found else ()
    return tuple(
        _Row(row["resource_arn_format"], tuple(key.lower() for key in row["condition_keys"])) for row in listed
    )


@cache
def _meet(pattern: tuple[str, ...], arn: tuple[str, ...]) -> bool:
    """Whether there is a text that a policy's pattern and an ARN's format both describe."""
    if not pattern and not arn:
        return True
    if pattern[:1] == ("*",):
        return _meet(pattern[1:], arn) or (bool(arn) and _meet(pattern, arn[1:]))
    if arn and arn[0].startswith("${"):
        fits = bool(pattern) and pattern[0] not in _NOT_IN.get(arn[0], ":")
        return _meet(pattern, arn[1:]) or (fits and _meet(pattern[1:], arn))
    return bool(pattern and arn) and pattern[0] == arn[0] and _meet(pattern[1:], arn[1:])


def _list(value: str | Sequence[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
