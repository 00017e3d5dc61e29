"""Reads FASTA files and the base qualities beside them. Nothing in them is believed before it is checked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from gems_core.bases import IUPAC
from gems_core.errors import InvalidInput, Problem

LARGEST_BYTES = 100_000_000
"""Of one file: the index of its words takes some 40 bytes a base."""

# X is a base that is masked.
_NOT_A_BASE = re.compile(f"[^{''.join(IUPAC)}X]".encode(), re.IGNORECASE)


@dataclass(frozen=True)
class Sequence:
    """One named sequence.

    Attributes:
        bases: upper case, at least one; A, C, G, T, an ambiguity code, or X for a base that is masked.
        qualities: one a base, or None where the file has none.
    """

    name: str
    bases: str
    qualities: tuple[int, ...] | None = None


def read_query(path: Path) -> list[Sequence]:
    """The sequences of a FASTA file, with the qualities of ``<path>.qual`` where that is there.

    A sequence is called by the first word of its header, as cross_match calls it. Sequences may share it when their
    headers differ further on (``B|Exon 2|1`` and ``B|Exon 3|1``) and no qualities have to be found by it.

    Raises:
        InvalidInput: either file is not as it should be; says which and on which line.
        OSError: a file cannot be read.
    """
    beside = path.with_name(f"{path.name}.qual")
    sequences = read_fasta(path, by_header=not beside.exists())
    if not beside.exists():
        return sequences
    qualities = _read_qualities(beside, {sequence.name: len(sequence.bases) for sequence in sequences})
    return [replace(sequence, qualities=qualities.get(sequence.name)) for sequence in sequences]


def read_fasta(path: Path, *, by_header: bool = False) -> list[Sequence]:
    """The sequences of a FASTA file, at least one, each with a name of its own; with ``by_header`` a whole header.

    Raises:
        InvalidInput, OSError: as ``read_query``.
    """
    sequences = []
    for record in _records(path, by_header=by_header):
        bases = b"".join(_bases(path, number, line) for number, line in record.lines)
        if not bases:
            raise _invalid(path, record.line, f"bases for {record.name}", "none")
        sequences.append(Sequence(record.name, bases.decode("ascii").upper()))
    if not sequences:
        raise _invalid(path, 1, "a FASTA file with at least one sequence", "none")
    return sequences


@dataclass(frozen=True)
class _Record:
    """A header's name and line, and the lines below it with their numbers from 1."""

    name: str
    line: int
    lines: list[tuple[int, bytes]]


def _records(path: Path, *, by_header: bool = False) -> Iterator[_Record]:
    """The file's records one after another, line ends removed, empty lines left out."""
    if path.stat().st_size > LARGEST_BYTES:
        raise _invalid(path, 1, f"a file of {LARGEST_BYTES} bytes at most", f"{path.stat().st_size}")
    record: _Record | None = None
    taken: set[bytes] = set()
    with path.open("rb") as file:
        for number, raw in enumerate(file, start=1):
            line = raw.strip()
            if line.startswith(b">"):
                if record:
                    yield record
                record = _Record(_name(path, number, line), number, [])
                mark = line if by_header else record.name.encode("ascii")
                if mark in taken:
                    raise _invalid(path, number, "a name that no earlier sequence has", record.name)
                taken.add(mark)
            elif line and record is None:
                raise _invalid(path, number, "a header that starts with >", repr(line[:20]))
            elif line and record:
                record.lines.append((number, line))
    if record:
        yield record


def _name(path: Path, number: int, line: bytes) -> str:
    """A header's first word."""
    word = line[1:].split(maxsplit=1)[:1]
    name = word[0].decode("ascii", errors="replace") if word else ""
    if not name.isascii() or not name.isprintable() or not name or line[1:2].isspace():
        raise _invalid(path, number, "a name of printable ASCII characters right after >", repr(line[:40]))
    return name


def _bases(path: Path, number: int, line: bytes) -> bytes:
    wrong = _NOT_A_BASE.search(line)
    if wrong:
        found = f"{wrong[0]!r} as character {wrong.end()}"
        raise _invalid(path, number, "bases: A, C, G, T, an ambiguity code or X", found)
    return line


def _read_qualities(path: Path, lengths: dict[str, int]) -> dict[str, tuple[int, ...]]:
    qualities: dict[str, tuple[int, ...]] = {}
    for record in _records(path):
        if record.name not in lengths:
            raise _invalid(path, record.line, "names of the query file alone", record.name)
        values = tuple(value for number, line in record.lines for value in _qualities(path, number, line))
        if len(values) != lengths[record.name]:
            expected = f"{lengths[record.name]} qualities for {record.name}, one a base"
            raise _invalid(path, record.line, expected, str(len(values)))
        qualities[record.name] = values
    return qualities


def _qualities(path: Path, number: int, line: bytes) -> list[int]:
    for word in line.split():
        if not re.fullmatch(rb"[0-9]{1,2}", word):
            raise _invalid(path, number, "qualities from 0 to 99", repr(word[:20]))
    return [int(word) for word in line.split()]


def _invalid(path: Path, line: int, expected: str, found: str) -> InvalidInput:
    repair = "Repair the file, or write it again."
    return InvalidInput([Problem("unreadable_sequences", f"{path}, line {line}", expected, found, repair)])
