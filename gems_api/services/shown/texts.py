"""The texts of a view: made fit for anybody's eyes, and cut as far as its size asks for it."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

from gems_api.services.shown.publishable import publishable
from gems_core.protocol.failure import MOST_SAMPLES_AT_HAND


@dataclass(frozen=True)
class Limits:
    """How much a view tells.

    Attributes:
        text_bytes: of any one text, as JSON.
        log_tails: how many failed workers are shown with the last lines of their log.
        samples: how many samples that were at hand are told of each.
        publish: makes a text fit for anybody's eyes.
    """

    text_bytes: int
    log_tails: int
    samples: int = MOST_SAMPLES_AT_HAND
    publish: Callable[[str], str] = publishable


ALL = Limits(100_000, 100_000)
_CUT = "..."


def cut(text: str, most_bytes: int) -> str:
    """The beginning of a text that takes at most so many bytes as JSON (without its quotes)."""
    if len(text) * 2 <= most_bytes and text.isascii() and text.isprintable():
        return text
    if len(text) <= most_bytes and _json_bytes(text) <= most_bytes:
        return text
    # A character takes a byte at least, and what a text takes is the sum of what its characters take.
    beginnings = range(1, min(len(text), most_bytes) + 1)
    fitting = bisect_right(beginnings, most_bytes - len(_CUT), key=lambda length: _json_bytes(text[:length]))
    return text[:fitting] + _CUT


def _json_bytes(text: str) -> int:
    return len(json.dumps(text)) - 2


def told(text: str, limits: Limits) -> str:
    """A text as anybody may read it: this document is shown to users and, where status is public, to everybody."""
    return cut(limits.publish(text), limits.text_bytes)
