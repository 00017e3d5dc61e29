"""Reads what stands before the first match: command, version, date, files, parameters."""

from __future__ import annotations

import re

from worker.cross_match.line import BLANKS, Line, UnreadableResult

_PROGRAM = "cross_match"
VERSION = "cross_match version"
RUN_AT = "Run date:time"
QUERY_FILES = "Query file(s):"
SUBJECT_FILES = "Subject file(s):"

# A header whose beginning was cut off still has one of these on its first line.
_KNOWN_NAMES = (
    RUN_AT,
    QUERY_FILES,
    SUBJECT_FILES,
    "Presumed sequence type",
    "Pairwise comparison algorithm",
    "Score matrix",
    "Gap penalties",
    "Using complexity-adjusted scores",
    "Using raw scores",
    "Sequence file:",
    "Residue counts:",
    "Num. pairs:",
)
_PARAMETER = re.compile(r"(?P<name>[^:]*):(?P<value>.*)", re.DOTALL)


class HeaderLines:
    """Gathers a header line by line; every line after the version is a parameter unless it is known otherwise.

    Attributes:
        is_known: whether a line has come that only cross_match writes.
    """

    def __init__(self) -> None:
        self.command = ""
        self.version = ""
        self.run_at = ""
        self.query_files: tuple[str, ...] = ()
        self.subject_files: tuple[str, ...] = ()
        self.parameters: list[tuple[str, str]] = []
        self._command_line: Line | None = None
        self.is_known = False

    def take(self, line: Line) -> None:
        """Take the next line that is not blank.

        Raises:
            UnreadableResult: it is not a header of cross_match.
        """
        if line.text.startswith(VERSION):
            self._take_version(line)
        elif self.is_known or line.text.startswith(_KNOWN_NAMES):
            self.is_known = True
            self._take_parameter(line)
        elif self._command_line is None:
            self._command_line, self.command = line, line.text
        else:
            raise self._no_result(self._command_line)

    def finish(self) -> None:
        """The first match, or the end, has come.

        Raises:
            UnreadableResult: a line stands there that is not a header.
        """
        if self._command_line is not None and not self.is_known and _PROGRAM not in self.command:
            raise self._no_result(self._command_line)

    def _take_version(self, line: Line) -> None:
        version = line.text.removeprefix(VERSION).strip(BLANKS)
        if not version or self.version:
            raise line.error(f"one '{VERSION}' and a number; a file holds one result")
        self.version, self.is_known = version, True

    def _take_parameter(self, line: Line) -> None:
        text = line.text
        if text.startswith(RUN_AT):
            self.run_at = text.removeprefix(RUN_AT).strip(BLANKS)
        elif text.startswith(QUERY_FILES):
            self.query_files += _files(text.removeprefix(QUERY_FILES))
        elif text.startswith(SUBJECT_FILES):
            self.subject_files += _files(text.removeprefix(SUBJECT_FILES))
        else:
            named = _PARAMETER.fullmatch(text)
            self.parameters.append((named["name"].strip(BLANKS), named["value"].strip(BLANKS)) if named else (text, ""))

    @staticmethod
    def _no_result(line: Line) -> UnreadableResult:
        return line.error(f"a command and '{VERSION}', or a match, at the beginning of a result")


def _files(text: str) -> tuple[str, ...]:
    return tuple(name for name in text.replace("\t", " ").split(" ") if name)
