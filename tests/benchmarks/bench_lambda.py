"""The Lambda's zip: its size, from spawn to first response, warm round trip, memory.

Run with ``make bench-lambda``. Nothing is mocked but AWS: the zip runs in AWS's runtime client, and S3 is moto over HTTP.
Beside the API's start stands that of a function that only imports the libraries it must have: no start can be faster.
"""

from __future__ import annotations

import resource
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TextIO

import requests

from gems_artefacts.cache import cache_folder
from gems_deploy.lambda_package.build import built_zip
from gems_local.lambda_runtime.code import runtime_folder, unpack
from gems_local.lambda_runtime.environment import Code
from gems_local.lambda_runtime.events import Mapping, rest_event
from gems_local.lambda_runtime.function import Function
from gems_local.lambda_runtime.gateway import Gateway
from gems_local.lambda_runtime.limits import Limits
from gems_local.lambda_runtime.wire import HttpRequest
from gems_local.settings import ACCESS_KEY, REGION, SECRET_KEY
from gems_local.stack import CloudPlan, LocalCloud

STARTS = 10
WARM = 500
# It does not ask S3 for anything.
BARE = """
import gc
gc.disable()
import botocore.session
import flask
app = flask.Flask(__name__)
s3 = botocore.session.get_session().create_client("s3")

def lambda_handler(event, context):
    return {"statusCode": 200, "headers": {}, "body": ""}
"""
ROLE = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}


def main() -> None:
    """Print the figures beside what the project asks for."""
    package = built_zip("dev", cache_folder() / "lambda")
    say(f"zip                             {package.stat().st_size / 1e6:8.1f} MB     (25 MB or less)")
    with tempfile.TemporaryDirectory() as folder, LocalCloud(CloudPlan(Path(folder) / "cloud", [], 1)) as cloud:
        task = Path(folder) / "task"
        task.mkdir()
        (task / "bare.py").write_text(BARE)
        root = unpack(package, task)
        variables = {**cloud.api_variables, "GEMS_API_URL": "https://gems.example.org/dev"}
        code = Code(
            root, runtime_folder(cache_folder() / "lambda"), "handler.lambda_handler", variables, "gems-dev", REGION
        )
        with (Path(folder) / "log").open("a") as log:
            for path in ("/healthz", "/job"):
                cold(code, f"GET {path}", path, log)
            cold(replace(code, handler="bare.lambda_handler"), "Flask and S3's client", "/", log)
            warm(code, log)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def cold(code: Code, what: str, path: str, log: TextIO) -> None:
    """From the start of a process to its first response."""
    event = rest_event(
        HttpRequest("GET", f"/dev{path}", (("Host", "localhost"),), b"", "127.0.0.1"), Mapping("dev", "/dev")
    )
    assert event is not None
    seconds, used = [], []
    for _ in range(STARTS):
        used.append(_processor_seconds())
        function = Function(code, ROLE, Limits(), log)
        begun = time.monotonic()
        invocation = function.invoke(event)
        seconds.append(time.monotonic() - begun)
        assert not invocation.error, invocation.error
        function.close()
        used[-1] = _processor_seconds() - used[-1]
    spread = f"{min(seconds):.2f}-{max(seconds):.2f} s; {statistics.median(used):.2f} s of processor time"
    say(f"spawn to first {what:<21} {statistics.median(seconds):8.2f} s      (0.4 s or less) {spread}")


def _processor_seconds() -> float:
    """Of all children that have ended; other programs on the machine do not change it as they change a clock's time."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def warm(code: Code, log: TextIO) -> None:
    """Round trips through the gateway, with one environment."""
    gateway = Gateway(lambda _: Function(code, ROLE, Limits(), log), "dev", {}, Limits())
    with requests.Session() as session:
        session.trust_env = False
        for path in ("/healthz", "/job"):
            session.get(gateway.url + path, timeout=30)
            seconds = []
            for _ in range(WARM):
                begun = time.monotonic()
                session.get(gateway.url + path, timeout=30)
                seconds.append(time.monotonic() - begun)
            say(f"warm GET {path:<22} {statistics.median(seconds) * 1000:8.1f} ms     p50, through the gateway")
    say(f"resident after both             {gateway.function.largest_mb:8.0f} MB     (100 MB or less)")
    gateway.close()


if __name__ == "__main__":
    main()
