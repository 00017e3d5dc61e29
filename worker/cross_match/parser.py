"""Reads a cross_match result file, of 0.990329 as of 1.x, into records. What it cannot read is an error with its line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from gems_core.digits import is_digits
from worker.cross_match.alignment_lines import AlignmentLines, is_marks, is_row
from worker.cross_match.discrepancy_line import TAG as DISCREPANCY_TAG
from worker.cross_match.discrepancy_line import is_discrepancy, read_discrepancy
from worker.cross_match.header import VERSION, HeaderLines
from worker.cross_match.line import Line, UnreadableResult
from worker.cross_match.match_line import is_match, read_match
from worker.cross_match.records import Discrepancy, Match, ResultFile

LOW_COMPLEXITY = "Maximal single base matches"
_FOOTER = re.compile(r"[0-9]{1,12} matching entries\b.*")
_TABLE = re.compile(r"[A-Z][a-z]+ (?:histogram|summary)\b|Qual\s")
_TABLE_ROW = re.compile(r"[0-9 \t().%:<>=+-]+")
_ALIGNMENT_SUMMARY = re.compile(r"Transitions / transversions\s*=|Gap_init rate\s*=")


def parse(lines: Iterable[str], file: str = "cross_match output") -> ResultFile:
    """The whole result.

    Args:
        lines: with or without their line ends.
        file: what errors call it.

    Raises:
        UnreadableResult: a line does not follow the grammar.
    """
    reader = ResultReader(lines, file)
    matches = tuple(reader.matches())
    header = reader.header
    return ResultFile(
        command=header.command,
        version=header.version,
        run_at=header.run_at,
        query_files=header.query_files,
        subject_files=header.subject_files,
        parameters=tuple(header.parameters),
        matches=matches,
        is_complete=reader.is_complete,
    )


class ResultReader:
    """Reads a result once, holding no more than one match.

    Attributes:
        header: whole once the first match has come.
        is_complete: whether the footer has come.
    """

    def __init__(self, lines: Iterable[str], file: str) -> None:
        self.header = HeaderLines()
        self.is_complete = False
        self._lines = lines
        self._file = file
        self._in_body = False
        self._in_table = False
        self._in_low_complexity = False
        self._open: _OpenMatch | None = None

    def matches(self) -> Iterator[Match]:
        """Each match with all that belongs to it, those before an unreadable line included.

        Raises:
            UnreadableResult: a line does not follow the grammar, or there is no result at all.
        """
        line = Line(self._file, 0, "")
        for number, raw in enumerate(self._lines, start=1):
            line = Line(self._file, number, raw)
            try:
                closed = self._take(line)
            except UnreadableResult:
                if self._open is not None and self._open.is_whole:
                    yield self._open.close(line)
                raise
            if closed is not None:
                yield closed
        end = Line(self._file, line.number + 1, "")
        closed = self._close(end)
        if closed is not None:
            yield closed
        self._finish(end)

    def _take(self, line: Line) -> Match | None:
        """Take a line; returns the match that it ends, if it ends one."""
        line.check()
        if not line.text:
            self._in_low_complexity = False
            return None
        if self.is_complete:
            self._take_summary(line)
            return None
        if not self._in_body and not self._begins_body(line):
            self.header.take(line)
            return None
        return self._take_body(line)

    def _begins_body(self, line: Line) -> bool:
        begins = line.text.startswith(LOW_COMPLEXITY) or is_match(line) or line.fields[0] == DISCREPANCY_TAG
        self._in_body = begins or _FOOTER.fullmatch(line.text) is not None
        if self._in_body:
            self.header.finish()
        return self._in_body

    def _take_body(self, line: Line) -> Match | None:
        if self._open is not None and self._open.take(line):
            return None
        if is_match(line):
            return self._begin(line)
        closed = self._close(line) if _FOOTER.fullmatch(line.text) else None
        if _FOOTER.fullmatch(line.text):
            self.is_complete = True
        elif not self._is_text(line):
            raise line.error("a match, then its discrepancies and alignment, or the footer")
        return closed

    def _begin(self, line: Line) -> Match | None:
        """A match begins, which ends the one before; a line that is not one leaves that one open."""
        match = read_match(line)
        closed = self._close(line)
        self._open = _OpenMatch(match)
        self._in_table = self._in_low_complexity = False
        return closed

    def _close(self, line: Line) -> Match | None:
        still_open, self._open = self._open, None
        return still_open.close(line) if still_open else None

    def _is_text(self, line: Line) -> bool:
        """Whether it is one of the program's lines that hold no record."""
        if line.text.startswith(LOW_COMPLEXITY):
            self._in_low_complexity = True
            return True
        if _TABLE.match(line.text):
            self._in_table = True
            return True
        if self._in_table:
            return _TABLE_ROW.fullmatch(line.text) is not None
        # A region: a sequence's name, then its positions among other words.
        return self._in_low_complexity and sum(is_digits(field) for field in line.fields[1:]) > 1

    @staticmethod
    def _take_summary(line: Line) -> None:
        if line.text.startswith(VERSION) or is_match(line) or line.fields[0] == DISCREPANCY_TAG:
            raise line.error("nothing but a summary after the footer; a file holds one result")

    def _finish(self, end: Line) -> None:
        self.header.finish()
        if not (self._in_body or self.header.is_known):
            raise end.error("a cross_match result", "the end of the file")


class _OpenMatch:
    """A match whose discrepancies and alignment are still coming."""

    def __init__(self, match: Match) -> None:
        self._match = match
        self._discrepancies: list[Discrepancy] = []
        self._alignment = AlignmentLines(match)
        self._is_damaged = False

    @property
    def is_whole(self) -> bool:
        """Whether nothing of it was unreadable, and its alignment, if begun, is at its end."""
        return not self._is_damaged and (self._alignment.is_whole or not self._alignment.is_begun)

    def take(self, line: Line) -> bool:
        """Take a line that belongs to the match; returns whether it does."""
        self._is_damaged = True
        belongs = self._take(line)
        self._is_damaged = False
        return belongs

    def _take(self, line: Line) -> bool:
        if is_row(line):
            self._alignment.take(line)
            return True
        if self._alignment.awaits_subject:
            if not is_marks(line):
                raise line.error("marks or the subject's aligned bases")
            return True
        if is_discrepancy(line):
            self._discrepancies.append(read_discrepancy(line, self._match))
            return True
        return self._alignment.is_begun and _ALIGNMENT_SUMMARY.match(line.text) is not None

    def close(self, line: Line) -> Match:
        """The whole match; ``line`` is the one after it."""
        alignment = self._alignment.finish(line) if self._alignment.is_begun else None
        return replace(self._match, discrepancies=tuple(self._discrepancies), alignment=alignment)
