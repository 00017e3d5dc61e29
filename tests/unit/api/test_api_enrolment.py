"""Instances whose launch's answer was never written down: each has one index and one record, however it becomes known."""

from __future__ import annotations

import pytest
from api_world import World

from gems_api.services.access.membership import InstanceUnknown
from gems_api.services.fleet_ports import Launch, LaunchOutcome, LaunchUnanswered
from gems_api.services.lifecycle.cancel import cancel
from gems_api.services.lifecycle.retry import retry
from gems_api.services.reaping.reaper import reap
from gems_api.services.workers.report_status import report_status
from gems_core.protocol.answer import Answer, Instruction
from gems_core.protocol.status_report import Kind, StatusReport
from gems_core.session_key import SessionKey
from gems_core.statuses import WorkerStatus


def start_unanswered(world: World, samples: int) -> tuple[SessionKey, list[str]]:
    """A job whose launch EC2 did, but did not answer; its instances."""
    world.fleet.silent = True
    session_key = world.start(samples, workers=samples)
    world.fleet.silent = False
    return session_key, world.fleet.living()


def tell(world: World, session_key: SessionKey, instance_id: str, kind: Kind = Kind.STATUS, index: int = 0) -> Answer:
    """What a worker says before it has a share; a fleet's instances all say index 0 until they are told another."""
    return report_status(world.context, session_key, StatusReport(instance_id, index, WorkerStatus.BOOTSTRAPPING, kind))


def records(world: World, session_key: SessionKey) -> dict[str, int]:
    """Index by instance; fails if one has two."""
    found = [(worker.value.instance_id, index) for index, worker in world.job(session_key).workers.items()]
    assert len(dict(found)) == len(found), found
    return dict(found)


def test_a_worker_that_spoke_before_the_reaper_knew_it_keeps_its_record_share_and_machine(world: World) -> None:
    session_key, ids = start_unanswered(world, 3)
    world.clock.pass_seconds(50)
    for instance_id in ids[1:]:  # the first one says nothing yet
        tell(world, session_key, instance_id)
    world.clock.pass_seconds(10)
    reap(world.context)
    tell(world, session_key, ids[2], Kind.HEARTBEAT)
    answer = tell(world, session_key, ids[2], Kind.CLAIM)
    index, share = answer.instance_index, answer.share
    assert share is not None
    assert records(world, session_key)[ids[2]] == index
    at_work = StatusReport(ids[2], index, WorkerStatus.TYPING, Kind.HEARTBEAT, share.share.index, share.attempt)
    for _ in range(26):
        world.clock.pass_seconds(30)
        assert report_status(world.context, session_key, at_work).instruction is Instruction.CONTINUE
        tell(world, session_key, ids[1], Kind.HEARTBEAT)
        reap(world.context)
    claim = world.job(session_key).claims[share.share.index].value
    assert (claim.owner, claim.attempt) == (ids[2], 1)
    assert ids[2] in world.fleet.living()


@pytest.mark.parametrize("known_by", ["the answer", "the reaper"])
@pytest.mark.parametrize("lag", ["listed", "not listed yet"])
def test_an_index_stays_the_same_however_an_instance_becomes_known(
    world: World, known_by: str, lag: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest, before = world.fleet.launch, dict[str, int]()

    def slow(launch: Launch) -> LaunchOutcome:
        outcome = honest(launch)
        with monkeypatch.context() as patch:
            if lag == "not listed yet":
                patch.setattr(world.fleet, "instances", lambda session_key=None: [])
            key = SessionKey.parse(launch.tags["gems:session_key"])
            before.update((name, tell(world, key, name).instance_index) for name in world.fleet.living()[2:])
        if known_by == "the reaper":
            raise LaunchUnanswered("EC2 did not answer")
        return outcome

    monkeypatch.setattr(world.fleet, "launch", slow)
    session_key = world.start(4, workers=4)
    world.clock.pass_seconds(60)
    reap(world.context)
    after = {name: tell(world, session_key, name).instance_index for name in world.fleet.living()[::-1]}
    assert len(before) == 2
    assert before.items() <= after.items()
    assert sorted(after.values()) == [0, 1, 2, 3]
    assert records(world, session_key) == after


def test_relaunched_machines_whose_launch_index_is_anothers_place_get_one_record_each(world: World) -> None:
    session_key = world.start(2, workers=2)
    for worker in world.crew(session_key):
        worker.claim()
    world.fleet.terminate(world.fleet.living())
    world.clock.pass_seconds(60)
    world.fleet.silent = True
    reap(world.context)
    world.fleet.silent = False
    new = world.fleet.living()
    tell(world, session_key, new[1], index=1)
    world.clock.pass_seconds(60)
    reap(world.context)
    tell(world, session_key, new[1], Kind.HEARTBEAT, index=1)
    assert len(records(world, session_key)) == 3


def test_of_many_unknown_instances_that_speak_one_asks_ec2_for_all(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_key, ids = start_unanswered(world, 30)
    honest, listings = world.fleet.instances, []
    monkeypatch.setattr(world.fleet, "instances", lambda key=None: listings.append(key) or honest(key))
    for instance_id in ids:
        tell(world, session_key, instance_id)
    assert listings == [str(session_key)]
    assert records(world, session_key) == {instance_id: place for place, instance_id in enumerate(ids)}


def test_an_instance_of_an_earlier_run_that_nobody_knew_is_told_to_stop(world: World) -> None:
    """Its launch was never answered, and the listing did not show it when its job was cancelled and retried."""
    session_key, (old,) = start_unanswered(world, 1)
    world.fleet.hidden.add(old)
    cancel(world.context, session_key)
    world.clock.pass_seconds(30)
    retry(world.context, session_key)
    world.fleet.hidden.clear()
    assert tell(world, session_key, old).instruction is Instruction.STOP
    assert old not in records(world, session_key)


def test_a_speaker_that_cannot_be_entered_is_asked_to_come_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    session_key, (speaker,) = start_unanswered(world, 1)
    monkeypatch.setattr(world.store, "replace", lambda *_: None)  # others write state.json all the time
    with pytest.raises(InstanceUnknown, match="again"):
        tell(world, session_key, speaker)
    monkeypatch.undo()
    assert tell(world, session_key, speaker).instruction is Instruction.CONTINUE
