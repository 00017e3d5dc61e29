"""Workers that are lost while others live are replaced where that is worth it: by work, time, price and chance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from api_world import Worker, World

from gems_api.services.fleet_ports import Launch, LaunchOutcome, LaunchUnanswered, Refusal
from gems_api.services.reaping.reaper import reap
from gems_api.services.shown.job_view import job_view
from gems_api.services.state.records import JobState
from gems_core.prices import InstancePrice
from gems_core.protocol.answer import GrantedShare
from gems_core.session_key import SessionKey

# Two files of so many records of 26 bytes make a share of about an hour, at a byte a second.
RECORDS = 70


def state_of(world: World, session_key: SessionKey) -> JobState:
    state = world.job(session_key).state
    assert state is not None
    return state.value


def slow(world: World, **changes: Any) -> World:
    found = world.with_settings(bytes_per_second=1, start_seconds=180, **changes)
    found.records = RECORDS
    return found


def busy_job(
    world: World, workers: int = 6, seconds: int = 1200, wait_seconds: int = 0, **more: Any
) -> tuple[SessionKey, list[Worker]]:
    """A job whose workers have been at their shares for a while, as their heartbeats say."""
    session_key = world.start(workers, workers=workers, **more)
    crew = world.crew(session_key)
    world.clock.pass_seconds(wait_seconds)
    for worker in crew:
        share = worker.claim().share
        assert share is not None
        worker.say("status", "DOWNLOADING", share)
    pass_minutes(world, crew, seconds // 60)
    return session_key, crew


def pass_minutes(world: World, living: list[Worker], minutes: int = 1) -> None:
    for _ in range(minutes):
        world.clock.pass_seconds(60)
        for worker in living:
            worker.say("heartbeat", "TYPING")
        reap(world.context)


def lose(world: World, workers: list[Worker]) -> None:
    world.fleet.terminate([worker.instance_id for worker in workers])


def test_five_of_six_lost_are_replaced_while_the_sixth_works_on(world: World) -> None:
    _, crew = busy_job(world)
    lose(world, crew[1:])
    reap(world.context)
    reap(replace(world.context))
    assert [launch.count for launch in world.fleet.launches] == [6, 5]
    assert len(world.fleet.living()) == 6
    pass_minutes(world, crew[:1], 10)
    assert len(world.fleet.launches) == 2, "the five are on their way"


def test_one_shortage_is_launched_for_once_though_two_reapers_find_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, crew = busy_job(world)
    lose(world, crew[1:])
    twin = replace(world.context)
    honest, struck = world.fleet.launch, []

    def launch(launch: Launch) -> LaunchOutcome:
        if not struck:
            struck.append(launch)
            reap(twin)
        return honest(launch)

    monkeypatch.setattr(world.fleet, "launch", launch)
    reap(world.context)
    assert len(world.fleet.living()) == 6


def test_a_launch_that_nobody_heard_of_is_made_again_with_its_token_while_others_work(world: World) -> None:
    session_key, crew = busy_job(world)
    lose(world, crew[1:])
    world.fleet.silent = True
    reap(world.context)
    assert state_of(world, session_key).unanswered == 5
    world.fleet.silent = False
    pass_minutes(world, crew[:1], 5)
    assert len({launch.client_token for launch in world.fleet.launches}) == 2
    assert (len(world.fleet.living()), state_of(world, session_key).unanswered) == (6, 0)


def _just_begun(world: World) -> tuple[SessionKey, list[Worker]]:
    """What was a minute's work until now is not taken for much more."""
    return busy_job(world, workers=3, seconds=60, wait_seconds=240)


def _short_of_time(world: World) -> tuple[SessionKey, list[Worker]]:
    return busy_job(world, time_limit_seconds=1300)


def _short_of_money(world: World) -> tuple[SessionKey, list[Worker]]:
    # Six times twenty minutes are spent; one worker is to do five shares of twenty minutes and more.
    world.set_prices({"c5.xlarge": InstancePrice(1.0)})
    return busy_job(world, budget_usd=3.0)


@pytest.mark.parametrize(
    ("begin", "setting"),
    [
        pytest.param(_just_begun, {"bytes_per_second": 10**9}, id="few-minutes-are-left"),
        pytest.param(_short_of_time, {"bytes_per_second": 10**9}, id="the-time-limit-is-near"),
        pytest.param(_short_of_money, {}, id="the-budget-has-no-money-for-it"),
        pytest.param(busy_job, {"max_launches": 1}, id="the-run-was-given-all-its-instances"),
    ],
)
def test_what_is_not_worth_it_is_not_launched(
    world: World, begin: Callable[[World], tuple[SessionKey, list[Worker]]], setting: dict[str, int]
) -> None:
    world = world.with_settings(**setting)
    _, crew = begin(world)
    lose(world, crew[1:])
    reap(world.context)
    assert len(world.fleet.launches) == 1
    assert world.fleet.living() == [crew[0].instance_id]


def test_a_budget_pays_for_as_many_as_it_can(world: World) -> None:
    world.set_prices({"c5.xlarge": InstancePrice(1.0)})
    _, crew = busy_job(world, budget_usd=5.7)
    lose(world, crew[1:])
    reap(world.context)
    # 2.00 USD are spent, what is left to type costs 3.67: of the rest there are two starts of 180 seconds.
    assert [launch.count for launch in world.fleet.launches] == [6, 2]


@pytest.mark.parametrize(
    ("code", "said", "counts"),
    [
        pytest.param("Server.SpotInstanceTermination", "EC2 took the spot instance {} back (Server.", False, id="spot"),
        pytest.param(
            "Server.SpotInstanceShutdown", "EC2 took the spot instance {} back (Server.", False, id="shutdown"
        ),
        pytest.param("Client.InstanceInitiatedShutdown", "instance {} shut itself down (Client.", True, id="itself"),
        pytest.param("Client.UserInitiatedShutdown", "instance {} was terminated by a call to EC2", True, id="a-call"),
        pytest.param("Server.InternalError", "instance {} was ended by a fault of EC2's", True, id="a-fault"),
        pytest.param("Server.Unheard", "instance {} is terminated (Server.Unheard)", True, id="unknown-code"),
        pytest.param("", "instance {} is terminated", True, id="no-code"),
    ],
)
def test_an_instance_that_is_gone_is_told_with_ec2s_reason_and_a_reclaim_counts_no_try(
    world: World, code: str, said: str, counts: bool
) -> None:
    session_key, crew = busy_job(world)
    lost = crew[0].instance_id
    share = world.job(session_key).held_share(lost)
    assert share is not None
    world.fleet.known[lost] = replace(world.fleet.known[lost], state="terminated", state_reason=code)
    reap(world.context)
    job = world.job(session_key)
    failure = job.workers[0].value.failure
    assert failure is not None
    assert said.format(lost) in failure.reason
    claim = job.claims[share.value.share].value
    assert said.format(lost) in claim.reasons[0]
    assert (claim.tries, claim.attempt) == (int(counts), 1)


def test_an_instance_that_ec2_never_started_says_so(world: World) -> None:
    session_key = world.start(2, workers=2)
    lost = world.fleet.living()[0]
    code = "Server.InsufficientInstanceCapacity"
    world.fleet.known[lost] = replace(world.fleet.known[lost], state="terminated", state_reason=code)
    reap(world.context)
    failure = world.job(session_key).workers[0].value.failure
    assert failure is not None
    assert failure.reason == (
        f"instance {lost} never started, because EC2 had no capacity for it ({code}); it never made contact"
    )


def test_a_refused_replacement_is_told_put_off_and_tried_again_and_waiting_helps(world: World) -> None:
    session_key, crew = busy_job(world)
    lose(world, crew[1:])
    world.fleet.refusal = "InsufficientInstanceCapacity"
    reap(world.context)
    view = job_view(world.job(session_key), "")
    assert "asked for 5 instances, got 0" in str(view["reason"])
    assert "or wait" in str(view["reason"])
    assert view["next_launch_at"]
    world.fleet.refusal = ""
    pass_minutes(world, crew[:1], 4)
    assert len(world.fleet.living()) == 6
    assert (job_view(world.job(session_key), "")["reason"], state_of(world, session_key).next_launch_at) == ("", None)


def test_a_replacement_refused_for_good_ends_no_job_whose_others_live(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_key, crew = busy_job(world)
    lose(world, crew[1:])
    refused = LaunchOutcome(refusals=(Refusal("UnauthorizedOperation", "no"),))
    monkeypatch.setattr(world.fleet, "launch", lambda launch: refused)
    reap(world.context)
    assert not world.job(session_key).ended
    assert "iam:PassRole" in state_of(world, session_key).reason
    lose(world, crew[:1])
    world.clock.pass_seconds(600)
    reap(world.context)
    assert world.job(session_key).ended, "nobody is left who could go on"


def test_workers_that_a_first_launch_did_not_bring_are_launched_when_there_is_room(world: World) -> None:
    world = slow(world)
    world.fleet.capacity = 2
    session_key = world.start(6, workers=6)
    assert state_of(world, session_key).next_launch_at is not None
    world.fleet.capacity = 1000
    crew = world.crew(session_key)
    for worker in crew:
        worker.claim()
    pass_minutes(world, crew, 4)
    assert [launch.count for launch in world.fleet.launches] == [6, 4]
    assert job_view(world.job(session_key), "")["reason"] == ""


def test_want_of_capacity_beside_living_workers_is_tried_again_with_growing_pauses(world: World) -> None:
    world = slow(world)
    session_key, crew = busy_job(world)
    lose(world, crew[1:])
    world.fleet.refusal = "InsufficientInstanceCapacity"
    tried = []
    for minute in range(40):
        before = state_of(world, session_key).launches
        pass_minutes(world, crew[:1])
        tried += [minute] * (state_of(world, session_key).launches - before)
        assert "or wait" in state_of(world, session_key).reason
    assert tried == [0, 3, 6, 10, 18, 34], "three minutes at least, for EC2's listings lag"


def test_a_shortage_that_those_who_live_make_good_is_told_no_more(world: World) -> None:
    world = world.with_settings(bytes_per_second=10**9)
    world.fleet.capacity = 2
    session_key = world.start(6, workers=6)
    crew = world.crew(session_key)
    assert "or wait" in state_of(world, session_key).reason
    pass_minutes(world, [], 4)
    for worker in crew:
        worker.claim()
    pass_minutes(world, crew, 1)
    state = state_of(world, session_key)
    assert (state.reason, state.next_launch_at, len(world.fleet.launches)) == ("", None, 1)


def test_an_unheard_launch_that_is_not_wanted_any_more_is_called_off(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_key, crew = busy_job(world)
    lose(world, crew[3:])

    def unheard(launch: Launch) -> LaunchOutcome:
        raise LaunchUnanswered("EC2 did not answer")

    monkeypatch.setattr(world.fleet, "launch", unheard)
    reap(world.context)
    assert state_of(world, session_key).unanswered == 3
    for worker in crew[:2]:
        share = world.job(session_key).held_share(worker.instance_id)
        assert share is not None
        worker.do_share(GrantedShare(world.job(session_key).manifest.share(share.value.share), share.value.attempt))
    for _ in range(2):
        pass_minutes(world, crew[:3], 4)
    state = state_of(world, session_key)
    assert (state.unanswered, state.next_launch_at, state.reason) == (0, None, "")
