"""A job whose records cannot be read: told as such, stopped all the same, and in nobody's way."""

from __future__ import annotations

import pytest
from api_fakes import signed_by
from api_world import CONTROL, World

from gems_api.app import create_app
from gems_core import layout
from gems_core.session_key import SessionKey

USER = {"Authorization": "Bearer user-secret"}
RECORDS = {
    "no JSON": (layout.state_key, b"{half"),
    "a state without a status": (layout.state_key, b"{}"),
    "a state that is a list": (layout.state_key, b"[]"),
    "a manifest of somebody else's": (layout.manifest_key, b'{"hello": 1}'),
}


@pytest.fixture(params=sorted(RECORDS))
def damaged(request: pytest.FixtureRequest) -> tuple[World, SessionKey]:
    """A deployment of which one job runs, and has a damaged record."""
    world = World()
    session_key = world.start(2, workers=2)
    key_of, body = RECORDS[request.param]
    world.store.put(CONTROL, key_of(session_key), body)
    after = World(store=world.store, clock=world.clock)  # a Lambda that has read none of it yet
    after.fleet.known.update(world.fleet.known)
    return after, session_key


def test_what_cannot_be_read_is_a_documented_problem(damaged: tuple[World, SessionKey]) -> None:
    world, session_key = damaged
    client = create_app(world.settings, world.cloud, world.clock).test_client()
    instance_id = world.fleet.living()[0]
    worker = {"Authorization": "Bearer worker-secret"} | signed_by(instance_id, session_key)
    status = {"instance_id": instance_id, "instance_index": 0, "status": "BOOTSTRAPPING", "kind": "claim"}
    paths = client.get("/openapi.json").get_json()["paths"]
    for what, headers, body in (
        ("cancel", USER, None),
        ("retry", USER, None),
        ("status", worker, status),
        ("credentials", worker, {"instance_id": instance_id}),
    ):
        answer = client.post(f"/job/{session_key}/{what}", headers=headers, json=body)
        assert (answer.status_code, answer.get_json()["code"]) == (500, "job_unreadable"), what
        assert str(session_key) in answer.get_json()["detail"]
        assert "500" in paths[f"/job/{{session_key}}/{what}"]["post"]["responses"]


def test_cancelling_it_terminates_its_instances_and_no_other_jobs(damaged: tuple[World, SessionKey]) -> None:
    world, session_key = damaged
    running = world.fleet.living()
    other = world.start(1, "other")
    client = create_app(world.settings, world.cloud, world.clock).test_client()
    detail = client.post(f"/job/{session_key}/cancel", headers=USER).get_json()["detail"]
    assert f"its instances are being terminated: {', '.join(running)}" in detail
    assert world.fleet.living() == [item.instance_id for item in world.fleet.instances(str(other))]
    assert "none is left" in client.post(f"/job/{session_key}/cancel", headers=USER).get_json()["detail"]
