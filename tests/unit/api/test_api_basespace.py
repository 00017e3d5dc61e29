"""A job that came from BaseSpace: links for its workers, and what BaseSpace is told of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from api_world import CONTROL, DATA, Worker
from fake_remote import SESSION, RemoteWorld, launched_job

from gems_api.services.lifecycle.cancel import cancel
from gems_api.services.reaping.reaper import reap
from gems_api.services.remote import mirror as mirror_module
from gems_api.services.remote.launches import admit, look, start
from gems_api.services.remote.links import file_link
from gems_api.services.remote.mirror import GIVE_UP_AFTER, mirror_all, standing
from gems_api.services.remote.remote_view import RemoteView, remote_view
from gems_api.services.remote_ports import RemoteTokenRefused, RemoteUnavailable
from gems_api.services.state.remote import Bond, BondState
from gems_core import layout
from gems_core.errors import Conflict, NotAllowed
from gems_core.file_links import LinkRequest
from gems_core.session_key import SessionKey
from gems_core.statuses import JobStatus


def in_time() -> bool:
    """No tick is late."""
    return False


@pytest.fixture
def basespace() -> RemoteWorld:
    return RemoteWorld()


def bond_of(world: RemoteWorld, session_key: SessionKey) -> Bond:
    held = world.context.jobs.record(session_key, layout.remote_bond_key(session_key), Bond.from_json)
    assert held is not None
    return held.value


def view_of(world: RemoteWorld, session_key: SessionKey) -> RemoteView:
    view = remote_view(world.context, world.job(session_key).manifest)
    assert view is not None
    return view


def typed(world: RemoteWorld, session_key: SessionKey) -> None:
    """Workers type all samples, and the last one writes the report."""
    crew = world.crew(session_key)
    for worker in crew:
        worker.work()
    for sample in world.job(session_key).manifest.names_in_order:
        key = layout.sample_result_key(f"basespace/{SESSION}", session_key, sample, "typing.json")
        world.store.put(DATA, key, b"{}")
    crew[-1].merge()


def key_of_a_file(world: RemoteWorld, session_key: SessionKey) -> str:
    return world.job(session_key).manifest.samples[0].read_1.key


def test_a_worker_is_given_a_link_and_never_the_token(basespace: RemoteWorld) -> None:
    session_key = launched_job(basespace)
    (worker,) = basespace.crew(session_key)
    link = file_link(
        basespace.context, session_key, LinkRequest(worker.instance_id, key_of_a_file(basespace, session_key))
    )
    assert link.url.startswith("https://s3.amazonaws.com/f10?")


@pytest.mark.parametrize("key", ["", "basespace/90001/1/other.fastq.gz", "../job.json", "jobs/x/job.json"])
def test_a_worker_is_given_links_to_files_of_its_own_job_only(basespace: RemoteWorld, key: str) -> None:
    session_key = launched_job(basespace)
    (worker,) = basespace.crew(session_key)
    with pytest.raises(NotAllowed, match="has no file"):
        file_link(basespace.context, session_key, LinkRequest(worker.instance_id, key))


def test_no_link_is_given_to_another_jobs_instance_or_of_a_job_that_has_ended(basespace: RemoteWorld) -> None:
    session_key = launched_job(basespace)
    (worker,), key = basespace.crew(session_key), key_of_a_file(basespace, session_key)
    (other,) = basespace.crew(basespace.start(1))
    basespace.clock.pass_seconds(3600)
    with pytest.raises(NotAllowed, match="does not belong"):
        file_link(basespace.context, session_key, LinkRequest(other.instance_id, key))
    cancel(basespace.context, session_key)
    with pytest.raises(Conflict, match="no more of its files are copied"):
        file_link(basespace.context, session_key, LinkRequest(worker.instance_id, key))


def test_a_job_from_s3_has_no_links(basespace: RemoteWorld) -> None:
    session_key = basespace.start(1)
    (worker,) = basespace.crew(session_key)
    with pytest.raises(NotAllowed, match="has no file"):
        file_link(
            basespace.context, session_key, LinkRequest(worker.instance_id, key_of_a_file(basespace, session_key))
        )
    assert remote_view(basespace.context, basespace.job(session_key).manifest) is None


def test_without_the_permission_a_file_is_refused_with_what_to_do(basespace: RemoteWorld) -> None:
    session_key = launched_job(basespace)
    (worker,), bond = basespace.crew(session_key), bond_of(basespace, session_key)
    closed = bond.closed(BondState.GIVEN_UP)
    held = basespace.store.read(CONTROL, layout.remote_bond_key(session_key))
    assert held is not None
    basespace.context.jobs.write(layout.remote_bond_key(session_key), closed, held.etag)
    with pytest.raises(RemoteTokenRefused, match="Launch the app again"):
        file_link(
            basespace.context, session_key, LinkRequest(worker.instance_id, key_of_a_file(basespace, session_key))
        )


def test_basespace_is_told_how_far_the_job_is_once_for_each_change(basespace: RemoteWorld) -> None:
    session_key = launched_job(basespace)
    reap(basespace.context)
    reap(basespace.context)
    assert basespace.remote.told == [("running", "0/2 typed")]
    (worker,) = basespace.crew(session_key)
    share = worker.claim().share
    assert share is not None
    worker.write_markers(share)
    mirror_all(basespace.context, in_time)
    assert basespace.remote.told[1:] == [("running", "2/2 typed")]


def test_the_results_are_brought_before_the_last_word_and_then_the_token_is_forgotten(basespace: RemoteWorld) -> None:
    session_key = launched_job(basespace)
    typed(basespace, session_key)
    mirror_all(basespace.context, in_time)
    assert basespace.remote.asked[-1] == "tell"
    assert basespace.remote.told[-1] == ("complete", "2/2 typed")
    assert set(basespace.remote.results["r1"]) == {"report.csv", "samples/K1/typing.json", "samples/K2/typing.json"}
    bond = bond_of(basespace, session_key)
    assert (bond.state, bond.sealed_token) == (BondState.DELIVERED, "")
    assert basespace.context.remote_records.owed() == []
    assert view_of(basespace, session_key).is_done


@pytest.mark.parametrize("call", ["tell", "make_result", "add_file"])
def test_a_basespace_that_is_away_keeps_no_job_and_is_told_later(basespace: RemoteWorld, call: str) -> None:
    session_key = launched_job(basespace)
    basespace.remote.trouble[call] = RemoteUnavailable("BaseSpace does not answer")
    typed(basespace, session_key)
    reap(basespace.context)
    assert basespace.job(session_key).overall_status is JobStatus.COMPLETE
    view = view_of(basespace, session_key)
    assert (view.is_done, view.trouble) == (False, "BaseSpace does not answer")
    assert view.next_at is not None
    asked = len(basespace.remote.asked)
    reap(basespace.context)
    assert len(basespace.remote.asked) == asked, "not before its time"
    basespace.remote.trouble.clear()
    basespace.clock.pass_seconds(31)
    reap(basespace.context)
    assert basespace.remote.told[-1] == ("complete", "2/2 typed")
    assert basespace.remote.asked.count("make_result") <= 2
    assert view_of(basespace, session_key).is_done


def test_pauses_grow_and_after_a_week_nobody_waits_any_more(basespace: RemoteWorld) -> None:
    session_key = launched_job(basespace)
    typed(basespace, session_key)
    basespace.remote.trouble["tell"] = RemoteUnavailable("away")
    pauses = []
    for _ in range(9):
        mirror_all(basespace.context, in_time)
        pauses.append(bond_of(basespace, session_key).next_at - basespace.clock())
        basespace.clock.now += pauses[-1]
    assert pauses[:3] == [timedelta(seconds=seconds) for seconds in (30, 60, 120)]
    assert pauses[-1] == timedelta(hours=1)
    basespace.clock.now += GIVE_UP_AFTER
    mirror_all(basespace.context, in_time)
    bond = bond_of(basespace, session_key)
    assert (bond.state, bond.sealed_token, bond.trouble) == (BondState.GIVEN_UP, "", "away")
    assert basespace.context.remote_records.owed() == []


def test_a_token_that_is_over_is_waited_for_while_the_job_runs_and_given_up_after_it(basespace: RemoteWorld) -> None:
    session_key = launched_job(basespace)
    basespace.remote.trouble["tell"] = RemoteTokenRefused("expired")
    mirror_all(basespace.context, in_time)
    assert bond_of(basespace, session_key).state is BondState.OPEN
    typed(basespace, session_key)
    basespace.clock.pass_seconds(3600)
    mirror_all(basespace.context, in_time)
    assert bond_of(basespace, session_key).state is BondState.GIVEN_UP
    assert basespace.job(session_key).overall_status is JobStatus.COMPLETE


def test_results_that_there_is_no_time_for_are_brought_by_the_next_tick_where_this_one_stopped(
    basespace: RemoteWorld,
) -> None:
    session_key = launched_job(basespace)
    typed(basespace, session_key)
    mirror_all(basespace.context, lambda: len(basespace.remote.results.get("r1", {})) > 0)
    sent = bond_of(basespace, session_key).sent
    assert sent > 0
    assert view_of(basespace, session_key).is_done is False
    mirror_all(basespace.context, in_time)
    assert basespace.remote.asked.count("make_result") == 1
    assert view_of(basespace, session_key).is_done
    assert basespace.remote.asked.count("add_file") == len(basespace.remote.results["r1"])


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (JobStatus.LAUNCHING, "running"),
        (JobStatus.MERGING, "running"),
        (JobStatus.COMPLETE, "complete"),
        (JobStatus.COMPLETE_WITH_FAILURES, "needsattention"),
        (JobStatus.FAILED, "aborted"),
        (JobStatus.CANCELLED, "aborted"),
    ],
)
def test_each_status_has_basespaces_word(status: JobStatus, word: str) -> None:
    assert mirror_module._FINAL.get(status, "running") == word


def test_a_job_that_was_cancelled_is_told_as_aborted_and_brings_nothing(basespace: RemoteWorld) -> None:
    session_key = launched_job(basespace)
    cancel(basespace.context, session_key)
    assert standing(basespace.job(session_key)) == ("aborted", "cancelled, 0/2 typed")
    mirror_all(basespace.context, in_time)
    assert basespace.remote.told == [("aborted", "cancelled, 0/2 typed")]
    assert basespace.remote.results == {}


def test_without_a_project_the_results_stay_in_gems(basespace: RemoteWorld) -> None:
    basespace.remote.chosen = replace(basespace.remote.chosen, project_id="")
    session_key = launched_job(basespace)
    typed(basespace, session_key)
    mirror_all(basespace.context, in_time)
    assert basespace.remote.results == {}
    assert basespace.remote.told[-1][0] == "complete"


def test_whatever_goes_wrong_with_one_launch_the_others_are_told_and_the_tick_goes_on(
    basespace: RemoteWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_key = launched_job(basespace)
    basespace.store.put(CONTROL, layout.remote_bond_key(session_key), b"{damaged")
    basespace.store.put(CONTROL, "basespace/owed/not-a-job", b"")
    other = basespace.start(1)
    assert mirror_all(basespace.context, in_time) == 1
    reaped = reap(basespace.context)
    assert reaped.failed == []
    assert basespace.job(other).overall_status is JobStatus.LAUNCHING
    monkeypatch.setattr(mirror_module, "mirror", lambda *_: 1 / 0)
    assert mirror_all(basespace.context, in_time) == 1


def test_a_tick_without_time_tells_nothing(basespace: RemoteWorld) -> None:
    launched_job(basespace)
    assert mirror_all(basespace.context, lambda: True) == 0
    assert basespace.remote.told == []


def test_the_workers_way_has_a_word_for_copying(basespace: RemoteWorld) -> None:
    session_key = launched_job(basespace)
    (worker,) = basespace.crew(session_key)
    assert isinstance(worker, Worker)
    share = worker.claim().share
    assert share is not None
    worker.say("status", "COPYING", share)
    assert basespace.job(session_key).workers[0].value.status == "COPYING"


def test_a_start_that_died_before_there_was_a_job_can_be_made_again_and_is_not_owed_for_ever(
    basespace: RemoteWorld,
) -> None:
    admit(basespace.context, SESSION, "state", "good-code", "number")
    look(basespace.context, SESSION, "number")
    lost = SessionKey.make(DATA, f"basespace/{SESSION}", "2", basespace.clock(), "0" * 10)
    basespace.context.remote_records.tie(lost, Bond(SESSION, "5001", "sealed", basespace.clock()), {})
    mirror_all(basespace.context, in_time)
    assert basespace.context.remote_records.owed() == [lost]
    made = start(basespace.context, SESSION, "number")
    assert made != lost
    basespace.clock.pass_seconds(3601)
    mirror_all(basespace.context, in_time)
    assert basespace.context.remote_records.owed() == [made]
