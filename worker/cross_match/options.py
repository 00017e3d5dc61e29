"""The replacement's command line: the program's own options, single dash, with its defaults."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

WORD_BP = range(4, 32)
"""Word lengths that the index holds: two bits a base, in 62 bits of a number."""

_LARGEST, _DEAREST = 1_000_000, -1_000
_WHOLE = re.compile(r"[+-]?[0-9]{1,9}")


class WrongUsage(Exception):
    """The command line cannot be understood; the message names the option."""


@dataclass(frozen=True)
class Options:
    """How to compare; the attributes are the options' names.

    Attributes:
        penalty: of a mismatch, where a match counts 1.
        gap_init, gap_ext: of a gap's first base, and of each further one.
        minmatch: bases of the words that two sequences must share.
        maxmatch: taken for the sake of the command line; words here are of ``minmatch`` bases.
        minscore: matches below are not told.
        bandwidth: how far from a match's diagonals a shared word is still explained by it.
        masklevel: which share of a match, in percent, better ones may cover; 0 the best alone, 101 all.
    """

    penalty: int = -2
    gap_init: int = -4
    gap_ext: int = -3
    minmatch: int = 14
    maxmatch: int | None = None
    minscore: int = 30
    bandwidth: int = 14
    masklevel: int = 80
    raw: bool = False
    alignments: bool = False
    discrep_lists: bool = False
    tags: bool = False
    screen: bool = False

    def __post_init__(self) -> None:
        for name in ("penalty", "gap_init", "gap_ext"):
            _within(name, getattr(self, name), _DEAREST, -1)
        if self.gap_ext < self.gap_init:
            raise WrongUsage(f"-gap_ext {self.gap_ext} may not cost more than -gap_init {self.gap_init}")
        _within("minmatch", self.minmatch, WORD_BP.start, WORD_BP.stop - 1)
        if self.maxmatch is not None:
            _within("maxmatch", self.maxmatch, self.minmatch, _LARGEST)
        _within("minscore", self.minscore, 1, _LARGEST)
        _within("bandwidth", self.bandwidth, 0, _LARGEST)
        _within("masklevel", self.masklevel, 0, 101)

    def shown(self) -> tuple[tuple[str, str], ...]:
        """Names and values for the result's header. Scores are raw whatever was asked for, and it says so."""
        numbers = ("penalty", "gap_init", "gap_ext", "minmatch", "minscore", "bandwidth", "masklevel")
        return (*((name, str(getattr(self, name))) for name in numbers), ("raw", "1"))


@dataclass(frozen=True)
class Command:
    """A command line that was understood: what to compare with what, and how."""

    query: Path
    subjects: tuple[Path, ...]
    options: Options


def parse(arguments: Sequence[str]) -> Command:
    """Read a command line without the program's name.

    Raises:
        WrongUsage: an option that is not known, has no value, or a value out of its range; or no subject.
    """
    files: list[Path] = []
    values: dict[str, object] = {}
    rest = iter(arguments)
    for argument in rest:
        if argument.startswith("-"):
            name = argument[1:]
            values[name] = _value(name, lambda: next(rest, None))
        else:
            files.append(Path(argument))
    if len(files) < 2:  # noqa: PLR2004 - a query and a subject
        raise WrongUsage(f"expected a query file and at least one subject file, found {len(files)} file(s)")
    return Command(files[0], tuple(files[1:]), Options(**values))  # type: ignore[arg-type]


def _value(name: str, following: Callable[[], str | None]) -> object:
    kinds = {field.name: field.type for field in fields(Options)}
    if name not in kinds:
        raise WrongUsage(f"-{name} is not supported; known are {', '.join(f'-{known}' for known in kinds)}")
    if kinds[name] == "bool":
        return True
    text = following() or ""
    if not _WHOLE.fullmatch(text):
        raise WrongUsage(f"-{name}: expected a whole number, found {text or 'nothing'}")
    return int(text)


def _within(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise WrongUsage(f"-{name}: expected {low} to {high}, found {value}")
