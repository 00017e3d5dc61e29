"""A launch from BaseSpace in a browser: the way to the job, and everything that is refused on it."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from api_world import CONTROL, World
from fake_remote import SESSION, FakeRemote, RemoteWorld
from ui_browser import Browser, below, field
from werkzeug.test import TestResponse

from gems_api.services.remote_ports import RemoteRefused, RemoteUnavailable
from gems_core.errors import CloudRefused
from gems_core.session_key import SessionKey

TRIGGER = f"/basespace?action=trigger&appsessionuri=/v1pre3/appsessions/{SESSION}"


@pytest.fixture
def basespace() -> RemoteWorld:
    return RemoteWorld()


@pytest.fixture
def browser(basespace: RemoteWorld) -> Browser:
    return Browser(basespace)


def state_of(answer: TestResponse) -> str:
    assert answer.status_code == 303
    return parse_qs(urlsplit(answer.headers["Location"]).query)["state"][0]


def admitted(browser: Browser, code: str = "good-code") -> TestResponse:
    return browser.get(f"/basespace/oauth?code={code}&state={state_of(browser.get(TRIGGER))}")


def launched(browser: Browser) -> TestResponse:
    assert admitted(browser).status_code == 303
    return browser.get("/basespace/launch")


def started(browser: Browser) -> TestResponse:
    return browser.post("/basespace/launch", form_token=field(launched(browser).text, "form_token"))


def everything_written(world: World) -> bytes:
    return b"".join(stored.body for stored in world.store.buckets[CONTROL].values())


@pytest.mark.parametrize(
    "query",
    [
        f"action=trigger&appsessionuri=/v1pre3/appsessions/{SESSION}",
        f"action=trigger&appsessionuri=v1pre3/appsessions/{SESSION}",
        f"action=trigger&appsessionuri=https://api.basespace.illumina.com/v2/appsessions/{SESSION}",
        f"appsessionid={SESSION}",
    ],
)
def test_a_callback_leads_to_basespaces_own_consent(browser: Browser, basespace: RemoteWorld, query: str) -> None:
    answer = browser.get(f"/basespace?{query}")
    assert answer.headers["Location"].startswith("https://basespace.example.org/oauth/authorize?")
    assert basespace.remote.asked == ["session"]
    cookie = answer.headers["Set-Cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=Lax", "Secure", "Path=/basespace"))


def test_only_the_id_of_an_address_is_taken_and_nothing_of_it_is_fetched(
    browser: Browser, basespace: RemoteWorld
) -> None:
    answer = browser.get(f"/basespace?action=trigger&appsessionuri=http://169.254.169.254/v1pre3/appsessions/{SESSION}")
    assert answer.headers["Location"].startswith("https://basespace.example.org/")
    assert basespace.remote.asked == ["session"], "by the id, at the address that the settings name"


@pytest.mark.parametrize(
    "uri",
    [
        "http://169.254.169.254/latest/meta-data/",
        f"http://api.example.org@evil.example.org/v1pre3/appsessions/{SESSION}",
        f"https://evil.example.org/x/v1pre3/appsessions/{SESSION}",
        "/v1pre3/appsessions/../users/current",
        f"/v1pre3/appsessions/{SESSION}/properties",
        f"/v1pre3/appsessions/{SESSION}?x=1",
        "/v1pre3/appsessions/٣",
        f"file:///v1pre3/appsessions/{SESSION}",
        "",
        "9" * 400,
    ],
)
def test_an_address_that_names_no_launch_is_refused_without_asking_anybody(
    browser: Browser, basespace: RemoteWorld, uri: str
) -> None:
    answer = browser.client.get(
        "/basespace", base_url=browser.base, query_string={"action": "trigger", "appsessionuri": uri}
    )
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_input")
    assert basespace.remote.asked == []


def test_a_launch_that_basespace_does_not_know_or_that_is_over_goes_no_further(
    browser: Browser, basespace: RemoteWorld
) -> None:
    assert browser.get("/basespace?appsessionid=777").status_code == 403
    basespace.remote.sessions[SESSION] = replace(basespace.remote.sessions[SESSION], status="Complete")
    answer = browser.get(TRIGGER)
    assert answer.status_code == 403
    assert "is over (Complete)" in answer.text


def test_the_way_from_the_callback_to_the_job(browser: Browser, basespace: RemoteWorld) -> None:
    answer = admitted(browser)
    assert below(answer.headers["Location"]) == "/basespace/launch", "no code stays in the address"
    page = browser.get("/basespace/launch").text
    assert "Ready to start" in page
    assert "lab@example.org" in page
    answer = browser.post("/basespace/launch", form_token=field(page, "form_token"))
    session_key = SessionKey.parse(below(answer.headers["Location"]).rpartition("/")[2].replace("%3A", ":"))
    manifest = basespace.job(session_key).manifest
    assert (manifest.source, manifest.prefix, manifest.hla_class) == ("basespace", f"basespace/{SESSION}", "2")
    assert [(sample.name, len(sample.lanes)) for sample in manifest.samples] == [("K1", 2), ("K2", 2)]
    assert manifest.samples[0].read_1.key == f"basespace/{SESSION}/1/K1_S1_L001_R1_001.fastq.gz"
    assert len(basespace.fleet.launches) == 1


def test_a_token_is_only_ever_written_down_sealed_and_leaves_the_waiting_room_with_the_start(
    browser: Browser, basespace: RemoteWorld
) -> None:
    started(browser)
    written = everything_written(basespace)
    assert b"token of 1001" not in written
    assert b"sealed 90001" in written
    assert not [key for key in basespace.store.buckets[CONTROL] if key.startswith("basespace/pending/")]


def test_a_launch_makes_one_job_however_often_its_form_is_sent(browser: Browser, basespace: RemoteWorld) -> None:
    page = launched(browser).text
    first = browser.post("/basespace/launch", form_token=field(page, "form_token"))
    again = Browser(basespace)
    assert admitted(again, code="good-code").status_code == 403, "the code is used"
    basespace.remote.codes["another-code"] = "1001"
    assert admitted(again, code="another-code").status_code == 303
    assert below(again.get("/basespace/launch").headers["Location"]) == below(first.headers["Location"])
    assert len(basespace.fleet.launches) == 1


@pytest.mark.parametrize("state", ["", "another", "x" * 5000, "\x00"])
def test_an_answer_with_another_state_is_refused_and_its_code_is_not_touched(
    browser: Browser, basespace: RemoteWorld, state: str
) -> None:
    browser.get(TRIGGER)
    answer = browser.client.get(
        "/basespace/oauth", base_url=browser.base, query_string={"code": "good-code", "state": state}
    )
    assert (answer.status_code, answer.json["code"]) == (403, "basespace_refused")
    assert "token" not in basespace.remote.asked


def test_an_answer_in_another_browser_than_the_one_that_was_sent_out_is_refused(basespace: RemoteWorld) -> None:
    victim, attacker = Browser(basespace), Browser(basespace)
    state = state_of(attacker.get(TRIGGER))
    assert victim.get(f"/basespace/oauth?code=good-code&state={state}").status_code == 403
    victim.get(TRIGGER)
    assert victim.get(f"/basespace/oauth?code=good-code&state={state}").status_code == 403
    assert "token" not in basespace.remote.asked


def test_an_answer_that_comes_twice_is_taken_once(browser: Browser, basespace: RemoteWorld) -> None:
    answer = browser.get(TRIGGER)
    state, cookie = state_of(answer), answer.headers["Set-Cookie"].partition(";")[0].partition("=")[2]
    assert browser.get(f"/basespace/oauth?code=good-code&state={state}").status_code == 303
    basespace.remote.codes["good-code"] = "1001"
    browser.client.set_cookie("gems_launch", cookie, domain="api.example.org", path="/basespace")
    replayed = browser.get(f"/basespace/oauth?code=good-code&state={state}")
    assert replayed.status_code == 403
    assert "was used before" in replayed.text
    assert basespace.remote.asked.count("token") == 1


def test_a_launch_of_somebody_else_is_refused(browser: Browser, basespace: RemoteWorld) -> None:
    answer = admitted(browser, code="strangers-code")
    assert answer.status_code == 403
    assert "another person" in answer.text
    assert "basespace/pending/" not in "".join(basespace.store.buckets[CONTROL])


def test_a_ticket_of_one_stage_is_none_of_the_other(browser: Browser) -> None:
    browser.get(TRIGGER)
    assert browser.get("/basespace/launch").status_code == 403
    admitted(browser)
    assert browser.get("/basespace/oauth?code=good-code&state=x").status_code == 403


def test_a_ticket_is_over_after_a_while(browser: Browser, basespace: RemoteWorld) -> None:
    state = state_of(browser.get(TRIGGER))
    basespace.clock.pass_seconds(601)
    assert browser.get(f"/basespace/oauth?code=good-code&state={state}").status_code == 403
    launched(browser)
    basespace.clock.pass_seconds(3601)
    assert browser.get("/basespace/launch").status_code == 403


def test_a_form_of_another_page_or_site_starts_nothing(browser: Browser, basespace: RemoteWorld) -> None:
    token = field(launched(browser).text, "form_token")
    assert browser.post("/basespace/launch", form_token="0" * 64).status_code == 403
    assert browser.post("/basespace/launch").status_code == 403
    forged = browser.post("/basespace/launch", {"Origin": "https://evil.example.org"}, form_token=token)
    assert forged.status_code == 403
    assert basespace.fleet.launches == []


def test_no_address_leads_anywhere_but_to_basespace_and_back(browser: Browser) -> None:
    for more in ("&redirect_uri=https://evil.example.org", "&next=//evil.example.org", "&state=mine"):
        location = browser.get(TRIGGER + more).headers["Location"]
        assert "evil" not in location
        assert parse_qs(urlsplit(location).query)["redirect_uri"] == ["https://api.example.org/v1/basespace/oauth"]


def test_a_person_who_does_not_consent_is_told_so(browser: Browser) -> None:
    answer = browser.get(f"/basespace/oauth?error=access_denied&state={state_of(browser.get(TRIGGER))}")
    assert answer.status_code == 403
    assert "consent was refused" in answer.text


@pytest.mark.parametrize("call", ["session", "token", "choices", "reads"])
def test_a_basespace_that_is_away_is_told_as_such_and_nothing_is_started(
    browser: Browser, basespace: RemoteWorld, call: str
) -> None:
    if call == "session":
        basespace.remote.trouble[call] = RemoteUnavailable("BaseSpace does not answer")
        answer = browser.get(TRIGGER)
    else:
        state = state_of(browser.get(TRIGGER))
        basespace.remote.trouble[call] = RemoteUnavailable("BaseSpace does not answer")
        answer = browser.get(f"/basespace/oauth?code=good-code&state={state}")
        if answer.status_code == 303:
            answer = browser.get("/basespace/launch")
    assert answer.status_code == 503
    assert "BaseSpace does not answer. Wait some minutes" in answer.text
    assert basespace.fleet.launches == []


def test_once_the_choices_are_known_the_start_needs_no_basespace(browser: Browser, basespace: RemoteWorld) -> None:
    page = launched(browser).text
    names = ("session", "choices", "reads", "link")
    basespace.remote.trouble = {name: RemoteUnavailable("away") for name in names}
    assert "Ready to start" in browser.get("/basespace/launch").text
    assert browser.post("/basespace/launch", form_token=field(page, "form_token")).status_code == 303
    assert len(basespace.fleet.launches) == 1


def test_a_kms_that_refuses_is_told_and_no_token_is_kept(browser: Browser, basespace: RemoteWorld) -> None:
    basespace.sealer.refusal = CloudRefused("KMS is away")
    assert admitted(browser).status_code == 503
    assert b"1001" not in everything_written(basespace)


def test_files_that_cannot_be_typed_are_listed_and_there_is_no_start(browser: Browser, basespace: RemoteWorld) -> None:
    files = basespace.remote.files
    basespace.remote.files = [
        *files[1:],
        replace(files[2], name="my reads.fastq.gz"),
        replace(files[5], size_bytes=2**33),
    ]
    answer = launched(browser)
    assert answer.status_code == 422
    assert "Start typing" not in answer.text
    assert "its mate R1 of lane 001" in answer.text
    assert "my reads.fastq.gz" in answer.text
    assert "at most 5368709120 bytes" in answer.text


@pytest.mark.parametrize(
    ("kind", "version", "status"), [("panel", "9.9", 422), ("reference", "1.2", 200), ("panel", "", 200)]
)
def test_a_panel_or_reference_that_is_not_published_here_is_refused(
    browser: Browser, basespace: RemoteWorld, kind: str, version: str, status: int
) -> None:
    basespace.remote.chosen = replace(basespace.remote.chosen, **{kind: version})
    assert launched(browser).status_code == status


def test_a_launch_gets_the_published_versions_that_its_form_names(browser: Browser, basespace: RemoteWorld) -> None:
    basespace.publish("reference", "3.58.0-000000000001")
    basespace.publish("panel", "our-kit-000000000003")
    basespace.remote.chosen = replace(basespace.remote.chosen, panel="our-kit", reference="3.58.0")
    assert launched(browser).status_code == 200


@pytest.mark.parametrize("hla_class", ["3", "A", "x" * 1000])
def test_a_class_that_there_is_not_is_refused(browser: Browser, basespace: RemoteWorld, hla_class: str) -> None:
    basespace.remote.chosen = replace(basespace.remote.chosen, hla_class=hla_class)
    assert launched(browser).status_code == 422


def test_names_of_basespace_are_shown_as_text(browser: Browser, basespace: RemoteWorld) -> None:
    basespace.remote.chosen = replace(basespace.remote.chosen, email="<script>alert(1)</script>")
    assert "<script>alert" not in launched(browser).text


@pytest.mark.parametrize("path", [TRIGGER, "/basespace/oauth?code=a&state=b", "/basespace/launch"])
def test_where_it_is_off_there_is_nothing(path: str) -> None:
    off = Browser(World())
    assert off.get(path).status_code == 404
    assert off.post("/basespace/launch").status_code == 404


def test_programs_are_answered_with_problem_documents(browser: Browser, basespace: RemoteWorld) -> None:
    basespace.remote.trouble["session"] = RemoteRefused("no")
    answer = browser.client.get(TRIGGER, base_url=browser.base)
    assert answer.content_type == "application/problem+json"
    assert json.loads(answer.text)["code"] == "basespace_refused"


def test_the_fake_keeps_the_port() -> None:
    assert FakeRemote().session(SESSION).session_id == SESSION
