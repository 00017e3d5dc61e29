"""Writes a result as cross_match does, widths and all: ``parse`` of it gives the same records."""

from __future__ import annotations

from collections.abc import Iterator

from worker.cross_match.alignment_lines import GAP, NAME_CHARACTERS
from worker.cross_match.discrepancy_line import NO_QUALITY
from worker.cross_match.discrepancy_line import TAG as DISCREPANCY_TAG
from worker.cross_match.header import QUERY_FILES, RUN_AT, SUBJECT_FILES, VERSION
from worker.cross_match.match_line import OVERLAPPED, TAG
from worker.cross_match.parser import LOW_COMPLEXITY
from worker.cross_match.records import Alignment, Discrepancy, Match, ResultFile

_BASES_A_LINE = 50
_POSITION_END = 24
_PURINES, _PYRIMIDINES = frozenset("AG"), frozenset("CT")


def write(result: ResultFile, *, tags: bool = False) -> str:
    """The text of a result; empty parts of a header are left out, for the file may have had none.

    Args:
        result: whose alignments have rows of equal length.
        tags: whether matches and discrepancies are tagged, as with ``-tags``.
    """
    return "".join(f"{line}\n" for line in result_lines(result, tags=tags))


def result_lines(result: ResultFile, *, tags: bool = False) -> Iterator[str]:
    """The lines of ``write``, one by one."""
    yield from header_lines(result)
    for match in result.matches:
        yield from match_lines(match, tags=tags)
    if result.is_complete:
        yield from footer_lines(len({match.query for match in result.matches}))


def header_lines(result: ResultFile) -> Iterator[str]:
    """What stands before the matches."""
    if result.command:
        yield result.command
    if result.version:
        yield f"{VERSION} {result.version}"
    if result.run_at:
        yield from ("", f"{RUN_AT} {result.run_at}")
    if result.query_files:
        yield f"{QUERY_FILES}  {'  '.join(result.query_files)}"
    if result.subject_files:
        yield f"{SUBJECT_FILES}   {'  '.join(result.subject_files)}"
    for name, value in result.parameters:
        yield f"{name}: {value}" if value else name
    if result.version:
        yield from ("", f"{LOW_COMPLEXITY} (low complexity regions):", "")


def footer_lines(matching_entries: int) -> Iterator[str]:
    """The end: how many queries matched."""
    yield from ("", f"{matching_entries} matching entries (first file).")


def match_lines(match: Match, *, tags: bool) -> Iterator[str]:
    """A match line, then its discrepancies, then its alignment."""
    tag = f"{TAG} " if tags else ""
    percentages = f"{match.percent_sub:5.2f} {match.percent_del:4.2f} {match.percent_ins:4.2f}"
    query = f"{match.query} {match.query_start:8d} {match.query_end:5d} ({match.query_left})"
    overlapped = f" {OVERLAPPED}" if match.overlapped else ""
    yield f"{tag}{match.score:4d} {percentages}  {query}  {_subject(match)}{overlapped}"
    for discrepancy in match.discrepancies:
        yield _discrepancy(discrepancy, tags=tags)
    if match.alignment is not None:
        yield from _alignment_lines(match, match.alignment)


def _subject(match: Match) -> str:
    left = f"({match.subject_left})"
    if match.complement:
        return f"C {match.subject} {left:>5} {match.subject_end:5d} {match.subject_start:5d}"
    return f"  {match.subject} {match.subject_start:8d} {match.subject_end:5d} {left}"


def _discrepancy(discrepancy: Discrepancy, *, tags: bool) -> str:
    tag = f"{DISCREPANCY_TAG} " if tags else ""
    kind = discrepancy.kind.value + (f"-{discrepancy.length}" if discrepancy.length > 1 else "")
    quality = NO_QUALITY if discrepancy.quality is None else discrepancy.quality
    base = f"{discrepancy.base}({quality})"
    positions = (discrepancy.query_position, discrepancy.subject_position)
    return f"{tag}  {kind:<3} {positions[0]:5d}  {base}  {positions[1]:5d}  {discrepancy.context}"


def _alignment_lines(match: Match, alignment: Alignment) -> Iterator[str]:
    step = -1 if match.complement else 1
    query_position = match.query_end if match.complement else match.query_start
    subject_position = match.subject_start
    for start in range(0, len(alignment.query), _BASES_A_LINE):
        query, subject = (row[start : start + _BASES_A_LINE] for row in (alignment.query, alignment.subject))
        marks = _marks(query, subject)
        yield ""
        query_row, query_position = _row("C" if match.complement else " ", match.query, query_position, step, query)
        subject_row, subject_position = _row(" ", match.subject, subject_position, 1, subject)
        yield from (query_row, f"{'':{_POSITION_END + 1}}{marks}".rstrip(), subject_row)
    yield from ("", _alignment_summary(match, alignment), "")


def _row(strand: str, name: str, position: int, step: int, bases: str) -> tuple[str, int]:
    """A line of bases, and the position after it."""
    following = position + step * (len(bases) - bases.count(GAP))
    last = following - step if following != position else position
    begin = f"{strand} {name[:NAME_CHARACTERS]:<{NAME_CHARACTERS}}"
    return f"{begin} {position:>{_POSITION_END - len(begin) - 1}} {bases} {last}", following


def _marks(query: str, subject: str) -> str:
    return "".join(_mark(*pair) for pair in zip(query, subject, strict=True))


def _mark(query: str, subject: str) -> str:
    query, subject = query.upper(), subject.upper()
    if GAP in (query, subject):
        return "-"
    if query == subject:
        return " "
    pair = {query, subject}
    if pair <= _PURINES or pair <= _PYRIMIDINES:
        return "i"
    return "v" if pair <= _PURINES | _PYRIMIDINES else "?"


def _alignment_summary(match: Match, alignment: Alignment) -> str:
    """How often each mark stands there, and how the gaps are."""
    marks = _marks(alignment.query, alignment.subject)
    transitions, transversions, gap_bases = marks.count("i"), marks.count("v"), marks.count("-")
    gaps = sum(1 for before, mark in zip(" " + marks, marks, strict=False) if mark == "-" != before)
    span = match.query_end - match.query_start + 1
    ratio = transitions / (transversions or 1)
    return (
        f"Transitions / transversions = {ratio:.2f} ({transitions} / {transversions}); "
        f"Gap_init rate = {gaps / span:.2f} ({gaps} / {span}), "
        f"avg. gap size = {gap_bases / (gaps or 1):.2f} ({gap_bases} / {gaps})"
    )
