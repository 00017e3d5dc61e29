"""docs/flags.md has every flag of the typer, with its place and its evidence, and no other."""

import re
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

import pytest

from gems_report.flags import FLAGS

ROOT = Path(__file__).parents[2]
CODE = Path("hla-typer/src/main/java/org/gems/typer/flags/FlagCode.java")
DOCS = Path("docs/flags.md")

PLACES = {
    "BOTH": "locus, with and without a panel",
    "PANEL": "locus, with a panel",
    "NO_PANEL": "locus, without a panel",
    "SAMPLE": "sample",
}
"""What the docs call each constant of ``FlagCode.Where``."""

CONSTANT = re.compile(r"^  ([A-Z][A-Z0-9_]*)\(\s*Where\.([A-Z_]+),(.*?)\)[,;]$", re.MULTILINE | re.DOTALL)
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"\s*(\+?)')
KEYS_HEADER = ["key", "what it is"]


@dataclass(frozen=True)
class Flag:
    """What a flag promises: where it may occur, and what stands in its evidence."""

    where: str
    always: frozenset[str]
    sometimes: frozenset[str]


def texts_of(arguments: str) -> list[str]:
    """Java's string arguments, those joined by ``+`` as one."""
    texts, goes_on = [""], True
    for text, plus in LITERAL.findall(arguments):
        texts = [*texts[:-1], texts[-1] + text] if goes_on else [*texts, text]
        goes_on = bool(plus)
    return texts


def flags_of_code(source: str) -> dict[str, Flag]:
    found = {}
    for name, where, arguments in CONSTANT.findall(source):
        _meaning, always, sometimes = [*texts_of(arguments), ""][:3]
        found[name.lower()] = Flag(PLACES[where], frozenset(always.split()), frozenset(sometimes.split()))
    return found


def tables(text: str) -> list[list[list[str]]]:
    """The cells of each table, the header's first and the line below it left out."""
    lines = text.splitlines()
    starts = [i for i, line in enumerate(lines) if line.startswith("|---")]
    blocks = [lines[i - 1 : i] + list(takewhile(lambda row: row.startswith("|"), lines[i + 1 :])) for i in starts]
    return [[[cell.strip() for cell in row.strip("|").split("|")] for row in block] for block in blocks]


def words(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def flags_of_docs(text: str) -> dict[str, Flag]:
    rows = [row for header, *rows in tables(text) if header[0] == "flag" for row in rows]
    names = [words(row[0])[0] for row in rows]
    assert len(names) == len(set(names)), f"{DOCS} has a flag twice: keep one row of each"
    return {
        name: Flag(row[1], frozenset(words(row[3])), frozenset(words(row[4])))
        for name, row in zip(names, rows, strict=True)
    }


def keys_of_docs(text: str) -> set[str]:
    return {key for header, *rows in tables(text) if header == KEYS_HEADER for row in rows for key in words(row[0])}


@pytest.fixture(scope="module")
def source() -> str:
    return (ROOT / CODE).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def code(source: str) -> dict[str, Flag]:
    return flags_of_code(source)


@pytest.fixture(scope="module")
def text() -> str:
    return (ROOT / DOCS).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def docs(text: str) -> dict[str, Flag]:
    return flags_of_docs(text)


def test_no_flag_of_the_code_is_overlooked_here(source: str, code: dict[str, Flag]) -> None:
    constants = re.findall(r"^  [A-Z][A-Z0-9_]*\(", source, re.MULTILINE)
    assert code, f"no flag was found in {CODE}: the pattern CONSTANT of this test no longer fits it"
    assert len(code) == len(constants), f"of {len(constants)} flags of {CODE} only {len(code)} were read: see CONSTANT"


def test_every_flag_of_the_typer_is_documented(code: dict[str, Flag], docs: dict[str, Flag]) -> None:
    missing = sorted(code.keys() - docs.keys())
    assert not missing, f"{DOCS} lacks {missing}: add a row for each, in the table of its group in {CODE}"


def test_every_documented_flag_is_the_typers(code: dict[str, Flag], docs: dict[str, Flag]) -> None:
    gone = sorted(docs.keys() - code.keys())
    assert not gone, f"{CODE} has no {gone}: take their rows out of {DOCS}, or rename them as the code does"


def test_they_stand_in_the_typers_order(code: dict[str, Flag], docs: dict[str, Flag]) -> None:
    assert list(docs) == list(code), f"order the rows of {DOCS} as {CODE} orders its flags"


def test_each_may_occur_where_the_docs_say(code: dict[str, Flag], docs: dict[str, Flag]) -> None:
    for name in code.keys() & docs.keys():
        assert docs[name].where == code[name].where, f"{DOCS}, {name}: write {code[name].where!r}, as {CODE} has it"


@pytest.mark.parametrize("column", ["always", "sometimes"])
def test_each_has_the_evidence_that_the_docs_say(column: str, code: dict[str, Flag], docs: dict[str, Flag]) -> None:
    for name in code.keys() & docs.keys():
        promised, told = getattr(code[name], column), getattr(docs[name], column)
        assert told == promised, (
            f"{DOCS}, {name}, evidence {column}: add {sorted(promised - told)}, take out {sorted(told - promised)}, as {CODE} has it"
        )


def test_every_key_of_evidence_is_explained(code: dict[str, Flag], text: str) -> None:
    used = {key for flag in code.values() for key in flag.always | flag.sometimes}
    told = keys_of_docs(text)
    assert used <= told, f"{DOCS} does not explain {sorted(used - told)}: add a row for each under 'Evidence'"
    assert told <= used, f"no flag has {sorted(told - used)}: take their rows out of {DOCS} under 'Evidence'"


def test_a_flag_is_read_from_code_however_it_is_broken_into_lines() -> None:
    source = """
  ONE(Where.PANEL, "a short one", "gene"),
  TWO(
      Where.BOTH,
      "a text (in brackets), "
          + "and its end",
      "gene pairs",
      "share "
          + "threshold"),
  NONE(Where.SAMPLE, "without evidence", "");
"""
    assert flags_of_code(source) == {
        "one": Flag("locus, with a panel", frozenset({"gene"}), frozenset()),
        "two": Flag("locus, with and without a panel", frozenset({"gene", "pairs"}), frozenset({"share", "threshold"})),
        "none": Flag("sample", frozenset(), frozenset()),
    }


def test_every_flag_has_words_for_the_laboratory(code: dict[str, Flag]) -> None:
    assert list(FLAGS) == list(code), f"gems_report/flags.py has a line for each flag of {CODE}, in its order"


@pytest.mark.parametrize("flag", FLAGS)
def test_its_words_are_a_sentence_of_thirty_words_at_most(flag: str) -> None:
    for text in (FLAGS[flag].sentence, FLAGS[flag].advice):
        assert text[0].isupper()
        assert text.endswith(".")
        assert len(text.split()) <= 30
