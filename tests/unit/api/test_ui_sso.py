"""Signing in with an account: who that is, what its groups give, what ends it, and what strangers and mistakes are told."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from api_world import CONTROL, PASSWORD, World
from ui_browser import Browser, below, words_of
from werkzeug.test import TestResponse

from gems_api.services.access.persons import REMEMBERED
from gems_api.services.access.single_sign_on import REMEMBERED as SETTINGS_REMEMBERED
from gems_api.services.access.sso_trips import LIFETIME, LONGEST_COOKIE
from gems_api.services.sign_on_ports import ProviderRefused, ProviderUnavailable
from gems_api.services.state.person import Person
from gems_api.services.state.sso_settings import SsoSettings
from gems_api.services.storage.sso import SsoRecords
from gems_core import layout
from gems_core.errors import CloudRefused
from gems_core.people import Account, Role

ISSUER = "https://login.example.org/realms/lab"
ANNA = Account(ISSUER, "7f-anna")
GROUPS = {"gems-view": Role.VIEWER, "gems-review": Role.REVIEWER, "gems-approve": Role.APPROVER}
SETTINGS = SsoSettings("Keycloak", ISSUER, "gems", has_secret=False)
WITH_GROUPS = replace(SETTINGS, groups=GROUPS, session_minutes=60)


def records(world: World) -> SsoRecords:
    return SsoRecords(world.store, CONTROL)


def linked(world: World, name: str, role: Role, account: Account = ANNA) -> None:
    world.people.add(Person.new(name, role, "", world.clock(), account))
    records(world).give(account, name)


def gone_there(browser: Browser, path: str = "/sign-in/sso") -> str:
    """The state with which a browser comes to the provider."""
    answer = browser.get(path)
    assert answer.status_code == 303, answer.text
    asked = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert asked["redirect_uri"] == ["https://api.example.org/v1/sign-in/sso/back"]
    return asked["state"][0]


def come_back(browser: Browser, path: str = "/sign-in/sso", code: str = "code", **more: str) -> TestResponse:
    query = {"state": gone_there(browser, path), "code": code} | more
    return browser.client.get(
        "/sign-in/sso/back", base_url=browser.base, query_string=query, headers={"Accept": "text/html"}
    )


def with_account(
    world: World, claims: dict[str, Any], settings: SsoSettings = SETTINGS
) -> tuple[Browser, TestResponse]:
    """A browser of somebody whom the provider lets in with claims."""
    records(world).set(settings)
    world.clock.pass_seconds(SETTINGS_REMEMBERED.total_seconds())
    world.provider.accounts["code"] = claims
    browser = Browser(world)
    return browser, come_back(browser)


def test_the_button_stands_on_the_page_where_there_is_a_provider_and_nowhere_else(world: World) -> None:
    assert "/sign-in/sso" not in Browser(world).get("/sign-in").text
    assert Browser(world).get("/sign-in/sso").status_code == 404
    records(world).set(SETTINGS)
    page = Browser(world).get("/sign-in").text
    assert "Sign in with Keycloak" in page
    assert "Password" in page
    records(world).set(None)
    assert "Keycloak" not in Browser(world).get("/sign-in").text


def test_an_account_with_a_record_begins_a_session_with_the_records_role(world: World) -> None:
    linked(world, "anna", Role.APPROVER)
    browser, answer = with_account(world, {"sub": ANNA.subject})
    assert (answer.status_code, below(answer.headers["Location"])) == (303, "/jobs")
    page = browser.get("/jobs").text
    assert "Signed in as anna, approver" in page
    assert "/password" not in page
    assert browser.get("/password").status_code == 404


def test_who_signs_in_comes_back_to_what_was_asked_for_and_to_no_other_site(world: World) -> None:
    linked(world, "anna", Role.VIEWER)
    with_account(world, {"sub": ANNA.subject})
    assert come_back(Browser(world), "/sign-in/sso?next=/jobs/new").headers["Location"] == "/jobs/new"
    for evil in ("https://evil.example.org/", "//evil.example.org", "/\\evil.example.org", "javascript:alert(1)"):
        browser = Browser(world)
        answer = browser.client.get("/sign-in/sso", base_url=browser.base, query_string={"next": evil})
        state = parse_qs(urlsplit(answer.headers["Location"]).query)["state"][0]
        assert browser.get(f"/sign-in/sso/back?code=code&state={state}").headers["Location"] == "/jobs"


def test_the_cookies_are_for_this_browser_and_way_alone(world: World) -> None:
    records(world).set(SETTINGS)
    cookie = Browser(world).get("/sign-in/sso").headers["Set-Cookie"]
    assert all(
        word in cookie
        for word in ("gems_sso=", "HttpOnly", "SameSite=Lax", "Secure", "Path=/sign-in/sso", "Max-Age=600")
    )


UNKNOWN: dict[str, dict[str, Any]] = {
    "another subject": {"sub": "7f-bert"},
    "a name that is a person's": {"sub": "anna", "preferred_username": "anna", "name": "anna", "email": "anna@example.org"},
}  # fmt: skip


@pytest.mark.parametrize("claims", UNKNOWN.values(), ids=UNKNOWN)
def test_an_account_that_no_record_names_is_nobody_and_is_told_what_to_ask_for(
    world: World, claims: dict[str, Any]
) -> None:
    world.person("anna", Role.APPROVER)
    browser, answer = with_account(world, claims)
    assert answer.status_code == 403
    assert f"gems users add NAME --role ROLE --sso {claims['sub']}" in words_of(answer.text)
    assert browser.get("/jobs/new").status_code == 303
    assert browser.sign_in_as("anna").status_code == 303, "who has a password signs in as always"


def test_a_subject_that_is_a_command_is_shown_so_that_it_runs_as_none(world: World) -> None:
    _, answer = with_account(world, {"sub": "x'; rm -rf ~; '"})
    assert """--sso &#39;x&#39;&#34;&#39;&#34;&#39;; rm""" in answer.text


SUBJECTS: dict[str, Any] = {
    "none": None,
    "a number": 7,
    "empty": "",
    "too long": "x" * 256,
    "not ASCII": "änna",
    "blank": " x",
}


@pytest.mark.parametrize("subject", SUBJECTS.values(), ids=SUBJECTS)
def test_a_claim_that_names_no_account_lets_nobody_in(world: World, subject: object) -> None:
    _, answer = with_account(world, {"sub": subject})
    assert (answer.status_code, "could not let you in" in answer.text) == (403, True)


def test_an_e_mail_address_names_somebody_only_once_it_is_verified(world: World) -> None:
    by_mail = replace(SETTINGS, subject_claim="email")
    linked(world, "anna", Role.VIEWER, Account(ISSUER, "anna@example.org"))
    for verified, status in ((None, 403), (False, 403), ("true", 403), (True, 303)):
        claims = {"sub": "1", "email": "anna@example.org", "email_verified": verified}
        assert with_account(world, claims, by_mail)[1].status_code == status


ROLES = [
    (Role.APPROVER, ["gems-approve"], "approver"),
    (Role.APPROVER, ["gems-review", "gems-view"], "reviewer"),
    (Role.APPROVER, ["gems-view", "others"], "viewer"),
    (Role.APPROVER, "gems-review", "reviewer"),
    (Role.REVIEWER, ["gems-approve"], "reviewer"),
    (Role.VIEWER, ["gems-approve"], "viewer"),
    (Role.ADMINISTRATOR, ["gems-approve"], "administrator"),
]  # fmt: skip


@pytest.mark.parametrize(("record", "groups", "expected"), ROLES)
def test_the_role_is_what_both_the_groups_and_the_record_give(
    world: World, record: Role, groups: object, expected: str
) -> None:
    linked(world, "anna", record)
    browser, _ = with_account(world, {"sub": ANNA.subject, "groups": groups}, WITH_GROUPS)
    assert f"Signed in as anna, {expected}" in browser.get("/jobs").text


NO_GROUP: dict[str, tuple[dict[str, Any], str]] = {
    "others": ({"groups": ["staff", "x"]}, "found 2 others"),
    "no claim": ({}, "found no claim groups"),
    "another kind": ({"groups": {"gems-approve": True}}, "found no claim groups"),
    "not texts": ({"groups": [1, None]}, "found 2 others"),
    "too many to send": ({"_claim_names": {"groups": "src1"}}, "they are too many"),
}


@pytest.mark.parametrize(("claims", "told"), NO_GROUP.values(), ids=NO_GROUP)
def test_without_a_group_that_counts_nobody_is_let_in_and_the_page_says_whom_to_ask(
    world: World, claims: dict[str, Any], told: str
) -> None:
    linked(world, "anna", Role.APPROVER)
    browser, answer = with_account(world, {"sub": ANNA.subject, **claims}, WITH_GROUPS)
    words = words_of(answer.text)
    assert answer.status_code == 403
    assert told in words
    assert "Ask whoever runs" in words
    assert browser.get("/jobs/new").status_code == 303


def test_a_group_that_was_taken_away_counts_no_more_at_the_next_sign_in_and_once_the_session_is_over(
    world: World,
) -> None:
    linked(world, "anna", Role.APPROVER)
    browser, _ = with_account(world, {"sub": ANNA.subject, "groups": ["gems-approve"]}, WITH_GROUPS)
    world.provider.accounts["code"] = {"sub": ANNA.subject, "groups": ["gems-view"]}
    other = Browser(world)
    assert come_back(other).status_code == 303
    assert "Signed in as anna, viewer" in other.get("/jobs").text
    world.clock.pass_seconds(timedelta(minutes=60).total_seconds() - 1)
    assert "Signed in as anna, approver" in browser.get("/jobs").text
    world.clock.pass_seconds(1)
    assert browser.get("/jobs/new").status_code == 303


Change = Callable[[Person, datetime], Person]
ENDS: dict[str, Change] = {
    "disabled": lambda person, now: person.with_state(now, disabled=True),
    "revoked": Person.revoked,
    "another account": lambda person, now: person.with_account(Account(ISSUER, "other"), now),
    "a password": lambda person, now: person.with_password("$argon2id$x", now),
}


@pytest.mark.parametrize("change", ENDS.values(), ids=ENDS)
def test_a_session_ends_within_seconds_once_its_record_says_so(world: World, change: Change) -> None:
    linked(world, "anna", Role.APPROVER)
    browser, _ = with_account(world, {"sub": ANNA.subject})
    assert browser.get("/jobs/new").status_code == 200
    world.people.change("anna", lambda person: change(person, world.clock()))
    world.clock.pass_seconds(REMEMBERED.total_seconds())
    assert browser.get("/jobs/new").status_code == 303


def test_a_record_with_a_smaller_role_takes_a_running_session_with_it(world: World) -> None:
    linked(world, "anna", Role.APPROVER)
    browser, _ = with_account(world, {"sub": ANNA.subject, "groups": ["gems-approve"]}, WITH_GROUPS)
    world.people.change("anna", lambda person: person.with_role(Role.VIEWER, world.clock()))
    world.clock.pass_seconds(REMEMBERED.total_seconds())
    assert "Signed in as anna, viewer" in browser.get("/jobs").text


def test_who_is_disabled_is_not_let_in_and_is_told_so(world: World) -> None:
    linked(world, "anna", Role.APPROVER)
    world.people.change("anna", lambda person: person.with_state(world.clock(), disabled=True))
    _, answer = with_account(world, {"sub": ANNA.subject})
    assert answer.status_code == 403
    assert "gems users enable anna" in words_of(answer.text)


def test_a_note_of_an_account_lets_nobody_in_without_the_persons_own_record(world: World) -> None:
    """The note says where to look; an account that has been taken from somebody opens nothing, whatever the note still says."""
    linked(world, "anna", Role.APPROVER)
    world.people.change("anna", lambda person: person.with_account(Account(ISSUER, "other"), world.clock()))
    assert with_account(world, {"sub": ANNA.subject})[1].status_code == 403
    world.people.change("anna", lambda person: person.with_password("$argon2id$x", world.clock()))
    records(world).give(ANNA, "nobody")
    assert with_account(world, {"sub": ANNA.subject})[1].status_code == 403


def test_nobody_signs_in_with_a_password_who_has_an_account(world: World) -> None:
    linked(world, "anna", Role.APPROVER)
    for password in ("", PASSWORD):
        assert Browser(world).sign_in_as("anna", password).status_code == 422


ANSWERS: dict[str, tuple[dict[str, str], str]] = {
    "no state": ({"state": ""}, "another browser or another try"),
    "another state": ({"state": "x" * 43}, "another browser or another try"),
    "not ASCII": ({"state": "ä"}, "another browser or another try"),
    "refused there": ({"code": "", "error": "access_denied"}, "cancelled or refused there"),
    "a code of a page": ({"code": "x" * 5000}, "cancelled or refused there"),
    "a code that is not good": ({"code": "other"}, "could not let you in"),
    "another provider's": ({"iss": "https://evil.example.org"}, "could not let you in"),
}


@pytest.mark.parametrize(("query", "told"), ANSWERS.values(), ids=ANSWERS)
def test_an_answer_that_is_not_the_one_asked_for_lets_nobody_in(world: World, query: dict[str, str], told: str) -> None:
    linked(world, "anna", Role.APPROVER)
    with_account(world, {"sub": ANNA.subject})
    browser = Browser(world)
    answer = come_back(browser, **query)
    assert (answer.status_code, told in answer.text) == (403, True)
    assert "gems_sso=;" in str(answer.headers)
    assert browser.get("/jobs/new").status_code == 303


def test_an_answer_is_good_once_and_in_the_browser_that_asked_alone(world: World) -> None:
    linked(world, "anna", Role.APPROVER)
    with_account(world, {"sub": ANNA.subject})
    browser, thief = Browser(world), Browser(world)
    answer = f"/sign-in/sso/back?code=code&state={gone_there(browser)}"
    gone_there(thief)
    assert thief.get(answer).status_code == 403
    assert browser.get(answer).status_code == 303
    browser.send("/sign-out")
    assert browser.get(answer).status_code == 403
    assert browser.get("/jobs/new").status_code == 303


def test_an_answer_that_comes_late_or_with_another_cookie_is_refused(world: World) -> None:
    linked(world, "anna", Role.APPROVER)
    with_account(world, {"sub": ANNA.subject})
    late = Browser(world)
    state = gone_there(late)
    world.clock.pass_seconds(LIFETIME.total_seconds())
    assert late.get(f"/sign-in/sso/back?code=code&state={state}").status_code == 403
    for change in (lambda kept: kept[:-1], lambda kept: "x" + kept, lambda kept: kept + "x" * LONGEST_COOKIE):
        browser = Browser(world)
        state = gone_there(browser)
        kept = browser.client.get_cookie("gems_sso", "api.example.org", "/sign-in/sso")
        assert kept is not None
        browser.client.set_cookie(
            "gems_sso", change(kept.value), domain="api.example.org", path="/sign-in/sso", secure=True
        )
        assert browser.get(f"/sign-in/sso/back?code=code&state={state}").status_code == 403


AWAY = {
    "away": (ProviderUnavailable("https://login.example.org does not answer"), 503, "does not answer as it should"),
    "refuses": (
        ProviderRefused("the provider's ID token is not good: invalid_claim: aud"),
        403,
        "could not let you in",
    ),
}


@pytest.mark.parametrize(("refusal", "status", "told"), AWAY.values(), ids=AWAY)
def test_a_provider_that_is_away_is_told_on_the_page_and_stands_in_nobodys_way(
    world: World,
    refusal: ProviderRefused | ProviderUnavailable,
    status: int,
    told: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    world.person("bert", Role.REVIEWER)
    records(world).set(SETTINGS)
    browser = Browser(world)
    state = gone_there(browser)
    world.provider.refusal = refusal
    answer = browser.get(f"/sign-in/sso/back?code=secret-code&state={state}")
    assert (answer.status_code, told in answer.text) == (status, True)
    assert str(refusal) not in answer.text
    assert str(refusal) in caplog.text
    assert "secret-code" not in caplog.text
    assert browser.sign_in_as("bert").status_code == 303


def test_without_the_provider_the_way_there_ends_on_the_sign_in_page(world: World) -> None:
    records(world).set(SETTINGS)
    world.provider.refusal = ProviderUnavailable("no")
    for path in ("/sign-in/sso", "/sign-in/sso/leave"):
        answer = Browser(world).get(path)
        assert (answer.status_code, "Keycloak does not answer" in answer.text) == (503, True)


DAMAGED = {"not JSON": b"{", "a list": b"[]", "another issuer": b'{"format": 1, "issuer": "http://x"}'}


@pytest.mark.parametrize("body", DAMAGED.values(), ids=DAMAGED)
def test_settings_that_cannot_be_read_are_off_and_told_to_administrators(
    world: World, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    world.person("anna", Role.VIEWER)
    world.store.put(CONTROL, layout.SSO_SETTINGS_KEY, body)
    browser = Browser(world)
    assert browser.sign_in_as("anna").status_code == 303
    assert Browser(world).get("/sign-in/sso").status_code == 404
    assert "people/sso.json" in caplog.text


def test_a_secret_is_asked_for_only_where_there_is_one_and_in_no_log(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    linked(world, "anna", Role.VIEWER)
    assert with_account(world, {"sub": ANNA.subject}, replace(SETTINGS, has_secret=True))[1].status_code == 503
    world.credentials.known["gems.sso.client"] = ("client-secret", "client-secret-before")
    assert with_account(world, {"sub": ANNA.subject}, replace(SETTINGS, has_secret=True))[1].status_code == 303
    assert "client-secret" not in caplog.text
    assert f"anna has signed in as account {ANNA.subject} of {ISSUER}" in caplog.text


def test_after_signing_out_the_page_leads_to_signing_out_at_the_provider(world: World) -> None:
    linked(world, "anna", Role.VIEWER)
    browser, _ = with_account(world, {"sub": ANNA.subject})
    answer = browser.send("/sign-out")
    page = browser.get(below(answer.headers["Location"])).text
    assert "still signed in at Keycloak" in page
    assert browser.get("/jobs/new").status_code == 303
    assert (
        browser.get("/sign-in/sso/leave").headers["Location"]
        == f"{ISSUER}/sign-out?back=https%3A%2F%2Fapi.example.org%2Fv1%2Fsign-in"
    )
    world.provider.has_sign_out = False
    assert below(browser.get("/sign-in/sso/leave").headers["Location"]) == "/sign-in"
    world.person("bert", Role.VIEWER)
    browser.sign_in_as("bert")
    assert "still signed in" not in browser.get(below(browser.send("/sign-out").headers["Location"])).text


def test_while_s3_does_not_say_whether_there_is_a_provider_passwords_are_still_asked_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object) -> None:
        raise CloudRefused("S3 is away")

    monkeypatch.setattr(SsoRecords, "settings", refuse)
    page = Browser(world).get("/sign-in")
    assert (page.status_code, 'name="password"' in page.text) == (200, True)
