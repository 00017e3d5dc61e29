"""A run's documents without one of its samples: its own results are gone, and elsewhere its name is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from gems_core.fastq_names import names_in_text

FORGOTTEN = "(forgotten)"
_OF_A_SAMPLE = ("sample", "source")


def without_sample(document: Any, name: str, others: Iterable[str] = ()) -> Any:  # noqa: ANN401 - JSON values
    """A JSON document without a sample.

    In lists, what is of the sample is left out: objects whose ``sample`` or ``source`` it is, and its name alone. In all other
    texts the name is replaced. What is said of other samples stays, so their digests do too.

    Args:
        document: of GeMS: a report, or what a page reads.
        name: the sample's.
        others: names of the run's other samples, which may begin or end with this one's.
    """
    return _cleared(document, name, _masking(name, others))


def _masking(name: str, others: Iterable[str]) -> Callable[[str], str]:
    longer = [other for other in others if name in other and other != name]
    found = names_in_text([*longer, name])

    def mask(text: str) -> str:
        if name not in text:
            return text
        return found.sub(lambda match: FORGOTTEN if match[0] == name else match[0], text)

    return mask


def _cleared(value: Any, name: str, mask: Callable[[str], str]) -> Any:  # noqa: ANN401 - JSON values
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, list):
        return [_cleared(item, name, mask) for item in value if not _is_of(item, name)]
    if isinstance(value, dict):
        return {key: _cleared(item, name, mask) for key, item in value.items() if key != name}
    return value


def _is_of(item: object, name: str) -> bool:
    if isinstance(item, dict):
        return any(item.get(key) == name for key in _OF_A_SAMPLE)
    return item == name
