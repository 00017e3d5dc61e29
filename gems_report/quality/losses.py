"""How many pairs each filter took, of a sample and of all samples together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard


@dataclass(frozen=True)
class FilterLoss:
    """What one filter took."""

    name: str
    meaning: str
    pairs: int


@dataclass(frozen=True)
class Losses:
    """Pairs read, pairs used, and what each filter took, in the order in which pairs pass."""

    pairs: int = 0
    used_pairs: int = 0
    filters: tuple[FilterLoss, ...] = ()

    @property
    def used_share(self) -> float:
        """0 to 1; 0 without any pair."""
        return self.used_pairs / self.pairs if self.pairs else 0.0

    @property
    def is_of_panel(self) -> bool:
        """Without a panel most pairs are of other genes, and are lost as ``not_hla``."""
        return all(lost.name != "not_hla" for lost in self.filters)


def losses_of(reads: Mapping[str, Any] | None) -> Losses:
    """Of a sample; none of one that failed. A number that is not one counts as 0."""
    if reads is None:
        return Losses()
    filters = reads.get("filters")
    entries = [entry for entry in filters if isinstance(entry, Mapping)] if isinstance(filters, list) else []
    return Losses(
        whole(reads.get("pairs")),
        whole(reads.get("used_pairs")),
        tuple(
            FilterLoss(str(entry.get("name", "")), str(entry.get("meaning", "")), whole(entry.get("pairs")))
            for entry in entries
        ),
    )


def summed(samples: Iterable[Losses]) -> Losses:
    """All samples together."""
    pairs = used = 0
    by_name: dict[str, FilterLoss] = {}
    for one in samples:
        pairs, used = pairs + one.pairs, used + one.used_pairs
        for lost in one.filters:
            before = by_name.get(lost.name)
            by_name[lost.name] = FilterLoss(lost.name, lost.meaning, lost.pairs + (before.pairs if before else 0))
    return Losses(pairs, used, tuple(by_name.values()))


def whole(value: object) -> int:
    """A count of a document that anybody may have written; 0 where it is not one."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def number(value: object) -> float:
    """A number of such a document; 0 where it is not one."""
    return float(value) if is_number(value) else 0.0


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether it is a number that can be counted with: none that is not a number, or beyond all counts."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _TOO_LARGE


_TOO_LARGE = 1e15
