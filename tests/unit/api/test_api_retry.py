"""Retry: an ended job is opened again for what failed, once, and nothing of the last run gets in its way."""

from __future__ import annotations

import json
import threading
from dataclasses import replace

import pytest
from api_world import CONTROL, SETTINGS, Worker, World

from gems_api.app import create_app
from gems_api.services.lifecycle.cancel import cancel
from gems_api.services.lifecycle.launching import LaunchRefused
from gems_api.services.lifecycle.retry import SHUTDOWN_SECONDS, NotYet, Retried, retry
from gems_api.services.lifecycle.stop_instances import stop_instances
from gems_api.services.reaping.reaper import reap
from gems_api.services.shown.job_view import job_view
from gems_api.services.shown.report_link import ReportMissing, report_link
from gems_api.services.state.records import OPENING_SECONDS
from gems_core import layout
from gems_core.errors import Conflict, InvalidInput, JobNotFound, NotAllowed
from gems_core.manifest import WORKER_GENERATION
from gems_core.protocol.answer import Instruction
from gems_core.protocol.done_marker import SampleOutcome
from gems_core.protocol.failure import Failure
from gems_core.session_key import SessionKey
from gems_core.statuses import JobStatus

TROUBLE = Failure("typing", "the typer exited with 70")


def crew(world: World, session_key: SessionKey) -> list[Worker]:
    """The workers of this run."""
    alive = set(world.fleet.living())
    return [worker for worker in world.crew(session_key) if worker.instance_id in alive]


def half_failed(world: World, **more: object) -> SessionKey:
    """A job of four samples, one a share, whose second share's sample failed."""
    session_key = world.start(4, workers=1, **more)
    (worker,) = crew(world, session_key)
    answer = worker.claim()
    while answer.share is not None:
        if answer.share.share.index == 2:
            worker.write_markers(answer.share, SampleOutcome.FAILED)
            answer = worker.say("finished", "UPLOADING", answer.share)
        else:
            answer = worker.do_share(answer.share)
    worker.merge()
    stop_instances(world.context, session_key, worker.instance_id)
    assert world.job(session_key).overall_status is JobStatus.COMPLETE_WITH_FAILURES
    return session_key


def die_over_opening(
    world: World, session_key: SessionKey, monkeypatch: pytest.MonkeyPatch, idempotency_key: str | None = None
) -> None:
    """Retry a job with a process that dies when all is put away and the job not yet open."""
    with monkeypatch.context() as broken:
        broken.setattr("gems_api.services.lifecycle.retry._open", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            retry(world.context, session_key, idempotency_key)


def test_only_what_failed_is_run_again_and_the_job_becomes_complete(world: World) -> None:
    session_key = half_failed(world, email="lab@example.org")
    typed_before = {name: marker for name, marker in world.job(session_key).done.items() if marker.share != 2}
    world.clock.pass_seconds(100)
    assert retry(world.context, session_key) == Retried(session_key, 2)
    job = world.job(session_key)
    assert (job.overall_status, job.run, job.opened_at) == (JobStatus.LAUNCHING, 2, world.clock())
    assert job.done == typed_before
    assert [launch.count for launch in world.fleet.launches] == [1, 1]
    assert world.fleet.launches[0].client_token != world.fleet.launches[1].client_token
    (worker,) = crew(world, session_key)
    assert worker.work().instruction is Instruction.MERGE
    assert worker.shares == [2]
    worker.merge()
    job = world.job(session_key)
    assert (job.overall_status, job.typed, job.failed) == (JobStatus.COMPLETE, 4, 0)
    assert len(world.mailer.sent) == 2, "one for each report"


def test_the_last_runs_report_is_not_shown_as_the_new_runs(world: World) -> None:
    session_key = half_failed(world)
    assert "report.csv" in report_link(world.context, session_key, "csv")
    world.clock.pass_seconds(100)
    retry(world.context, session_key)
    with pytest.raises(ReportMissing):
        report_link(world.context, session_key, "csv")
    (worker,) = crew(world, session_key)
    worker.work()
    worker.merge()
    assert "report.csv" in report_link(world.context, session_key, "csv")


def test_as_many_workers_as_there_are_shares_to_do_are_launched(world: World) -> None:
    session_key = world.start(6, workers=4)
    first = crew(world, session_key)[0]
    first.do_share(first.claim().share)  # type: ignore[arg-type]
    cancel(world.context, session_key)
    retry(world.context, session_key)
    assert world.fleet.launches[1].count == 4
    view = job_view(world.job(session_key), "")
    assert (view["workers_asked"], view["workers_launched"], view["run"]) == (4, 4, 2)
    for worker in crew(world, session_key):
        worker.work()
    assert world.job(session_key).all_done


def test_attempts_go_on_counting_and_each_run_has_all_its_tries(world: World) -> None:
    session_key = world.start(1, workers=1)
    (worker,) = crew(world, session_key)
    share = worker.claim().share
    for _ in range(SETTINGS.max_attempts):
        worker.say("failed", "TYPING", share, TROUBLE)
        share = worker.claim().share
    worker.merge()
    assert world.job(session_key).overall_status is JobStatus.FAILED
    retry(world.context, session_key)
    attempts = []
    for _ in range(SETTINGS.max_attempts):
        (worker,) = crew(world, session_key)
        share = worker.claim().share
        assert share is not None
        attempts.append(share.attempt)
        world.fleet.terminate([worker.instance_id])
        reap(world.context)
        reap(world.context)
    assert attempts == [4, 5, 6]
    marker = world.job(session_key).done["K001"]
    assert marker.reason.startswith(f"given up after {SETTINGS.max_attempts} attempts: ")
    assert "typer exited" not in marker.reason, "the reasons of the first run are history"


def test_what_the_last_run_left_is_kept_among_the_events(world: World) -> None:
    session_key = half_failed(world, email="lab@example.org")
    retry(world.context, session_key)
    kept = f"{layout.job_prefix(session_key)}events/run-1/"
    names = {key.removeprefix(kept) for key in world.store.buckets[CONTROL] if key.startswith(kept)}
    assert names == {"state.json", "merge.lease", "mail.json", "done/K002.json"}
    state = json.loads(world.store.buckets[CONTROL][f"{kept}state.json"].body)
    assert state["overall_status"] == "COMPLETE_WITH_FAILURES"


def test_two_retries_at_once_make_one(world: World) -> None:
    session_key = half_failed(world)
    barrier, outcomes = threading.Barrier(8), []

    def go() -> None:
        barrier.wait()
        try:
            outcomes.append(retry(world.context, session_key))
        except Conflict as conflict:
            outcomes.append(str(conflict))

    threads = [threading.Thread(target=go) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count(Retried(session_key, 2)) == 1
    # The others are told that it is being done or, if they came after, that it is done or that the job is running.
    assert all(
        item in (Retried(session_key, 2), Retried(session_key, 2, repeated=True))
        or "only an ended" in str(item)
        or "another request" in str(item)
        for item in outcomes
    )
    assert len(world.fleet.launches) == 2
    assert world.job(session_key).run == 2
    assert len(world.fleet.living()) == 1


def test_a_repeat_with_the_same_key_opens_no_third_run(world: World) -> None:
    session_key = half_failed(world)
    assert retry(world.context, session_key, "again") == Retried(session_key, 2)
    assert retry(world.context, session_key, "again") == Retried(session_key, 2, repeated=True)
    cancel(world.context, session_key)
    assert retry(world.context, session_key, "again") == Retried(session_key, 2, repeated=True)
    assert world.job(session_key).overall_status is JobStatus.CANCELLED
    assert retry(world.context, session_key, "once more") == Retried(session_key, 3)
    other = world.start(1, "other")
    with pytest.raises(InvalidInput, match="another one"):
        retry(world.context, other, "again")


def test_a_retry_that_was_refused_leaves_its_key_free(world: World) -> None:
    session_key = world.start(1)
    with pytest.raises(Conflict, match="only an ended job"):
        retry(world.context, session_key, "too early")
    cancel(world.context, session_key)
    assert retry(world.context, session_key, "in time") == Retried(session_key, 2)
    cancel(world.context, session_key)
    assert retry(world.context, session_key, "too early") == Retried(session_key, 3)
    assert len(world.fleet.living()) == 1


def test_a_retry_with_a_key_that_died_half_way_opens_the_run_that_it_was_to_open(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_key = half_failed(world)
    die_over_opening(world, session_key, monkeypatch, "again")
    world.clock.pass_seconds(OPENING_SECONDS)
    assert retry(world.context, session_key, "again") == Retried(session_key, 2)
    assert retry(world.context, session_key, "again") == Retried(session_key, 2, repeated=True)
    assert len(world.fleet.living()) == 1


def test_a_job_that_runs_or_of_which_nothing_failed_is_not_retried(world: World) -> None:
    session_key = world.start(1, workers=1)
    with pytest.raises(Conflict, match="only an ended job"):
        retry(world.context, session_key)
    (worker,) = crew(world, session_key)
    worker.work()
    worker.merge()
    with pytest.raises(Conflict, match="nothing of it failed"):
        retry(world.context, session_key)
    with pytest.raises(JobNotFound):
        retry(world.context, SessionKey.parse("b-p-class-1-261123-12:00:0123456789"))


def test_a_job_of_an_older_releases_workers_is_not_retried(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    session_key = world.start(1, workers=1)
    cancel(world.context, session_key)
    monkeypatch.setattr("gems_api.services.lifecycle.retry.WORKER_GENERATION", WORKER_GENERATION + 1)
    with pytest.raises(Conflict, match=rf"whose workers \(generation {WORKER_GENERATION}\).*Start a new job"):
        retry(world.context, session_key)


def test_late_messages_of_the_last_run_do_no_harm(world: World) -> None:
    session_key = world.start(2, workers=2)
    old, other = crew(world, session_key)
    share = old.claim().share
    assert share is not None
    other.claim()
    cancel(world.context, session_key)
    retry(world.context, session_key)
    before = {key: held.etag for key, held in world.store.buckets[CONTROL].items()}
    for kind, status in (
        ("claim", "BOOTSTRAPPING"),
        ("heartbeat", "TYPING"),
        ("status", "UPLOADING"),
        ("finished", "UPLOADING"),
    ):
        assert old.say(kind, status, share).instruction is Instruction.STOP
    assert old.say("failed", "TYPING", share, TROUBLE).instruction is Instruction.STOP
    with pytest.raises(NotAllowed):
        stop_instances(world.context, session_key, old.instance_id)
    assert {key: held.etag for key, held in world.store.buckets[CONTROL].items()} == before
    new, _ = crew(world, session_key)
    granted = new.claim().share
    assert granted is not None
    assert granted.attempt == 2


def test_a_late_final_worker_of_the_last_run_neither_ends_the_new_one_nor_mails(world: World) -> None:
    session_key = half_failed(world, email="lab@example.org")
    final = world.crew(session_key)[0]
    retry(world.context, session_key)
    for status in ("REPORT_WRITTEN", "EMAIL_SENT", "COMPLETE"):
        assert final.say("status", status).instruction is Instruction.STOP
    with pytest.raises(NotAllowed):
        stop_instances(world.context, session_key, final.instance_id)
    assert len(world.mailer.sent) == 1
    assert world.job(session_key).overall_status is JobStatus.LAUNCHING
    assert len(world.fleet.living()) == 1


def test_a_job_whose_merging_failed_is_merged_again_without_typing_anything(world: World) -> None:
    session_key = world.start(2, workers=1)
    (worker,) = crew(world, session_key)
    assert worker.work().instruction is Instruction.MERGE
    for _ in range(SETTINGS.max_attempts - 1):
        worker.say("failed", "MERGING", failure=TROUBLE)
        worker.claim()
    worker.say("failed", "MERGING", failure=TROUBLE)
    reap(world.context)
    assert world.job(session_key).overall_status is JobStatus.FAILED
    retry(world.context, session_key)
    assert world.job(session_key).overall_status is JobStatus.LAUNCHING
    (worker,) = crew(world, session_key)
    assert worker.claim().instruction is Instruction.MERGE
    worker.merge()
    assert world.job(session_key).overall_status is JobStatus.COMPLETE


def test_a_retry_that_died_half_way_is_finished_by_the_next_one_a_minute_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_key = half_failed(world)
    die_over_opening(world, session_key, monkeypatch)
    assert world.job(session_key).ended
    with pytest.raises(Conflict, match="being opened by another request; send this request again in 60 seconds"):
        retry(world.context, session_key)
    assert world.job(session_key).ended
    world.clock.pass_seconds(OPENING_SECONDS)
    assert retry(world.context, session_key) == Retried(session_key, 2)
    (worker,) = crew(world, session_key)
    worker.work()
    assert worker.shares == [2]


def test_the_new_run_has_the_whole_time_limit_and_the_old_instances_hold_nothing_up(world: World) -> None:
    session_key = world.start(1)
    world.clock.pass_seconds(SETTINGS.job_limit_seconds + 1)
    reap(world.context)
    assert world.job(session_key).overall_status is JobStatus.FAILED
    world.fleet.hidden.update(world.fleet.known)
    retry(world.context, session_key)
    world.fleet.terminate(world.fleet.living())
    world.clock.pass_seconds(30)
    reap(world.context)
    reap(world.context)
    job = world.job(session_key)
    assert not job.ended
    assert len(world.fleet.launches) == 3, "the run's dead instance was replaced"


def test_a_retry_without_capacity_waits_and_one_without_permission_fails_with_its_key_free(world: World) -> None:
    session_key = half_failed(world)
    world.fleet.refusal = "InsufficientInstanceCapacity"
    retry(world.context, session_key)
    assert world.job(session_key).overall_status is JobStatus.LAUNCHING
    cancel(world.context, session_key)
    world.fleet.refusal = "UnauthorizedOperation"
    with pytest.raises(LaunchRefused):
        retry(world.context, session_key, "key")
    assert world.job(session_key).overall_status is JobStatus.FAILED
    world.fleet.refusal = ""
    assert retry(world.context, session_key, "key") == Retried(session_key, 4)


def test_the_view_tells_runs_apart(world: World) -> None:
    session_key = half_failed(world)
    retry(world.context, session_key)
    view = job_view(world.job(session_key), "")
    workers = view["workers"]
    assert isinstance(workers, list)
    assert [(worker["run"], worker["status"]) for worker in workers] == [(1, "COMPLETE"), (2, "LAUNCHED")]
    assert view["report"] is None


def test_launches_of_earlier_runs_do_not_count_against_the_limit(world: World) -> None:
    world = world.with_settings(max_launches=1)
    session_key = world.start(1)
    world.fleet.terminate(world.fleet.living())
    reap(world.context)
    assert world.job(session_key).overall_status is JobStatus.FAILED
    retry(world.context, session_key)
    reap(world.context)
    assert not world.job(session_key).ended


def test_who_looks_right_after_a_retry_sees_the_new_run(world: World) -> None:
    session_key = half_failed(world)
    client = create_app(world.settings, world.cloud, world.clock).test_client()
    path = f"/job?session_key={session_key}"
    assert client.get(path).json[0]["overall_status"] == "COMPLETE_WITH_FAILURES"
    answer = client.post(f"/job/{session_key}/retry", headers={"Authorization": "Bearer user-secret"})
    assert (answer.status_code, answer.json["run"], answer.json["samples"]) == (202, 2, 1)
    assert (answer.json["workers"], answer.json["workers_launched"]) == (1, 1)
    (job,) = client.get(path).json
    assert (job["overall_status"], job["run"], job["finished_at"]) == ("LAUNCHING", 2, None)


def silent(world: World, session_key: SessionKey) -> list[tuple[int, str, int]]:
    """Index, status and run of the instances that never spoke."""
    view = job_view(world.job(session_key), "")
    return [(one["instance_index"], one["status"], one["run"]) for one in view["workers"] if not one["last_heartbeat"]]  # type: ignore[index,attr-defined]


def test_instances_that_never_spoke_are_lost_when_their_job_or_their_run_is_over(world: World) -> None:
    session_key = world.start(2, workers=2)
    assert silent(world, session_key) == [(0, "LAUNCHED", 1), (1, "LAUNCHED", 1)]
    cancel(world.context, session_key)
    assert silent(world, session_key) == [(0, "LOST", 1), (1, "LOST", 1)]
    view = job_view(world.job(session_key), "")
    assert "never made contact" in str(view["workers"])
    retry(world.context, session_key)
    assert silent(world, session_key) == [(0, "LOST", 1), (1, "LOST", 1), (2, "LAUNCHED", 2), (3, "LAUNCHED", 2)]


def test_a_job_is_not_opened_again_while_a_machine_that_could_still_write_a_marker_is_shutting_down(
    world: World,
) -> None:
    session_key = world.start(1, workers=1)
    (old,) = crew(world, session_key)
    share = old.claim().share
    assert share is not None
    cancel(world.context, session_key)
    running = world.fleet.known[old.instance_id]
    world.fleet.known[old.instance_id] = replace(running, state="shutting-down")
    with pytest.raises(NotYet, match=rf"1 of its instances are not off yet \({old.instance_id}\)"):
        retry(world.context, session_key, "key")
    old.write_markers(share, SampleOutcome.FAILED)  # it was just uploading
    world.fleet.known[old.instance_id] = replace(running, state="terminated")
    assert retry(world.context, session_key, "key") == Retried(session_key, 2)
    (new,) = crew(world, session_key)
    assert new.claim().instruction is Instruction.WORK, "the old marker does not count"


def test_a_retry_that_must_wait_says_how_long(world: World) -> None:
    session_key = half_failed(world)
    (old,) = world.fleet.known.values()
    world.fleet.known[old.instance_id] = replace(old, state="shutting-down")
    client = create_app(world.settings, world.cloud, world.clock).test_client()
    answer = client.post(f"/job/{session_key}/retry", headers={"Authorization": "Bearer user-secret"})
    assert (answer.status_code, answer.json["code"]) == (409, "not_yet")
    assert answer.headers["Retry-After"] == str(SHUTDOWN_SECONDS)


def test_a_repeat_of_a_retry_that_died_is_not_told_that_the_job_was_opened(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_key = half_failed(world)
    die_over_opening(world, session_key, monkeypatch, "again")
    world.clock.pass_seconds(OPENING_SECONDS // 2)
    with pytest.raises(NotYet) as refusal:
        retry(world.context, session_key, "again")
    world.clock.pass_seconds(refusal.value.retry_after_seconds)
    assert retry(world.context, session_key, "again") == Retried(session_key, 2)
