"""The texts of a view: made fit for anybody's eyes, and cut as far as its size asks for it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from gems_api.services.shown.publishable import publishable


@dataclass(frozen=True)
class Limits:
    """How much a view tells.

    Attributes:
        text_bytes: of any one text, as JSON.
        log_tails: how many failed workers are shown with the last lines of their log.
    """

    text_bytes: int
    log_tails: int


ALL = Limits(100_000, 100_000)
_CUT = "..."


def cut(text: str, most_bytes: int) -> str:
    """The beginning of a text that takes at most so many bytes as JSON (without its quotes)."""
    if len(text) * 2 <= most_bytes and text.isascii() and text.isprintable():
        return text
    if len(json.dumps(text)) - 2 <= most_bytes:
        return text
    size = len(_CUT)
    for place, character in enumerate(text):
        size += len(json.dumps(character)) - 2
        if size > most_bytes:
            return text[:place] + _CUT
    return text


def told(text: str, limits: Limits) -> str:
    """A text as anybody may read it: this document is shown to users and, where status is public, to everybody."""
    return cut(publishable(text), limits.text_bytes)
