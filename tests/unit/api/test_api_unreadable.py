"""A job whose records cannot be read: told as such, stopped all the same, and in nobody's way."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from api_fakes import signed_by
from api_world import CONTROL, World

from gems_api.app import create_app
from gems_api.services.lifecycle.cancel import cancel
from gems_api.services.lifecycle.retry import retry
from gems_api.services.reaping.reaper import reap
from gems_api.services.storage.folder_reader import UNREADABLE_MARKER
from gems_api.services.storage.object_sizes import FROM_WORKERS_BYTES, most_bytes
from gems_core import layout
from gems_core.session_key import SessionKey
from gems_core.statuses import JobStatus

USER = {"Authorization": "Bearer user-secret"}
RECORDS = {
    "no JSON": (layout.state_key, b"{half"),
    "a state without a status": (layout.state_key, b"{}"),
    "a state that is a list": (layout.state_key, b"[]"),
    "a state that is nested deeply": (layout.state_key, b"[" * 100_000),
    "a state that is too long": (layout.state_key, b" " * (most_bytes("settings/prices.json") + 1)),
    "a manifest of somebody else's": (layout.manifest_key, b'{"hello": 1}'),
}
# What a worker that is broken into may write where its job's done-markers are.
MARKERS = {
    "no JSON": b"{half",
    "no UTF-8": b"\xff\xfe",
    "deep arrays": b"[" * 100_000,
    "deep objects": b'{"a":' * 100_000,
    "deep, but not for Python": b'{"sample": ' + b"[" * 800 + b"]" * 800 + b"}",
    "too long": b'"' + b"A" * FROM_WORKERS_BYTES + b'"',
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


@pytest.mark.parametrize(
    ("key_of", "body", "wrong"),
    [
        (layout.state_key, b"{}", "it lacks the field 'overall_status'"),
        (layout.manifest_key, b'{"hello": 1}', "it lacks the field 'schema_version'"),
        (layout.manifest_key, b"[" * 100_000, "expected JSON of at most 100 levels, found more"),
        (layout.merge_lease_key, b"{half", "Expecting property name"),
        (lambda key: layout.worker_key(key, 1), b'{"detail": ""}', "it lacks the field 'failure'"),
        (lambda key: layout.worker_key(key, 1), b" " * 300_000, "expected at most 262144 bytes, found 300000"),
        (lambda key: layout.claim_key(key, 2), b"[]", "list indices must be integers"),
        (lambda key: f"{layout.job_prefix(key)}claims/mine.json", b"{}", "expected a number as the object's name"),
    ],
)
def test_users_and_the_log_are_told_which_object_it_is_and_what_is_wrong(
    key_of: Callable[[SessionKey], str], body: bytes, wrong: str, caplog: pytest.LogCaptureFixture
) -> None:
    world = World()
    session_key = world.start(2)
    key = key_of(session_key)
    world.store.put(CONTROL, key, body)
    client = create_app(world.settings, world.cloud, world.clock).test_client()
    detail = client.post(f"/job/{session_key}/cancel", headers=USER).get_json()["detail"]
    (listed,) = client.get("/job").get_json()
    for text in (detail, listed["reason"], caplog.text):
        assert f"s3://{CONTROL}/{key}: " in text
        assert wrong in text


@pytest.mark.parametrize("damage", MARKERS)
def test_a_marker_that_cannot_be_read_fails_its_sample_and_nothing_else(damage: str) -> None:
    world = World()
    session_key = world.start(2, samples_per_worker=2)
    (worker,) = world.crew(session_key)
    share = worker.claim().share
    assert share is not None
    worker.write_markers(share)
    world.store.put(CONTROL, layout.done_key(session_key, "K001"), MARKERS[damage])
    (job,) = create_app(world.settings, world.cloud, world.clock).test_client().get("/job").get_json()
    assert job["overall_status"] == "RUNNING"
    assert [(item["sample"], item["reason"]) for item in job["failures"]] == [("K001", UNREADABLE_MARKER)]
    assert worker.say("finished", "UPLOADING", share).instruction == "merge"


@pytest.mark.parametrize("damage", MARKERS)
def test_a_job_with_a_marker_that_cannot_be_read_is_reaped_cancelled_and_retried(damage: str) -> None:
    world = World()
    session_key = world.start(2, workers=2)
    world.crew(session_key)[0].claim()
    world.store.put(CONTROL, layout.done_key(session_key, "K001"), MARKERS[damage])
    world.clock.pass_seconds(world.settings.launch_limit_seconds + 1)
    assert reap(world.context).failed == []
    assert cancel(world.context, session_key).kept == 0
    assert world.fleet.living() == []
    world.clock.pass_seconds(100)
    assert retry(world.context, session_key).run == 2
    assert not world.store.exists(CONTROL, layout.done_key(session_key, "K001"))


@pytest.mark.parametrize("damage", MARKERS)
def test_an_event_that_cannot_be_read_keeps_no_instance_that_never_spoke(damage: str) -> None:
    world = World()
    session_key = world.start(1)
    (silent,) = world.fleet.living()
    world.store.put(CONTROL, layout.event_key(session_key, world.clock(), silent), MARKERS[damage])
    world.clock.pass_seconds(world.settings.launch_limit_seconds + 1)
    reaped = reap(world.context)
    assert (reaped.failed, silent in reaped.useless) == ([], True)
    record = world.job(session_key).workers[0].value
    assert record.failure is not None
    assert (record.failure.phase, record.failure.log_tail) == ("bootstrap", ())


def test_a_summary_that_cannot_be_read_is_named() -> None:
    world = World()
    session_key = world.start(1)
    cancel(world.context, session_key)
    world.clock.pass_seconds(world.settings.launch_grace_seconds + 1)
    reap(world.context)
    key = layout.summary_key(session_key)
    world.store.put(CONTROL, key, b"[" * 100_000)
    (listed,) = create_app(world.settings, world.cloud, world.clock).test_client().get("/job").get_json()
    assert listed["overall_status"] == JobStatus.FAILED
    assert f"s3://{CONTROL}/{key}: expected JSON of at most 100 levels" in listed["reason"]


def test_markers_that_are_no_samples_are_not_read() -> None:
    world = World()
    session_key = world.start(1)
    keys = [layout.done_key(session_key, name) for name in ("K001", "K002", "strange")]
    for key in keys:
        world.store.put(CONTROL, key, b"{}")
    assert set(world.job(session_key).done) == {"K001"}
    assert [key for _, key in world.store.read_keys if key in keys] == keys[:1]
