"""Records are amended in one way: what others wrote meanwhile is never lost, and nobody tries for ever."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from api_world import World

from gems_api.services.lifecycle.cancel import cancel
from gems_api.services.lifecycle.ending import amend_state
from gems_api.services.lifecycle.mail import send_once
from gems_api.services.state.records import JobState, Lease
from gems_api.services.storage.job_store import TRIES, Amended
from gems_core import layout
from gems_core.errors import CloudRefused, Conflict
from gems_core.protocol.failure import Failure
from gems_core.session_key import SessionKey


def one_launch_more(state: JobState | None) -> JobState:
    assert state is not None
    return replace(state, launches=state.launches + 1)


def amend(
    world: World, session_key: SessionKey, change: Callable[[JobState | None], JobState | None]
) -> Amended[JobState] | None:
    return world.context.jobs.amend(session_key, layout.state_key(session_key), JobState.from_json, change)


def never_let_through(monkeypatch: pytest.MonkeyPatch, world: World, part: str) -> list[str]:
    """Somebody else is always faster at writing objects with this in their keys; each try's key."""
    tried: list[str] = []
    create, overwrite = world.store.create, world.store.replace

    def lose(bucket: str, key: str, body: bytes, etag: str = "") -> str | None:
        if part in key:
            tried.append(key)
            return None
        return overwrite(bucket, key, body, etag) if etag else create(bucket, key, body)

    monkeypatch.setattr(world.store, "create", lose)
    monkeypatch.setattr(world.store, "replace", lose)
    return tried


def test_whoever_is_not_let_through_amends_what_the_others_wrote(world: World) -> None:
    session_key = world.start(1)
    others = [3, 2, 1]

    def change(state: JobState | None) -> JobState:
        if others:
            others.pop()
            amend(world, session_key, one_launch_more)
        return one_launch_more(state)

    amended = amend(world, session_key, change)
    assert amended is not None
    assert amended.before is not None
    assert amended.after is not None
    assert (amended.before.launches, amended.after.value.launches) == (4, 5)
    assert world.job(session_key).state == amended.after


@pytest.mark.parametrize("nothing", [lambda state: state, lambda state: None])
def test_a_change_that_asks_for_nothing_writes_nothing(
    world: World, nothing: Callable[[JobState | None], JobState | None]
) -> None:
    session_key = world.start(1)
    held = world.job(session_key).state
    assert held is not None
    assert amend(world, session_key, nothing) == Amended(held.value, None)
    assert world.job(session_key).state == held


def test_a_record_that_is_not_there_is_made_or_left_alone(world: World) -> None:
    session_key = world.start(1)
    key = layout.merge_lease_key(session_key)
    first = Lease("i-1", world.clock(), 1)
    assert world.context.jobs.amend(session_key, key, Lease.from_json, lambda lease: None) == Amended(None, None)
    made = world.context.jobs.amend(session_key, key, Lease.from_json, lambda lease: lease or first)
    assert made is not None
    assert made.before is None
    assert made.after == world.job(session_key).lease


def test_a_record_in_hand_is_not_read_again_unless_it_has_changed(world: World) -> None:
    session_key = world.start(1)
    held = world.job(session_key).state
    key, jobs = layout.state_key(session_key), world.context.jobs
    world.store.calls.clear()
    assert jobs.amend(session_key, key, JobState.from_json, one_launch_more, held)
    assert dict(world.store.calls) == {"replace": 1}
    world.store.calls.clear()
    amended = jobs.amend(session_key, key, JobState.from_json, one_launch_more, held)
    assert dict(world.store.calls) == {"replace": 2, "read": 1}
    assert amended is not None
    assert amended.after is not None
    assert amended.after.value.launches == 3


def test_who_never_gets_through_gives_up_after_some_tries(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    session_key = world.start(1)
    tried = never_let_through(monkeypatch, world, "/state.json")
    assert amend(world, session_key, one_launch_more) is None
    assert len(tried) == TRIES
    amend_state(world.context, session_key, one_launch_more)
    with pytest.raises(Conflict, match=r"the state of job .* keeps changing; try again"):
        cancel(world.context, session_key)


def test_a_mail_whose_record_cannot_be_written_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    session_key = world.start(1, email="lab@example.org")
    never_let_through(monkeypatch, world, "/mail.json")
    with pytest.raises(CloudRefused, match=r"mail\.json cannot be written; the mail is sent later"):
        send_once(world.context, world.job(session_key))
    assert world.mailer.sent == []


def test_a_worker_whose_records_cannot_be_written_is_asked_to_send_its_message_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_key = world.start(1, workers=1)
    (worker,) = world.crew(session_key)
    share = worker.claim().share
    with monkeypatch.context() as patched:
        never_let_through(patched, world, "/workers/")
        with pytest.raises(Conflict, match="keeps changing; send the message again"):
            worker.say("status", "DOWNLOADING", share)
    with monkeypatch.context() as patched:
        never_let_through(patched, world, "/claims/")
        with pytest.raises(Conflict, match=f"what {worker.instance_id} holds of job .* keeps changing"):
            worker.say("failed", "TYPING", share, Failure("typing", "it broke"))
    worker.work()
    world.write_report(session_key)
    never_let_through(monkeypatch, world, "/merge.lease")
    with pytest.raises(Conflict, match="the merge lease keeps changing; send the message again"):
        worker.say("status", "REPORT_WRITTEN")
