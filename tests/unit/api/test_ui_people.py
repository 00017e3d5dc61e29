"""People with names: signing in, what ends their sessions, what their roles and tokens open, and nothing told to strangers."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

import pytest
from api_world import CONTROL, DATA, PASSWORD, World
from flask import Flask
from ui_browser import Browser, below, field, signed_in

from gems_api.app import create_app
from gems_api.services.access.persons import REMEMBERED
from gems_api.services.access.sessions import LIFETIME, begun
from gems_api.services.access.tokens import sealing_key
from gems_api.services.state.person import Person
from gems_api.services.state.tries import FREE_TRIES
from gems_core import layout
from gems_core.people import Role

Change = Callable[[Person, datetime], Person]
ENDS: dict[str, Change] = {
    "disabled": lambda person, now: person.with_state(now, disabled=True),
    "another password": lambda person, now: person.with_password("$argon2id$other", now),
    "revoked": Person.revoked,
}


def as_person(world: World, name: str = "anna", role: Role = Role.APPROVER) -> Browser:
    if world.people.find(name) is None:
        world.person(name, role)
    browser = Browser(world)
    assert browser.sign_in_as(name).status_code == 303
    return browser


def cookie_of(browser: Browser) -> str:
    kept = browser.client.get_cookie("gems_session", "api.example.org")
    assert kept is not None
    return kept.value


def with_cookie(app: Flask, cookie: str, path: str = "/jobs/new") -> int:
    """What another browser is answered that shows the cookie."""
    header = {"Cookie": f"gems_session={cookie}", "Accept": "text/html" if path == "/jobs/new" else "*/*"}
    client = app.test_client(use_cookies=False)
    return client.get(path, base_url="https://api.example.org", headers=header).status_code


def process(world: World) -> Flask:
    return create_app(world.settings, world.cloud, world.clock)


def program(world: World, token: str, path: str, method: str = "GET", **more: object) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    client = Browser(world).client
    return client.open(path, method=method, base_url="https://api.example.org", headers=headers, **more).status_code


def test_a_name_and_its_password_begin_a_session(world: World) -> None:
    browser = as_person(world)
    assert "Signed in as anna, approver" in browser.get("/jobs").text
    assert browser.get("/jobs/new").status_code == 200
    assert below(browser.get("/sign-in").headers["Location"]) == "/jobs"
    assert browser.send("/sign-out").status_code == 303
    assert browser.get("/jobs/new").status_code == 303


def test_a_name_is_taken_as_people_type_it(world: World) -> None:
    world.person("anna", Role.VIEWER)
    assert Browser(world).sign_in_as(" Anna ").status_code == 303


def test_who_has_signed_in_comes_back_to_what_was_asked_for(world: World) -> None:
    world.person("anna", Role.VIEWER)
    browser = Browser(world)
    led = browser.get("/jobs/new").headers["Location"]
    assert browser.sign_in_as("anna", path=led).headers["Location"] == "/jobs/new"


@pytest.mark.parametrize(
    ("name", "password"),
    [("anna", "wrong"), ("anna", ""), ("nobody", PASSWORD), ("", ""), ("gems", "user-secret"), ("off", PASSWORD), ("../anna", PASSWORD)],
)  # fmt: skip
def test_every_refusal_has_the_same_words(world: World, name: str, password: str) -> None:
    world.person("anna", Role.VIEWER)
    world.person("off", Role.VIEWER)
    world.people.change("off", lambda person: person.with_state(world.clock(), disabled=True))
    browser = Browser(world)
    answer = browser.sign_in_as(name, password)
    assert answer.status_code == 422
    assert "Name or password is wrong." in answer.text
    assert browser.get("/jobs/new").status_code == 303


def test_who_fails_often_is_told_to_wait_and_how_long(world: World) -> None:
    for name in ("anna", "nobody"):
        browser = Browser(world)
        for _ in range(FREE_TRIES):
            browser.sign_in_as(name, "wrong")
        answer = browser.sign_in_as(name, "wrong")
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "2")
        assert "Wait 2 seconds" in answer.text


@pytest.mark.parametrize("change", ENDS.values(), ids=ENDS)
def test_a_session_ends_within_seconds_once_its_record_says_so(world: World, change: Change) -> None:
    browser = as_person(world)
    world.people.change("anna", lambda person: change(person, world.clock()))
    world.clock.pass_seconds(REMEMBERED.total_seconds())
    assert browser.get("/jobs/new").status_code == 303


def test_a_session_ends_after_twelve_hours(world: World) -> None:
    browser = as_person(world)
    world.clock.pass_seconds(LIFETIME.total_seconds() - 1)
    assert browser.get("/jobs/new").status_code == 200
    world.clock.pass_seconds(1)
    assert browser.get("/jobs/new").status_code == 303


def test_another_role_is_in_force_within_seconds_and_without_signing_in_again(world: World) -> None:
    browser = as_person(world, role=Role.VIEWER)
    world.people.change("anna", lambda person: person.with_role(Role.REVIEWER, world.clock()))
    world.clock.pass_seconds(REMEMBERED.total_seconds())
    assert "Signed in as anna, reviewer" in browser.get("/jobs").text


def test_a_session_of_a_moment_ago_is_known_to_a_process_that_remembers_the_record_before(world: World) -> None:
    old = as_person(world)
    world.people.change("anna", lambda person: person.revoked(world.clock()))
    cookie = cookie_of(as_person(world))
    world.clock.pass_seconds(1)
    assert with_cookie(old.client.application, cookie) == 200


def forged(world: World) -> dict[str, str]:
    """Cookies that holders of the shared token can make."""
    key, now = sealing_key("user-secret"), world.clock()
    shared = begun("anna", key, now).cookie
    real = cookie_of(as_person(world))
    return {
        "a name under the shared token": shared,
        "marked as a person's": f"u.anna.{shared}",
        "another person's name": real.replace("u.anna.", "u.bert."),
        "cut": real[:-1],
        "too long": real + "x" * 500,
        "no name": "u..x",
        "a path": "u.../x.y",
    }


def test_no_cookie_makes_somebody_a_person_but_the_persons_own(world: World) -> None:
    world.person("bert", Role.APPROVER)
    for what, cookie in forged(world).items():
        assert with_cookie(process(world), cookie) == 303, what
    assert with_cookie(process(world), cookie_of(as_person(world))) == 200


MAY_RUN = {Role.VIEWER: False, Role.REVIEWER: True, Role.APPROVER: True, Role.ADMINISTRATOR: True}


@pytest.mark.parametrize(("role", "may"), MAY_RUN.items())
def test_a_token_opens_what_its_owners_role_opens(world: World, role: Role, may: bool) -> None:
    world.person("anna", role)
    token = world.user_token("anna")
    key = world.start(1)
    assert program(world, token, f"/job/{key}/logs") == 200
    assert program(world, token, f"/job/{key}/cancel", "POST") == (200 if may else 403)
    assert program(world, token, "/job", "POST", json={"bucket": DATA}) == (422 if may else 403)
    browser = as_person(world)
    assert ("New job" in browser.get("/jobs").text) == may
    assert browser.send(f"/jobs/{key}/cancel").status_code == (303 if may else 403)


def test_a_viewer_is_told_what_a_viewer_may_not(world: World) -> None:
    world.person("anna", Role.VIEWER)
    headers = {"Authorization": f"Bearer {world.user_token('anna')}"}
    answer = Browser(world).client.post("/job", headers=headers, json={})
    assert (answer.status_code, answer.json["code"]) == (403, "not_allowed")
    assert "a viewer may not start, cancel or retry jobs" in answer.json["detail"]


def test_a_token_opens_nothing_once_its_owner_is_disabled(world: World) -> None:
    world.person("anna", Role.REVIEWER)
    token, key = world.user_token("anna"), world.start(1)
    world.people.change("anna", lambda person: person.with_state(world.clock(), disabled=True))
    assert program(world, token, f"/job/{key}/logs") == 401


def test_the_shared_user_can_be_switched_off(world: World) -> None:
    before = signed_in(world)
    private = world.with_settings(shared_user=False, public_status=False)
    private.store.buckets = world.store.buckets
    private.person("anna", Role.REVIEWER)
    page = Browser(private).get("/sign-in").text
    assert "Credential" not in page
    assert field(page, "form_token")
    assert Browser(private).post("/sign-in", form_token="", credential="user-secret").status_code == 422
    assert program(private, "user-secret", "/job") == 401
    assert with_cookie(process(world), cookie_of(before), "/job/x/logs") == 422
    assert with_cookie(process(private), cookie_of(before), "/job/x/logs") == 401
    assert as_person(private).get("/jobs").status_code == 200
    assert program(private, private.user_token("anna"), "/job") == 200


def test_nothing_that_is_logged_or_shown_tells_a_secret(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    browser = as_person(world)
    token = world.user_token("anna")
    program(world, token, "/job")
    program(world, token + "x", "/job/x/logs")
    shown = Browser(world).sign_in_as("anna", "another secret one").text + browser.get("/jobs").text
    stored = world.store.read(CONTROL, layout.person_key("anna"))
    person = world.people.find("anna")
    assert stored is not None
    assert person is not None
    told = caplog.text + shown
    for secret in (PASSWORD, "another secret one", token, person.password, person.seal, person.tokens[0].sha256):
        assert secret not in told
