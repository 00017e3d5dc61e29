"""A worker speaks for its own instance and its own job: what the API makes of its proof."""

from __future__ import annotations

from typing import Any

import pytest
from api_fakes import signed_by
from api_world import World
from flask.testing import FlaskClient

from gems_api.app import create_app
from gems_api.services.access import identity
from gems_api.services.access.identity import Identities
from gems_api.services.ports import IdentityRefused, IdentityUnchecked
from gems_core.identity import HEADER
from gems_core.session_key import SessionKey

WORKER = {"Authorization": "Bearer worker-secret"}
KEY = SessionKey.parse("b-p-class-1-261123-12:00:0123456789")
OTHER_KEY = SessionKey.parse("b-p-class-1-261123-12:00:9876543210")


@pytest.fixture
def client(world: World) -> FlaskClient:
    client: FlaskClient = create_app(world.settings, world.cloud, world.clock).test_client()
    return client


@pytest.fixture
def identities(world: World) -> Identities:
    return world.context.identities


def claim(client: FlaskClient, session_key: SessionKey, instance_id: str, headers: dict[str, str]) -> Any:
    body = {"instance_id": instance_id, "instance_index": 0, "status": "BOOTSTRAPPING", "kind": "claim"}
    return client.post(f"/job/{session_key}/status", json=body, headers=WORKER | headers)


def test_a_worker_that_proves_its_instance_is_heard(world: World, client: FlaskClient) -> None:
    session_key = world.start(1)
    (worker,) = world.crew(session_key)
    answer = claim(client, session_key, worker.instance_id, signed_by(worker.instance_id, session_key))
    assert (answer.status_code, answer.json["instruction"]) == (200, "work")


@pytest.mark.parametrize("headers", [{}, {HEADER: ""}, {HEADER: "bm9uc2Vuc2U="}])
def test_without_a_proof_the_credential_alone_opens_nothing(
    world: World, client: FlaskClient, headers: dict[str, str]
) -> None:
    session_key = world.start(1)
    (worker,) = world.crew(session_key)
    answer = claim(client, session_key, worker.instance_id, headers)
    assert (answer.status_code, answer.json["code"]) == (403, "identity_refused")
    body = {"session_key": str(session_key), "instance_id": worker.instance_id}
    assert client.post("/stop_instances", json=body, headers=WORKER | headers).status_code == 403
    assert world.job(session_key).workers == {}


def test_another_instances_id_another_jobs_proof_and_a_strangers_are_refused(world: World, client: FlaskClient) -> None:
    one, other = world.start(2, "one", workers=2), world.start(1, "other")
    mine, sibling = world.crew(one)
    (stranger,) = world.crew(other)
    for session_key, claimed, headers, code in [
        (one, sibling.instance_id, signed_by(mine.instance_id, one), "identity_refused"),
        (one, stranger.instance_id, signed_by(stranger.instance_id, other), "identity_refused"),
        (one, stranger.instance_id, signed_by(stranger.instance_id, one), "not_allowed"),
    ]:
        answer = claim(client, session_key, claimed, headers)
        assert (answer.status_code, answer.json["code"]) == (403, code)
    assert world.job(one).workers == {}


def test_a_proof_of_another_job_is_not_even_shown_to_sts(world: World, identities: Identities) -> None:
    with pytest.raises(IdentityRefused, match="another job"):
        identities.check(signed_by("i-1", OTHER_KEY)[HEADER], KEY, "i-1")
    assert world.identifier.asked == 0


def test_sts_is_asked_once_for_a_proof_until_it_expires(world: World, identities: Identities) -> None:
    header = signed_by("i-1", KEY)[HEADER]
    for seconds in (0, 600, 299):
        world.clock.pass_seconds(seconds)
        identities.check(header, KEY, "i-1")
    assert world.identifier.asked == 1
    world.clock.pass_seconds(2)
    identities.check(header, KEY, "i-1")
    assert world.identifier.asked == 2, "only STS says whether it has really expired"


def test_a_remembered_proof_still_speaks_for_one_instance_and_one_job_only(identities: Identities) -> None:
    header = signed_by("i-1", KEY)[HEADER]
    identities.check(header, KEY, "i-1")
    with pytest.raises(IdentityRefused, match="signed by instance i-1"):
        identities.check(header, KEY, "i-2")
    with pytest.raises(IdentityRefused, match="another job"):
        identities.check(header, OTHER_KEY, "i-1")


def test_a_worker_whose_clock_is_ahead_is_not_believed_for_longer(world: World, identities: Identities) -> None:
    header = signed_by("i-1", KEY, "20261123T121400Z")[HEADER]
    identities.check(header, KEY, "i-1")
    world.clock.pass_seconds(901)
    identities.check(header, KEY, "i-1")
    assert world.identifier.asked == 2


def test_a_refusal_is_not_remembered(world: World, identities: Identities) -> None:
    header = signed_by("i-1", KEY)[HEADER]
    world.identifier.refusal = IdentityRefused("no")
    with pytest.raises(IdentityRefused):
        identities.check(header, KEY, "i-1")
    world.identifier.refusal = None
    identities.check(header, KEY, "i-1")


def test_so_many_proofs_are_remembered_and_no_more(
    world: World, identities: Identities, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "MOST_REMEMBERED", 3)
    headers = [signed_by("i-1", KEY, signature=str(number))[HEADER] for number in range(5)]
    for header in headers:
        identities.check(header, KEY, "i-1")
    identities.check(headers[-1], KEY, "i-1")
    assert world.identifier.asked == 5
    identities.check(headers[0], KEY, "i-1")
    assert world.identifier.asked == 6


def test_while_sts_is_away_the_worker_is_told_when_to_come_again(world: World, client: FlaskClient) -> None:
    session_key = world.start(1)
    (worker,) = world.crew(session_key)
    world.identifier.refusal = IdentityUnchecked("STS did not answer")
    answer = claim(client, session_key, worker.instance_id, signed_by(worker.instance_id, session_key))
    assert (answer.status_code, answer.json["code"]) == (503, "identity_unchecked")
    assert int(answer.headers["Retry-After"]) > 0


def test_without_the_worker_credential_nobody_makes_the_api_ask_sts(world: World, client: FlaskClient) -> None:
    session_key = world.start(1)
    headers = {"Authorization": "Bearer guess"} | signed_by("i-0000", session_key)
    assert claim(client, session_key, "i-0000", headers).status_code == 401
    assert world.identifier.asked == 0
