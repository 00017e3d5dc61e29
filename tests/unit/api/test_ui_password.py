"""A person's own password: who changes it, what ends with the old one, and what the API's right to write it is worth."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from api_world import CONTROL, PASSWORD, World, hashed
from test_ui_people import as_person, cookie_of, process, program, with_cookie
from ui_browser import Browser, below, signed_in
from werkzeug.test import TestResponse

from gems_api.services.access.passwords import is_right
from gems_api.services.access.persons import REMEMBERED
from gems_api.services.state.own_password import OwnPassword
from gems_api.services.state.person import Person
from gems_api.services.state.tries import FREE_TRIES
from gems_core import layout
from gems_core.errors import Conflict
from gems_core.people import Account, Role

NEW = "a new and better one"
KEY = layout.own_password_key("anna")


def change(browser: Browser, old: str = PASSWORD, new: str = NEW, again: str | None = None) -> TestResponse:
    return browser.send("/password", old=old, new=new, again=new if again is None else again)


def signs_in(world: World, password: str) -> bool:
    return Browser(world).sign_in_as("anna", password).status_code == 303


def test_whoever_knows_the_password_changes_it_and_stays_signed_in(world: World) -> None:
    browser = as_person(world)
    assert 'href="/password"' in browser.get("/jobs").text
    answer = change(browser)
    assert (answer.status_code, below(answer.headers["Location"])) == (303, "/password?done=yes")
    assert "Your password is changed." in browser.get("/password?done=yes").text
    assert browser.get("/jobs/new").status_code == 200
    assert (signs_in(world, NEW), signs_in(world, PASSWORD)) == (True, False)


def test_it_can_be_changed_again_and_again(world: World) -> None:
    browser = as_person(world)
    assert change(browser).status_code == 303
    assert change(browser, NEW, PASSWORD).status_code == 303
    assert (signs_in(world, NEW), signs_in(world, PASSWORD)) == (False, True)


def test_all_other_sessions_end_everywhere_within_seconds_and_tokens_go_on(world: World) -> None:
    browser, other = as_person(world), as_person(world)
    before, token = cookie_of(browser), world.user_token("anna")
    elsewhere = process(world)
    assert with_cookie(elsewhere, before) == 200
    assert change(browser).status_code == 303
    world.clock.pass_seconds(1)
    assert with_cookie(elsewhere, cookie_of(browser)) == 200, (
        "the new session is good where the record before is remembered"
    )
    world.clock.pass_seconds(REMEMBERED.total_seconds())
    for app in (browser.client.application, elsewhere):
        assert with_cookie(app, before) == 303
    assert other.get("/jobs/new").status_code == 303
    assert program(world, token, "/job") == 200


REFUSED = {
    "the old one is another": (("wrong", NEW, NEW), "The password of now is another one."),
    "too short": ((PASSWORD, "short", "short"), "at least 12 characters"),
    "the name": ((PASSWORD, "anna-is-the-best", "anna-is-the-best"), "the user&#39;s name"),
    "not twice alike": ((PASSWORD, NEW, NEW + "x"), "typed in two ways"),
    "the same": ((PASSWORD, PASSWORD, PASSWORD), "the one that you have"),
}


@pytest.mark.parametrize(("typed", "told"), REFUSED.values(), ids=REFUSED)
def test_what_is_wrong_is_told_and_changes_nothing(world: World, typed: tuple[str, str, str], told: str) -> None:
    browser = as_person(world)
    answer = change(browser, *typed)
    assert (answer.status_code, told in answer.text) == (422, True)
    assert not any(word in answer.text for word in typed[:2] if word != "short")
    assert world.store.read(CONTROL, KEY) is None
    assert signs_in(world, PASSWORD)


def test_whoever_guesses_at_a_browser_that_was_left_must_wait(world: World) -> None:
    browser = as_person(world)
    for _ in range(FREE_TRIES):
        assert change(browser, "wrong").status_code == 422
    answer = change(browser)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "2")


def test_only_a_form_of_the_session_is_taken(world: World) -> None:
    browser = as_person(world)
    fields = {"old": PASSWORD, "new": NEW, "again": NEW}
    assert browser.post("/password", form_token="x", **fields).status_code == 403
    forged = browser.post("/password", {"Sec-Fetch-Site": "cross-site"}, form_token=browser.token(), **fields)
    assert forged.status_code == 403
    assert Browser(world).post("/password", **fields).status_code == 303, "to sign in"
    assert signs_in(world, PASSWORD)


def test_there_is_nothing_to_change_without_a_password_of_ones_own(world: World) -> None:
    shared = signed_in(world)
    assert shared.get("/password").status_code == 404
    assert change(shared).status_code == 404
    assert below(Browser(world).get("/password").headers["Location"]) == "/sign-in?next=/password"


Administrator = Callable[[Person, datetime], Person]
OVER: dict[str, tuple[Administrator, str]] = {
    "another password": (lambda person, now: person.with_password(hashed("set by somebody else"), now), "set by somebody else"),
    "revoked": (Person.revoked, PASSWORD),
    "disabled and enabled": (lambda person, now: person.with_state(now, disabled=True).with_state(now, disabled=False), PASSWORD),
}  # fmt: skip


@pytest.mark.parametrize(("administer", "good"), OVER.values(), ids=OVER)
def test_an_administrators_word_is_over_the_persons_own(world: World, administer: Administrator, good: str) -> None:
    assert change(as_person(world)).status_code == 303
    world.people.change("anna", lambda person: administer(person, world.clock()))
    assert (signs_in(world, NEW), signs_in(world, good)) == (False, True)


def test_who_signs_in_with_an_account_has_no_password_left(world: World) -> None:
    assert change(as_person(world)).status_code == 303
    account = Account("https://login.example.org", "1")
    world.people.change("anna", lambda person: person.with_account(account, world.clock()))
    assert (signs_in(world, NEW), signs_in(world, PASSWORD)) == (False, False)


def forged(world: World) -> dict[str, bytes]:
    """What somebody may write who writes below people/own/, and cannot read the seals of people's records."""
    other = world.person("bert", Role.VIEWER)
    mine, now = hashed(NEW), world.clock()
    stored = world.store.read(CONTROL, KEY)
    assert stored is not None
    real = OwnPassword.from_bytes(stored.body)
    return {
        "no proof": OwnPassword(mine, "", now).to_bytes(),
        "a proof of another password": replace(real, password=mine).to_bytes(),
        "a proof of another person": OwnPassword(mine, other.proof_of(mine), now).to_bytes(),
        "a guess": OwnPassword(mine, "0" * 64, now).to_bytes(),
        "not ASCII": OwnPassword(mine, "\udcff", now).to_bytes(),
        "not JSON": b"{",
        "another format": b'{"format": 2}',
        "another kind": json.dumps({"format": 1, "password": [], "proof": {}, "changed_at": 1}).encode(),
    }


def test_a_password_that_is_written_without_the_persons_seal_is_none(world: World) -> None:
    assert change(as_person(world), PASSWORD, "only for its proof").status_code == 303
    for what, body in forged(world).items():
        world.store.put(CONTROL, KEY, body)
        found = world.people.find("anna")
        assert found is not None
        assert is_right(PASSWORD, found.password_in_force), what
        assert not is_right(NEW, found.password_in_force), what


def test_what_the_api_may_write_makes_nobody_more_than_the_record_says(world: World) -> None:
    """The object with the own password holds no role, no token and no seal, whatever is written into it."""
    assert change(as_person(world, role=Role.VIEWER)).status_code == 303
    stored = world.store.read(CONTROL, KEY)
    assert stored is not None
    document = json.loads(stored.body) | {"role": "approver", "disabled": False, "tokens": [{"label": "x"}]}
    world.store.put(CONTROL, KEY, json.dumps(document).encode())
    person = world.people.find("anna")
    assert person is not None
    assert (person.role, person.tokens, is_right(NEW, person.password_in_force)) == (Role.VIEWER, (), True)


def test_of_two_changes_at_once_one_is_told_that_it_lost(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.person("anna", Role.APPROVER)
    person = world.people.find("anna")
    assert person is not None
    world.people.set_own_password(person, hashed(NEW), world.clock())
    with pytest.raises(Conflict, match="at the same time"):
        world.people.set_own_password(person, hashed("x"), world.clock())

    def lost(*_: Any) -> None:
        raise Conflict("the password was changed at the same time; sign in again")

    fresh = Browser(world)
    assert fresh.sign_in_as("anna", NEW).status_code == 303
    monkeypatch.setattr(type(world.people), "set_own_password", lost)
    answer = change(fresh, NEW, "yet another password")
    assert (answer.status_code, "at the same time" in answer.text) == (409, True)


def test_the_record_itself_is_not_touched(world: World) -> None:
    browser = as_person(world)
    before = world.store.read(CONTROL, layout.person_key("anna"))
    assert change(browser).status_code == 303
    assert world.store.read(CONTROL, layout.person_key("anna")) == before
    person = world.people.find("anna")
    assert person is not None
    assert person.own is not None
    assert person.own.password not in repr(person)
    assert person.own.proof not in repr(person)
    assert b'"own"' not in person.to_bytes()
