"""A worker is given what opens its own job in S3: ``POST /job/<session_key>/credentials``."""

from __future__ import annotations

import logging
from typing import Any

import boto3
import pytest
from api_fakes import signed_by
from api_world import CONTROL, World
from botocore.stub import Stubber
from flask.testing import FlaskClient

from gems_api.app import create_app
from gems_api.aws.job_role import StsIssuer
from gems_api.services.lifecycle.cancel import cancel
from gems_api.services.lifecycle.retry import retry
from gems_api.services.ports import JobRoleRefused
from gems_core.errors import CloudRefused, GemsError
from gems_core.session_key import SessionKey

WORKER = {"Authorization": "Bearer worker-secret"}


@pytest.fixture
def client(world: World) -> FlaskClient:
    client: FlaskClient = create_app(world.settings, world.cloud, world.clock).test_client()
    return client


def ask(client: FlaskClient, session_key: SessionKey | str, instance_id: str, *, proof_of: str = "") -> Any:
    headers = WORKER | signed_by(proof_of or instance_id, session_key)
    return client.post(f"/job/{session_key}/credentials", json={"instance_id": instance_id}, headers=headers)


def test_a_worker_is_given_its_jobs_credentials_and_nobody_may_keep_the_answer(
    world: World, client: FlaskClient
) -> None:
    session_key = world.start(1)
    (worker,) = world.crew(session_key)
    answer = ask(client, session_key, worker.instance_id)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json == {
        "access_key_id": "ASIA0123456789",
        "secret_access_key": f"secret of {worker.instance_id}",
        "session_token": str(session_key),
        "expires_at": "2026-11-23T13:00:00+00:00",
    }


def test_nobody_is_given_another_jobs_credentials_or_in_anothers_name(world: World, client: FlaskClient) -> None:
    one, other = world.start(2, "one", workers=2), world.start(1, "other")
    mine, sibling = world.crew(one)
    (stranger,) = world.crew(other)
    for claimed, proof_of, code in [
        (sibling.instance_id, mine.instance_id, "identity_refused"),
        (stranger.instance_id, stranger.instance_id, "not_allowed"),
    ]:
        answer = ask(client, one, claimed, proof_of=proof_of)
        assert (answer.status_code, answer.json["code"]) == (403, code)


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer user-secret"}])
def test_only_workers_are_given_credentials(world: World, client: FlaskClient, headers: dict[str, str]) -> None:
    session_key = world.start(1)
    (worker,) = world.crew(session_key)
    more = signed_by(worker.instance_id, session_key)
    body = {"instance_id": worker.instance_id}
    assert client.post(f"/job/{session_key}/credentials", json=body, headers=headers | more).status_code == 401


def test_a_job_that_has_ended_is_opened_to_nobody(world: World, client: FlaskClient) -> None:
    session_key = world.start(1)
    (worker,) = world.crew(session_key)
    cancel(world.context, session_key)
    answer = ask(client, session_key, worker.instance_id)
    assert answer.status_code == 409
    assert "has ended as CANCELLED" in answer.json["detail"]
    assert "Retry-After" not in answer.headers, "asking again helps nobody"


def test_an_instance_of_an_earlier_run_is_given_nothing(world: World, client: FlaskClient) -> None:
    session_key = world.start(1)
    (old,) = world.crew(session_key)
    cancel(world.context, session_key)
    retry(world.context, session_key)
    answer = ask(client, session_key, old.instance_id)
    assert (answer.status_code, answer.json["code"]) == (403, "not_allowed")


@pytest.mark.parametrize(
    ("refusal", "status", "code"),
    [
        (CloudRefused("STS AssumeRole of gems-job: Throttling"), 503, "cloud_refused"),
        (JobRoleRefused("STS AssumeRole of gems-job: AccessDenied"), 403, "job_role_refused"),
    ],
)
def test_what_sts_refuses_is_told_as_such_and_whether_asking_again_helps(
    world: World, client: FlaskClient, refusal: GemsError, status: int, code: str
) -> None:
    session_key = world.start(1)
    (worker,) = world.crew(session_key)
    world.issuer.refusal = refusal
    answer = ask(client, session_key, worker.instance_id)
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert "STS AssumeRole of gems-job" in answer.json["detail"]


@pytest.mark.parametrize(
    ("code", "error"),
    [("AccessDenied", JobRoleRefused), ("PackedPolicyTooLarge", JobRoleRefused), ("Throttling", CloudRefused)],
)
def test_sts_saying_no_for_good_is_not_a_trouble_that_passes(world: World, code: str, error: type[GemsError]) -> None:
    client = boto3.client("sts", "eu-west-1", aws_access_key_id="AKIA", aws_secret_access_key="none")
    manifest = world.job(world.start(1)).manifest
    with Stubber(client) as sts:
        sts.add_client_error("assume_role", code, "User is not authorized")
        with pytest.raises(error, match=rf"STS AssumeRole of {world.settings.job_role} was refused \({code}\)"):
            StsIssuer(client, world.settings.job_role, CONTROL).issue(manifest, "i-0001")


def test_no_credentials_are_logged(world: World, client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    session_key = world.start(1)
    (worker,) = world.crew(session_key)
    answer = ask(client, session_key, worker.instance_id)
    assert answer.json["secret_access_key"] not in caplog.text
