"""What is made when it is first used: a Lambda that answers without AWS need not load botocore first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar, cast

T = TypeVar("T")


class _OnFirstUse:
    def __init__(self, make: Callable[[], object]) -> None:
        self._make = make
        self._made: object | None = None
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the real one has
        with self._lock:
            if self._made is None:
                self._made = self._make()
        return getattr(self._made, name)


def on_first_use(make: Callable[[], T]) -> T:
    """Something that behaves as what ``make`` returns; ``make`` is called once, when an attribute is first asked for."""
    return cast(T, _OnFirstUse(make))
