"""Every message that somebody can meet: kept as a list that a person can read, and held to plain English."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from prose.messages import HOUSES, catalogue, is_message, of_java, of_module, of_template, sources
from prose.sentences import Sentence, split
from prose.words import stumbles

ROOT = Path(__file__).parents[2]
KEPT = Path(__file__).parent / "messages.txt"


@pytest.fixture(scope="module")
def sentences() -> list[tuple[str, Sentence]]:
    return [
        (path.as_posix(), Sentence(0, sentence))
        for path, messages in sources(ROOT)
        for message in messages
        for part in message.split(" | ")
        for sentence in split(part)
    ]


def test_the_list_of_messages_is_kept() -> None:
    told = "run `make messages`, read what has changed in the list, and commit it"
    assert catalogue(ROOT) == KEPT.read_text(encoding="utf-8"), told


def test_no_message_has_words_that_stop_a_stranger(sentences: list[tuple[str, Sentence]]) -> None:
    found = [
        f"{path}: {sentence.text!r}: '{each.phrase}'; say: {each.instead}"
        for path, sentence in sentences
        for each in stumbles(sentence.text)
    ]
    assert found == []


def test_no_sentence_of_a_message_is_long(sentences: list[tuple[str, Sentence]]) -> None:
    assert [f"{path}: {sentence.text}" for path, sentence in sentences if sentence.is_long] == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('"""A module of the house."""\nraise Refused("no such file here")', ["no such file here"]),
        ('"a literal that stands alone"', []),
        ('x = f"job {job.key} has no report of {names[0]}"', ["job {key} has no report of {…}"]),
        ('problem("bad_zip", "a whole zip file", "none", repair="Fetch it again, please.")', ["bad_zip | a whole zip file | none | Fetch it again, please."]),
        ('x = "one line of words\\n\\nand one more line"', ["one line of words | and one more line"]),
        ('x = "this is " + "one text here"', ["this is one text here"]),
        ('@main.command("show")\ndef show():\n    """Show a job as it is."""', ["Show a job as it is."]),
        ('def show():\n    """Show a job as it is."""', []),
        ('x = "GEMS_SPOT"; y = "s3://a/b"; z = "<p>some words of a page</p>"', []),
    ],
)  # fmt: skip
def test_messages_of_a_module_are_found(source: str, expected: list[str]) -> None:
    assert of_module(source) == expected


def test_messages_of_templates_and_of_the_typer_are_found() -> None:
    page = "{% if x %}<p>There is <b>nothing</b> here, {{ name }}.</p>{# a comment of ours #}{% endif %}"
    assert of_template(page) == ["There is nothing here, {…}."]
    java = '// a comment "of three words"\nthrow new BadInput("no such file " + "here: %s", code("A"));'
    assert of_java(java) == ["no such file here: %s"]


@pytest.mark.parametrize(
    ("text", "expected"), [("two words", False), ("these three words", True), ("a-b/c d_e {f}", False)]
)
def test_a_message_has_three_words(text: str, expected: bool) -> None:
    assert is_message(text) == expected


def docstrings() -> Iterator[tuple[str, str]]:
    for folder in (*HOUSES, "tools", "tests"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                    name = f"{path.relative_to(ROOT).as_posix()}:{getattr(node, 'lineno', 1)}"
                    yield name, " ".join((ast.get_docstring(node) or "").split())


def test_no_docstring_has_words_that_stop_a_stranger() -> None:
    found = [f"{name}: '{each.phrase}'; say: {each.instead}" for name, text in docstrings() for each in stumbles(text)]
    assert found == []
