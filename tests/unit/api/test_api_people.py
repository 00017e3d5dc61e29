"""Records of people: what they hold and do not tell, who is known by what, and who is made to wait."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from api_world import CONTROL, PASSWORD, World, hashed

from gems_api.services.access.passwords import LONGEST_BYTES, is_right, password_problem
from gems_api.services.access.passwords import hashed as anew
from gems_api.services.access.persons import MOST_REMEMBERED, REMEMBERED, MustWait
from gems_api.services.state.person import MOST_TOKENS, Person, name_in_token
from gems_api.services.state.tries import FORGOTTEN_AFTER, FREE_TRIES, LONGEST_WAIT, Tries
from gems_api.services.storage.people import PersonUnreadable
from gems_core import layout
from gems_core.errors import Conflict
from gems_core.people import Role


def test_a_record_is_read_as_it_was_written(world: World) -> None:
    world.person("anna", Role.APPROVER)
    world.user_token("anna")
    person = world.people.find("anna")
    assert person is not None
    assert Person.from_bytes(person.to_bytes()) == person
    assert [someone.name for someone in world.people.all()] == ["anna"]
    assert world.people.find("bert") is None


def test_a_record_tells_neither_password_nor_token(world: World) -> None:
    world.person("anna", Role.APPROVER)
    token = world.user_token("anna")
    stored = world.store.read(CONTROL, layout.person_key("anna"))
    person = world.people.find("anna")
    assert stored is not None
    assert person is not None
    assert PASSWORD.encode() not in stored.body
    assert token.encode() not in stored.body
    assert token.rpartition(".")[2].encode() not in stored.body
    for secret in (person.password, person.seal, person.tokens[0].sha256):
        assert secret not in repr(person)


DAMAGES = {
    "not JSON": b"{",
    "a list": b"[]",
    "another format": b'{"format": 2}',
    "no role": b'{"format": 1, "tokens": [], "disabled": false, "version": 1, "seal": "00"}',
}


@pytest.mark.parametrize("body", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_record_is_told_to_administrators_and_is_nobody_to_strangers(world: World, body: bytes) -> None:
    world.store.put(CONTROL, layout.person_key("anna"), body)
    with pytest.raises(PersonUnreadable, match="people/users/anna"):
        world.people.find("anna")
    assert world.context.persons.by_password("anna", PASSWORD) is None


def test_the_record_of_one_person_under_the_name_of_another_is_refused(world: World) -> None:
    person = world.person("anna", Role.ADMINISTRATOR)
    world.store.put(CONTROL, layout.person_key("bert"), person.to_bytes())
    with pytest.raises(PersonUnreadable, match="expected the user bert, found anna"):
        world.people.find("bert")


def test_a_taken_name_is_not_given_again_and_a_missing_one_is_not_changed(world: World) -> None:
    person = world.person("anna", Role.VIEWER)
    with pytest.raises(Conflict, match="anna already"):
        world.people.add(replace(person, role=Role.ADMINISTRATOR))
    with pytest.raises(Conflict, match="no user bert"):
        world.people.change("bert", lambda someone: someone)


def test_a_change_that_loses_is_made_on_what_won(world: World) -> None:
    world.person("anna", Role.VIEWER)
    races = [True]

    def disabled(person: Person) -> Person:
        if races:
            races.clear()
            world.people.change("anna", lambda someone: someone.with_role(Role.APPROVER, world.clock()))
        return person.with_state(world.clock(), disabled=True)

    changed = world.people.change("anna", disabled)
    assert (changed.role, changed.disabled) == (Role.APPROVER, True)
    assert world.people.find("anna") == changed


PROBLEMS = {
    "": "at least 12 characters, found 0",
    "short": "at least 12 characters, found 5",
    "aaaaaaaaaaaaaaaa": "different characters",
    "anna-is-the-best": "the user's name",
    "é" * 400 + "abcdefgh" * 30: f"at most {LONGEST_BYTES} bytes",
}


@pytest.mark.parametrize(("password", "told"), PROBLEMS.items(), ids=PROBLEMS.values())
def test_a_weak_password_is_refused_without_being_told(password: str, told: str) -> None:
    problem = password_problem(password, "anna")
    assert told in problem
    assert not password or password not in problem
    assert password_problem(PASSWORD, "anna") == ""


def test_a_password_is_kept_as_argon2id_with_a_salt_of_its_own() -> None:
    one, two = anew(PASSWORD), anew(PASSWORD)
    assert one != two
    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert is_right(PASSWORD, one)
    assert is_right(PASSWORD, two)


@pytest.mark.parametrize("password", ["", PASSWORD.upper(), PASSWORD + " ", "x" * 2000, "\udcff", "\x00"])
def test_another_password_is_not_right(password: str) -> None:
    assert not is_right(password, hashed(PASSWORD))
    assert not is_right(password, "")
    assert not is_right(password, "$argon2id$damaged")


def test_who_is_unknown_disabled_or_without_a_password_does_not_sign_in(world: World) -> None:
    world.person("anna", Role.VIEWER)
    world.people.add(Person.new("bert", Role.VIEWER, "", world.clock()))
    persons = world.context.persons
    found = persons.by_password("anna", PASSWORD)
    assert found is not None
    assert found.name == "anna"
    world.people.change("anna", lambda person: person.with_state(world.clock(), disabled=True))
    for name in ("anna", "bert", "carl", "gems", "", "../anna", "é" * 300):
        assert persons.by_password(name, PASSWORD) is None


def test_a_token_is_its_owners_until_it_is_revoked(world: World) -> None:
    world.person("anna", Role.REVIEWER)
    token, other = world.user_token("anna"), world.user_token("anna", "cluster")
    persons = world.context.persons
    assert name_in_token(token) == "anna"
    assert persons.by_token(token) == world.people.find("anna")
    world.people.change("anna", lambda person: person.without_token("laptop", world.clock()))
    world.clock.pass_seconds(REMEMBERED.total_seconds())
    assert persons.by_token(token) is None
    assert persons.by_token(other) is not None


@pytest.mark.parametrize("change", [lambda token: token[:-1], lambda token: token + "x", lambda token: token.replace("anna", "bert"),
                                    lambda token: "gems-user.anna.", lambda token: "gems-user..x", lambda token: ""])  # fmt: skip
def test_another_token_is_nobodys(world: World, change: Callable[[str], str]) -> None:
    world.person("anna", Role.REVIEWER)
    world.person("bert", Role.REVIEWER)
    assert world.context.persons.by_token(change(world.user_token("anna"))) is None


def test_a_token_made_a_moment_ago_is_known_at_once_and_forged_ones_cost_a_read_a_second(world: World) -> None:
    world.person("anna", Role.REVIEWER)
    persons = world.context.persons
    assert persons.by_token("gems-user.anna.forged") is None
    token = world.user_token("anna")
    world.clock.pass_seconds(1)
    assert persons.by_token(token) is not None
    before = world.store.calls["read"]
    for _ in range(50):
        persons.by_token("gems-user.anna.forged")
    assert world.store.calls["read"] == before


def test_tokens_have_labels_of_their_own_and_a_limit(world: World) -> None:
    person = world.person("anna", Role.REVIEWER)
    person, _ = person.with_token("laptop", world.clock())
    for label, told in (("laptop", "not in use"), ("", "1 to 60"), ("x" * 61, "1 to 60"), ("a\nb", "1 to 60")):
        with pytest.raises(ValueError, match=told):
            person.with_token(label, world.clock())
    for number in range(1, MOST_TOKENS):
        person, _ = person.with_token(f"t{number}", world.clock())
    with pytest.raises(ValueError, match="at most 50"):
        person.with_token("more", world.clock())
    with pytest.raises(ValueError, match="label of a token"):
        person.without_token("none", world.clock())


def test_many_names_are_not_remembered_for_ever(world: World) -> None:
    persons = world.context.persons
    for number in range(MOST_REMEMBERED + 5):
        persons.by_token(f"gems-user.u{number}.x")
    assert len(persons._held) == MOST_REMEMBERED


WAITS = [(0, 0), (FREE_TRIES - 1, 0), (FREE_TRIES, 2), (FREE_TRIES + 1, 4), (FREE_TRIES + 5, 64), (1000, 900)]


@pytest.mark.parametrize(("count", "seconds"), WAITS)
def test_the_wait_doubles_with_each_failure(world: World, count: int, seconds: int) -> None:
    now = world.clock()
    assert Tries(count, now).wait(now) == timedelta(seconds=seconds)
    assert Tries(count, now).wait(now + timedelta(seconds=seconds)) == timedelta()
    assert timedelta(seconds=seconds) <= LONGEST_WAIT


@pytest.mark.parametrize("name", ["anna", "nobody"])
def test_who_fails_often_waits_whether_there_is_such_a_person_or_not(world: World, name: str) -> None:
    world.person("anna", Role.VIEWER)
    persons = world.context.persons
    for _ in range(FREE_TRIES):
        assert persons.by_password(name, "wrong") is None
    with pytest.raises(MustWait) as wait:
        persons.by_password(name, PASSWORD)
    assert wait.value.seconds == 2
    world.clock.pass_seconds(2)
    assert (persons.by_password(name, PASSWORD) is not None) == (name == "anna")


def test_a_right_try_is_not_counted_and_takes_no_other_back(world: World) -> None:
    world.person("anna", Role.VIEWER)
    persons = world.context.persons
    for _ in range(20):
        assert persons.by_password("anna", PASSWORD) is not None
    for _ in range(FREE_TRIES - 1):
        persons.by_password("anna", "wrong")
        assert persons.by_password("anna", PASSWORD) is not None
    persons.by_password("anna", "wrong")
    with pytest.raises(MustWait):
        persons.by_password("anna", PASSWORD)
    world.clock.pass_seconds(FORGOTTEN_AFTER.total_seconds())
    for _ in range(FREE_TRIES):
        assert persons.by_password("anna", "wrong") is None


def test_tries_at_once_are_each_counted_before_they_are_looked_at(world: World) -> None:
    tries = world.context.persons.tries
    waits = [tries.begin("anna", world.clock()) for _ in range(FREE_TRIES + 3)]
    assert [bool(wait) for wait in waits] == [False] * FREE_TRIES + [True] * 3


def test_a_damaged_count_begins_anew(world: World) -> None:
    persons = world.context.persons
    persons.by_password("anna", "wrong")
    (key,) = [entry.key for entry in world.store.entries(CONTROL, "people/failed/")]
    world.store.put(CONTROL, key, b"damaged")
    assert persons.by_password("anna", "wrong") is None
    stored = world.store.read(CONTROL, key)
    assert stored is not None
    assert json.loads(stored.body)["count"] == 1
