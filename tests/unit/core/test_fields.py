"""The table of an object's fields: what it reads, what it refuses, and what it writes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import pytest

from gems_core.errors import InvalidInput
from gems_core.fields import COUNT, FLAG, TEXT, TEXTS, Field, Shape, items, nested, optional, text, whole, word


class Colour(StrEnum):
    GREEN = "green"
    RED = "red"


@dataclass(frozen=True)
class Leaf:
    colour: Colour
    veins: int = 0


@dataclass(frozen=True)
class Tree:
    name: str
    age: int
    leaf: Leaf | None = None
    birds: tuple[str, ...] = ()
    old: bool = False


LEAF: Shape[Leaf] = Shape("Leaf", "leaf", (Field("colour", word(Colour)), optional("veins", COUNT, absent=0)))
TREE: Shape[Tree] = Shape(
    "Tree",
    "tree",
    (
        Field("name", text(5)),
        Field("age", whole(1, 900)),
        optional("leaf", nested(LEAF, Leaf), nullable=True),
        optional("birds", TEXTS, absent=()),
        optional("old", FLAG, absent=False),
    ),
)


def problems_of(value: object) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as raised:
        TREE.read(value)
    return [(problem.where, problem.expected) for problem in raised.value.problems]


def test_what_is_written_reads_back() -> None:
    tree = Tree("oak", 300, Leaf(Colour.GREEN, 7), ("jay",), old=True)
    written = TREE.write(tree)
    assert written == {
        "name": "oak", "age": 300, "leaf": {"colour": "green", "veins": 7}, "birds": ["jay"], "old": True,
    }  # fmt: skip
    assert Tree(**TREE.read(written)) == tree


def test_what_may_be_absent_may_be_null_and_what_is_not_known_is_passed_over() -> None:
    given = {"name": "oak", "age": 1, "birds": None, "old": None, "leaf": None, "roots": 5}
    assert Tree(**TREE.read(given)) == Tree("oak", 1)


def test_every_wrong_field_is_told_in_the_order_of_the_table() -> None:
    told = problems_of({"old": "yes", "birds": ["jay", 1], "age": True, "name": "sequoia"})
    assert told == [
        ("tree, field name", "a text of at most 5 characters"),
        ("tree, field age", "a whole number from 1 to 900"),
        ("tree, field birds", "a list of at most 10000 texts"),
        ("tree, field old", "true or false"),
    ]


def test_a_nested_object_tells_its_own_problems_once_all_else_is_right() -> None:
    assert problems_of({"name": "oak", "age": 0, "leaf": {}}) == [("tree, field age", "a whole number from 1 to 900")]
    assert problems_of({"name": "oak", "age": 1, "leaf": {"colour": "blue"}}) == [
        ("leaf, field colour", "one of green, red")
    ]
    assert problems_of({"name": "oak", "age": 1, "leaf": []})[0] == ("leaf", "a JSON object")


def test_a_value_is_taken_from_where_the_table_says() -> None:
    shape: Shape[Tree] = Shape(
        "Short",
        "tree",
        (Field("called", TEXT, source=lambda tree: tree.name), Field("leaves", items(LEAF), source=leaves)),
    )
    assert shape.write(Tree("oak", 1, Leaf(Colour.RED))) == {"called": "oak", "leaves": [{"colour": "red", "veins": 0}]}
    assert shape.blank() == {"called": "", "leaves": []}
    assert TREE.blank() == {"name": "", "age": 1, "leaf": None, "birds": [], "old": False}


def leaves(tree: Tree) -> list[Leaf]:
    return [] if tree.leaf is None else [tree.leaf]
