"""Messages of workers read little: what they are answered is what a look at the whole job would have answered."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from api_world import SETTINGS, Worker, World
from hypothesis import given, settings
from hypothesis import strategies as st

from gems_api.services.lifecycle.instance_tags import MOST_CALLS, Debt, pay_tag_debts
from gems_api.services.reaping.reaper import reap
from gems_api.services.storage import job_folder
from gems_api.services.workers.next_step import Asker, Leave, Merge, Step, Stop, Take, next_steps
from gems_core.errors import InvalidInput
from gems_core.protocol.answer import Answer, GrantedShare, Instruction
from gems_core.protocol.failure import Failure
from gems_core.session_key import SessionKey
from gems_core.statuses import JobStatus

pytestmark = pytest.mark.usefixtures("one_reader")
TROUBLE = Failure("typing", "the typer exited with 70")


def whole_answer(world: World, session_key: SessionKey, worker: Worker, avoid: int | None = None) -> list[Step]:
    """The slow twin: every step that a decision over all that there is would allow."""
    asker = Asker(worker.instance_id, worker.index)
    return list(next_steps(world.job(session_key), asker, world.clock(), world.settings, avoid))


def agrees(answer: Answer, steps: list[Step]) -> bool:
    match answer.instruction:
        case Instruction.WORK:
            assert answer.share is not None
            allowed = {(step.claim.share, step.claim.attempt) for step in steps if isinstance(step, Take)}
            return (answer.share.share.index, answer.share.attempt) in allowed
        case Instruction.MERGE:
            return any(isinstance(step, Merge) for step in steps)
        case Instruction.LEAVE:
            return all(isinstance(step, Leave) for step in steps)
        case Instruction.STOP:
            return all(isinstance(step, Stop) for step in steps)
    return False


class _Crowd:
    """Workers of one job that do this and that, now one and now another."""

    def __init__(self, world: World, session_key: SessionKey, seed: int) -> None:
        self.world, self.session_key, self.order = world, session_key, random.Random(seed)
        self.crew = world.crew(session_key)
        self.held: dict[str, GrantedShare] = {}

    def step(self) -> None:
        worker = self.order.choice(self.crew)
        share = self.held.get(worker.instance_id)
        what = self.order.choice(["claim", "finish", "fail", "beat", "silence", "reap"])
        if what == "silence":
            self.world.clock.pass_seconds(self.order.choice([30, SETTINGS.claim_seconds + 1]))
        elif what == "reap":
            reap(self.world.context)
        elif what == "beat" and share is not None:
            worker.say("heartbeat", "TYPING", share)
        elif what == "claim" or share is None:
            self._ask(worker, "claim", "BOOTSTRAPPING", None)
        elif what == "finish":
            worker.write_markers(share)
            self._ask(worker, "finished", "UPLOADING", share)
        else:
            self._fail(worker, share)

    def _ask(self, worker: Worker, kind: str, status: str, share: GrantedShare | None) -> None:
        expected = whole_answer(self.world, self.session_key, worker)
        answer = worker.say(kind, status, share)
        # A share that ran out of tries meanwhile is marked failed first, and then more may be allowed.
        assert agrees(answer, expected) or agrees(answer, whole_answer(self.world, self.session_key, worker))
        self._take(worker, answer)

    def _fail(self, worker: Worker, share: GrantedShare) -> None:
        self._take(worker, worker.say("failed", "TYPING", share, TROUBLE))

    def _take(self, worker: Worker, answer: Answer) -> None:
        self.held.pop(worker.instance_id, None)
        if answer.share is not None:
            self.held[worker.instance_id] = answer.share


@settings(max_examples=40, deadline=None)
@given(samples=st.integers(1, 7), workers=st.integers(1, 5), seed=st.integers(0, 2**32), large=st.booleans())
def test_what_a_quick_path_answers_a_look_at_the_whole_job_allows(
    samples: int, workers: int, seed: int, *, large: bool
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        if large:
            patch.setattr(job_folder, "LISTED_WHOLE", 0)
            patch.setattr(job_folder, "PAGE", 2)
        world = World()
        session_key = world.start(samples, workers=workers)
        crowd = _Crowd(world, session_key, seed)
        for _ in range(25):
            crowd.step()
            _compare_readings(world, session_key)


def _compare_readings(world: World, session_key: SessionKey) -> None:
    """Read in part, a job is what it is when it is read whole; and a cold process reads what a warm one does."""
    whole = world.job(session_key)
    assert seen_by_another_process(world).job(session_key) == whole
    work = world.context.jobs.load_work(session_key)
    assert [share for share in whole.manifest.shares if work.is_done(share) != whole.is_done(share)] == []
    assert work.all_done == whole.all_done
    assert (work.state, work.lease, work.heartbeats) == (whole.state, whole.lease, whole.heartbeats)
    assert work.claims == {
        index: claim for index, claim in whole.claims.items() if not whole.is_done(whole.manifest.share(index))
    }
    for index, worker in whole.workers.items():
        glance = world.context.jobs.glance(session_key, index, lease=True)
        assert (glance.state, glance.speaker, glance.lease) == (whole.state, worker, whole.lease)


def seen_by_another_process(world: World) -> World:
    """The same deployment; nothing is in memory yet."""
    return World(settings=world.settings, clock=world.clock, store=world.store)


def test_a_part_that_was_not_read_cannot_be_decided_upon(world: World) -> None:
    session_key, jobs = world.start(2), world.context.jobs
    whole = jobs.load(session_key)
    markers, claims, workers = ["is_done", "all_done"], ["claims", "held_share"], ["workers", "last_seen", "mail"]
    for reading, unread in (
        (jobs.glance(session_key, 0, lease=False), [*markers, *claims, *workers]),
        (jobs.outline(session_key), [*claims, *workers]),
        (jobs.load_work(session_key), workers),
    ):
        assert [name for name in unread if hasattr(reading, name)] == []
        assert [name for name in unread if not hasattr(whole, name)] == []
        assert not hasattr(getattr(reading, "done", None), "values"), "only the markers' names were read"


def test_workers_of_a_first_launch_get_their_shares_without_reading_claims_or_colliding(world: World) -> None:
    session_key = world.start(40, workers=20)
    crew = world.crew(session_key)
    world.store.calls.clear()
    shares = [worker.claim().share for worker in crew]
    assert sorted(share.share.index for share in shares if share) == list(range(1, 41, 2))
    assert world.store.calls["entries"] == 0
    assert not any("/claims/" in key for _, key in world.store.read_keys)


@pytest.mark.parametrize(
    ("kind", "most"),
    [
        ("heartbeat", {"read": 2, "put": 1}),
        ("status", {"read": 2, "put": 1, "replace": 1}),
        ("finished", {"read": 2, "exists": 1, "put": 1, "create": 1, "replace": 1}),
    ],
)
def test_a_message_costs_no_more_calls_of_s3_than_this_and_never_a_listing(
    world: World, kind: str, most: dict[str, int]
) -> None:
    session_key = world.start(40, workers=20)
    worker = world.crew(session_key)[3]
    share = worker.claim().share
    assert share is not None
    worker.write_markers(share)
    world.store.calls.clear()
    worker.say(kind, "DOWNLOADING", share)
    assert dict(world.store.calls) == most


def begin_typing(worker: Worker) -> None:
    share = worker.claim().share
    worker.say("status", "DOWNLOADING", share)
    worker.say("status", "TYPING", share)


def test_a_large_job_that_owes_keeps_no_small_one_waiting(world: World) -> None:
    world.fleet.tag_refusal = "EC2 CreateTags was refused (RequestLimitExceeded)"
    keys = [world.start(60, "large", workers=60), world.start(2, "small", workers=2)]
    for session_key in keys:
        for worker in world.crew(session_key):
            begin_typing(worker)
    world.fleet.tag_refusal = ""
    living = world.fleet.living()
    assert pay_tag_debts(world.context, [Debt(world.job(key), living) for key in keys]) == MOST_CALLS
    owed = [sum(worker.value.tags_owed for worker in world.job(key).workers.values()) for key in keys]
    assert owed == [60 - (MOST_CALLS - 1 - 3), 0]


def test_a_tag_that_ec2_refuses_is_tried_once_owed_and_paid_by_the_reaper(world: World) -> None:
    session_key = world.start(30, workers=30)
    crew = world.crew(session_key)
    world.fleet.tag_refusal = "EC2 CreateTags was refused (RequestLimitExceeded)"
    for worker in crew:
        begin_typing(worker)
    assert world.fleet.tag_tries == len(crew)
    assert all(worker.value.tags_owed for worker in world.job(session_key).workers.values())
    world.fleet.tag_refusal = ""
    living = world.fleet.living()
    assert pay_tag_debts(world.context, [Debt(world.job(session_key), living)]) == 1 + len(crew)
    assert not any(worker.value.tags_owed for worker in world.job(session_key).workers.values())
    for worker in crew:
        tags = world.fleet.known[worker.instance_id].tags
        assert (tags["gems:status"], tags["gems:instance_index"]) == ("TYPING", str(worker.index))
        assert tags["gems:samples"].startswith("K0")
    assert pay_tag_debts(world.context, [Debt(world.job(session_key), living)]) == 0


def test_debts_are_paid_a_few_calls_at_a_time_and_nothing_is_asked_of_the_gone(world: World) -> None:
    session_key = world.start(60, workers=60)
    world.fleet.tag_refusal = "EC2 CreateTags was refused (RequestLimitExceeded)"
    crew = world.crew(session_key)
    for worker in crew:
        begin_typing(worker)
    assert pay_tag_debts(world.context, [Debt(world.job(session_key), world.fleet.living())]) == 1, (
        "refused again: no storm"
    )
    world.fleet.tag_refusal = ""
    world.fleet.terminate([crew[0].instance_id])
    world.fleet.known.pop(crew[1].instance_id)
    living = world.fleet.living()
    assert pay_tag_debts(world.context, [Debt(world.job(session_key), living)]) == MOST_CALLS
    assert pay_tag_debts(world.context, [Debt(world.job(session_key), living)]) == 1 + 58 - (MOST_CALLS - 1)
    owed = [index for index, worker in world.job(session_key).workers.items() if worker.value.tags_owed]
    assert owed == [0, 1]


@pytest.mark.parametrize("kind", ["claim", "status", "heartbeat", "finished", "failed"])
def test_a_share_that_the_job_has_not_is_refused_and_nothing_is_written_down(world: World, kind: str) -> None:
    session_key = world.start(2)
    worker, _ = world.crew(session_key)
    share = worker.claim().share
    assert share is not None
    before = world.job(session_key).workers
    lie = replace(share, share=replace(share.share, index=9999))
    with pytest.raises(InvalidInput, match="a share of the job, 1 to 2, found 9999"):
        worker.say(kind, "TYPING", lie)
    assert world.job(session_key).workers == before


def test_tags_that_cannot_be_paid_keep_no_instance_running(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    session_key = world.start(2)
    dead, living = world.crew(session_key)
    dead.claim()
    monkeypatch.setattr("gems_api.services.reaping.reaper.pay_tag_debts", lambda *_: {}["no such share"])
    for _ in range(4 * SETTINGS.heartbeat_limit_seconds // 60):
        world.clock.pass_seconds(60)
        living.say("heartbeat", "BOOTSTRAPPING")
        reap(world.context)
    assert dead.instance_id not in world.fleet.living()


def test_a_success_after_a_refusal_strikes_the_debt_out(world: World) -> None:
    session_key = world.start(1)
    (worker,) = world.crew(session_key)
    world.fleet.tag_refusal = "EC2 CreateTags was refused (RequestLimitExceeded)"
    begin_typing(worker)
    world.fleet.tag_refusal = ""
    worker.say("failed", "TYPING", failure=Failure("typing", "gone"))
    assert not world.job(session_key).workers[0].value.tags_owed
    assert world.job(session_key).overall_status is JobStatus.RUNNING


def test_relaunched_instances_have_an_index_kept_for_them_and_need_no_listing(world: World) -> None:
    session_key = world.start(4, workers=2)
    world.fleet.terminate(world.fleet.living())
    reap(world.context)
    reap(world.context)
    late = [worker for worker in world.crew(session_key) if worker.instance_id in world.fleet.living()]
    for worker in late:
        worker.index -= 2  # a machine knows its place in its own launch only
        world.store.calls.clear()
        worker.claim()
        assert world.store.calls["entries"] == 0
    assert [worker.index for worker in late] == [2, 3]
