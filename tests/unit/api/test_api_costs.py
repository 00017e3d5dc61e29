"""Money: estimates before, instance-hours and prices during and after, budgets kept."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from api_world import CONTROL, DATA, SETTINGS, World

from gems_api.services.fleet_ports import Instance
from gems_api.services.intake.costs import CACHE_SECONDS, NO_TABLE, estimate, over_budget
from gems_api.services.lifecycle.cancel import cancel
from gems_api.services.lifecycle.retry import retry
from gems_api.services.lifecycle.start_job import DryRun, start_job
from gems_api.services.reaping.reaper import reap
from gems_api.services.shown.job_view import job_view
from gems_api.services.state.fleet_record import reconciled
from gems_api.services.state.records import JobState
from gems_core import layout
from gems_core.errors import InvalidInput
from gems_core.fastq_names import Sample, StoredFile
from gems_core.prices import InstancePrice, PriceTable
from gems_core.session_key import SessionKey
from gems_core.shares import Share
from gems_core.statuses import JobStatus

PRICES = {"c5.xlarge": InstancePrice(0.36, 0.18)}
BODY = {"bucket": DATA, "prefix": "run", "hla_class": "2", "samples_per_worker": 1}


def share(index: int, size_bytes: int) -> Share:
    files = [StoredFile(f"K{index}_S{index}_L001_R{read}_001.fastq.gz", size_bytes // 2) for read in (1, 2)]
    return Share(index, (Sample(f"K{index}", *files),))


def view(world: World, session_key: SessionKey) -> dict[str, Any]:
    return job_view(world.job(session_key), "", world.context.prices.table())


def state_of(world: World, session_key: SessionKey) -> JobState:
    state = world.job(session_key).state
    assert state is not None
    return state.value


def test_an_estimate_is_of_workers_that_claim_shares_in_turn() -> None:
    settings = replace(SETTINGS, bytes_per_second=1000, start_seconds=120)
    shares = [share(index, 600_000) for index in (1, 2, 3)]
    table = PriceTable("eu-west-1", World().clock(), {"c5.xlarge": InstancePrice(0.36)})
    expected = estimate(shares, 2, settings, table)
    # One worker types two shares of ten minutes, the other one; each needs two minutes to start.
    assert (expected.minutes, expected.instance_hours) == (22.0, round(34 / 60, 4))
    assert expected.usd == {"on-demand": round(34 / 60 * 0.36, 4), "spot": None}
    assert expected.hint == "the price table does not know c5.xlarge (spot): run `gems prices`"


def test_without_a_price_table_there_is_an_estimate_without_prices(world: World) -> None:
    world.upload("run", 1)
    outcome = start_job(world.context, {**BODY, "dry_run": True})
    assert isinstance(outcome, DryRun)
    assert outcome.estimate.usd == {"on-demand": None, "spot": None}
    assert outcome.estimate.hint == NO_TABLE


@pytest.mark.parametrize("damage", [b"", b"{}", b'{"currency": "EUR", "region": "r", "as_of": "2026-01-01T00:00:00Z"}'])
def test_a_damaged_price_table_stops_no_job(world: World, damage: bytes, caplog: pytest.LogCaptureFixture) -> None:
    world.store.put(CONTROL, layout.PRICES_KEY, damage)
    session_key = world.start(1)
    assert view(world, session_key)["price_hint"] == NO_TABLE
    assert "price table not read" in caplog.text


def test_the_table_is_read_again_after_a_few_minutes(world: World) -> None:
    assert world.context.prices.table() is None
    world.set_prices(PRICES)
    assert world.context.prices.table() is None
    world.clock.pass_seconds(CACHE_SECONDS)
    table = world.context.prices.table()
    assert table is not None
    assert table.usd_per_hour("c5.xlarge", "spot") == 0.18


def test_a_job_costs_what_its_instances_ran_each_until_its_own_end(world: World) -> None:
    world.set_prices(PRICES)
    session_key = world.start(2, workers=2)
    first, second = world.crew(session_key)
    share = first.claim().share
    assert share is not None
    second.work()
    world.clock.pass_seconds(1800)
    first.say("heartbeat", "TYPING", share)
    world.fleet.terminate([second.instance_id])
    reap(world.context)
    world.clock.pass_seconds(1800)
    first.do_share(share)
    first.merge()
    cancelled = view(world, session_key)
    assert cancelled["instance_hours"] == 1.5, "an hour until the last sign of life, and half an hour until seen gone"
    assert cancelled["price"] == {
        "currency": "USD", "amount": round(1.5 * 0.36, 4), "as_of": (world.clock() - timedelta(hours=1)).isoformat(),
    }  # fmt: skip


def test_an_instance_costs_a_minute_at_least_and_nothing_after_its_termination(world: World) -> None:
    world.set_prices(PRICES)
    session_key = world.start(1)
    world.clock.pass_seconds(5)
    cancel(world.context, session_key)
    ended_at = world.clock()
    world.clock.pass_seconds(3600)
    cancel(world.context, session_key)
    assert [item.ended_at for item in state_of(world, session_key).instances] == [ended_at]
    assert view(world, session_key)["price"]["amount"] == round(0.36 / 60, 4)


def test_an_unchanged_job_looks_unchanged_however_late_one_looks(world: World) -> None:
    world.set_prices(PRICES)
    session_key = world.start(1)
    before = view(world, session_key)
    world.clock.pass_seconds(3600)
    assert view(world, session_key) == before


def test_a_type_without_a_price_leaves_hours_and_a_hint(world: World) -> None:
    world.set_prices({"c7i.large": InstancePrice(0.1)})
    session_key = world.start(1)
    shown = view(world, session_key)
    assert (shown["price"], shown["price_hint"]) == (
        None,
        "the price table does not know c5.xlarge (on-demand): run `gems prices`",
    )
    assert shown["instance_hours"] > 0


def test_a_job_that_passes_its_budget_is_ended_with_that_reason(world: World) -> None:
    world.set_prices(PRICES)
    session_key = world.start(2, workers=2, budget_usd=0.36)
    workers = world.crew(session_key)
    shares = [worker.claim().share for worker in workers]
    for expected in (False, True):
        world.clock.pass_seconds(1300)
        for worker, held in zip(workers, shares, strict=True):
            worker.say("heartbeat", "TYPING", held)
        reap(world.context)
        assert world.job(session_key).ended is expected
    state = state_of(world, session_key)
    assert state.overall_status is JobStatus.FAILED
    assert state.reason.startswith("the job's budget of 0.36 USD is spent (0.52 USD for")
    assert world.fleet.living() == []


def test_the_budget_is_of_each_run(world: World) -> None:
    world.set_prices(PRICES)
    session_key = world.start(1, budget_usd=0.1)
    world.clock.pass_seconds(1200)
    reap(world.context)
    assert world.job(session_key).ended
    retry(world.context, session_key)
    world.clock.pass_seconds(600)
    reap(world.context)
    assert not world.job(session_key).ended
    world.clock.pass_seconds(600)
    reap(world.context)
    assert world.job(session_key).ended


def test_without_prices_a_running_job_is_not_ended_for_its_budget(world: World) -> None:
    world.set_prices(PRICES)
    session_key = world.start(1, budget_usd=0.1)
    world.clock.pass_seconds(36_000)
    assert over_budget(world.job(session_key), None, world.clock()) == ""


def test_one_unknown_price_does_not_switch_a_budget_off(world: World) -> None:
    world.set_prices({**PRICES, "c5.large": InstancePrice(0.18)})
    session_key = world.start(2, workers=2, budget_usd=0.72)
    state = world.job(session_key).state
    assert state is not None
    first, second = state.value.instances
    mixed = replace(state.value, instances=(first, replace(second, instance_type="c6i.xlarge")))
    assert world.context.jobs.write(layout.state_key(session_key), mixed, state.etag)
    job, begun = world.job(session_key), world.clock()
    table = world.context.prices.table()
    assert over_budget(job, table, begun + timedelta(minutes=59)) == ""
    reason = over_budget(job, table, begun + timedelta(minutes=61))
    assert reason.startswith("the job's budget of 0.72 USD is spent (0.73 USD for"), "both at 0.36, the dearest known"
    assert "does not know c6i.xlarge (on-demand): run `gems prices`" in reason


@pytest.mark.parametrize(
    ("changes", "unknown"),
    [
        ({"instance_types": ("c5.xlarge", "c6i.xlarge")}, "c6i.xlarge (on-demand)"),
        ({"instance_types": ("c5.large", "c5.xlarge"), "spot": True}, "c5.large (spot)"),
    ],
)
def test_a_budget_needs_the_price_of_all_that_a_launch_may_bring(changes: dict[str, Any], unknown: str) -> None:
    world = World().with_settings(**changes)
    world.set_prices({**PRICES, "c5.large": InstancePrice(0.18)})
    world.upload("run", 1)
    with pytest.raises(InvalidInput) as refusal:
        start_job(world.context, {**BODY, "budget_usd": 5})
    (problem,) = refusal.value.problems
    assert (problem.code, problem.found) == (
        "unknown_price", f"the price table does not know {unknown}: run `gems prices`",
    )  # fmt: skip
    world.start(1, "without-budget")


def test_a_retry_keeps_the_budget_as_a_start_does(world: World) -> None:
    world.set_prices(PRICES)
    session_key = world.start(1, budget_usd=0.4)
    cancel(world.context, session_key)
    world.store.delete(CONTROL, layout.PRICES_KEY)
    world.clock.pass_seconds(CACHE_SECONDS)
    with pytest.raises(InvalidInput, match="gems prices"):
        retry(world.context, session_key, "key")
    assert world.job(session_key).ended
    world.set_prices(PRICES)
    world.clock.pass_seconds(CACHE_SECONDS)
    assert retry(world.context, session_key, "key").run == 2


def test_an_estimate_above_the_budget_is_refused_before_anything_is_launched(world: World) -> None:
    world.set_prices(PRICES)
    world.upload("run", 2)
    with pytest.raises(InvalidInput) as refusal:
        start_job(world.context, {**BODY, "budget_usd": 0.001})
    (problem,) = refusal.value.problems
    assert (problem.code, problem.where) == ("over_budget", "budget of 0.001 USD")
    assert "0.04 USD for 0.1 instance-hours" in problem.found
    assert world.fleet.launches == []


def test_a_budget_without_prices_is_refused_for_nobody_could_keep_it(world: World) -> None:
    world.upload("run", 1)
    with pytest.raises(InvalidInput, match="gems prices"):
        start_job(world.context, {**BODY, "budget_usd": 5})


def test_the_deployments_budget_is_the_default_and_the_most_a_job_may_ask_for() -> None:
    world = World().with_settings(job_budget_usd=2.5)
    world.set_prices(PRICES)
    assert world.job(world.start(1)).manifest.budget_usd == 2.5
    assert world.job(world.start(1, "two", budget_usd=1)).manifest.budget_usd == 1.0
    world.upload("three", 1)
    with pytest.raises(InvalidInput, match=r"at most 2\.5"):
        start_job(world.context, {**BODY, "prefix": "three", "budget_usd": 3})


@pytest.mark.parametrize("budget", [0, -1, True, "5", float("nan"), float("inf")])
def test_a_budget_that_is_no_amount_is_refused(world: World, budget: object) -> None:
    with pytest.raises(InvalidInput, match="budget_usd"):
        start_job(world.context, {**BODY, "budget_usd": budget})


def test_a_time_limit_shorter_than_the_estimate_is_refused_with_the_estimate(world: World) -> None:
    world = world.with_settings(bytes_per_second=1, start_seconds=180)
    world.records = 70
    with pytest.raises(InvalidInput, match="more workers") as refusal:
        world.start(2, workers=1, time_limit_seconds=3600)
    (problem,) = refusal.value.problems
    assert (problem.code, problem.where) == ("time_limit_too_short", "time limit of 3600 seconds")
    assert problem.found.startswith("an estimate of 7")
    assert world.fleet.launches == []
    assert world.start(2, workers=2, time_limit_seconds=4200)


def test_a_job_may_have_a_shorter_time_limit_but_no_longer_one(world: World) -> None:
    session_key = world.start(1, time_limit_seconds=600)
    world.clock.pass_seconds(601)
    reap(world.context)
    assert "time limit of 600 seconds" in state_of(world, session_key).reason
    with pytest.raises(InvalidInput, match="time_limit_seconds"):
        start_job(world.context, {**BODY, "time_limit_seconds": SETTINGS.job_limit_seconds + 1})


def test_instances_that_only_ec2_tells_of_are_taken_into_the_record(world: World) -> None:
    session_key = world.start(1)
    launch = world.fleet.launches[0]
    world.fleet.another(replace(launch, tags={**launch.tags, "gems:attempt": "7"}))
    reap(world.context)
    adopted = state_of(world, session_key).instances[1]
    assert (adopted.launch, adopted.instance_type, adopted.run) == (7, "c5.xlarge", 1)
    assert adopted.launched_at == world.clock()


def test_an_instance_that_is_not_listed_has_not_ended(world: World) -> None:
    session_key = world.start(2)
    state = state_of(world, session_key)
    listed = {"i-0000": Instance("i-0000", "terminated", world.clock(), {})}
    first, second = reconciled(state, listed, world.clock()).instances
    assert (first.ended_at, second.ended_at) == (world.clock(), None)


def test_old_documents_without_types_and_ends_are_read(world: World) -> None:
    world.set_prices(PRICES)
    session_key = world.start(1)
    document = json.loads(world.store.buckets[CONTROL][layout.state_key(session_key)].body)
    for item in document["instances"]:
        for name in ("instance_type", "market", "ended_at", "run"):
            del item[name]
    world.store.put(CONTROL, layout.state_key(session_key), json.dumps(document).encode())
    assert view(world, session_key)["price_hint"].startswith("the price table does not know an unknown type")
