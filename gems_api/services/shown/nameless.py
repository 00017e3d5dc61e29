"""What a job's document tells people who have not signed in: everything but the names of samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from gems_core.fastq_names import names_in_text, sample_of

A_SAMPLE = "(a sample)"
# Fields in which workers and their programs say things in words.
_IN_WORDS = frozenset({"detail", "reason", "phase"})
_NAMES = frozenset({"sample", "samples"})


def nameless(document: Any) -> Any:  # noqa: ANN401 - JSON values
    """A job's JSON object without names of samples: lists of them are empty, and in words they are replaced.

    Names in words are known by the document's own lists; a sample that none of them has is not known.
    """
    names = set(_names(document))
    if not names:
        return document
    found = names_in_text(names)
    return _cleared(document, lambda text: found.sub(A_SAMPLE, text))


def _names(value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON values
    if isinstance(value, list):
        for item in value:
            yield from _names(item)
    if isinstance(value, dict):
        for key, item in value.items():
            if key in _NAMES:
                said = item if isinstance(item, list) else [item]
                yield from (sample_of(text) for text in said if isinstance(text, str) and text)
            else:
                yield from _names(item)


def _cleared(value: Any, mask: Callable[[str], str]) -> Any:  # noqa: ANN401 - JSON values
    if isinstance(value, list):
        return [_cleared(item, mask) for item in value]
    if isinstance(value, dict):
        return {key: _field(key, item, mask) for key, item in value.items()}
    return value


def _field(key: str, item: Any, mask: Callable[[str], str]) -> Any:  # noqa: ANN401 - JSON values
    if key in _NAMES and isinstance(item, str | list):
        return [] if isinstance(item, list) else A_SAMPLE
    return mask(item) if key in _IN_WORDS and isinstance(item, str) else _cleared(item, mask)
