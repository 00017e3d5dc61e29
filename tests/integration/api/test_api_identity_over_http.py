"""Workers that lie, over HTTP and against an STS that checks signatures: each holds the right worker credential."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import boto3
import botocore.auth
import pytest
import requests
from api_site import ACCOUNT, JOB_ROLE, REGION, WORKER_ROLE, SimulatedWorker, Site, proof_header, role_credentials
from botocore.credentials import ReadOnlyCredentials
from botocore.session import get_session

from gems_api.aws.sts import StsIdentifier, WorkerSessions
from gems_api.services.ports import IdentityRefused, IdentityUnchecked
from gems_core.identity import HEADER, IdentityProof

Crew = Callable[[str], list[SimulatedWorker]]
KEY = "b-p-class-1-261123-12:00:0123456789"


@pytest.fixture
def victim(site: Site, crew: Crew) -> SimulatedWorker:
    """The worker whom the others pretend to be."""
    (worker,) = crew(site.start("run-victim", 1))
    return worker


@pytest.fixture
def liar(site: Site, crew: Crew) -> SimulatedWorker:
    """A worker of another job; its instance has been taken over."""
    (worker,) = crew(site.start("run-liar", 1))
    return worker


def say(victim: SimulatedWorker, instance_id: str, proof: dict[str, str]) -> requests.Response:
    body = {"instance_id": instance_id, "instance_index": 0, "kind": "claim", "status": "BOOTSTRAPPING"}
    return victim.site.worker("POST", f"/job/{victim.session_key}/status", json=body, headers=proof)


def refused(answer: requests.Response) -> tuple[int, str]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


def changed(proof: dict[str, str], **headers: str) -> dict[str, str]:
    """A proof with other headers than were signed."""
    document = json.loads(base64.b64decode(proof[HEADER]))
    renamed = {name.replace("_", "-"): value for name, value in headers.items()}
    return {HEADER: base64.b64encode(json.dumps(document | renamed).encode()).decode()}


def test_a_liar_may_speak_neither_for_another_instance_nor_for_another_job(
    site: Site, victim: SimulatedWorker, liar: SimulatedWorker
) -> None:
    own = role_credentials(site.endpoint, liar.instance_id)
    for_the_victims_job = proof_header(site.endpoint, victim.session_key, own)
    assert refused(say(victim, victim.instance_id, {})) == (403, "identity_refused")
    assert refused(say(victim, victim.instance_id, liar.proof)) == (403, "identity_refused"), "a proof of its own job"
    assert refused(say(victim, victim.instance_id, for_the_victims_job)) == (403, "identity_refused")
    assert refused(say(victim, liar.instance_id, for_the_victims_job)) == (403, "not_allowed"), "no instance of the job"
    renamed = changed(liar.proof, X_Gems_Session_Key=victim.session_key)
    assert refused(say(victim, liar.instance_id, renamed)) == (403, "identity_refused"), "the job is signed"
    body = {"session_key": victim.session_key, "instance_id": victim.instance_id}
    for proof in ({}, liar.proof, for_the_victims_job):
        assert refused(site.worker("POST", "/stop_instances", json=body, headers=proof)) == (403, "identity_refused")
    assert site.jobs(session_key=victim.session_key)[0]["overall_status"] == "LAUNCHING"
    assert victim.say("claim", "BOOTSTRAPPING")["instruction"] == "work"


def test_a_proof_that_was_overheard_is_good_for_its_own_instance_and_job_only(
    site: Site, victim: SimulatedWorker, liar: SimulatedWorker
) -> None:
    overheard = victim.proof
    assert say(victim, victim.instance_id, overheard).status_code == 200, "the API remembers it now"
    assert refused(say(liar, liar.instance_id, overheard)) == (403, "identity_refused")
    assert refused(say(liar, victim.instance_id, overheard)) == (403, "identity_refused")
    assert refused(say(victim, liar.instance_id, overheard)) == (403, "identity_refused")


@pytest.mark.parametrize("minutes", [-16, 16])
def test_a_proof_of_another_time_is_refused(
    victim: SimulatedWorker, minutes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_at = datetime.now(UTC) + timedelta(minutes=minutes)
    role_credentials(victim.site.endpoint, victim.instance_id)  # asked for now, and remembered
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: signed_at)
    proof = victim.proof
    monkeypatch.undo()
    answer = say(victim, victim.instance_id, proof)
    assert refused(answer) == (403, "identity_refused")
    assert signed_at.strftime("%Y-%m-%dT%H:%M:%SZ") in answer.json()["detail"]


def test_only_the_workers_role_of_the_own_account_proves_an_instance(site: Site, victim: SimulatedWorker) -> None:
    other_role = f"arn:aws:iam::{ACCOUNT}:role/gems-worker-2"
    other_account = "arn:aws:iam::210987654321:role/gems-worker"
    for credentials in (
        role_credentials(site.endpoint, victim.instance_id, other_role),
        role_credentials(site.endpoint, victim.instance_id, other_account),
        role_credentials(site.endpoint, "administrator"),
        ReadOnlyCredentials("testing", "testing", "none"),
    ):
        proof = proof_header(site.endpoint, victim.session_key, credentials)
        assert refused(say(victim, victim.instance_id, proof)) == (403, "identity_refused")


def test_a_forged_signature_and_anothers_token_are_refused(
    site: Site, victim: SimulatedWorker, liar: SimulatedWorker
) -> None:
    own, stolen = (role_credentials(site.endpoint, worker.instance_id) for worker in (liar, victim))
    for credentials in (
        ReadOnlyCredentials(stolen.access_key, own.secret_key, stolen.token),
        ReadOnlyCredentials(stolen.access_key, stolen.secret_key, own.token),
    ):
        proof = proof_header(site.endpoint, victim.session_key, credentials)
        assert refused(say(victim, victim.instance_id, proof)) == (403, "identity_refused")


def test_a_proof_for_another_host_is_refused_here(site: Site, victim: SimulatedWorker) -> None:
    credentials = role_credentials(site.endpoint, victim.instance_id)
    proof = proof_header("https://sts.us-east-1.amazonaws.com", victim.session_key, credentials)
    assert refused(say(victim, victim.instance_id, proof)) == (403, "identity_refused")


class SickSts(ThreadingHTTPServer):
    """Answers every request with the same words.

    Attributes:
        seen: path, headers and body of each request.
    """

    daemon_threads = True
    status = 200
    text = ""

    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, str], bytes]] = []
        sts = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                sts.seen.append((self.path, dict(self.headers), body))
                self.send_response(sts.status)
                self.send_header("Location", "http://127.0.0.1:1/")
                self.send_header("Content-Length", str(len(sts.text)))
                self.end_headers()
                self.wfile.write(sts.text.encode())

            def log_message(self, *_: Any) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)


@pytest.fixture
def sick() -> Iterator[SickSts]:
    server = SickSts()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def identifier(sick: SickSts, monkeypatch: pytest.MonkeyPatch) -> StsIdentifier:
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", f"http://127.0.0.1:{sick.server_port}")
    return StsIdentifier(WorkerSessions(get_session(), REGION, WORKER_ROLE))


@pytest.fixture
def proof(site: Site) -> IdentityProof:
    header = proof_header(site.endpoint, KEY, role_credentials(site.endpoint, "i-0123456789abcdef0"))
    return IdentityProof.parse(header[HEADER])


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (500, "oops"),
        (503, "<Code>ServiceUnavailable</Code>"),
        (429, ""),
        (400, "<Error><Code>Throttling</Code></Error>"),
        (200, "not the XML of STS"),
        (200, "<Arn>arn:aws:sts::1:x</Arn><Arn>arn:aws:sts::2:y</Arn>"),
    ],
)
def test_an_sts_in_trouble_is_neither_a_yes_nor_a_no(
    sick: SickSts, identifier: StsIdentifier, proof: IdentityProof, status: int, text: str
) -> None:
    sick.status, sick.text = status, text
    with pytest.raises(IdentityUnchecked):
        identifier.instance_id(proof, "")


def test_an_sts_out_of_reach_is_neither_a_yes_nor_a_no(proof: IdentityProof, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1")
    with pytest.raises(IdentityUnchecked, match="did not answer"):
        StsIdentifier(WorkerSessions(get_session(), REGION, WORKER_ROLE)).instance_id(proof, "")


def test_what_sts_quotes_of_a_request_is_not_repeated(
    sick: SickSts, identifier: StsIdentifier, proof: IdentityProof
) -> None:
    sick.status = 403
    sick.text = f"<Code>SignatureDoesNotMatch</Code><Message>Canonical String: {proof.security_token}</Message>"
    with pytest.raises(IdentityRefused, match="SignatureDoesNotMatch") as refusal:
        identifier.instance_id(proof, "")
    assert proof.security_token not in str(refusal.value)


def test_a_redirect_takes_the_proof_nowhere(sick: SickSts, identifier: StsIdentifier, proof: IdentityProof) -> None:
    sick.status = 307
    with pytest.raises(IdentityRefused):
        identifier.instance_id(proof, "")
    ((path, headers, body),) = sick.seen
    assert (path, body) == ("/", b"Action=GetCallerIdentity&Version=2011-06-15")
    assert headers["Host"] == f"127.0.0.1:{sick.server_port}"
    assert set(headers) <= {*proof.headers(), "Host", "Accept-Encoding", "Content-Length", "User-Agent"}


def ask_credentials(worker: SimulatedWorker, instance_id: str, proof: dict[str, str]) -> requests.Response:
    path = f"/job/{worker.session_key}/credentials"
    return worker.site.worker("POST", path, json={"instance_id": instance_id}, headers=proof)


def test_a_jobs_credentials_are_given_by_sts_and_live_an_hour(site: Site, victim: SimulatedWorker) -> None:
    own = role_credentials(site.endpoint, victim.instance_id)
    answer = ask_credentials(victim, victim.instance_id, proof_header(site.endpoint, victim.session_key, own))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    given = answer.json()
    left = datetime.fromisoformat(given["expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=55) < left <= timedelta(minutes=60)
    sts = boto3.client(
        "sts",
        region_name=REGION,
        endpoint_url=site.endpoint,
        aws_access_key_id=given["access_key_id"],
        aws_secret_access_key=given["secret_access_key"],
        aws_session_token=given["session_token"],
    )
    assert sts.get_caller_identity()["Arn"].endswith(f":assumed-role/gems-job/{victim.instance_id}")


def test_a_jobs_credentials_prove_nothing_to_the_api(site: Site, victim: SimulatedWorker) -> None:
    job_role = role_credentials(site.endpoint, victim.instance_id, JOB_ROLE)
    proof = proof_header(site.endpoint, victim.session_key, job_role)
    assert refused(ask_credentials(victim, victim.instance_id, proof)) == (403, "identity_refused")


def test_a_liar_is_given_no_credentials_of_another_job(
    site: Site, victim: SimulatedWorker, liar: SimulatedWorker
) -> None:
    liars = role_credentials(site.endpoint, liar.instance_id)
    for instance_id, key, code in [
        (victim.instance_id, victim.session_key, "identity_refused"),
        (liar.instance_id, victim.session_key, "not_allowed"),
        (liar.instance_id, liar.session_key, "identity_refused"),
    ]:
        proof = proof_header(site.endpoint, key, liars)
        assert refused(ask_credentials(victim, instance_id, proof)) == (403, code)
