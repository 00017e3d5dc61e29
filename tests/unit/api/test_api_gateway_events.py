"""Events of API Gateway and of the schedule, as the Lambda's handler meets them."""

from __future__ import annotations

import base64
import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from flask import Flask, Response, request

from gems_api.web import gateway
from gems_api.web.gateway import answer_http_api, answer_rest_api, of_http_api, of_rest_api
from gems_api.web.problems import CONTENT_TYPE

ENVIRONMENT = {
    "GEMS_CONTROL_BUCKET": "control",
    "GEMS_REGION": "eu-west-1",
    "GEMS_API_URL": "https://gems.example.org/dev",
    "GEMS_AMI_ID": "ami-1",
    "GEMS_INSTANCE_TYPE": "c7i.large",
    "GEMS_INSTANCE_PROFILE": "profile",
    "GEMS_SECURITY_GROUP": "sg-1",
    "GEMS_SUBNET": "subnet-1",
    "GEMS_LAUNCH_TEMPLATE": "gems",
    "GEMS_INSTANCE_TYPES": "c7i.large",
    "GEMS_SUBNETS": "subnet-1",
    "GEMS_MAIL_SENDER": "gems@example.org",
    "GEMS_WORKER_ROLE": "arn:aws:iam::123456789012:role/gems-worker",
    "GEMS_JOB_ROLE": "arn:aws:iam::123456789012:role/gems-job",
}


def rest_event(path: str = "/healthz", **more: Any) -> dict[str, Any]:
    """What a REST API's stage ``dev`` sends for a ``GET``."""
    return {
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": "GET",
        "headers": {"Host": "abc.execute-api.eu-west-1.amazonaws.com"},
        "multiValueHeaders": {"Host": ["abc.execute-api.eu-west-1.amazonaws.com"]},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": {"proxy": path.strip("/")},
        "requestContext": {"stage": "dev", "path": f"/dev{path}", "identity": {"sourceIp": "192.0.2.7"}},
        "body": None,
        "isBase64Encoded": False,
        **more,
    }


def http_event(raw_path: str, **more: Any) -> dict[str, Any]:
    return {
        "version": "2.0",
        "rawPath": raw_path,
        "rawQueryString": "",
        "headers": {"host": "abc.execute-api.eu-west-1.amazonaws.com"},
        "requestContext": {"stage": "dev", "http": {"method": "GET", "path": raw_path, "sourceIp": "192.0.2.7"}},
        "isBase64Encoded": False,
        **more,
    }


@pytest.mark.parametrize(
    ("event", "found"),
    [
        (rest_event("/job"), ("/dev", "/job")),
        (rest_event("/", resource="/", pathParameters=None, requestContext={"path": "/dev/"}), ("/dev", "/")),
        (rest_event("/", resource="/", pathParameters=None, requestContext={"path": "/dev"}), ("/dev", "/")),
        # A custom domain mapped to the stage: without a base path, and with one, which stands in both paths.
        (rest_event("/job", requestContext={"path": "/job"}), ("", "/job")),
        (rest_event("/v1/job", pathParameters={"proxy": "job"}, requestContext={"path": "/v1/job"}), ("/v1", "/job")),
        (
            rest_event("/job/a%3Ab/cancel", requestContext={"path": "/dev/job/a%3Ab/cancel"}),
            ("/dev", "/job/a:b/cancel"),
        ),
    ],
)
def test_the_path_of_a_rest_event_is_told_from_its_stage(event: dict[str, Any], found: tuple[str, str]) -> None:
    asked = of_rest_api(event)
    assert (asked.script_name, asked.path) == found


@pytest.mark.parametrize(
    ("event", "found"),
    [
        (http_event("/dev/job"), ("/dev", "/job")),
        (http_event("/dev"), ("/dev", "/")),
        (http_event("/job"), ("", "/job")),
        (http_event("/development"), ("", "/development")),
        (http_event("/job", requestContext={"stage": "$default", "http": {"method": "GET"}}), ("", "/job")),
    ],
)
def test_the_path_of_an_http_event_is_told_from_its_stage(event: dict[str, Any], found: tuple[str, str]) -> None:
    asked = of_http_api(event)
    assert (asked.script_name, asked.path) == found


def echo_app() -> Flask:
    app = Flask(__name__)

    @app.post("/echo")
    def echo() -> Response:
        facts = {
            "body": base64.b64encode(request.get_data()).decode(),
            "query": request.args.to_dict(flat=False),
            "headers": {name.lower(): value for name, value in request.headers.items()},
            "type": request.content_type,
            "url": request.url,
            "peer": request.remote_addr,
        }
        response = Response(json.dumps(facts), content_type="application/json")
        response.headers.add("Set-Cookie", "a=1")
        response.headers.add("Set-Cookie", "b=2")
        return response

    @app.get("/bytes")
    def some_bytes() -> Response:
        return Response(b"\x00\xff", content_type="application/octet-stream")

    @app.get("/large")
    def large() -> Response:
        return Response(b"x" * (gateway.LARGEST_ANSWER_BYTES - 1000), content_type="text/plain")

    @app.get("/quotes")
    def quotes() -> Response:
        headers = {"ETag": '"1"', "X-Kept": "1"}
        return Response(b'"' * (gateway.LARGEST_ANSWER_BYTES // 2), content_type="text/plain", headers=headers)

    return app


def test_a_request_keeps_its_bytes_repeated_arguments_and_repeated_headers() -> None:
    event = rest_event(
        "/echo",
        httpMethod="POST",
        body=base64.b64encode(b"\x00\xffbody").decode(),
        isBase64Encoded=True,
        multiValueHeaders={
            "Host": ["h.example.org"],
            "Content-Type": ["application/json"],
            "Accept": ["a/b", "c/d"],
            "GeMS_Identity": ["forged"],
            "Content-Length": ["9999"],
        },
        multiValueQueryStringParameters={"prefix": ["a b/ü&c"], "k": ["1", "2"]},
    )
    answer = answer_rest_api(echo_app(), of_rest_api(event))
    facts = json.loads(answer["body"])
    assert answer["statusCode"] == 200
    assert answer["multiValueHeaders"]["Set-Cookie"] == ["a=1", "b=2"]
    assert base64.b64decode(facts["body"]) == b"\x00\xffbody"
    assert facts["query"] == {"prefix": ["a b/ü&c"], "k": ["1", "2"]}
    assert facts["headers"]["accept"] == "a/b,c/d"
    assert "gems-identity" not in facts["headers"]
    assert facts["type"] == "application/json"
    assert facts["url"].startswith("https://h.example.org/dev/echo?")
    assert facts["peer"] == "192.0.2.7"


def test_an_http_api_is_answered_in_its_own_format() -> None:
    context = {"stage": "$default", "http": {"method": "POST", "sourceIp": "192.0.2.7"}}
    event = http_event("/echo", requestContext=context, body="text", cookies=["c=1", "d=2"])
    answer = answer_http_api(echo_app(), of_http_api(event))
    assert answer["cookies"] == ["a=1", "b=2"]
    assert answer["headers"]["Content-Type"] == "application/json"
    assert json.loads(answer["body"])["headers"]["cookie"] == "c=1; d=2"


def test_bytes_that_are_no_text_leave_as_base64() -> None:
    answer = answer_rest_api(echo_app(), of_rest_api(rest_event("/bytes")))
    assert answer["isBase64Encoded"] is True
    assert base64.b64decode(answer["body"]) == b"\x00\xff"


@pytest.mark.parametrize("answer_of", ["rest", "http"])
def test_an_answer_that_lambda_would_not_pass_on_becomes_a_problem(
    answer_of: str, caplog: pytest.LogCaptureFixture
) -> None:
    if answer_of == "rest":
        answer = answer_rest_api(echo_app(), of_rest_api(rest_event("/quotes")))
        content_type = answer["multiValueHeaders"]["Content-Type"][0]
    else:
        answer = answer_http_api(echo_app(), of_http_api(http_event("/dev/quotes")))
        content_type = answer["headers"]["Content-Type"]
    problem = json.loads(answer["body"])
    assert (answer["statusCode"], problem["code"], content_type) == (500, "answer_too_large", CONTENT_TYPE)
    assert (problem["type"], problem["instance"]) == ("/dev/docs#answer_too_large", "/dev/quotes")
    assert "ETag" not in str(answer)
    assert "X-Kept" in str(answer)
    assert "/quotes: an answer of" in caplog.text


def test_the_largest_answer_is_measured_as_lambda_writes_it() -> None:
    answer = answer_rest_api(echo_app(), of_rest_api(rest_event("/large")))
    assert answer["statusCode"] == 200
    assert 6_000_000 < len(json.dumps(answer)) <= gateway.LARGEST_ANSWER_BYTES


@pytest.fixture
def handler(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    kept = {name: module for name, module in sys.modules.items() if name.startswith("gems_api.")}
    for name in ("gems_api.lambda_handler", "gems_api.handler_app", "gems_api.scheduled"):
        sys.modules.pop(name, None)
    yield importlib.import_module("gems_api.lambda_handler")
    sys.modules.update(kept)


def test_the_handler_passes_requests_on(handler: ModuleType) -> None:
    assert json.loads(handler.lambda_handler(rest_event(), None)["body"])["status"] == "ok"
    assert json.loads(handler.lambda_handler(http_event("/dev/healthz"), None)["body"])["status"] == "ok"


@pytest.mark.parametrize(
    "event",
    [
        {"raw_command": "raise SystemExit(3)"},
        {"raw_command": "1", "command": "gems_api.scheduled.reap"},
        {"command": "os.abort"},
        {"manage": "shell"},
        {"detail-type": "Scheduled Event", "resources": ["arn:aws:events:eu-west-1:1:rule/x-y-os.abort"]},
        {"detail-type": "Scheduled Event", "resources": []},
        {"Records": [{"Sns": {"Message": '{"command": "os.abort"}'}}]},
        {"type": "TOKEN"},
        {"httpMethod": "GET"},
        {},
        [],
        None,
        "text",
    ],
)
def test_the_handler_refuses_every_other_event(handler: ModuleType, event: object) -> None:
    with pytest.raises(handler.EventRefused):
        handler.lambda_handler(event, None)


@pytest.mark.parametrize(
    "event",
    [
        {
            "detail-type": "Scheduled Event",
            "resources": ["arn:aws:events:eu-west-1:1:rule/gems-dev-reap-gems_api.scheduled.reap"],
        },
        {"command": "gems_api.scheduled.reap"},
    ],
)
def test_the_schedule_reaches_the_reaper_with_the_apps_own_context(
    handler: ModuleType, event: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []

    def reap_jobs(context: object) -> Any:
        seen.append(context)
        raise LookupError("seen enough")

    monkeypatch.setattr("gems_api.services.reaping.reaper.reap", reap_jobs)
    with pytest.raises(LookupError):
        handler.lambda_handler(event, None)
    assert seen == [handler.app.extensions["gems"]]


def test_a_start_loads_neither_aws_nor_what_only_developers_need() -> None:
    code = "import json, sys; import gems_api.lambda_handler; print(json.dumps(sorted(sys.modules)))"
    environment = {**ENVIRONMENT, "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    too_heavy = {"boto3", "credstash", "cryptography", "s3transfer", "urllib3", "requests"}
    never = {
        "zappa",
        "moto",
        "gems_cli",
        "worker",
        "pydantic",
        "apispec",
        "marshmallow",
        "apiflask",
        "numpy",
        "click.testing",
    }
    assert not loaded & (too_heavy | never)
    assert not {name for name in loaded if name.startswith("botocore.") and name.count(".") == 1} - {
        "botocore.exceptions",
        "botocore.vendored",
    }


def test_what_needs_no_secret_is_answered_without_boto3() -> None:
    """A tenth of such a start would be spent on it."""
    code = """
import os, sys
from botocore.session import get_session
import gems_api.compose
from gems_api.aws.clients import Clients
from gems_api.settings import Settings
session = get_session()
session.set_credentials("x", "y")
Clients(Settings.from_environment(os.environ), session, print).store()
print(*{"boto3", "s3transfer", "credstash", "cryptography"} & set(sys.modules))
"""
    environment = {**ENVIRONMENT, "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_what_ses_tells_goes_to_the_mails_and_not_to_the_app(handler: ModuleType) -> None:
    event = {"source": "aws.ses", "detail-type": "Email Bounced", "detail": {"eventType": "Bounce"}}
    assert handler.lambda_handler(event, None) == {"noted": False}
    with pytest.raises(handler.EventRefused):
        handler.lambda_handler({"source": "aws.ec2", "detail": {}}, None)
