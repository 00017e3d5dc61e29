"""One line of a result file, which knows where it stands; and the error that says so."""

from __future__ import annotations

import re

from gems_core.errors import GemsError

LONGEST_LINE = 1_000_000
"""Characters; a header that names a thousand files has some 100,000."""

_SHOWN_CHARACTERS = 120
BLANKS = " \t\r\n"
"""What separates fields; no other character does, for a name may hold any."""

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")
_PADDED = re.compile(r"\( +([0-9]{1,12})\)")
"""The program pads the bases left inside their parentheses: ``(   12)``."""

_REPAIR = "Run cross_match again, or cut the file before this line."


class UnreadableResult(GemsError):
    """A result file does not follow the grammar.

    Attributes:
        file: as the caller named it.
        number: of the line, from 1.
        expected, found: what should have stood there and what does.
    """

    def __init__(self, file: str, number: int, expected: str, found: str) -> None:
        self.file, self.number, self.expected, self.found = file, number, expected, found
        super().__init__(f"{file}, line {number}: expected {expected}, found {found}. {_REPAIR}")


class Line:
    """A line with its place.

    Attributes:
        file: as the caller named it.
        number: from 1.
        text: without blanks and line ends around it.
        fields: what blanks and tabs separate, a padded number in parentheses being one.
    """

    __slots__ = ("_length", "fields", "file", "number", "text")

    def __init__(self, file: str, number: int, raw: str) -> None:
        self.file = file
        self.number = number
        self.text = raw.strip(BLANKS)
        # Not split(): it would also split at blanks that a name may hold.
        fields = _PADDED.sub(r"(\1)", self.text.replace("\t", " ")).split(" ")
        self.fields = tuple(filter(None, fields))
        self._length = len(raw)

    def check(self) -> None:
        """Refuse what is not a line of text.

        Raises:
            UnreadableResult: it is too long or holds a control character.
        """
        if self._length > LONGEST_LINE:
            raise self.error(f"a line of at most {LONGEST_LINE} characters", "a longer one")
        control = _CONTROL.search(self.text)
        if control:
            raise self.error("a line of text", f"the control character {control[0]!r}")

    def error(self, expected: str, found: str | None = None) -> UnreadableResult:
        """The error of this line; ``found`` is the line itself unless given."""
        return UnreadableResult(self.file, self.number, expected, found or shown(self.text))


def shown(text: str) -> str:
    """A foreign text as an error shows it: quoted and shortened."""
    return repr(text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…")
