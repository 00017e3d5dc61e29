"""The reaper's tick: how much it calls, whom it looks at first, and what it ends whatever the records say."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from api_world import CONTROL, DATA, SETTINGS, World

from gems_api.services.context import Context
from gems_api.services.fleet_ports import Instance
from gems_api.services.lifecycle.instance_tags import MOST_CALLS
from gems_api.services.lifecycle.stop_instances import stop_instances
from gems_api.services.reaping import reaper
from gems_api.services.reaping.reap_job import Looked
from gems_api.services.reaping.reaper import DEAD_MAN_GRACE, THOROUGH_TICKS, in_turn, reap
from gems_api.services.state.records import Claim, ClaimState, JobState, LaunchedInstance, WorkerRecord, to_bytes
from gems_api.services.state.snapshot import Outline
from gems_api.services.storage.job_store import JobStore
from gems_core import layout
from gems_core.errors import CloudRefused
from gems_core.fastq_names import Sample, StoredFile
from gems_core.manifest import Artefact, Manifest
from gems_core.protocol.answer import Instruction
from gems_core.session_key import SessionKey
from gems_core.shares import Share
from gems_core.statuses import JobStatus, WorkerStatus

JOBS, WORKERS = 50, 100
# What one call of S3 takes (measured from Lambda: about 20 ms); reads go sixteen at once.
CALL_SECONDS, READERS = 0.02, 16


def put_job(world: World, number: int, workers: int = WORKERS) -> SessionKey:
    """A job whose workers are all typing, as its records show it; quicker than living through it."""
    now = world.clock()
    session_key = SessionKey.make(DATA, f"run{number}", "2", now, f"{number:010d}")
    shares = tuple(Share(index, (sample(index),)) for index in range(1, workers + 1))
    artefacts = {kind: Artefact("1", f"artefacts/{kind}", "0" * 64) for kind in layout.ARTEFACT_KINDS}
    manifest = Manifest(session_key, DATA, f"run{number}", "2", now, "", workers, shares, artefacts, 3600)
    names = [f"i-{number:04d}{index:04d}" for index in range(workers)]
    launched = tuple(LaunchedInstance(1, name, index, now) for index, name in enumerate(names))
    state = JobState(JobStatus.LAUNCHING, 1, now, launched, opened_at=now, workers=workers)
    records = {layout.manifest_key(session_key): manifest.to_bytes(), layout.state_key(session_key): to_bytes(state)}
    for index, name in enumerate(names):
        share = index + 1
        claim = Claim(share, ClaimState.HELD, name, 1, now + timedelta(seconds=240), owner_index=index)
        worker = WorkerRecord(name, index, WorkerStatus.TYPING, now, share, 1)
        records[layout.claim_key(session_key, share)] = to_bytes(claim)
        records[layout.worker_key(session_key, index)] = to_bytes(worker)
        records[layout.heartbeat_key(session_key, index)] = b""
        tags = {"gems:session_key": str(session_key), "gems:control_bucket": CONTROL}
        world.fleet.known[name] = Instance(name, "running", now, tags)
    for key, body in records.items():
        world.store.put(CONTROL, key, body)
    world.context.active.enter(session_key)
    return session_key


def sample(number: int) -> Sample:
    files = tuple(StoredFile(f"run/K{number}_S{number}_L001_R{read}_001.fastq.gz", 1) for read in (1, 2))
    return Sample(f"K{number}", *files)


def spent_seconds(world: World) -> float:
    """What the calls so far would have taken."""
    calls = world.store.calls
    serial = calls["entries"] + calls["create"] + calls["replace"] + calls["put"] + calls["delete"]
    return CALL_SECONDS * (serial + calls["read"] / READERS)


@pytest.fixture
def describes(world: World, monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """What EC2 was asked to describe."""
    asked: list[str | None] = []
    honest = world.fleet.instances

    def count(session_key: str | None = None) -> list[Instance]:
        asked.append(session_key)
        return honest(session_key)

    monkeypatch.setattr(world.fleet, "instances", count)
    return asked


def test_a_tick_over_fifty_living_jobs_of_a_hundred_workers_takes_seconds(
    world: World, describes: list[str | None]
) -> None:
    for number in range(JOBS):
        put_job(world, number)
    world.store.calls.clear()
    reaped = reap(world.context)
    assert (reaped.actions, reaped.orphans, reaped.left) == ({}, [], 0)
    assert describes == [None]
    # A listing and two reads a job, and one job in ten read whole: its hundred workers and claims.
    assert world.store.calls["entries"] <= 1 + JOBS + JOBS // 5
    assert world.store.calls["read"] <= 2 * JOBS + JOBS // 5 * (2 * WORKERS + 2)
    assert spent_seconds(world) < 5


def test_a_tick_in_which_every_job_is_in_trouble_stays_within_a_lambda(
    world: World, describes: list[str | None]
) -> None:
    jobs = JOBS // 5
    for number in range(jobs):
        put_job(world, number)
    world.clock.pass_seconds(60)
    world.fleet.terminate([name for name in world.fleet.known if name.endswith("0000")])
    world.store.calls.clear()
    reaped = reap(world.context)
    assert len(reaped.actions) == jobs
    assert set(map(tuple, reaped.actions.values())) == {("MarkLost", "FreeClaim")}
    assert describes == [None]
    assert spent_seconds(world) < 30 * jobs / JOBS


def test_a_calm_job_is_read_whole_only_now_and_then(world: World) -> None:
    session_key = put_job(world, 1, workers=3)
    whole = 0
    for _ in range(THOROUGH_TICKS):
        world.store.read_keys.clear()
        for index in range(3):
            world.context.jobs.beat(session_key, index)
        reap(Context(world.settings, world.cloud, world.clock))
        whole += (CONTROL, layout.worker_key(session_key, 0)) in world.store.read_keys
        world.clock.pass_seconds(60)
    assert whole == 1


def beats_stop(world: World, session_key: SessionKey) -> None:
    world.clock.pass_seconds(SETTINGS.heartbeat_limit_seconds + 1)


def instance_goes(world: World, session_key: SessionKey) -> None:
    world.fleet.terminate(world.fleet.living()[:1])


def instance_comes_unasked(world: World, session_key: SessionKey) -> None:
    world.fleet.known["i-new"] = replace(next(iter(world.fleet.known.values())), instance_id="i-new")


def time_runs_out(world: World, session_key: SessionKey) -> None:
    for _ in range(61):
        world.clock.pass_seconds(60)
        for index in range(3):
            world.context.jobs.beat(session_key, index)


def all_is_typed(world: World, session_key: SessionKey) -> None:
    for number in (1, 2, 3):
        world.store.put(CONTROL, layout.done_key(session_key, f"K{number}"), b"{}")


@pytest.mark.parametrize("trouble", [beats_stop, instance_goes, instance_comes_unasked, time_runs_out, all_is_typed])
def test_a_job_in_any_doubt_is_read_whole_at_once(world: World, trouble: Callable[[World, SessionKey], None]) -> None:
    session_key = put_job(world, 1, workers=3)
    trouble(world, session_key)
    world.store.read_keys.clear()
    reap(world.context)
    assert (CONTROL, layout.worker_key(session_key, 0)) in world.store.read_keys


@pytest.mark.parametrize(("jobs", "each_tick"), [(50, 7), (13, 2), (200, 11), (5, 1)])
def test_jobs_take_turns_so_that_none_starves_when_a_tick_has_no_time_for_all(jobs: int, each_tick: int) -> None:
    keys = [SessionKey.parse(f"b-p-class-1-261123-12:00:{number:010d}") for number in range(jobs)]
    bound = 2 * jobs // each_tick + 2
    for start in range(29_000_000, 29_000_100, 13):
        looked = {key for tick in range(start, start + bound) for key in list(in_turn(keys, tick))[:each_tick]}
        assert looked == set(keys)


def test_a_tick_that_runs_out_of_time_leaves_jobs_to_the_next(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {put_job(world, number, workers=1) for number in range(10)}
    honest, looked = JobStore.outline, []

    def slow(store: JobStore, session_key: SessionKey) -> Outline:
        world.clock.pass_seconds(7)
        looked.append(session_key)
        return honest(store, session_key)

    monkeypatch.setattr(JobStore, "outline", slow)
    assert reap(world.context).left == 7
    for _ in range(7):
        world.clock.pass_seconds(60 - 3 * 7)
        reap(world.context)
    assert set(looked) == keys


def test_what_is_to_be_terminated_of_all_jobs_is_terminated_by_one_call(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[list[str]] = []
    for number in range(3):
        world.store.delete(CONTROL, layout.manifest_key(put_job(world, number, workers=2)))
    monkeypatch.setattr(world.fleet, "terminate", lambda instance_ids: calls.append(list(instance_ids)))
    reap(world.context)
    assert [len(call) for call in calls] == [6]


def test_a_refused_termination_is_made_by_the_next_tick(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    session_key = put_job(world, 1, workers=2)
    world.store.delete(CONTROL, layout.manifest_key(session_key))

    def refuse(instance_ids: list[str]) -> None:
        raise CloudRefused("EC2 TerminateInstances was refused (RequestLimitExceeded)")

    with monkeypatch.context() as patched:
        patched.setattr(world.fleet, "terminate", refuse)
        reap(world.context)
    assert len(world.fleet.living()) == 2
    reap(world.context)
    assert world.fleet.living() == []


@pytest.mark.parametrize("damaged", ["job.json", "state.json"])
def test_an_unreadable_job_keeps_no_instance_running_beyond_the_time_limit(world: World, damaged: str) -> None:
    session_key = put_job(world, 1, workers=2)
    world.store.put(CONTROL, f"{layout.job_prefix(session_key)}{damaged}", b"{}")
    assert reap(world.context).failed == [str(session_key)]
    world.clock.pass_seconds(SETTINGS.job_limit_seconds)
    reap(world.context)
    assert len(world.fleet.living()) == 2
    world.clock.pass_seconds(DEAD_MAN_GRACE.total_seconds() + 1)
    assert reap(world.context).orphans == ["i-00010000", "i-00010001"]
    assert world.fleet.living() == []


class Died(BaseException):
    """A Lambda that is out of memory or time: nothing catches it."""


def test_what_no_records_are_needed_for_is_ended_before_the_first_job_is_looked_at(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_job(world, 1, workers=1)
    old, made = world.fleet.living()[0], put_job(world, 2, workers=1)
    (young,) = (item.instance_id for item in world.fleet.instances(str(made)))
    too_old = timedelta(seconds=SETTINGS.job_limit_seconds + 1) + DEAD_MAN_GRACE
    world.fleet.known[old] = replace(world.fleet.known[old], launched_at=world.clock() - too_old)
    own = {"gems:control_bucket": CONTROL}
    for name, text in (("i-unmade", "b-p-class-1-261123-12:00:0123456789"), ("i-strange", "no session key")):
        tags = own | {"gems:session_key": text}
        world.fleet.known[name] = Instance(name, "running", world.clock(), tags)

    def die(*_args: object, **_more: object) -> Looked:
        raise Died

    monkeypatch.setattr(reaper, "reap_job", die)
    with pytest.raises(Died):
        reap(world.context)
    assert world.fleet.living() == [young]


def test_a_stray_is_ended_once_a_tick_and_an_instance_of_a_job_that_s3_does_not_tell_of_is_left(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tags = {"gems:control_bucket": CONTROL, "gems:session_key": "b-p-class-1-261123-12:00:0123456789"}
    world.fleet.known["i-unmade"] = Instance("i-unmade", "running", world.clock(), tags)

    def refuse(_bucket: str, key: str) -> bool:
        raise CloudRefused(f"looking for {key} was refused (SlowDown)")

    asked: list[list[str]] = []
    with monkeypatch.context() as patched:
        patched.setattr(world.fleet, "terminate", asked.append)
        reap(world.context)
        assert asked == [["i-unmade"]]
        patched.setattr(world.store, "exists", refuse)
        patched.setattr(world.store, "read", refuse)
        assert reap(world.context).failed == ["b-p-class-1-261123-12:00:0123456789"]
    assert asked == [["i-unmade"]]


def owing(world: World, session_key: SessionKey) -> Iterator[WorkerRecord]:
    for worker in world.job(session_key).workers.values():
        if worker.value.tags_owed:
            yield worker.value


def test_owed_tags_are_paid_within_ec2s_rates_however_many_jobs_owe(world: World) -> None:
    keys = [put_job(world, number, workers=30) for number in range(3)]
    for session_key in keys:
        for index, worker in world.job(session_key).workers.items():
            record = replace(worker.value, tags_owed=True)
            world.store.put(CONTROL, layout.worker_key(session_key, index), to_bytes(record))
    debts = []
    for _ in range(5 * THOROUGH_TICKS):
        before = world.fleet.tag_tries
        reap(world.context)
        assert world.fleet.tag_tries - before <= MOST_CALLS
        debts.append(sum(1 for session_key in keys for _ in owing(world, session_key)))
        for session_key in keys:
            for index in range(30):
                world.context.jobs.beat(session_key, index)
        world.clock.pass_seconds(60)
    assert debts[-1] == 0
    assert {instance.tags["gems:status"] for instance in world.fleet.known.values()} == {"TYPING"}


def test_workers_of_an_ended_job_whose_ending_died_half_way_are_not_shown_at_work_for_ever(world: World) -> None:
    session_key = put_job(world, 1, workers=2)
    state = json.loads(world.store.buckets[CONTROL][layout.state_key(session_key)].body)
    state |= {"overall_status": "CANCELLED", "finished_at": world.clock().isoformat()}
    world.store.put(CONTROL, layout.state_key(session_key), json.dumps(state).encode())
    world.clock.pass_seconds(SETTINGS.end_grace_seconds + 1)
    reap(world.context)
    workers = world.job(session_key).workers.values()
    assert {worker.value.status for worker in workers} == {WorkerStatus.LOST}
    assert world.fleet.living() == []
    reap(world.context)
    assert not [key for key in world.store.buckets[CONTROL] if key.startswith(layout.ACTIVE_PREFIX)]
    assert b'"status": "TYPING"' not in world.store.buckets[CONTROL][layout.summary_key(session_key)].body


def test_a_listing_that_is_throttled_for_a_while_postpones_and_spoils_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_key = world.start(2, workers=1)
    (worker,) = world.crew(session_key)
    share = worker.claim().share

    def throttled(session_key: str | None = None) -> list[Instance]:
        raise CloudRefused("EC2 DescribeInstances was refused (RequestLimitExceeded)")

    with monkeypatch.context() as busy:
        busy.setattr(world.fleet, "instances", throttled)
        for _ in range(5):
            world.clock.pass_seconds(60)
            worker.say("heartbeat", "TYPING", share)
            with pytest.raises(CloudRefused):
                reap(world.context)
        assert worker.work().instruction is Instruction.MERGE
        worker.merge()
        with pytest.raises(CloudRefused):
            stop_instances(world.context, session_key, worker.instance_id)
    assert world.job(session_key).overall_status is JobStatus.COMPLETE
    world.clock.pass_seconds(SETTINGS.end_grace_seconds + 1)
    reap(world.context)
    assert world.fleet.living() == []


def test_without_ec2s_word_nothing_is_judged(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    put_job(world, 1, workers=1)

    def refuse(session_key: str | None = None) -> list[Instance]:
        raise CloudRefused("EC2 DescribeInstances was refused (RequestLimitExceeded)")

    monkeypatch.setattr(world.fleet, "instances", refuse)
    with pytest.raises(CloudRefused):
        reap(world.context)
