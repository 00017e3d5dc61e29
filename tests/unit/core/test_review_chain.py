"""The log's chain: what was forged, replayed, reordered, cut or dropped is found, and a good chain is not accused."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gems_core.review.chain import (
    CHECKPOINTS,
    NOTHING_BEFORE,
    Entry,
    Proof,
    against_checkpoints,
    canonical,
    checkpoint_of,
    has_head,
    prove,
    unsealed,
)

Stored = list[tuple[int, bytes]]


def chain_of(*contents: object, name: str = "job") -> list[Entry]:
    entries: list[Entry] = []
    for content in contents:
        entries.append(Entry.following(name, entries[-1] if entries else None, {"what": content}))
    return entries


def stored(entries: list[Entry]) -> Stored:
    return [(entry.number, entry.body) for entry in entries]


GOOD = stored(chain_of("a", "b", "c", "d"))
OTHER = stored(chain_of("a", "x", "c", "d"))
FOREIGN = stored(chain_of("a", "b", "c", "d", name="other"))


def changed(number: int, /, **fields: object) -> Stored:
    """The good chain with an entry whose fields are others; it is written as GeMS writes."""
    document = json.loads(GOOD[number - 1][1]) | fields
    return [*GOOD[: number - 1], (number, canonical(document)), *GOOD[number:]]


FAULTS: dict[str, tuple[Stored, int, str]] = {
    "forged content": (changed(2, content={"what": "x"}), 3, "does not follow"),
    "forged content of the first": (changed(1, content={"what": "x"}), 2, "does not follow"),
    "forged hash": (changed(3, before="1" * 64), 3, "does not follow"),
    "forged beginning": (changed(1, before="1" * 64), 1, "does not follow"),
    "written anew from the middle on": ([*GOOD[:2], *OTHER[2:]], 3, "does not follow"),
    "replayed at the end": ([*GOOD, (5, GOOD[3][1])], 5, "is entry 4 at another place"),
    "replayed in place of the next": ([*GOOD[:2], (3, GOOD[1][1]), GOOD[3]], 3, "is entry 2 at another place"),
    "replayed from another chain": ([*GOOD[:3], FOREIGN[3]], 4, "is an entry of other"),
    "another chain under this name": (FOREIGN, 1, "is an entry of other"),
    "reordered": ([GOOD[0], (2, GOOD[2][1]), (3, GOOD[1][1]), GOOD[3]], 2, "is entry 3 at another place"),
    "cut at the beginning": (GOOD[1:], 1, "found 2: entries are missing"),
    "cut in the middle": ([GOOD[0], *GOOD[2:]], 2, "found 3: entries are missing"),
    "not JSON": ([*GOOD[:3], (4, b"{")], 4, "cannot be read"),
    "empty": ([*GOOD[:3], (4, b"")], 4, "cannot be read"),
    "a list": ([*GOOD[:3], (4, b"[]")], 4, "cannot be read"),
    "another format": (changed(4, format=2), 4, "cannot be read"),
    "a field more": (changed(4, more=1), 4, "cannot be read"),
    "content that is a text": (changed(4, content="x"), 4, "cannot be read"),
    "a number that is a text": (changed(4, number="4"), 4, "cannot be read"),
    "the same with spaces": ([*GOOD[:3], (4, GOOD[3][1].replace(b":", b": ", 1))], 4, "not written as"),
    "a key twice": ([*GOOD[:3], (4, GOOD[3][1].replace(b"{", b'{"chain":"x",', 1))], 4, "not written as"),
    "something behind it": ([*GOOD[:3], (4, GOOD[3][1] + b"\n")], 4, "not written as"),
}


@pytest.mark.parametrize(("found", "number", "told"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_found_where_it_is(found: Stored, number: int, told: str) -> None:
    proof = prove("job", found)
    (fault,) = proof.faults
    assert (fault.chain, fault.number) == ("job", number)
    assert told in fault.what
    assert len(proof.entries) == number - 1


def test_a_good_chain_has_no_fault_and_a_head() -> None:
    proof = prove("job", GOOD)
    assert proof.faults == ()
    assert [entry.number for entry in proof.entries] == [1, 2, 3, 4]
    assert proof.head == f"4:{proof.entries[3].sha256}"
    assert prove("job", []) == Proof("job", ())
    assert prove("job", []).head == f"0:{NOTHING_BEFORE}"


def sealed(*ends: Entry) -> Proof:
    entries: list[Entry] = []
    for end in ends:
        entries.append(Entry.following(CHECKPOINTS, entries[-1] if entries else None, checkpoint_of(end)))
    return prove(CHECKPOINTS, stored(entries))


FOUR = chain_of("a", "b", "c", "d")
CHECKED = sealed(FOUR[0], FOUR[3])
AGAINST: dict[str, tuple[dict[str, Stored], list[int]]] = {
    "as it was": ({"job": GOOD}, []),
    "longer than it was": ({"job": stored(chain_of("a", "b", "c", "d", "e"))}, []),
    "cut at the end": ({"job": GOOD[:3]}, [4]),
    "cut to its beginning": ({"job": GOOD[:1]}, [4]),
    "dropped": ({}, [1, 4]),
    "emptied": ({"job": []}, [1, 4]),
    "written anew": ({"job": OTHER}, [4]),
    "broken, which is told already": ({"job": changed(2, content={})}, []),
}


@pytest.mark.parametrize(("chains", "numbers"), AGAINST.values(), ids=AGAINST)
def test_checkpoints_find_what_a_chain_alone_cannot_tell(chains: dict[str, Stored], numbers: list[int]) -> None:
    faults = against_checkpoints(CHECKED, {name: prove(name, found) for name, found in chains.items()})
    assert [fault.number for fault in faults] == numbers


@pytest.mark.parametrize("content", [{}, {"chain": "job"}, {"chain": "job", "number": 0}, {"chain": 1, "number": 1}])
def test_a_checkpoint_that_is_none_is_a_fault(content: dict[str, object]) -> None:
    proof = prove(CHECKPOINTS, stored([Entry.following(CHECKPOINTS, None, content)]))
    (fault,) = against_checkpoints(proof, {"job": prove("job", GOOD)})
    assert "not a checkpoint" in fault.what


def test_entries_after_the_last_checkpoint_are_counted() -> None:
    longer = prove("job", stored(chain_of("a", "b", "c", "d", "e", "f")))
    new = prove("new", stored(chain_of("a", name="new")))
    assert unsealed(CHECKED, {"job": longer, "new": new}) == {"job": 2, "new": 1}
    assert unsealed(CHECKED, {"job": prove("job", GOOD)}) == {}


HEADS: dict[str, tuple[str, bool]] = {
    "the end": (prove("job", GOOD).head, True),
    "an earlier end": (prove("job", GOOD[:2]).head, True),
    "of an empty chain": (f"0:{NOTHING_BEFORE}", True),
    "of another history": (prove("job", OTHER).head, False),
    "of a longer chain": (prove("job", stored(chain_of("a", "b", "c", "d", "e"))).head, False),
    "zero with a hash": (f"0:{'1' * 64}", False),
}


@pytest.mark.parametrize(("head", "has"), HEADS.values(), ids=HEADS)
def test_a_head_that_was_kept_elsewhere_is_known_again(head: str, has: bool) -> None:
    assert has_head(prove("job", GOOD), head) == has


@pytest.mark.parametrize("head", ["", "4", "x:" + "0" * 64, "4:abc", "\u0664:" + "0" * 64])
def test_what_is_no_head_is_refused(head: str) -> None:
    with pytest.raises(ValueError, match="a colon and a SHA-256"):
        has_head(prove("job", GOOD), head)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(JSON, min_size=1, max_size=6), st.data())
def test_whatever_is_written_is_proven_and_any_changed_byte_is_found(
    contents: list[object], data: st.DataObject
) -> None:
    found = stored(chain_of(*contents))
    proof = prove("job", found)
    assert proof.faults == ()
    place = data.draw(st.integers(0, len(found) - 1))
    body = bytearray(found[place][1])
    body[data.draw(st.integers(0, len(body) - 1))] ^= data.draw(st.integers(1, 255))
    spoilt = prove("job", [*found[:place], (place + 1, bytes(body)), *found[place + 1 :]])
    assert spoilt.head != proof.head


@given(st.lists(JSON, min_size=2, max_size=6), st.data())
def test_no_other_order_and_no_part_is_the_same_chain(contents: list[object], data: st.DataObject) -> None:
    found = stored(chain_of(*contents))
    change: Callable[[Stored], Stored] = data.draw(
        st.sampled_from([lambda all_: all_[1:], lambda all_: all_[:-1], lambda all_: all_[::-1]])
    )
    assert prove("job", change(found)).head != prove("job", found).head
