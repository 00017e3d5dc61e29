"""The HTTP side: authentication, problem documents, listing, paging, the OpenAPI description."""

from __future__ import annotations

import base64
import json
import logging
import re
from typing import Any

import pytest
from api_fakes import signed_by
from api_world import CONTROL, DATA, World
from flask import abort
from flask.testing import FlaskClient
from openapi_spec_validator import validate

from gems_api.app import create_app
from gems_api.logs import JsonFormatter
from gems_api.services.intake.job_request import JOB_REQUEST
from gems_api.services.lifecycle.cancel import cancel
from gems_api.services.store_ports import Stored
from gems_api.web.problems import CONTENT_TYPE, KINDS, problem_document
from gems_core.layout import manifest_key
from gems_core.session_key import SessionKey

USER = {"Authorization": "Bearer user-secret"}
WORKER = {"Authorization": "Bearer worker-secret"}
GOOD = {"bucket": DATA, "prefix": "run", "hla_class": "2"}
CONTRACT_KEYS = ["bucket", "hla_class", "overall_status", "prefix", "session_key", "workers"]


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


@pytest.fixture
def client(world: World) -> FlaskClient:
    client: FlaskClient = create_app(world.settings, world.cloud, world.clock).test_client()
    return client


def test_a_job_is_started_and_found_at_its_location(world: World, client: FlaskClient) -> None:
    world.upload("run", 4)
    answer = client.post("/job", json=GOOD, headers=USER)
    assert answer.status_code == 202
    body = answer.json
    assert (body["overall_status"], body["samples"], body["shares"], body["workers"]) == ("LAUNCHING", 4, 2, 2)
    assert answer.headers["Location"] == body["location"]
    assert body["location"].startswith("https://api.example.org/v1/job?session_key=direct.typing-run-class-2-")
    (job,) = client.get(body["location"].removeprefix("https://api.example.org/v1")).json
    assert job["session_key"] == body["session_key"]


def test_get_job_keeps_its_shape_to_the_letter(world: World, client: FlaskClient) -> None:
    session_key = world.start(1)
    (worker,) = world.crew(session_key)
    share = worker.claim().share
    worker.say("status", "DOWNLOADING", share)
    (job,) = client.get("/job").json
    assert list(job)[: len(CONTRACT_KEYS)] == CONTRACT_KEYS
    assert {key: job[key] for key in CONTRACT_KEYS[:-1]} == {
        "bucket": DATA,
        "hla_class": "2",
        "overall_status": "RUNNING",
        "prefix": "run",
        "session_key": str(session_key),
    }
    shown = job["workers"][0]
    assert list(shown)[:4] == ["instance_id", "instance_index", "samples", "status"]
    assert shown["instance_id"] == worker.instance_id
    assert shown["samples"] == ["K001_S1_L001_R1_001.fastq.gz", "K001_S1_L001_R2_001.fastq.gz"]
    assert (shown["status"], shown["share"], shown["attempt"]) == ("DOWNLOADING", 1, 1)


def test_instances_that_have_not_made_contact_are_shown_as_launched(world: World, client: FlaskClient) -> None:
    world.start(3)
    (job,) = client.get("/job").json
    assert [(item["instance_index"], item["status"]) for item in job["workers"]] == [
        (0, "LAUNCHED"), (1, "LAUNCHED"), (2, "LAUNCHED"),
    ]  # fmt: skip


def test_an_ended_job_is_shown_from_s3_alone(world: World, client: FlaskClient) -> None:
    session_key = world.start(2, workers=1)
    (worker,) = world.crew(session_key)
    worker.work()
    worker.merge()
    world.fleet.known.clear()
    (job,) = client.get("/job").json
    assert job["overall_status"] == "COMPLETE"
    assert (job["samples_total"], job["samples_done"], job["samples_failed"]) == (2, 2, 0)
    assert job["report"]["csv"] == f"https://api.example.org/v1/job/{session_key}/report.csv"
    assert job["finished_at"]
    assert len(job["workers"][0]["samples"]) == 4


def test_polling_reads_only_what_has_changed(world: World, client: FlaskClient) -> None:
    session_key = world.start(9)
    for worker in world.crew(session_key):
        worker.work()
    client.get("/job")
    before = world.store.reads
    client.get("/job")
    assert world.store.reads == before


def test_an_unchanged_list_is_not_sent_again(world: World, client: FlaskClient) -> None:
    world.start(1)
    first = client.get("/job")
    assert client.get("/job", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    world.start(1, "other")
    assert client.get("/job", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_pages_lead_through_all_jobs_newest_first(world: World, client: FlaskClient) -> None:
    keys = []
    for number in range(7):
        keys.append(str(world.start(1, f"run{number}")))
        world.clock.pass_seconds(7200 if number % 3 == 2 else 5)
    seen: list[str] = []
    path = "/job?limit=2"
    while path:
        answer = client.get(path)
        seen += [job["session_key"] for job in answer.json]
        link = answer.headers.get("Link", "")
        path = link.removeprefix("<https://api.example.org/v1").split(">")[0] if link else ""
    assert seen == keys[::-1]


@pytest.mark.parametrize(
    ("query", "prefixes"),
    [
        ("bucket=direct.typing", ["c", "b", "a"]),
        ("bucket=elsewhere", []),
        ("prefix=b", ["b"]),
        ("hla_class=1", ["b"]),
        ("overall_status=CANCELLED", ["a"]),
        ("overall_status=LAUNCHING&limit=1", ["c"]),
        ("since=2026-11-24", ["c"]),
        ("since=2026-11-23T12:00:01%2B00:00", ["c", "b"]),
        ("session_key=direct.typing-a-class-2-261123-12:00:0123456789", []),
    ],
)
def test_filters(world: World, client: FlaskClient, query: str, prefixes: list[str]) -> None:
    first = world.start(1, "a")
    world.clock.pass_seconds(2)
    world.start(1, "b", hla_class=1)
    world.clock.pass_seconds(86_400)
    world.start(1, "c")
    cancel(world.context, first)
    assert [job["prefix"] for job in client.get(f"/job?{query}").json] == prefixes


def test_all_wrong_arguments_are_told_at_once(client: FlaskClient) -> None:
    answer = client.get("/job?limit=0&since=yesterday&overall_status=DONE&colour=red&session_key=x")
    assert answer.status_code == 422
    assert len(answer.json["problems"]) == 5


def test_a_damaged_job_is_listed_with_the_reason_and_hides_no_other(world: World, client: FlaskClient) -> None:
    first, second = world.start(1, "a"), world.start(1, "b")
    jobs = world.store.buckets[CONTROL]
    key = next(name for name in jobs if str(first) in name and name.endswith("state.json"))
    jobs[key] = Stored(b"{}", '"damaged"')
    listed = {job["session_key"]: job for job in client.get("/job").json}
    assert len(listed) == 2
    damaged = listed[str(first)]
    assert damaged["overall_status"] == "FAILED"
    assert "cannot be read" in damaged["reason"]
    assert set(damaged) == set(listed[str(second)])
    (alone,) = client.get("/job", query_string={"session_key": str(first)}).json
    assert alone == damaged


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("POST", "/job", {}),
        ("POST", "/job", WORKER),
        ("POST", "/job", basic("gems", "wrong")),
        ("POST", "/job", basic("root", "user-secret")),
        ("POST", "/job", {"Authorization": "Bearer"}),
        ("POST", "/job", {"Authorization": "Bearer user-secre\u00e9"}),
        ("POST", "/job/x/cancel", WORKER),
        ("GET", "/job/x/report.csv", WORKER),
        ("POST", "/job/x/status", {}),
        ("POST", "/job/x/status", USER),
        ("POST", "/job/x/status", basic("gems", "worker-secret")),
        ("POST", "/stop_instances", USER),
    ],
)
def test_no_credential_opens_anothers_door(
    client: FlaskClient, method: str, path: str, headers: dict[str, str]
) -> None:
    answer = client.open(path, method=method, headers=headers, json={})
    assert answer.status_code == 401
    assert "WWW-Authenticate" in answer.headers
    assert answer.content_type == CONTENT_TYPE
    assert answer.json["code"] == "unauthenticated"


def test_a_browser_may_use_basic(world: World, client: FlaskClient) -> None:
    world.upload("run", 1)
    assert client.post("/job", json=GOOD, headers=basic("gems", "user-secret")).status_code == 202


def test_tokens_are_looked_up_once_in_a_while_not_at_every_request(world: World, client: FlaskClient) -> None:
    for _ in range(5):
        client.post("/job", json={}, headers=USER)
    assert world.credentials.asked == 1


def test_a_token_that_the_process_may_not_know_yet_is_asked_to_come_again(world: World, client: FlaskClient) -> None:
    assert "Retry-After" not in client.post("/job", json={}, headers={"Authorization": "Bearer guess"}).headers
    world.credentials.known["gems.user.token"] = ("new", "user-secret")
    answer = client.post("/job", json={}, headers={"Authorization": "Bearer new"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (401, "5")
    world.clock.pass_seconds(5)
    assert client.post("/job", json={}, headers={"Authorization": "Bearer new"}).status_code == 422


@pytest.mark.parametrize(
    ("method", "path", "more", "expected"),
    [
        ("GET", "/nowhere", {}, (404, "no_such_page")),
        ("DELETE", "/job", {}, (405, "method_not_allowed")),
        ("POST", "/job", {"data": "bucket=x"}, (415, "not_json")),
        ("POST", "/job", {"data": "{half", "content_type": "application/json"}, (400, "malformed_request")),
        ("POST", "/job", {"data": b"[" * 1_000_001, "content_type": "application/json"}, (413, "body_too_large")),
        ("POST", "/job", {"json": {}}, (422, "invalid_input")),
        ("POST", "/job/no-such-key/cancel", {}, (422, "invalid_input")),
        ("POST", "/job/b-p-class-1-261123-12:00:0123456789/cancel", {}, (404, "job_not_found")),
        ("GET", "/job/b-p-class-1-261123-12:00:0123456789/report.csv", {}, (404, "job_not_found")),
        ("GET", "/job/b-p-class-1-261123-12:00:0123456789/report.exe", {}, (422, "invalid_input")),
    ],
)
def test_every_error_is_a_problem_document(
    client: FlaskClient, method: str, path: str, more: dict[str, Any], expected: tuple[int, str]
) -> None:
    answer = client.open(path, method=method, headers=USER, **more)
    assert answer.content_type == CONTENT_TYPE
    assert (answer.status_code, answer.json["code"]) == expected
    assert {"type", "title", "status", "detail", "instance"} <= set(answer.json)


@pytest.mark.parametrize("base", ["", "/dev"])
@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/nothing", "/nothing"),
        ('/job/ä b"<x>', "/job/%C3%A4%20b%22%3Cx%3E"),
        ("/job/b-p-class-1-261123-12:00:0123456789/report.csv", "/job/b-p-class-1-261123-12:00:0123456789/report.csv"),
    ],
)
def test_type_and_instance_are_references_and_type_leads_to_the_code(
    client: FlaskClient, base: str, path: str, found: str
) -> None:
    origin = "https://gems.example.org"
    problem = client.get(path, base_url=origin + base, headers=USER).json
    assert problem["instance"] == base + found
    page, _, anchor = problem["type"].partition("#")
    assert (page, anchor) == (f"{base}/docs", problem["code"])
    assert f'id="{anchor}"' in client.get("/docs", base_url=origin + base).text


def test_an_instance_names_no_other_host() -> None:
    document = problem_document(KINDS["no_such_page"], "", "", "//evil.example.org/x")
    assert document["instance"] == "/evil.example.org/x"


def test_what_has_no_code_of_its_own_has_the_status_name(world: World) -> None:
    app = create_app(world.settings, world.cloud, world.clock)
    app.add_url_rule("/tea", view_func=lambda: abort(418))
    problem = app.test_client().get("/tea").json
    assert (problem["type"], problem["title"]) == ("about:blank", "I'm a teapot")


@pytest.mark.parametrize("path", ["/job/b-p-class-1-261123-12:00:0123456789/status", "/stop_instances"])
@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"data": "x=1"}, 415),
        ({"data": "{half", "content_type": "application/json"}, 400),
        ({"json": []}, 422),
        ({"json": {"instance_id": 7}}, 422),
    ],
)
def test_hostile_worker_messages_are_refused(client: FlaskClient, path: str, more: dict[str, Any], status: int) -> None:
    answer = client.post(path, headers=WORKER, **more)
    assert answer.status_code == status
    assert answer.content_type == CONTENT_TYPE


def test_an_unforeseen_error_shows_no_traceback_and_is_logged(
    world: World, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(world.store, "entries", lambda *_: 1 / 0)
    answer = client.get("/job")
    assert answer.status_code == 500
    assert "division" not in answer.text
    assert answer.json["code"] == "internal_error"
    assert "ZeroDivisionError" in caplog.text


def test_a_refused_launch_is_told_and_leaves_a_failed_job_with_the_reason(world: World, client: FlaskClient) -> None:
    world.upload("run", 1)
    world.fleet.refusal = "EC2 RunInstances was refused (InsufficientInstanceCapacity): none left"
    headers = {**USER, "Idempotency-Key": "k"}
    answer = client.post("/job", json=GOOD, headers=headers)
    assert answer.status_code == 503
    assert answer.json["code"] == "cloud_refused"
    assert "InsufficientInstanceCapacity" in answer.json["detail"]
    (job,) = client.get("/job").json
    assert job["overall_status"] == "FAILED"
    assert "InsufficientInstanceCapacity" in job["reason"]
    world.fleet.refusal = ""
    assert client.post("/job", json=GOOD, headers=headers).status_code == 202


def test_a_sites_cross_match_goes_into_the_jobs_manifest(world: World, client: FlaskClient) -> None:
    stored = world.store.read(CONTROL, "artefacts/current.json")
    assert stored is not None
    entry = {"version": "1.1", "key": "artefacts/cross_match/1.1/cross_match", "sha256": "1" * 64}
    document = {**json.loads(stored.body), "cross_match": entry}
    world.store.put(CONTROL, "artefacts/current.json", json.dumps(document).encode())
    world.upload("run", 1)
    answer = client.post("/job", json=GOOD, headers=USER)
    manifest = world.store.read(CONTROL, manifest_key(SessionKey.parse(answer.json["session_key"])))
    assert manifest is not None
    assert json.loads(manifest.body)["artefacts"]["cross_match"] == entry


def test_missing_artefacts_are_told_with_the_repair(world: World, client: FlaskClient) -> None:
    world.upload("run", 1)
    world.store.delete(CONTROL, "artefacts/current.json")
    answer = client.post("/job", json=GOOD, headers=USER)
    assert (answer.status_code, answer.json["code"]) == (503, "artefacts_missing")
    assert "Publish the artefacts" in answer.json["detail"]
    assert client.get("/job").json == []


def test_an_idempotency_key_makes_one_job_of_many_requests(world: World, client: FlaskClient) -> None:
    world.upload("run", 1)
    headers = {**USER, "Idempotency-Key": "0b8f"}
    answers = [client.post("/job", json=GOOD, headers=headers) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json["session_key"] for answer in answers}) == 1
    assert len(world.fleet.launches) == 1
    other = client.post("/job", json={**GOOD, "hla_class": "1"}, headers=headers)
    assert other.json["problems"][0]["code"] == "idempotency_key_reused"
    assert client.post("/job", json=GOOD, headers=USER).json["session_key"] != answers[0].json["session_key"]


def test_a_report_is_reached_by_a_short_lived_redirect(world: World, client: FlaskClient) -> None:
    session_key = world.start(1)
    path = f"/job/{session_key}/report.csv"
    assert client.get(path, headers=USER).json["code"] == "report_not_written"
    (worker,) = world.crew(session_key)
    worker.work()
    worker.merge()
    answer = client.get(path, headers=USER)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(f"https://s3.invalid/{DATA}/run/gems/{session_key}/report.csv?")
    assert client.get(f"/job/{session_key}/report.xml.gz", headers=USER).status_code == 404


def test_cancelling_ends_the_job_and_its_instances_and_may_be_repeated(world: World, client: FlaskClient) -> None:
    session_key = world.start(3)
    worker = world.crew(session_key)[0]
    worker.do_share(worker.claim().share)
    answer = client.post(f"/job/{session_key}/cancel", headers=USER)
    assert answer.status_code == 200
    assert len(answer.json["terminated"]) == 3
    assert (answer.json["samples_kept"], answer.json["samples_total"]) == (1, 3)
    assert answer.json["results"] == f"s3://{DATA}/run/gems/{session_key}/"
    assert world.fleet.living() == []
    (job,) = client.get("/job").json
    assert job["overall_status"] == "CANCELLED"
    assert job["workers"][0]["status"] == "LOST"
    assert client.post(f"/job/{session_key}/cancel", headers=USER).json["terminated"] == []


def test_a_complete_job_cannot_be_cancelled(world: World, client: FlaskClient) -> None:
    session_key = world.start(1)
    (worker,) = world.crew(session_key)
    worker.work()
    worker.merge()
    answer = client.post(f"/job/{session_key}/cancel", headers=USER)
    assert (answer.status_code, answer.json["code"]) == (409, "conflict")


@pytest.mark.parametrize(
    ("site", "status"), [("cross-site", 401), ("same-site", 401), ("same-origin", 200), (None, 200)]
)
def test_no_other_sites_page_can_cancel_a_job_with_the_credentials_of_a_browser(
    world: World, client: FlaskClient, site: str | None, status: int
) -> None:
    session_key = world.start(1)
    headers = basic("gems", "user-secret") | ({"Sec-Fetch-Site": site} if site else {})
    assert client.post(f"/job/{session_key}/cancel", data={"x": "1"}, headers=headers).status_code == status
    assert world.job(session_key).ended == (status == 200)


def test_only_the_final_worker_stops_the_instances(world: World, client: FlaskClient) -> None:
    session_key = world.start(2, workers=2)
    first, second = world.crew(session_key)
    share = first.claim().share
    assert share is not None
    second.work()
    first.do_share(share)

    def stop(instance_id: str) -> Any:
        body = {"session_key": str(session_key), "instance_id": instance_id}
        return client.post("/stop_instances", json=body, headers=WORKER | signed_by(instance_id, session_key))

    assert stop(second.instance_id).status_code == 403
    assert stop("").status_code == 422, "nobody is named so"
    assert stop(first.instance_id).status_code == 409, "there is no report yet"
    first.merge()
    assert sorted(stop(first.instance_id).json["terminated"]) == [first.instance_id, second.instance_id]
    assert stop(first.instance_id).json["terminated"] == []


def test_an_instance_that_ec2_does_not_show_yet_is_told_when_to_come_again(world: World, client: FlaskClient) -> None:
    session_key = world.start(1)
    (worker,) = world.crew(session_key)
    world.forget_launches(session_key)
    world.fleet.hidden.add(worker.instance_id)
    headers = WORKER | signed_by(worker.instance_id, session_key)
    body = {"instance_id": worker.instance_id, "instance_index": 0, "status": "BOOTSTRAPPING", "kind": "claim"}
    answer = client.post(f"/job/{session_key}/status", json=body, headers=headers)
    assert (answer.status_code, answer.json["code"]) == (409, "instance_unknown")
    assert int(answer.headers["Retry-After"]) > 0


def test_the_openapi_description_is_valid_and_whole(client: FlaskClient) -> None:
    spec = client.get("/openapi.json").json
    validate(spec)
    assert spec["openapi"].startswith("3.1")
    assert set(spec["paths"]) == {
        "/job", "/job/{session_key}/status", "/job/{session_key}/credentials", "/job/{session_key}/link", "/job/{session_key}/cancel", "/job/{session_key}/retry", "/job/{session_key}/report.{extension}",
        "/job/{session_key}/logs", "/job/{session_key}/logs.txt", "/job/{session_key}/review", "/job/{session_key}/review/{sample}",
        "/job/{session_key}/review.json", "/job/{session_key}/reviewed.{extension}", "/review/worklist", "/stop_instances", "/healthz",
    }  # fmt: skip
    assert "requestBody" in spec["paths"]["/job"]["post"]


def test_pages_need_nothing_from_elsewhere(client: FlaskClient) -> None:
    docs = client.get("/docs")
    assert docs.status_code == 200
    assert "/job/{session_key}/status" in docs.text
    for text in (docs.text, client.get("/sign-in").text):
        assert "://" not in text
        assert not re.search(r"<script(?! defer src=\"/static/)|<style|style=| on[a-z]+=", text)
    assert client.get("/").json["docs"] == "/docs"
    assert client.get("/healthz").json["status"] == "ok"


def section(page: str, operation: str) -> str:
    """What the page says of an operation, its tags left out."""
    text = page.partition(f"<h2><code>{operation}</code></h2>")[2].partition("</section>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def test_the_docs_tell_the_fields_of_a_body_and_what_they_are(client: FlaskClient) -> None:
    told = section(client.get("/docs").text, "POST /job")
    for field in JOB_REQUEST.fields:
        assert f" {field.name} " in told
    assert "prefix string folder of the reads in the bucket" in told
    assert "budget_usd (optional) number what a run may cost" in told
    report = section(client.get("/docs").text, "POST /job/{session_key}/status")
    assert "share (optional) integer or null" in report
    assert "samples_done (optional) array of string" in report
    assert "failure (optional) object or null" in report
    assert "field of the JSON body" not in section(client.get("/docs").text, "GET /job")


def test_the_docs_tell_who_may_ask(client: FlaskClient) -> None:
    page = client.get("/docs").text
    user = "user_bearer (the user credential or a token of a person), or user_basic (user gems, the user credential)"
    assert f"Credential: none, or {user}" in section(page, "GET /job")
    assert f"Credential: {user}" in section(page, "POST /job")
    assert "Credential" not in section(page, "GET /healthz")


def test_no_secret_is_ever_logged(world: World, client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    session_key = world.start(1)
    client.post(f"/job/{session_key}/cancel", headers=USER)
    client.post("/job", json=GOOD, headers=WORKER)
    client.post("/job", json=GOOD, headers=USER)
    formatter = JsonFormatter()
    lines = [json.loads(formatter.format(record)) for record in caplog.records]
    assert any(line.get("session_key") == str(session_key) for line in lines)
    assert "user-secret" not in json.dumps(lines)
    assert "worker-secret" not in json.dumps(lines)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "Expecting value at line 1, column 1"),
        (b'{"bucket": "b",\n "prefix": }', "Expecting value at line 2, column 12"),
        (b'{"bucket": "\xff"}', "not valid JSON (byte 13 is not UTF-8)"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_a_body_that_is_not_json_is_told_with_the_place(client: FlaskClient, body: bytes, told: str) -> None:
    answer = client.post("/job", data=body, headers=USER, content_type="application/json")
    assert answer.status_code == 400
    assert told in answer.json["detail"]
