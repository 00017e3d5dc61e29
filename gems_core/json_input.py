"""Reading JSON that GeMS may not have written itself."""

from __future__ import annotations

import json
from typing import Any

# No document of GeMS has ten levels. Python follows some 900, fewer the deeper it is called, and less far when it shows what it read.
DEEPEST = 100

ODD_CONTENT = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What a document of another shape than expected raises where it is read or written: JSON that is none or nested too
deeply, a list for an object, a text that UTF-8 cannot hold."""


class NestedTooDeeply(ValueError):
    """The JSON has more levels than ``DEEPEST``."""

    def __init__(self) -> None:
        super().__init__(f"expected JSON of at most {DEEPEST} levels, found more")


def parse_json(data: bytes) -> Any:  # noqa: ANN401 - whatever it holds; whoever asked looks
    """The value of a JSON text; whatever stands in it, nothing but a ValueError comes of it.

    Raises:
        NestedTooDeeply: it has too many levels.
        ValueError: it is not JSON, not UTF-8, or has a number that Python does not read.
    """
    try:
        value = json.loads(data)
    except RecursionError:
        raise NestedTooDeeply from None
    # Each level takes a bracket, so most documents need no walk.
    if data.count(b"[") + data.count(b"{") > DEEPEST and _is_deep(value):
        raise NestedTooDeeply
    return value


def _is_deep(value: object) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        level = [child for item in level if isinstance(item, list | dict) for child in _children(item)]
        if not level:
            return False
    return any(isinstance(item, list | dict) for item in level)


def _children(item: list[object] | dict[str, object]) -> list[object]:
    return item if isinstance(item, list) else list(item.values())
