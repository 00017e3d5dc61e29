"""Reads the blocks of an alignment: a query's line, a line of marks, a subject's line, 50 bases at a time."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from worker.cross_match.line import Line, shown
from worker.cross_match.records import Alignment, Match

NAME_CHARACTERS = 15
GAP = "-"

_POSITION = re.compile(r"[0-9]{1,12}")
_BASES = re.compile(r"[A-Za-z*.-]+")
_MARKS = re.compile(r"[ \tiv?-]+")
_FIELDS = 4


def is_row(line: Line) -> bool:
    """Whether the line means to be one of aligned bases: ``[C] name position bases position``."""
    fields = _without_strand(line)
    return len(fields) == _FIELDS and all(_POSITION.fullmatch(fields[index]) for index in (1, 3))


def is_marks(line: Line) -> bool:
    """Whether the line may be the marks between two lines of bases."""
    return _MARKS.fullmatch(line.text) is not None


def _without_strand(line: Line) -> tuple[str, ...]:
    fields = line.fields
    return fields[1:] if len(fields) == _FIELDS + 1 and fields[0] == "C" else fields


@dataclass
class _Strand:
    """One of the two sequences as its lines come."""

    whose: str
    name: str
    next_position: int
    last_position: int
    complement: bool
    bases: list[str] = field(default_factory=list)

    def take(self, line: Line) -> str:
        """Check a line and keep its bases; returns them."""
        row = _without_strand(line)
        if not _BASES.fullmatch(row[2]):
            raise line.error("aligned bases", shown(row[2]))
        if not self.name.startswith(row[0]) or len(row[0]) < min(len(self.name), NAME_CHARACTERS):
            raise line.error(f"the first {NAME_CHARACTERS} characters of {shown(self.name)}", shown(row[0]))
        if (len(line.fields) > _FIELDS) is not self.complement:
            raise line.error(f"{'a' if self.complement else 'no'} C before the {self.whose}")
        self._advance(line, row)
        self.bases.append(row[2])
        return row[2]

    def _advance(self, line: Line, row: tuple[str, ...]) -> None:
        """A line of nothing but a gap has no positions of its own."""
        count = len(row[2]) - row[2].count(GAP)
        if count == 0:
            return
        step = -1 if self.complement else 1
        first, last = self.next_position, self.next_position + step * (count - 1)
        if (int(row[1]), int(row[3])) != (first, last):
            expected = f"the {self.whose}'s {count} bases from {first} to {last}"
            raise line.error(expected, f"{row[1]} to {row[3]}")
        if (last - self.last_position) * step > 0:
            raise line.error(f"no base of the {self.whose} beyond {self.last_position}", str(last))
        self.next_position = last + step

    @property
    def is_whole(self) -> bool:
        return self.next_position == self.last_position + (-1 if self.complement else 1)


class AlignmentLines:
    """Gathers the alignment of one match."""

    def __init__(self, match: Match) -> None:
        ends = (match.query_start, match.query_end)
        first, last = reversed(ends) if match.complement else ends
        self._query = _Strand("query", match.query, first, last, match.complement)
        self._subject = _Strand("subject", match.subject, match.subject_start, match.subject_end, complement=False)
        self._query_row: str | None = None

    @property
    def awaits_subject(self) -> bool:
        """Whether a query's line still wants its subject's."""
        return self._query_row is not None

    @property
    def is_begun(self) -> bool:
        """Whether a line was taken."""
        return bool(self._query.bases)

    @property
    def is_whole(self) -> bool:
        """Whether it reaches the ends of the match."""
        return not self.awaits_subject and self._query.is_whole and self._subject.is_whole

    def take(self, line: Line) -> None:
        """Take the next line of bases.

        Raises:
            UnreadableResult: it contradicts the match or the line before.
        """
        if self._query_row is None:
            self._query_row = self._query.take(line)
            return
        row, self._query_row = self._query_row, None
        if len(self._subject.take(line)) != len(row):
            raise line.error(f"{len(row)} aligned bases, as in the query's line")

    def finish(self, line: Line) -> Alignment:
        """The alignment, when all its lines were taken.

        Args:
            line: the one after it.

        Raises:
            UnreadableResult: it is cut short.
        """
        if not self.is_whole:
            expected = f"the alignment of {shown(self._query.name)} up to its base {self._query.last_position}"
            raise line.error(expected, "its end before that")
        return Alignment("".join(self._query.bases), "".join(self._subject.bases))
