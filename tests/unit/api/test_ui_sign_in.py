"""Signing in and out, what a session opens and does not open, and forms that are not ours."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

import pytest
from api_world import DATA, World
from ui_browser import HTML, Browser, below, field, signed_in

from gems_api.services.access.sessions import LIFETIME
from gems_core.session_key import SessionKey

USER = {"Authorization": "Bearer user-secret"}


@pytest.fixture
def job(world: World) -> SessionKey:
    return world.start(2, workers=1)


def reported(world: World) -> SessionKey:
    """A job whose report is written."""
    session_key = world.start(1)
    (worker,) = world.crew(session_key)
    worker.work()
    worker.merge()
    return session_key


def private_page(job: SessionKey) -> str:
    return f"/job/{quote(str(job), safe=':')}/report.csv"


def test_the_right_credential_begins_a_session(world: World) -> None:
    browser = Browser(world)
    assert browser.get("/jobs/new").status_code == 303
    answer = browser.sign_in()
    assert (answer.status_code, answer.headers["Location"]) == (303, "/jobs")
    assert "Signed in as gems" in browser.get("/jobs").text
    assert browser.get("/jobs/new").status_code == 200
    assert below(browser.get("/sign-in").headers["Location"]) == "/jobs"


def test_the_cookie_is_out_of_reach_of_scripts_other_sites_and_plain_http(world: World) -> None:
    cookie = Browser(world).sign_in().headers["Set-Cookie"]
    for attribute in ("HttpOnly", "SameSite=Lax", "Secure", "Path=/", "Max-Age=43200"):
        assert attribute in cookie.split("; ")
    assert "secret" not in cookie
    local = World(settings=replace(world.settings, api_url="http://127.0.0.1:8080"))
    assert "Secure" not in Browser(local, "http://127.0.0.1:8080").sign_in().headers["Set-Cookie"]


def test_behind_a_stage_the_cookie_is_sent_below_the_stage_only(world: World) -> None:
    browser = Browser(world, "https://api.example.org/dev")
    answer = browser.sign_in()
    assert "Path=/dev/" in answer.headers["Set-Cookie"].split("; ")
    assert answer.headers["Location"] == "/dev/jobs"


@pytest.mark.parametrize("credential", ["", "worker-secret", "user-secre", "x" * 9999, "\u00fc\U0001f9ec"])
def test_another_credential_begins_none(world: World, credential: str) -> None:
    browser = Browser(world)
    answer = browser.sign_in(credential)
    assert answer.status_code == 422
    assert "credential is not valid" in answer.text
    assert browser.get("/jobs/new").status_code == 303


def test_signing_in_begins_a_new_session_and_not_the_one_that_the_form_had(world: World) -> None:
    browser = Browser(world)
    page = browser.get("/sign-in")
    before, token = page.headers["Set-Cookie"], field(page.text, "form_token")
    after = browser.sign_in()
    assert before.split(";")[0] != after.headers["Set-Cookie"].split(";")[0]
    assert browser.token() != token


def test_who_has_signed_in_comes_back_to_what_was_asked_for(world: World, job: SessionKey) -> None:
    browser = Browser(world)
    world.write_report(job)
    led = browser.get(private_page(job))
    assert led.status_code == 303
    assert led.headers["Location"].startswith("/sign-in?next=/job/")
    answer = browser.sign_in(path=led.headers["Location"])
    assert answer.headers["Location"] == private_page(job)


def test_a_mailed_link_leads_through_sign_in_to_the_report(world: World) -> None:
    browser = Browser(world, "https://api.example.org/v1")
    path = private_page(reported(world))
    led = browser.get(path)
    back = browser.sign_in(path=below(led.headers["Location"]).removeprefix("/v1")).headers["Location"]
    assert back == f"/v1{path}"
    assert browser.get(back.removeprefix("/v1")).status_code == 302


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "evil", "/a b", "/\r\nX: y",
        "/\tb", "/ö", "/jobs\\..\\x", "/" + "a" * 2000, "",
    ],
)  # fmt: skip
def test_nobody_is_led_elsewhere_after_signing_in(world: World, address: str) -> None:
    browser = Browser(world)
    token = field(browser.get("/sign-in").text, "form_token")
    answer = browser.post("/sign-in", form_token=token, next=address, credential="user-secret")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/jobs")


def test_programs_are_still_told_401(world: World, job: SessionKey) -> None:
    browser = Browser(world)
    for accept in ("*/*", "application/json", ""):
        answer = browser.client.get(private_page(job), headers={"Accept": accept})
        assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated")
        assert "WWW-Authenticate" in answer.headers
    assert browser.client.post("/job", json={}, headers=HTML).status_code == 401


def test_a_session_opens_what_users_may_read(world: World) -> None:
    browser, key = signed_in(world), reported(world)
    report = browser.get(private_page(key))
    assert report.status_code == 302
    assert report.headers["Location"].startswith("https://s3.invalid/")
    private = world.with_settings(public_status=False)
    assert Browser(private).client.get("/job").status_code == 401
    assert signed_in(private).client.get("/job", base_url="https://api.example.org").status_code == 200


def test_no_request_that_changes_something_passes_by_the_cookie_alone(world: World, job: SessionKey) -> None:
    browser = signed_in(world)
    world.upload("other", 1)
    for path, body in ((f"/job/{job}/cancel", None), (f"/job/{job}/retry", None), ("/job", {"bucket": DATA})):
        for headers in ({}, {"Sec-Fetch-Site": "same-origin"}):
            answer = browser.client.post(path, base_url=browser.base, json=body, headers=headers)
            assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated")
    assert world.job(job).overall_status == "LAUNCHING"


def test_a_worker_is_not_let_in_by_a_persons_session(world: World, job: SessionKey) -> None:
    answer = signed_in(world).client.post(f"/job/{job}/status", base_url="https://api.example.org", json={})
    assert answer.status_code == 401


def test_signing_out_ends_the_session_of_this_browser(world: World) -> None:
    browser = signed_in(world)
    answer = browser.send("/sign-out")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert browser.get("/jobs/new").status_code == 303


def test_a_session_ends_after_twelve_hours_and_when_its_token_is_retired(world: World) -> None:
    for end in (LIFETIME.total_seconds(), 61):
        browser = signed_in(world)
        if end == 61:
            world.credentials.known["gems.user.token"] = ("newer",)
        world.clock.pass_seconds(end)
        assert browser.get("/jobs/new").status_code == 303


@pytest.mark.parametrize("path", ["/sign-out", "/jobs/new", "/jobs/KEY/cancel", "/jobs/KEY/retry"])
def test_a_form_that_is_not_ours_changes_nothing(world: World, job: SessionKey, path: str) -> None:
    browser, other = signed_in(world), signed_in(world)
    path = path.replace("KEY", quote(str(job)))
    token = browser.token()
    for given in ("", "x", other.token(), token[:-1]):
        answer = browser.post(path, form_token=given)
        assert answer.status_code == 403
        assert "form_refused" in answer.text
    for headers in (
        {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"},
    ):  # fmt: skip
        assert browser.post(path, headers, form_token=token).status_code == 403
    assert browser.get("/jobs/new").status_code == 200
    assert world.job(job).overall_status == "LAUNCHING"


def test_a_form_of_our_own_page_is_taken_whatever_the_browser_says_of_it(world: World) -> None:
    for headers in ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, {"Origin": "https://api.example.org"}, {}):
        browser = signed_in(world)
        assert browser.post("/sign-out", headers, form_token=browser.token()).status_code == 303


def test_the_sign_in_form_is_taken_only_from_its_own_page(world: World) -> None:
    browser, other = Browser(world), Browser(world)
    token = field(browser.get("/sign-in").text, "form_token")
    assert other.post("/sign-in", form_token=token, credential="user-secret").status_code == 422
    other.get("/sign-in")
    assert other.post("/sign-in", form_token=token, credential="user-secret").status_code == 403
    forged = browser.post("/sign-in", {"Sec-Fetch-Site": "cross-site"}, form_token=token, credential="user-secret")
    assert forged.status_code == 403


def test_a_form_of_a_session_that_has_ended_leads_to_sign_in_and_back_to_its_page(
    world: World, job: SessionKey
) -> None:
    browser = signed_in(world)
    token = browser.token()
    world.clock.pass_seconds(LIFETIME.total_seconds())
    for path, back in (
        (f"/jobs/{quote(str(job))}/cancel", f"/jobs/{quote(str(job), safe=':')}"),
        ("/jobs/new", "/jobs/new"),
    ):
        answer = browser.post(path, form_token=token)
        assert answer.status_code == 303
        page = browser.get(answer.headers["Location"]).text
        assert field(page, "next").replace("%3A", ":") == back


def test_while_credstash_is_away_nobody_is_let_in_and_a_page_says_so(world: World) -> None:
    browser = signed_in(world)
    world.credentials.known.clear()
    world.clock.pass_seconds(61)
    answer = browser.get("/jobs/new")
    assert answer.status_code == 503
    assert "wait a minute" in answer.text
    assert Browser(world).get("/sign-in").status_code == 503
