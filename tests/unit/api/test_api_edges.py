"""The edges of HTTP: who sees what of a job, headers of every answer, and requests that mean harm."""

from __future__ import annotations

import base64
import json
import logging
from dataclasses import replace
from typing import Any

import pytest
from api_fakes import signed_by
from api_world import DATA, SETTINGS, World
from flask.testing import FlaskClient

from gems_api.app import create_app
from gems_api.logs import JsonFormatter
from gems_api.web.problems import CONTENT_TYPE
from gems_core.protocol.failure import Failure

USER = {"Authorization": "Bearer user-secret"}
BASIC = {"Authorization": "Basic " + base64.b64encode(b"gems:user-secret").decode()}
WORKER = {"Authorization": "Bearer worker-secret"}
GUESS = {"Authorization": "Bearer guess"}
KEY = "b-p-class-1-261123-12:00:0123456789"
SECRET_LINE = "Traceback: /home/lab/patient-4711"
ADDRESS = "doctor@example.org"


def client_of(world: World) -> FlaskClient:
    client: FlaskClient = create_app(world.settings, world.cloud, world.clock).test_client()
    return client


@pytest.fixture
def client(world: World) -> FlaskClient:
    return client_of(world)


@pytest.fixture
def failed_job(world: World) -> str:
    """A job with log lines of a failure, whose mail SES refused by quoting the address."""
    world.mailer.refusal = f"Email address is not verified: {ADDRESS}"
    session_key = world.start(2, workers=2, email=ADDRESS)
    first, second = world.crew(session_key)
    first.claim()
    first.say("failed", "FAILED", failure=Failure("type", "the typer crashed", (SECRET_LINE,)))
    second.work()
    second.merge()
    return str(session_key)


def test_everybody_reads_phase_and_reason_and_users_alone_log_lines(client: FlaskClient, failed_job: str) -> None:
    path = f"/job?session_key={failed_job}"
    (shown,) = client.get(path).json
    failure = shown["workers"][0]["failure"]
    assert (failure["phase"], failure["reason"], failure["log_tail"]) == ("type", "the typer crashed", [])
    for headers in (USER, BASIC):
        (job,) = client.get(path, headers=headers).json
        assert job["workers"][0]["failure"]["log_tail"] == [SECRET_LINE]
        assert list(job) == list(shown)


@pytest.mark.parametrize("headers", [{}, GUESS, WORKER])
def test_who_is_no_user_sees_neither_log_lines_nor_addresses(
    world: World, client: FlaskClient, failed_job: str, headers: dict[str, str]
) -> None:
    answer = client.get(f"/job?session_key={failed_job}", headers=headers)
    assert answer.status_code == 200
    assert SECRET_LINE not in answer.text
    assert "@" not in answer.text
    assert answer.json[0]["mail"]["state"] == "failed", "or there was nothing to hide"


def test_what_a_user_sees_is_kept_by_no_cache_and_given_to_nobody_else(client: FlaskClient, failed_job: str) -> None:
    path = f"/job?session_key={failed_job}"
    public, private = client.get(path), client.get(path, headers=USER)
    assert (public.headers["Cache-Control"], private.headers["Cache-Control"]) == ("private, no-cache", "no-store")
    assert public.headers["Vary"] == private.headers["Vary"] == "Authorization, Cookie"
    assert public.headers["ETag"] != private.headers["ETag"]


def test_public_status_is_shown_while_credstash_is_away(world: World, client: FlaskClient, failed_job: str) -> None:
    world.credentials.known.clear()
    answer = client.get(f"/job?session_key={failed_job}", headers=USER)
    assert answer.status_code == 200
    assert SECRET_LINE not in answer.text


def test_where_status_is_not_public_only_users_read_it(world: World) -> None:
    private = world.with_settings(public_status=False)
    private.start(1)
    client = client_of(private)
    for headers in ({}, GUESS, WORKER):
        answer = client.get("/job", headers=headers)
        assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated")
        assert "Basic" in answer.headers["WWW-Authenticate"]
    for headers in (USER, BASIC):
        assert len(client.get("/job", headers=headers).json) == 1
    private.credentials.known.clear()
    private.clock.pass_seconds(SETTINGS.credential_cache_seconds)
    assert client.get("/job", headers=USER).status_code == 503
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/", {}),
        ("GET", "/docs", {}),
        ("GET", "/openapi.json", {}),
        ("GET", "/healthz", {}),
        ("GET", "/job", {}),
        ("GET", "/job", USER),
        ("GET", "/nowhere", {}),
        ("PUT", "/job", {}),
        ("POST", "/job", {}),
        ("POST", "/job", USER),
        ("POST", f"/job/{KEY}/status", WORKER),
        ("GET", f"/job/{KEY}/report.csv", USER),
    ],
)
def test_every_answer_tells_browsers_and_caches_what_they_may_do(
    client: FlaskClient, method: str, path: str, headers: dict[str, str]
) -> None:
    answer = client.open(
        path, method=method, headers=headers | {"Accept": "text/html"}, json={} if method == "POST" else None
    )
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == ("same-origin" if answer.mimetype == "text/html" else "no-referrer")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert ("style-src" in policy) == (answer.mimetype == "text/html")
    assert answer.headers["Cache-Control"] == (
        "private, no-cache" if (path, headers) == ("/job", {}) and method == "GET" else "no-store"
    )
    assert "Server" not in answer.headers


def test_without_tls_no_browser_is_told_to_insist_on_it(world: World) -> None:
    local = World(settings=replace(SETTINGS, api_url="http://127.0.0.1:8080"))
    assert "Strict-Transport-Security" not in client_of(local).get("/healthz").headers


DEEP = "[" * 200_000
HOSTILE: list[tuple[bytes, int]] = [
    (DEEP.encode(), 400),
    (('{"a":' * 100_000).encode(), 400),
    ((("[" * 100) + ("]" * 100)).encode(), 422),
    (b"\xff\xfe\x00\x01", 400),
    (b'{"bucket": "\xff"}', 400),
    (b"\x00" * 100, 400),
    (b'{"bucket": ' + b"9" * 10_000 + b"}", 400),
    (b'{"bucket": NaN, "workers": 1e999}', 422),
    (b"", 400),
    (b"null", 422),
    (b'"text"', 422),
    (json.dumps({"bucket": "a\x00b", "prefix": "\ud800", "hla_class": "1"}).encode(), 422),
    (json.dumps({"bucket": DATA, "prefix": "\ud800\x00\u202e", "hla_class": "1"}).encode(), 422),
    (json.dumps({"bucket": DATA, "prefix": "../../x", "hla_class": "1", "email": "a@b\r\nBcc: c@d"}).encode(), 422),
    (json.dumps({"bucket": DATA, "prefix": "run", "hla_class": "1", "workers": 10**30}).encode(), 422),
    (json.dumps({"bucket": DATA, "prefix": "run", "hla_class": "1", "\ud800": 1}).encode(), 422),
]


@pytest.mark.parametrize(("body", "status"), HOSTILE)
def test_a_body_that_means_harm_is_a_problem_of_its_sender(client: FlaskClient, body: bytes, status: int) -> None:
    answer = client.post("/job", data=body, headers=USER, content_type="application/json")
    assert (answer.status_code, answer.content_type) == (status, CONTENT_TYPE), answer.text[:300]
    for path in (f"/job/{KEY}/status", "/stop_instances"):
        answer = client.post(path, data=body, headers=WORKER, content_type="application/json")
        assert answer.status_code in (400, 422)


@pytest.mark.parametrize(
    "path",
    [
        "/job/%00/status",
        "/job/%ff%fe/status",
        "/job/..%2f..%2fetc/status",
        f"/job/{'x' * 8000}/status",
        f"/job/{KEY}%0d%0aX-Injected:1/status",
        f"/job/{KEY}%0a/status",
    ],
)
def test_a_path_that_means_harm_is_refused(client: FlaskClient, path: str) -> None:
    answer = client.post(path, json={}, headers=WORKER)
    assert (answer.status_code in (404, 422), answer.content_type) == (True, CONTENT_TYPE)
    assert "X-Injected" not in answer.headers


@pytest.mark.parametrize(
    "query",
    [
        "session_key=%00",
        "bucket=%ff%fe",
        "since=0001-01-01T00:00:00%2B14:00",
        "since=9999-12-31T23:59:59-14:00",
        "since=0001-01-01",
        "limit=٣",
        "limit=1e3",
        "limit=" + "9" * 5000,
        "before=" + "x" * 5000,
        "hla_class=1&hla_class=2",
        "&".join(f"a{number}=1" for number in range(2000)),
        "prefix=%0d%0aX-Injected:1",
    ],
)
def test_a_query_that_means_harm_fails_nothing(world: World, client: FlaskClient, query: str) -> None:
    world.start(1)
    answer = client.get(f"/job?{query}")
    assert answer.status_code in (200, 400, 404, 422)
    assert "X-Injected" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Basic " + "A" * 60_000},
        {"Authorization": "Basic ////"},
        {"Authorization": "Basic " + base64.b64encode(b"\xff\xfe:\x00").decode()},
        {"Authorization": "Bearer " + "x" * 60_000},
        {"Authorization": "Bearer \x00"},
        {"Authorization": "Bearer \xe9\xff"},
        {"Authorization": 'Digest username="gems", nonce='},
        {"Authorization": ","},
        {**USER, "Idempotency-Key": "x" * 60_000},
        {**USER, "Idempotency-Key": "\xff\x00"},
        {**USER, "If-None-Match": '"' * 9999},
        {**USER, "Content-Type": "application/json; charset=utf-99"},
        {**USER, "Content-Type": "\xff"},
    ],
)
def test_headers_that_mean_harm_are_a_problem_of_their_sender(client: FlaskClient, headers: dict[str, str]) -> None:
    for method, path in (("POST", "/job"), ("GET", "/job"), ("GET", f"/job/{KEY}/report.csv")):
        answer = client.open(path, method=method, headers=headers, data=b"{}" if method == "POST" else None)
        assert answer.status_code in (200, 400, 401, 404, 415, 422), (path, answer.text[:300])


def test_a_strange_byte_in_a_workers_log_does_not_lose_its_failure(world: World, client: FlaskClient) -> None:
    session_key = world.start(1)
    (worker,) = world.crew(session_key)
    body: dict[str, Any] = {
        "instance_id": worker.instance_id,
        "instance_index": 0,
        "status": "FAILED",
        "kind": "failed",
        "failure": {"phase": "type", "reason": "a\x00b\udcff", "log_tail": ["\ud800"]},
    }
    headers = WORKER | signed_by(worker.instance_id, session_key)
    assert client.post(f"/job/{session_key}/status", json=body, headers=headers).status_code == 200
    (job,) = client.get(f"/job?session_key={session_key}", headers=USER).json
    assert (
        job["workers"][0]["failure"].items()
        >= {"phase": "type", "reason": "a\ufffdb\ufffd", "log_tail": ["\ufffd"]}.items()
    )


def test_an_error_that_nobody_foresaw_tells_no_secret(
    world: World, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    session_key = world.start(1)
    (worker,) = world.crew(session_key)
    proof = signed_by(worker.instance_id, session_key)
    monkeypatch.setattr(world.store, "read", lambda *_: 1 / 0)
    body = {"instance_id": worker.instance_id, "instance_index": 0, "status": "BOOTSTRAPPING", "kind": "claim"}
    answers = [
        client.post("/job", json={"bucket": DATA, "prefix": "run", "hla_class": "1"}, headers=BASIC),
        client.post("/job", json={"bucket": DATA, "prefix": "run", "hla_class": "1"}, headers=USER),
        client.post(f"/job/{session_key}/status", json=body, headers=WORKER | proof),
    ]
    assert [answer.status_code for answer in answers] == [500, 500, 500]
    assert "ZeroDivisionError" in caplog.text
    logged = "\n".join(JsonFormatter().format(record) for record in caplog.records)
    for secret in ("user-secret", "worker-secret", BASIC["Authorization"].split()[1], proof["GeMS-Identity"][:24]):
        assert secret not in logged + "".join(answer.text + str(answer.headers) for answer in answers)
