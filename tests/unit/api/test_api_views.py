"""What one job is shown as: how fresh it is, who makes it, and that it costs little to look."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from api_world import CONTROL, Worker, World
from flask.testing import FlaskClient

from gems_api.app import create_app
from gems_api.services.context import Context
from gems_api.services.lifecycle.cancel import cancel
from gems_api.services.shown import views
from gems_api.services.shown.views import STALE_SECONDS, show_job
from gems_api.services.state.document import JobDocument
from gems_api.services.storage import checkpoint, job_folder
from gems_api.services.store_ports import Stored
from gems_api.services.workers.report_status import report_status
from gems_core import layout
from gems_core.protocol.failure import Failure
from gems_core.protocol.status_report import Kind, StatusReport, Vitals
from gems_core.session_key import SessionKey
from gems_core.statuses import WorkerStatus


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every job count as a large one."""
    monkeypatch.setattr(job_folder, "LISTED_WHOLE", 0)


def client_of(world: World) -> FlaskClient:
    """A process that knows nothing yet."""
    return create_app(world.settings, world.cloud, world.clock).test_client()


def look(client: FlaskClient, session_key: SessionKey, **headers: str) -> Any:
    return client.get("/job", query_string={"session_key": str(session_key)}, headers=headers)


def statuses(answer: Any) -> list[str]:
    return [worker["status"] for worker in answer.json[0]["workers"]]


def busy(world: World) -> tuple[SessionKey, Worker, Any]:
    session_key = world.start(4, workers=2)
    worker = world.crew(session_key)[0]
    return session_key, worker, worker.claim().share


def test_a_process_shows_what_it_saw_for_a_second_and_asks_nobody(world: World) -> None:
    world = world.with_settings(status_cache_seconds=1)
    session_key, worker, share = busy(world)
    client = client_of(world)
    first = look(client, session_key)
    worker.say("status", "DOWNLOADING", share)
    world.store.calls.clear()
    assert look(client, session_key).data == first.data
    unchanged = look(client, session_key, **{"If-None-Match": first.headers["ETag"]})
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert not world.store.calls
    world.clock.pass_seconds(1)
    assert statuses(look(client, session_key)) == ["DOWNLOADING", "LAUNCHED"]


def test_every_process_gives_the_same_content_the_same_etag(world: World) -> None:
    session_key, _, _ = busy(world)
    first, second = (look(client_of(world), session_key) for _ in range(2))
    assert first.headers["ETag"] == second.headers["ETag"]
    assert not first.headers["ETag"].startswith("W/")
    assert first.headers["Cache-Control"] == "private, no-cache"


@pytest.mark.usefixtures("large")
def test_a_large_jobs_view_is_made_by_the_workers_messages_and_read_with_one_call(world: World) -> None:
    session_key, worker, share = busy(world)
    world.clock.pass_seconds(10)
    worker.say("status", "DOWNLOADING", share)
    client = client_of(world)
    world.store.calls.clear()
    answer = look(client, session_key)
    assert statuses(answer) == ["DOWNLOADING", "LAUNCHED"]
    # Is it active, has it a summary, the view.
    assert dict(world.store.calls) == {"exists": 1, "read": 2}
    world.store.calls.clear()
    world.clock.pass_seconds(2)
    assert look(client, session_key).headers["Age"] == "2"
    assert world.store.calls["entries"] == 0


@pytest.mark.usefixtures("large")
def test_a_shared_view_is_made_anew_at_most_every_two_seconds_and_by_one(world: World) -> None:
    session_key, worker, share = busy(world)
    worker.say("status", "DOWNLOADING", share)
    made = _versions(world, session_key)
    worker.say("heartbeat", "DOWNLOADING", share)
    assert _versions(world, session_key) == made
    world.clock.pass_seconds(2)
    processes = [World(settings=world.settings, clock=world.clock, store=world.store) for _ in range(4)]
    manifest = world.job(session_key).manifest
    world.store.calls.clear()
    threads = [threading.Thread(target=views.keep_fresh, args=(item.context, manifest)) for item in processes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert world.store.calls["put"] == 1
    assert _versions(world, session_key) != made


@pytest.mark.usefixtures("large")
def test_a_view_that_takes_long_to_make_is_made_by_one_and_the_others_show_the_last_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_key, worker, share = busy(world)
    worker.say("status", "DOWNLOADING", share)
    world.clock.pass_seconds(STALE_SECONDS)
    others = [World(settings=world.settings, clock=world.clock, store=world.store) for _ in range(3)]
    share_view, made = views._share, []

    def slow(context: Context, key: SessionKey) -> JobDocument:
        made.append(context)
        for seconds in (5, 20):  # S3 is slow; meanwhile a worker speaks to one process, and users ask others
            world.clock.pass_seconds(seconds)
            views.keep_fresh(others[0].context, world.job(session_key).manifest)
            for other in others[1:]:
                assert views.show_job(other.context, session_key).seen_at is not None
        return share_view(context, key)

    monkeypatch.setattr(views, "_share", slow)
    views.keep_fresh(world.context, world.job(session_key).manifest)
    assert made == [world.context]


@pytest.mark.usefixtures("large")
def test_who_dies_over_a_view_holds_it_up_for_a_while_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    session_key, worker, share = busy(world)
    worker.say("status", "DOWNLOADING", share)
    world.clock.pass_seconds(STALE_SECONDS)
    with monkeypatch.context() as patch:
        patch.setattr(views, "_share", lambda *_: 1 / 0)
        worker.say("heartbeat", "DOWNLOADING", share)
    made = _versions(world, session_key)
    world.clock.pass_seconds(views.TURN_SECONDS)
    worker.say("heartbeat", "DOWNLOADING", share)
    assert _versions(world, session_key) != made


@pytest.mark.usefixtures("large")
def test_a_shared_view_says_to_each_what_the_process_that_made_it_says(world: World) -> None:
    session_key, worker, share = busy(world)
    worker.say("failed", "FAILED", share, Failure("typing", "it broke", ("a line of the log",)))
    world.clock.pass_seconds(STALE_SECONDS)
    maker, reader = client_of(world), client_of(world)
    user = {"Authorization": "Bearer user-secret"}
    for headers, logs in (({}, 0), (user, 1)):
        made, read = look(maker, session_key, **headers), look(reader, session_key, **headers)
        assert made.data == read.data
        assert made.headers["ETag"] == read.headers["ETag"]
        assert read.data.count(b"a line of the log") == logs
    query = {"session_key": str(session_key), "overall_status": "CANCELLED"}
    assert reader.get("/job", query_string=query).json == [], "what is asked besides the key is looked for in it"


def _versions(world: World, session_key: SessionKey) -> str:
    return world.store.buckets[CONTROL][layout.view_key(session_key)].etag


@pytest.mark.usefixtures("large")
def test_when_no_message_comes_whoever_asks_makes_a_stale_view_anew(world: World) -> None:
    session_key, worker, share = busy(world)
    worker.say("status", "DOWNLOADING", share)
    client = client_of(world)
    look(client, session_key)
    world.fleet.terminate(world.fleet.living())
    world.clock.pass_seconds(STALE_SECONDS)
    world.store.calls.clear()
    assert look(client, session_key).headers["Age"] == "0"
    assert world.store.calls["put"] == 1


@pytest.mark.usefixtures("large")
def test_the_end_of_a_job_is_shown_at_once(world: World) -> None:
    session_key, worker, share = busy(world)
    worker.say("status", "DOWNLOADING", share)
    client = client_of(world)
    look(client, session_key)
    cancel(world.context, session_key)
    assert look(client, session_key).json[0]["overall_status"] == "CANCELLED"


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("damage", [b"", b"not gzip", b"\x1f\x8b\x08half"])
def test_a_damaged_view_is_made_anew_and_a_failing_one_spoils_no_message(
    world: World, damage: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_key, worker, share = busy(world)
    worker.say("status", "DOWNLOADING", share)
    world.store.buckets[CONTROL][layout.view_key(session_key)] = Stored(damage, '"damaged"')
    assert statuses(look(client_of(world), session_key)) == ["DOWNLOADING", "LAUNCHED"]
    world.clock.pass_seconds(60)
    monkeypatch.setattr(views, "_share", lambda *_: 1 / 0)
    assert worker.say("status", "TYPING", share).instruction == "continue"


@pytest.mark.usefixtures("large")
def test_a_process_that_knows_nothing_reads_a_checkpoint_and_what_has_changed_since(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "MOST_READS", 20)
    session_key = world.start(60, workers=30)
    for worker in world.crew(session_key)[:29]:
        worker.do_share(worker.claim().share)  # type: ignore[arg-type]
    world.store.put(CONTROL, layout.done_key(session_key, "K003"), b"{half")
    assert layout.checkpoint_key(session_key) not in world.store.buckets[CONTROL]
    whole = world.job(session_key)
    assert layout.checkpoint_key(session_key) in world.store.buckets[CONTROL]
    last = world.crew(session_key)[29]
    last.claim()
    third = World(settings=world.settings, clock=world.clock, store=world.store)
    world.store.calls.clear()
    seen = third.job(session_key)
    # Manifest, checkpoint, state, lease, mail, and the last worker's record and claim.
    assert world.store.calls["read"] == 7
    assert seen == world.job(session_key)
    assert seen.done == whole.done
    world.store.buckets[CONTROL][layout.checkpoint_key(session_key)] = Stored(b"nonsense", '"x"')
    fourth = World(settings=world.settings, clock=world.clock, store=world.store)
    assert fourth.job(session_key) == world.job(session_key)


VITALS = {
    "step": "type",
    "samples": ["K001"],
    "free_memory_mb": 900,
    "free_disk_mb": 20,
    "load": 3.5,
    "still_seconds": 7,
}


def beat(world: World, session_key: SessionKey) -> None:
    worker = world.crew(session_key)[0]
    granted = worker.claim().share
    assert granted is not None
    report = StatusReport(
        worker.instance_id, worker.index, WorkerStatus.TYPING, Kind.HEARTBEAT, granted.share.index, 1,
        vitals=Vitals.from_json(VITALS),
    )  # fmt: skip
    report_status(world.context, session_key, report)


def test_a_job_shows_how_its_workers_machines_are(world: World) -> None:
    session_key = world.start(1)
    beat(world, session_key)
    (worker,) = show_job(world.context, session_key).content["workers"]
    assert worker["vitals"] == VITALS


@pytest.mark.usefixtures("large")
def test_of_a_large_job_the_heartbeats_are_not_read(world: World) -> None:
    session_key = world.start(1)
    beat(world, session_key)
    (worker,) = show_job(world.context, session_key).content["workers"]
    assert worker["vitals"] is None


def test_who_is_gone_has_no_vitals(world: World) -> None:
    session_key = world.start(1)
    beat(world, session_key)
    cancel(world.context, session_key)
    (worker,) = show_job(world.context, session_key).content["workers"]
    assert worker["vitals"] is None


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b"x" * 300_000])
def test_a_heartbeat_that_changed_since_it_was_listed_or_is_none_hides_no_job(
    world: World, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    session_key = world.start(1)
    beat(world, session_key)
    listing = world.store.entries

    def listed_before(*arguments: Any, **more: Any) -> Any:
        found = listing(*arguments, **more)
        world.store.put(CONTROL, layout.heartbeat_key(session_key, 0), body)
        return found

    monkeypatch.setattr(world.store, "entries", listed_before)
    (worker,) = show_job(world.context, session_key).content["workers"]
    assert worker["vitals"] is None
