"""What is counted and timed, as CloudWatch's embedded metric format has it."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from api_world import World

from gems_api.logs import JsonFormatter
from gems_api.services.lifecycle.cancel import cancel
from gems_api.services.metrics import Metric
from gems_api.services.reaping.reaper import reap

PROJECT = Path(__file__).parents[3]


@pytest.fixture
def metrics(caplog: pytest.LogCaptureFixture) -> Any:
    """What was told until now, as CloudWatch reads it: a list of (name, unit, value, dimensions)."""
    caplog.set_level(logging.INFO, "gems_api")

    def told() -> list[tuple[str, str, float, dict[str, str]]]:
        lines = [json.loads(JsonFormatter().format(record)) for record in caplog.records]
        found = []
        for line in (line for line in lines if "_aws" in line):
            assert isinstance(line["_aws"]["Timestamp"], int)
            for directive in line["_aws"]["CloudWatchMetrics"]:
                assert directive["Namespace"] == "GeMS"
                (names,) = directive["Dimensions"]
                dimensions = {name: line[name] for name in names}
                found += [(item["Name"], item["Unit"], line[item["Name"]], dimensions) for item in directive["Metrics"]]
        return found

    return told


def values(told: Any, name: str) -> list[float]:
    return [value for metric, _, value, _ in told if metric == name]


def test_a_job_is_counted_from_its_start_to_its_end(world: World, metrics: Any) -> None:
    session_key = world.start(2, workers=1)
    (worker,) = world.crew(session_key)
    world.clock.pass_seconds(90)
    worker.work()
    worker.merge()
    told = metrics()
    assert values(told, "JobsStarted") == [1]
    assert values(told, "SamplesAsked") == [2]
    assert values(told, "InstancesLaunched") == [1]
    assert values(told, "LaunchRefusals") == [], "what is nothing is not told, for it would be paid for"
    assert values(told, "JobsComplete") == [1]
    assert values(told, "SamplesTyped") == [2]
    assert values(told, "JobSeconds") == [90]
    assert {dimensions["Stage"] for *_, dimensions in told} == {"local"}


def test_each_step_is_timed_by_its_name(world: World, metrics: Any) -> None:
    session_key = world.start(1)
    (worker,) = world.crew(session_key)
    share = worker.claim().share
    worker.say("status", "DOWNLOADING", share)
    world.clock.pass_seconds(12)
    worker.say("status", "TYPING", share)
    world.clock.pass_seconds(40)
    worker.say("status", "CROSS_MATCHING", share)
    steps = [(unit, value, where["Step"]) for name, unit, value, where in metrics() if name == "StepSeconds"]
    assert ("Seconds", 12, "DOWNLOADING") in steps
    assert ("Seconds", 40, "TYPING") in steps


def test_a_tick_of_the_reaper_is_told_though_there_is_nothing_to_do(world: World, metrics: Any) -> None:
    reap(world.context)
    assert [(name, value) for name, _, value, _ in metrics()] == [("Reaped", 1)]


def test_instances_past_all_limits_are_counted(world: World, metrics: Any) -> None:
    world.start(1)
    world.clock.now += timedelta(seconds=world.settings.job_limit_seconds + 3600)
    reap(world.context)
    assert values(metrics(), "InstancesTooOld") == [1]


def test_failed_and_cancelled_jobs_and_mails_that_are_refused_are_counted(world: World, metrics: Any) -> None:
    cancel(world.context, world.start(1, "a"))
    world.mailer.refusal = "SES SendEmail was refused"
    world.start(1, "b", email="lab@example.org")
    world.clock.pass_seconds(world.settings.job_limit_seconds + 1)
    reap(world.context)
    reap(world.context)
    told = metrics()
    assert (values(told, "JobsCancelled"), values(told, "JobsFailed"), values(told, "MailsFailed")) == ([1], [1], [1])


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short forms as what they are applied to."""


_Loader.add_multi_constructor(
    "!", lambda loader, _, node: loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else []
)


def test_alarms_and_dashboard_name_metrics_that_are_told() -> None:
    template = yaml.load((PROJECT / "infra" / "gems.yaml").read_text(), _Loader)
    resources = template["Resources"].values()
    alarms = [item["Properties"]["MetricName"] for item in resources if item["Type"] == "AWS::CloudWatch::Alarm"]
    assert sorted(alarms) == ["InstancesTooOld", "JobsFailed", "MailsBounced", "Reaped"]
    assert set(alarms) <= set(Metric)
    widgets = json.loads(template["Resources"]["Dashboard"]["Properties"]["DashboardBody"])["widgets"]
    shown = {row[1] for widget in widgets for row in widget["properties"].get("metrics", []) if isinstance(row[0], str)}
    assert shown <= set(Metric)


def test_every_metric_is_in_the_docs() -> None:
    page = (PROJECT / "docs" / "operations.md").read_text()
    assert [metric for metric in Metric if f"`{metric}`" not in page] == []
