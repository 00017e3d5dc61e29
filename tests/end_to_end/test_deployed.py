"""A job whose API is the Lambda's zip behind a stage, and the same deployment behind other addresses."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import pytest
import requests
from cloud_site import JobRecord, Site, job_files
from tiny_run import TinyRun

from gems_artefacts.cache import cache_folder
from gems_artefacts.publish import collect_artefacts
from gems_deploy.lambda_package.build import built_zip
from gems_local.lambda_runtime.code import runtime_folder
from gems_local.lambda_runtime.environment import Code
from gems_local.lambda_runtime.function import Function
from gems_local.lambda_runtime.gateway import Gateway
from gems_local.lambda_runtime.limits import Limits
from gems_local.settings import ACCESS_KEY, REGION, SECRET_KEY
from gems_local.stack import STAGE, CloudPlan, LocalCloud

EMAIL = "lab@example.org"
SAMPLES = 2
KEY = str(uuid.uuid4())


@pytest.fixture(scope="module")
def deployed(
    typer_jar: Path, tiny_run: TinyRun, cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    artefacts = collect_artefacts(typer_jar, tiny_run.library, tiny_run.panel, cache / "artefacts")
    package = built_zip(STAGE, cache_folder() / "lambda")
    plan = CloudPlan(tmp_path_factory.mktemp("deployed"), artefacts, SAMPLES, lambda_zip=package)
    with LocalCloud(plan) as cloud:
        yield Site(cloud)


@pytest.fixture(scope="module")
def job(deployed: Site, tiny_run: TinyRun) -> JobRecord:
    deployed.upload("two", job_files(tiny_run.reads, SAMPLES))
    return deployed.follow(deployed.start("two", samples_per_worker=1, email=EMAIL))


def test_the_job_is_completed_by_the_deployed_zip(deployed: Site, job: JobRecord) -> None:
    assert job.last["overall_status"] == "COMPLETE", job.last
    assert job.last["samples_done"] == SAMPLES
    assert deployed.cloud.api_url.endswith("/dev")
    log = (deployed.cloud.plan.folder / "api.log").read_text()
    assert log.count("REPORT RequestId") > SAMPLES
    assert '"reaped"' in log
    assert deployed.cloud.user_token not in log
    assert deployed.cloud.worker_token not in log


def test_the_functions_memory_stays_within_what_is_promised(deployed: Site, job: JobRecord) -> None:
    log = (deployed.cloud.plan.folder / "api.log").read_text()
    used = [int(found) for found in re.findall(r"Max Memory Used: (\d+) MB", log)]
    assert max(used) <= 100


def test_workers_and_readers_of_mail_are_given_the_stages_address(deployed: Site, job: JobRecord) -> None:
    api_url = deployed.cloud.api_url
    for instance_id in job.instance_ids:
        script = deployed.given(instance_id).decode()
        assert re.search(rf"^api_url='?{re.escape(api_url)}'?$", script, re.MULTILINE)
    (mail,) = [mail for mail in deployed.mail() if job.session_key in str(mail)]
    assert f"{api_url}/job" in str(mail)


@dataclass(frozen=True)
class Address:
    """How the API is reached.

    Attributes:
        host: None for the stage's own address.
        base: what stands before ``/job`` in its paths.
    """

    host: str | None
    base: str


ADDRESSES = [
    pytest.param(Address(None, "/dev"), id="execute-api"),
    pytest.param(Address("gems.example.org", ""), id="custom-domain"),
    pytest.param(Address("lab.example.org", "/v1"), id="custom-domain-with-base-path"),
]


@pytest.fixture(scope="module", params=ADDRESSES)
def reached(
    request: pytest.FixtureRequest, deployed: Site, job: JobRecord, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Gateway, Address]]:
    """Another deployment of the same zip on the same AWS, whose public address is the parameter."""
    address: Address = request.param
    with (tmp_path_factory.mktemp("reached") / "log").open("a") as log:
        gateway = gateway_at(address, deployed, log)
        yield gateway, address
        gateway.close()


def gateway_at(address: Address, deployed: Site, log: TextIO) -> Gateway:
    def function_at(url: str) -> Function:
        public = url if address.host is None else f"https://{address.host}{address.base}"
        variables = {**deployed.cloud.api_variables, "GEMS_API_URL": public}
        runtime = runtime_folder(cache_folder() / "lambda")
        code = Code(
            deployed.cloud.plan.folder / "lambda", runtime, "handler.lambda_handler", variables, "gems-dev", REGION
        )
        return Function(code, {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}, Limits(), log)

    domains = {} if address.host is None else {address.host: address.base.strip("/")}
    return Gateway(function_at, STAGE, domains, Limits())


class Reader:
    """Asks a deployment by its public addresses, wherever it really listens."""

    def __init__(self, gateway: Gateway, address: Address, token: str) -> None:
        self._root = f"http://127.0.0.1:{gateway.port}"
        self._host = address.host
        self._token = token
        self.base = self._root + address.base if address.host is None else f"https://{address.host}{address.base}"

    def get(self, url: str, **headers: str) -> requests.Response:
        return self._ask("GET", url, headers=headers)

    def post(self, url: str, body: dict[str, object], **headers: str) -> requests.Response:
        return self._ask("POST", url, headers=headers, json=body)

    def _ask(self, method: str, url: str, headers: dict[str, str], **more: object) -> requests.Response:
        public = f"https://{self._host}" if self._host else self._root
        assert url.startswith(public), f"{url} leads elsewhere than {public}"
        host = {"Host": self._host} if self._host else {}
        known = {**host, "Authorization": f"Bearer {self._token}", **headers}
        path = url.removeprefix(public)
        return requests.request(
            method,
            self._root + path,
            headers=known,
            timeout=60,
            allow_redirects=False,
            **more,  # type: ignore[arg-type]
        )


def test_every_link_works_at_every_address(reached: tuple[Gateway, Address], deployed: Site, job: JobRecord) -> None:
    reader = Reader(*reached, deployed.cloud.user_token)
    body: dict[str, object] = {"bucket": deployed.cloud.data_bucket, "prefix": "two", "hla_class": "all", "workers": 1}
    started = reader.post(f"{reader.base}/job", body, **{"Idempotency-Key": f"{KEY} {reader.base}"})
    assert started.status_code == 202, started.text
    location = started.headers["Location"]
    assert location == started.json()["location"]
    (shown,) = reader.get(location).json()
    cancelled = reader.post(f"{reader.base}/job/{shown['session_key']}/cancel", {})
    assert cancelled.status_code == 200

    first = reader.get(f"{reader.base}/job?limit=1")
    match = re.fullmatch(r'<(.+)>; rel="next"', first.headers["Link"])
    assert match is not None
    assert len(reader.get(match[1]).json()) == 1

    (complete,) = reader.get(f"{reader.base}/job?session_key={job.session_key}").json()
    for link in complete["report"].values():
        answer = reader.get(link)
        assert answer.status_code == 302
        assert requests.get(answer.headers["Location"], timeout=60).status_code == 200


def test_every_link_of_the_pages_works_at_every_address(reached: tuple[Gateway, Address], deployed: Site) -> None:
    reader = Reader(*reached, deployed.cloud.user_token)
    origin = re.match(r"https?://[^/]+", reader.base)
    assert origin is not None
    for entrance in {reader.base or "/", f"{reader.base}/"}:
        led = reader.get(entrance, Accept="text/html")
        assert led.status_code == 303
        page = reader.get(origin[0] + led.headers["Location"].removeprefix(origin[0]), Accept="text/html")
        links = [*re.findall(r'href="([^"#]+)"', page.text), *re.findall(r'src="([^"]+)"', page.text)]
        assert len(links) >= 3
        for link in links:
            assert reader.get(origin[0] + link).status_code == 200, link
        for link in ("jobs", "docs", "openapi"):
            assert reader.get(origin[0] + reader.get(entrance).json()[link]).status_code == 200
    spec = reader.get(f"{reader.base}/openapi.json").json()
    assert spec["servers"] == [{"url": reader.base}]
    assert reader.get(f"{spec['servers'][0]['url']}/healthz").status_code == 200
    problem = reader.get(f"{reader.base}/nothing").json()
    assert origin[0] + problem["instance"] == f"{reader.base}/nothing"
