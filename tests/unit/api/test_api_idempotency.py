"""What an Idempotency-Key was used for is noted in one form, which is that of the notes that are there already."""

from __future__ import annotations

import json

import pytest
from api_world import CONTROL, World

from gems_api.services.intake.idempotency import KeyUse, KeyUses, idempotency_digest
from gems_core import layout
from gems_core.errors import InvalidInput
from gems_core.session_key import SessionKey

JOB = SessionKey.parse("b-p-class-1-261123-12:00:0000000001")
OTHER = SessionKey.parse("b-p-class-1-261123-12:00:0000000002")
DIGEST = idempotency_digest("a key")


@pytest.fixture
def uses(world: World) -> KeyUses:
    return world.context.key_uses


@pytest.mark.parametrize(
    ("use", "note"),
    [
        (KeyUse(JOB, "0" * 64), {"session_key": str(JOB), "request": "0" * 64}),
        (KeyUse(JOB, f"retry {JOB}", 2), {"session_key": str(JOB), "request": f"retry {JOB}", "run": 2}),
    ],
)
def test_a_note_has_the_form_of_those_that_are_there(
    world: World, uses: KeyUses, use: KeyUse, note: dict[str, object]
) -> None:
    assert json.loads(use.to_bytes()) == note
    world.store.put(CONTROL, layout.idempotency_key(DIGEST), json.dumps(note).encode())
    assert uses.find(DIGEST, use.request) == use


def test_the_first_use_of_a_key_counts_until_it_is_freed(uses: KeyUses) -> None:
    first, second = KeyUse(JOB, "asked"), KeyUse(OTHER, "asked")
    assert uses.find(DIGEST, "asked") is None
    assert uses.bind(DIGEST, first) == first
    assert uses.bind(DIGEST, second) == first
    uses.free(DIGEST)
    assert uses.bind(DIGEST, second) == second


def test_a_key_serves_one_request(uses: KeyUses) -> None:
    uses.bind(DIGEST, KeyUse(JOB, "asked"))
    with pytest.raises(InvalidInput, match=str(JOB)):
        uses.find(DIGEST, f"retry {JOB}")
    with pytest.raises(InvalidInput, match=str(JOB)):
        uses.bind(DIGEST, KeyUse(OTHER, "asked for something else"))


def test_without_a_key_nothing_is_noted_or_read(world: World, uses: KeyUses) -> None:
    world.store.calls.clear()
    assert uses.find("", "asked") is None
    assert uses.bind("", KeyUse(JOB, "asked")) == KeyUse(JOB, "asked")
    uses.free("")
    assert dict(world.store.calls) == {}
