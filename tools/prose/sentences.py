"""The sentences of a Markdown page, as a reader meets them.

Code blocks, tables, headings, comments, pictures and the targets of links are not sentences and are left out. An item of a
list ends a sentence, with a full stop or without. Inline code counts as the words it has, so that a page cannot hide
a schema in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MOST_WORDS = 30
MOST_COLUMNS = 120

_FENCE = re.compile(r"^\s*(```|~~~)")
_COMMENT = re.compile(r"<!--.*?-->", re.S)
_ITEM = re.compile(r"^\s*(?:[-*+]|[0-9]+\.)\s+|^\s*>\s?")
_SKIPPED = re.compile(r"^\s*(?:#|\||!!!|\?\?\?|:::|---+\s*$|<)")
_PICTURE = re.compile(r"!\[[^\]]*\]\([^)]*\)(?:\{[^}]*\})?")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_CODE = re.compile(r"`+([^`]*)`+")
# A full stop ends a sentence where white space and an upper-case letter, digit, bracket or code follow.
_END = re.compile(r"(?<=[.!?])[\"')*_]*\s+(?=[\"'(*_\[`]*[A-Z0-9`])|(?<=[.!?:])\s*$")
_HAS_LETTER = re.compile(r"[^\W_]")
_ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|etc|vs|cf|al|approx|No|Fig)\.$")


@dataclass(frozen=True)
class Sentence:
    """One sentence, and the line of the page (from 1) on which its paragraph or item begins."""

    line: int
    text: str

    @property
    def words(self) -> int:
        """How many words it has: whatever stands between blanks and holds a letter or a digit."""
        return sum(bool(_HAS_LETTER.search(word)) for word in self.text.split())

    @property
    def is_long(self) -> bool:
        """Whether it has more words than a reader keeps in mind at once."""
        return self.words > MOST_WORDS


def page_sentences(page: str) -> list[Sentence]:
    """The sentences of a Markdown page, in order."""
    return [
        Sentence(line, _CODE.sub(r"\1", sentence))
        for line, paragraph in _paragraphs(page)
        for sentence in split(paragraph)
        if any(letter.isalpha() for letter in sentence)
    ]


def split(paragraph: str) -> Iterator[str]:
    """The sentences of a paragraph of plain text."""
    begin = 0
    for end in _END.finditer(paragraph):
        sentence = paragraph[begin : end.end()].strip()
        if _ABBREVIATION.search(sentence):
            continue
        if sentence:
            yield sentence
        begin = end.end()
    if rest := paragraph[begin:].strip():
        yield rest


def long_lines(page: str) -> list[int]:
    """Numbers (from 1) of the lines of prose that are too long; tables and code cannot be broken, nor can one long word."""
    return [
        number
        for number, line in _prose_lines(page)
        if len(line) > MOST_COLUMNS and not _SKIPPED.match(line) and " " in line[:MOST_COLUMNS].strip()
    ]


def plain(text: str) -> str:
    """A line as it is read: links by their words, no pictures. Code keeps its marks, for a sentence may begin with it."""
    return _LINK.sub(r"\1", _PICTURE.sub("", text))


def _prose_lines(page: str) -> Iterator[tuple[int, str]]:
    """Lines outside of code blocks and comments, with their numbers."""
    blanked = _COMMENT.sub(lambda found: "\n" * found.group().count("\n"), page)
    fenced = front = False
    for number, line in enumerate(blanked.splitlines(), 1):
        if number == 1 and line.strip() == "---":
            front = True
        elif front:
            front = line.strip() != "---"
        elif _FENCE.match(line):
            fenced = not fenced
        elif not fenced:
            yield number, line


def _paragraphs(page: str) -> Iterator[tuple[int, str]]:
    """Paragraphs and items as one line of plain text each, with the number of their first line."""
    begin, parts, in_code = 0, list[str](), False
    for number, line in [*_prose_lines(page), (0, "")]:
        # Four blanks after an empty line begin a block of code, but not below an item.
        in_code = line.startswith("    ") and not parts and not _ITEM.match(line)
        ends = not line.strip() or _SKIPPED.match(line) or _ITEM.match(line) or in_code
        if ends and parts:
            yield begin, plain(" ".join(parts))
            parts = []
        if not line.strip() or _SKIPPED.match(line) or in_code:
            continue
        if not parts:
            begin = number
        parts.append(_ITEM.sub("", line).strip())
