"""What a cross_match result file says, as typed records. Positions count from 1, ends included."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a discrepancy is, seen from the query."""

    SUBSTITUTION = "S"
    DELETION = "D"
    INSERTION = "I"


@dataclass(frozen=True)
class Discrepancy:
    """One place where the aligned stretches differ.

    Attributes:
        length: bases deleted or inserted; 1 for a substitution.
        query_position: of the base; of the base before the gap for a deletion.
        base: the query's base there.
        quality: of that base; None where the query has no qualities.
        subject_position: on the subject's forward strand, for complements too.
        context: query bases around it as the program prints them: the changed ones in upper case.
    """

    kind: Kind
    length: int
    query_position: int
    base: str
    quality: int | None
    subject_position: int
    context: str


@dataclass(frozen=True)
class Alignment:
    """Two aligned stretches of equal length, gaps as ``-``; for a complement the query's is the complemented one."""

    query: str
    subject: str


@dataclass(frozen=True)
class Match:
    """One match line with what belongs to it.

    Attributes:
        score: complexity-adjusted unless the program ran with ``-raw``.
        percent_sub, percent_del, percent_ins: of the aligned query length, two decimals.
        query_left, subject_left: bases beyond the end of the match.
        complement: whether the query matches the subject's other strand.
        subject_start, subject_end: on the subject's forward strand, start below end, for complements too.
        overlapped: a better match covers part of this one (``*``).
        discrepancies: empty unless the program ran with ``-discrep_lists``.
        alignment: None unless the program ran with ``-alignments``.
    """

    score: int
    percent_sub: float
    percent_del: float
    percent_ins: float
    query: str
    query_start: int
    query_end: int
    query_left: int
    complement: bool
    subject: str
    subject_start: int
    subject_end: int
    subject_left: int
    overlapped: bool = False
    discrepancies: tuple[Discrepancy, ...] = ()
    alignment: Alignment | None = None


@dataclass(frozen=True)
class ResultFile:
    """A whole result.

    Attributes:
        command: the first line: the command as it was given.
        version: as the program states it (``1.090518``, ``0.990329``).
        run_at: the text after ``Run date:time``; '' when there is none.
        query_files, subject_files: as the program lists them.
        parameters: name and value of the header's other lines, in their order.
        matches: in the file's order.
        is_complete: whether the footer is there; a run that was cut short has none.
    """

    command: str
    version: str
    run_at: str
    query_files: tuple[str, ...]
    subject_files: tuple[str, ...]
    parameters: tuple[tuple[str, str], ...]
    matches: tuple[Match, ...]
    is_complete: bool
