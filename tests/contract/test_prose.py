"""How sentences, long lines and words are found in a page, and that ceilings only fall."""

from __future__ import annotations

from pathlib import Path

import pytest

from prose.pages import MOST_LONG, Ceiling, Reading, ceilings, pages, read
from prose.sentences import long_lines, page_sentences
from prose.words import stumbles

ROOT = Path(__file__).parents[2]
LONG = "word " * 31


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("A line\nthat goes on. And ends.", ["A line that goes on.", "And ends."]),
        ("- an item\n- another one. With two.", ["an item", "another one.", "With two."]),
        ("1. first\n   goes on\n2. second", ["first goes on", "second"]),
        ("# A heading\n\nText.", ["Text."]),
        ("| a | table |\n|---|---|\n| of. | Words. |\n\nText.", ["Text."]),
        ("```sh\nA command. Not a sentence.\n```\nText.", ["Text."]),
        ("Text:\n\n    indented code. Not Prose.\n", ["Text:"]),
        ("<!-- A comment. -->\nText.", ["Text."]),
        ("See [the page](https://example.org/A.B. C) for more.", ["See the page for more."]),
        ("![A picture. Of it.](a.png)\nText.", ["Text."]),
        ("It ends. `code` begins the next.", ["It ends.", "code begins the next."]),
        ("Units, e.g. MiB, and docs/a.md are kept. 2.5 is a number.", ["Units, e.g. MiB, and docs/a.md are kept.", "2.5 is a number."]),
        ("> Quoted. Text.", ["Quoted.", "Text."]),
        ("---\ntitle: A page. Of ours.\n---\nText.", ["Text."]),
    ],
)  # fmt: skip
def test_sentences_are_those_that_a_reader_meets(page: str, expected: list[str]) -> None:
    assert [sentence.text for sentence in page_sentences(page)] == expected


def test_a_sentence_knows_its_line_and_its_words() -> None:
    (first, second) = page_sentences(f"Short - and `two words`.\n\n{LONG}.")
    assert (first.line, first.words, first.is_long) == (1, 4, False)
    assert (second.line, second.words, second.is_long) == (3, 31, True)


def test_long_lines_are_told_only_where_they_can_be_broken() -> None:
    page = f"{LONG}\n| {LONG} |\n```\n{LONG}\n```\nhttps://{'a' * 130}\nshort"
    assert long_lines(page) == [1]


@pytest.mark.parametrize(
    "text",
    [
        "The body is no JSON.",
        "Its byte 5 is no UTF-8.",
        "The file is none of the job's.",
        "0.4 s are not to be had.",
        "It is off long since.",
        "The job ended around it.",
        "It is written anew.",
        "It failed for want of memory.",
        "It was not typed, for it may be another person's.",
    ],
)
def test_phrases_that_stop_a_stranger_are_found(text: str) -> None:
    assert [found.instead for found in stumbles(text)] != []


@pytest.mark.parametrize(
    "text", ["There is no bucket.", "It is no longer there.", "None of these is there.", "No reads."]
)
def test_plain_english_is_left_alone(text: str) -> None:
    assert stumbles(text) == []


def test_a_page_is_held_to_its_ceiling() -> None:
    reading = read(f"{LONG}.\n\nThe body is no JSON.\n")
    assert reading == Reading(sentences=2, long_sentences=1, long_lines=1, words=1)
    assert len(Ceiling().over(reading)) == 3
    assert Ceiling(50, 1, 1).over(reading) == []


def test_a_ceiling_is_lowered_and_never_raised() -> None:
    better = Reading(sentences=100, long_sentences=2, long_lines=3, words=0)
    worse = Reading(sentences=100, long_sentences=40, long_lines=9, words=2)
    assert Ceiling(20, 5, 1).lowered_to(better) == Ceiling(MOST_LONG, 3, 0)
    assert Ceiling(20, 5, 1).lowered_to(worse) == Ceiling(20, 5, 1)


def test_no_ceiling_is_kept_for_a_page_that_is_gone() -> None:
    assert set(ceilings()) <= {path.as_posix() for path in pages(ROOT)}
