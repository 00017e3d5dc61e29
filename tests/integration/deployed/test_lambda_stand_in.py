"""The stand-in for API Gateway and Lambda is as strict as they are, shown with a small function in AWS's own runtime client."""

from __future__ import annotations

import http.client
import io
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TextIO

import pytest
import requests
from waiting import eventually

from gems_artefacts.cache import cache_folder
from gems_local.lambda_runtime.code import runtime_folder, unpack
from gems_local.lambda_runtime.environment import Code
from gems_local.lambda_runtime.function import Function, PayloadTooLarge
from gems_local.lambda_runtime.gateway import Gateway
from gems_local.lambda_runtime.limits import Limits
from gems_local.processes import descendants

SOURCE = """
import base64, json, os, pathlib, sys, threading, time
CALLS = []
TICKS = []
def count():
    while True:
        TICKS.append(1)
        time.sleep(0.01)
threading.Thread(target=count, daemon=True).start()

def handle(event, context):
    CALLS.append(1)
    act = (event.get("queryStringParameters") or {}).get("act", "")
    if act == "sleep": time.sleep(60)
    if act == "nap": time.sleep(0.5)
    if act == "raise": raise ValueError("no such luck")
    if act == "exit": os._exit(3)
    if act == "eat": context.eaten = bytearray(400_000_000); time.sleep(5)
    if act == "write": pathlib.Path(os.environ["LAMBDA_TASK_ROOT"], "new").write_text("x")
    if act == "malformed": return {"status": 200}
    if act == "large": return {"statusCode": 200, "body": "x" * 7_000_000}
    if act == "bytes": return {"statusCode": 200, "body": base64.b64encode(bytes(range(256))).decode(), "isBase64Encoded": True}
    if act == "ticks": return {"statusCode": 200, "body": str(len(TICKS))}
    facts = {"event": event, "calls": len(CALLS), "pid": os.getpid(), "environment": dict(os.environ),
             "left_ms": context.get_remaining_time_in_millis(), "modules": [m for m in ("gems_cli", "boto3", "flask") if m in sys.modules],
             "path": sys.path}
    headers = {"Content-Type": ["application/json"], "Set-Cookie": ["a=1", "b=2"], "WWW-Authenticate": ["Basic"]}
    return {"statusCode": 200, "multiValueHeaders": headers, "body": json.dumps(facts)}
"""
LIMITS = Limits(gateway_seconds=1.5, function_seconds=2.0, init_seconds=5.0, memory_mb=128, environments=2)


def package(folder: Path, source: str) -> Path:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("it.py", source)
    path = folder / "it.zip"
    path.write_bytes(content.getvalue())
    return path


def function_of(folder: Path, log: TextIO, source: str = SOURCE, **variables: str) -> Function:
    root = unpack(package(folder, source), folder / "task")
    runtime = runtime_folder(cache_folder() / "lambda")
    code = Code(root, runtime, "it.handle", variables, "it-dev", "eu-west-1")
    return Function(code, {"AWS_ACCESS_KEY_ID": "role"}, LIMITS, log)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[TextIO]:
    with (tmp_path / "log").open("a") as file:
        yield file


@pytest.fixture
def gateway(tmp_path: Path, log: TextIO) -> Iterator[Gateway]:
    made = Gateway(
        lambda _: function_of(tmp_path, log, GREETING="hello"), "dev", {"gems.test": "", "lab.test": "v1"}, LIMITS
    )
    yield made
    made.close()


def get(gateway: Gateway, path: str = "/echo", **arguments: Any) -> requests.Response:
    return requests.get(gateway.url + path, timeout=60, **arguments)


def act(gateway: Gateway, what: str) -> requests.Response:
    return get(gateway, params={"act": what})


def test_an_event_tells_the_request_as_a_rest_api_does(gateway: Gateway) -> None:
    answer = requests.post(
        f"{gateway.url}/job/a%3Ab?k=1&k=2&e=",
        data=b"\x00\xff",
        headers={"X-Two": "a", "User-Agent": "tests"},
        timeout=20,
    )
    event = answer.json()["event"]
    assert (event["path"], event["requestContext"]["path"]) == ("/job/a%3Ab", "/dev/job/a%3Ab")
    assert event["pathParameters"] == {"proxy": "job/a:b"}
    assert event["multiValueQueryStringParameters"] == {"k": ["1", "2"], "e": [""]}
    assert event["queryStringParameters"] == {"k": "2", "e": ""}
    assert (event["body"], event["isBase64Encoded"]) == ("AP8=", True)
    assert event["multiValueHeaders"]["X-Two"] == ["a"]
    assert event["headers"]["X-Forwarded-Proto"] == "https"
    assert event["requestContext"]["stage"] == "dev"
    assert event["requestContext"]["identity"] == {"sourceIp": "127.0.0.1", "userAgent": "tests"}
    assert answer.headers["x-amzn-Remapped-WWW-Authenticate"] == "Basic"
    assert "WWW-Authenticate" not in answer.headers
    assert answer.raw.headers.getlist("Set-Cookie") == ["a=1", "b=2"]


def test_a_custom_domain_leads_to_the_stage_with_and_without_a_base_path(gateway: Gateway) -> None:
    root = f"http://127.0.0.1:{gateway.port}"
    plain = requests.get(f"{root}/job", headers={"Host": "gems.test"}, timeout=60).json()["event"]
    assert (plain["path"], plain["requestContext"]["path"]) == ("/job", "/job")
    based = requests.get(f"{root}/v1/job", headers={"Host": "lab.test"}, timeout=60).json()["event"]
    assert (based["path"], based["pathParameters"]) == ("/v1/job", {"proxy": "job"})
    assert requests.get(f"{root}/job", headers={"Host": "lab.test"}, timeout=60).status_code == 403
    assert requests.get(f"{root}/job", timeout=60).json() == {"message": "Missing Authentication Token"}


def test_bytes_leave_as_they_are(gateway: Gateway) -> None:
    assert act(gateway, "bytes").content == bytes(range(256))


def test_the_function_finds_lambdas_environment_and_nothing_of_this_one(gateway: Gateway, tmp_path: Path) -> None:
    facts = get(gateway).json()
    environment = facts["environment"]
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == "it-dev"
    assert environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "128"
    assert environment["LAMBDA_TASK_ROOT"] == str(tmp_path / "task")
    assert environment["AWS_REGION"] == "eu-west-1"
    assert (environment["GREETING"], environment["AWS_ACCESS_KEY_ID"]) == ("hello", "role")
    assert not {"HOME", "VIRTUAL_ENV", "PYTEST_CURRENT_TEST"} & set(environment)
    assert 0 < facts["left_ms"] <= 2000
    assert facts["modules"] == []
    assert not [path for path in facts["path"] if "site-packages" in path and str(sys.base_prefix) not in path]


@pytest.mark.parametrize(
    ("what", "status", "message"),
    [
        ("sleep", 504, "Endpoint request timed out"),
        ("raise", 502, "Internal server error"),
        ("exit", 502, "Internal server error"),
        ("eat", 502, "Internal server error"),
        ("malformed", 502, "Internal server error"),
        ("large", 502, "Internal server error"),
    ],
)
def test_what_breaks_a_limit_is_answered_by_the_gateway_and_the_next_request_is_served(
    gateway: Gateway, what: str, status: int, message: str
) -> None:
    answer = act(gateway, what)
    assert (answer.status_code, answer.json()) == (status, {"message": message})
    assert get(gateway).status_code == 200


def test_a_function_that_takes_too_long_is_killed_and_started_anew(gateway: Gateway, tmp_path: Path) -> None:
    first = get(gateway).json()
    act(gateway, "sleep")
    # The gateway has answered before the function's time is over; what ended is logged after all else.
    eventually(lambda: "Task timed out after 2.00 seconds" in (tmp_path / "log").read_text(), "its end is logged")
    assert not is_at_work(first["pid"])
    again = get(gateway).json()
    assert again["pid"] != first["pid"]
    assert again["calls"] == 1


def test_large_requests_are_refused_before_the_function_sees_them(gateway: Gateway) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=20)
    connection.putrequest("POST", "/dev/echo")
    connection.putheader("Content-Length", str(11 * 1024 * 1024))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()
    # Four bytes of base64 for three: 5 MB are too much for Lambda, though not for API Gateway.
    assert requests.post(f"{gateway.url}/echo", data=b"x" * 5_000_000, timeout=60).status_code == 413
    assert gateway.function.starts == []
    with pytest.raises(PayloadTooLarge):
        gateway.function.invoke({"a": "x" * 7_000_000})


def test_environments_are_started_on_demand_kept_and_bounded(gateway: Gateway) -> None:
    for _ in range(3):
        get(gateway)
    assert len(gateway.function.starts) == 1
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: act(gateway, "nap").status_code, range(3)))
    assert answers == [200, 200, 200]
    assert len(gateway.function.starts) == LIMITS.environments


def test_an_environment_is_frozen_between_its_events(gateway: Gateway) -> None:
    before = int(act(gateway, "ticks").text)
    time.sleep(0.5)
    assert int(act(gateway, "ticks").text) - before < 10


def test_a_function_that_cannot_start_is_answered_and_told_in_the_log(tmp_path: Path, log: TextIO) -> None:
    function = function_of(tmp_path, log, "import nothing_of_this_name")
    invocation = function.invoke({})
    function.close()
    assert "nothing_of_this_name" in invocation.error
    assert "INIT_REPORT Status: error" in (tmp_path / "log").read_text()


@pytest.mark.parametrize(
    ("variables", "told"), [({"AWS_REGION": "x"}, "AWS_REGION"), ({"LONG": "x" * 4096}, "4096 are allowed")]
)
def test_settings_that_lambda_refuses_are_refused(
    tmp_path: Path, log: TextIO, variables: dict[str, str], told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        function_of(tmp_path, log, **variables)


SERVER = """
import sys
from pathlib import Path
sys.path.insert(0, {here!r})
from test_lambda_stand_in import function_of
from gems_local.lambda_runtime.code import obey_file_modes
obey_file_modes()
function = function_of(Path(sys.argv[1]), sys.stderr)
function.invoke({{}})
error = function.invoke({{"queryStringParameters": {{"act": "write"}}}}).error
print(error, flush=True)
sys.stdin.read()
"""


def is_at_work(pid: int) -> bool:
    """Whether the process is there; one that has ended and that nobody has asked for (some containers do not) is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_code_is_read_only_even_for_root_and_nothing_outlives_a_killed_server(tmp_path: Path) -> None:
    code = SERVER.format(here=str(Path(__file__).parent))
    server = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        start_new_session=True,
    )
    assert server.stdout is not None
    assert b"PermissionError" in server.stdout.readline()
    (environment,) = descendants(server.pid)
    os.kill(server.pid, signal.SIGKILL)
    server.communicate()
    eventually(lambda: not is_at_work(environment), "the environment has ended with its server")
