"""What EC2 is asked for when instances are launched, and what its answers are taken for."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from api_world import SETTINGS
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from botocore.stub import ANY, Stubber
from worker_values import BOOTSTRAP

from gems_api.aws.launcher import DESCRIPTION, VERSION_LIFE, Launcher
from gems_api.services.fleet_ports import Launch, Launched, LaunchOutcome, LaunchUnanswered, Refusal
from gems_api.services.lifecycle.refusals import may_pass, told
from gems_api.settings import Settings
from gems_core.errors import CloudRefused

TAGS = {"gems:session_key": "k"}
TAG_LIST = [{"Key": "gems:session_key", "Value": "k"}]
LAUNCH = Launch(5, "token", TAGS, BOOTSTRAP)
POOLS = replace(SETTINGS, instance_types=("c7i.large", "c6i.large"), subnets=("subnet-a", "subnet-b"))
SPOT_POOLS = replace(POOLS, spot=True)
TEMPLATE = {"LaunchTemplateName": "gems-worker"}


@pytest.fixture
def ec2() -> Any:
    return boto3.client("ec2", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="y")


@pytest.fixture
def stub(ec2: Any) -> Iterator[Stubber]:
    with Stubber(ec2) as active:
        yield active
        active.assert_no_pending_responses()


def instances(count: int) -> list[dict[str, Any]]:
    return [{"InstanceId": f"i-{number}", "AmiLaunchIndex": number} for number in range(count)]


def group(market: str, *ids: str) -> dict[str, Any]:
    return {"Lifecycle": market, "InstanceIds": list(ids), "InstanceType": "c7i.large"}


def expect_version(stub: Stubber) -> None:
    asked = {
        **TEMPLATE,
        "SourceVersion": "$Default",
        "VersionDescription": DESCRIPTION,
        "LaunchTemplateData": {"UserData": base64.b64encode(b"#!/bin/sh").decode()},
        "ClientToken": ANY,
    }
    stub.add_response("create_launch_template_version", {"LaunchTemplateVersion": {"VersionNumber": 7}}, asked)


def expect_fleet(stub: Stubber, market: str, count: int, answer: dict[str, Any]) -> None:
    pools = [("c7i.large", "subnet-a"), ("c7i.large", "subnet-b"), ("c6i.large", "subnet-a"), ("c6i.large", "subnet-b")]
    overrides = [
        {"InstanceType": kind, "SubnetId": subnet, "Priority": float(place)}
        for place, (kind, subnet) in enumerate(pools)
    ]
    specification = {**TEMPLATE, "Version": "7"}
    asked = {
        "Type": "instant",
        "ClientToken": ANY,
        "LaunchTemplateConfigs": [{"LaunchTemplateSpecification": specification, "Overrides": overrides}],
        "TargetCapacitySpecification": {"TotalTargetCapacity": count, "DefaultTargetCapacityType": market},
        "SpotOptions": {"AllocationStrategy": "capacity-optimized-prioritized"},
        "OnDemandOptions": {"AllocationStrategy": "prioritized"},
        "TagSpecifications": [{"ResourceType": "instance", "Tags": TAG_LIST}],
    }
    stub.add_response("create_fleet", answer, asked)


def expect_deletion(stub: Stubber) -> None:
    stub.add_response("delete_launch_template_versions", {}, {**TEMPLATE, "Versions": ["7"]})


def test_a_template_is_named_by_its_id_where_the_setting_is_one(ec2: Any, stub: Stubber) -> None:
    stub.add_response("run_instances", {"Instances": instances(5)})
    asked: list[Any] = []
    ec2.meta.events.register("provide-client-params.ec2.RunInstances", lambda params, **_: asked.append(params))
    Launcher(ec2, replace(SETTINGS, launch_template="lt-0123456789abcdef0")).launch(LAUNCH, "#!/bin/sh")
    assert asked[0]["LaunchTemplate"] == {"LaunchTemplateId": "lt-0123456789abcdef0", "Version": "$Default"}


def test_one_pool_is_one_call_from_the_template(ec2: Any, stub: Stubber) -> None:
    asked = {
        "MinCount": 1,
        "MaxCount": 5,
        "ClientToken": "token",
        "LaunchTemplate": {**TEMPLATE, "Version": "$Default"},
        "InstanceType": "c5.xlarge",
        "SubnetId": "subnet-1",
        "UserData": "#!/bin/sh",  # boto3 encodes it, but not that of a template
        "TagSpecifications": [{"ResourceType": kind, "Tags": TAG_LIST} for kind in ("instance", "volume")],
    }
    stub.add_response("run_instances", {"Instances": instances(5)}, asked)
    outcome = Launcher(ec2, SETTINGS).launch(LAUNCH, "#!/bin/sh")
    assert outcome.launched[4] == Launched("i-4", 4, "c5.xlarge", "on-demand")
    assert (len(outcome.launched), outcome.refusals) == (5, ())


def test_fewer_instances_of_one_pool_are_told(ec2: Any, stub: Stubber) -> None:
    stub.add_response("run_instances", {"Instances": instances(3)})
    outcome = Launcher(ec2, SETTINGS).launch(LAUNCH, "#!/bin/sh")
    assert len(outcome.launched) == 3
    assert [item.code for item in outcome.refusals] == ["FewerThanAsked"]


def test_a_refusal_is_told_with_its_pool(ec2: Any, stub: Stubber) -> None:
    stub.add_client_error("run_instances", "InsufficientInstanceCapacity", "none left")
    outcome = Launcher(ec2, SETTINGS).launch(LAUNCH, "#!/bin/sh")
    refusal = Refusal("InsufficientInstanceCapacity", "none left", "c5.xlarge", "subnet-1", "on-demand")
    assert (outcome.launched, outcome.refusals) == ((), (refusal,))


def test_spot_goes_first_and_the_rest_is_on_demand_in_four_calls(ec2: Any, stub: Stubber) -> None:
    error = {
        "Lifecycle": "spot",
        "ErrorCode": "InsufficientInstanceCapacity",
        "ErrorMessage": "none left",
        "LaunchTemplateAndOverrides": {"Overrides": {"InstanceType": "c7i.large", "SubnetId": "subnet-a"}},
    }
    expect_version(stub)
    expect_fleet(stub, "spot", 5, {"Instances": [group("spot", "i-1", "i-2")], "Errors": [error]})
    expect_fleet(stub, "on-demand", 3, {"Instances": [group("on-demand", "i-3", "i-4", "i-5")]})
    expect_deletion(stub)
    outcome = Launcher(ec2, SPOT_POOLS).launch(LAUNCH, "#!/bin/sh")
    assert [(item.instance_id, item.market) for item in outcome.launched] == [
        ("i-1", "spot"), ("i-2", "spot"), ("i-3", "on-demand"), ("i-4", "on-demand"), ("i-5", "on-demand"),
    ]  # fmt: skip
    assert outcome.refusals == (Refusal("InsufficientInstanceCapacity", "none left", "c7i.large", "subnet-a", "spot"),)


def test_no_second_fleet_when_spot_gives_all(ec2: Any, stub: Stubber) -> None:
    expect_version(stub)
    expect_fleet(stub, "spot", 5, {"Instances": [group("spot", *(f"i-{n}" for n in range(5)))]})
    expect_deletion(stub)
    assert len(Launcher(ec2, SPOT_POOLS).launch(LAUNCH, "#!/bin/sh").launched) == 5


def test_several_pools_without_spot_are_one_fleet(ec2: Any, stub: Stubber) -> None:
    expect_version(stub)
    expect_fleet(stub, "on-demand", 5, {"Instances": [group("on-demand", *(f"i-{n}" for n in range(5)))]})
    expect_deletion(stub)
    assert len(Launcher(ec2, POOLS).launch(LAUNCH, "#!/bin/sh").launched) == 5


def test_fleets_without_instances_and_without_errors_are_a_want_of_capacity(ec2: Any, stub: Stubber) -> None:
    expect_version(stub)
    expect_fleet(stub, "spot", 5, {"Instances": [], "Errors": []})
    expect_fleet(stub, "on-demand", 5, {})
    expect_deletion(stub)
    outcome = Launcher(ec2, SPOT_POOLS).launch(LAUNCH, "#!/bin/sh")
    assert outcome.launched == ()
    assert [(item.code, item.market) for item in outcome.refusals] == [
        ("FewerThanAsked", "spot"),
        ("FewerThanAsked", "on-demand"),
    ]
    assert may_pass(outcome.refusals), "the backoff tries it again"
    assert told(5, outcome).startswith("asked for 5 instances, got 0: FewerThanAsked (the whole launch, on-demand, ")


def test_a_refused_spot_fleet_still_leaves_on_demand(ec2: Any, stub: Stubber) -> None:
    expect_version(stub)
    stub.add_client_error("create_fleet", "MaxSpotInstanceCountExceeded", "quota")
    expect_fleet(stub, "on-demand", 5, {"Instances": [group("on-demand", *(f"i-{n}" for n in range(5)))]})
    expect_deletion(stub)
    outcome = Launcher(ec2, SPOT_POOLS).launch(LAUNCH, "#!/bin/sh")
    assert len(outcome.launched) == 5
    assert outcome.refusals == (Refusal("MaxSpotInstanceCountExceeded", "quota", market="spot"),)


def test_a_spot_fleet_that_ec2_puts_off_is_not_launched_on_demand_but_later(ec2: Any, stub: Stubber) -> None:
    expect_version(stub)
    stub.add_client_error("create_fleet", "RequestLimitExceeded", "too fast")
    expect_deletion(stub)
    outcome = Launcher(ec2, SPOT_POOLS).launch(LAUNCH, "#!/bin/sh")
    assert outcome == LaunchOutcome((), (Refusal("RequestLimitExceeded", "too fast", market="spot"),))
    assert may_pass(outcome.refusals)


class RememberingFleets:
    """CreateFleet as EC2 does it: an answer is remembered with its token, a refusal is not. The first is throttled."""

    def __init__(self) -> None:
        self.answers: dict[str, dict[str, Any]] = {}
        self.troubles = [
            ClientError({"Error": {"Code": "RequestLimitExceeded", "Message": "too fast"}}, "CreateFleet"),
            ReadTimeoutError(endpoint_url="https://ec2.invalid"),
        ]

    def __call__(self, **asked: Any) -> dict[str, Any]:
        target, token = asked["TargetCapacitySpecification"], asked["ClientToken"]
        trouble = self.troubles.pop(0) if self.troubles else None
        if isinstance(trouble, ClientError):
            raise trouble
        market, count = target["DefaultTargetCapacityType"], target["TotalTargetCapacity"]
        ids = [f"i-{len(self.answers)}{number}" for number in range(count)]
        answer = self.answers.setdefault(token, {"Instances": [group(market, *ids)]})
        if trouble is not None:
            raise trouble
        return answer


def test_a_launch_with_spot_that_is_repeated_after_troubles_launches_nothing_twice(
    ec2: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleets = RememberingFleets()
    monkeypatch.setattr(ec2, "create_fleet", fleets)
    monkeypatch.setattr(ec2, "delete_launch_template_versions", lambda **_: {})
    version = {"LaunchTemplateVersion": {"VersionNumber": 7}}
    monkeypatch.setattr(ec2, "create_launch_template_version", lambda **_: version)
    launched: list[int] = []
    for _ in range(3):
        with suppress(LaunchUnanswered):
            launched.append(len(Launcher(ec2, SPOT_POOLS).launch(LAUNCH, "#!/bin/sh").launched))
    assert launched == [0, 5]
    assert sum(len(item["InstanceIds"]) for answer in fleets.answers.values() for item in answer["Instances"]) == 5


def test_a_template_that_cannot_be_read_launches_nothing(ec2: Any, stub: Stubber) -> None:
    stub.add_client_error("create_launch_template_version", "InvalidLaunchTemplateName.NotFoundException", "no")
    outcome = Launcher(ec2, POOLS).launch(LAUNCH, "#!/bin/sh")
    assert outcome.refusals == (Refusal("InvalidLaunchTemplateName.NotFoundException", "no"),)


def test_a_repeated_launch_has_the_same_tokens_and_each_of_its_calls_its_own(ec2: Any) -> None:
    tokens: list[str] = []

    def keep(params: dict[str, Any], **_: Any) -> None:
        if "ClientToken" in params:
            tokens.append(params["ClientToken"])

    ec2.meta.events.register("provide-client-params.ec2", keep)
    for _ in range(2):
        with Stubber(ec2) as stub:
            stub.add_response("create_launch_template_version", {"LaunchTemplateVersion": {"VersionNumber": 7}})
            stub.add_response("create_fleet", {})
            stub.add_response("create_fleet", {})
            stub.add_response("delete_launch_template_versions", {})
            Launcher(ec2, SPOT_POOLS).launch(LAUNCH, "#!/bin/sh")
    assert tokens[:3] == tokens[3:]
    assert len(set(tokens)) == 3
    assert {len(token) for token in tokens} == {64}


@pytest.mark.parametrize("settings", [SETTINGS, SPOT_POOLS])
def test_no_answer_is_told_apart_from_a_refusal(ec2: Any, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    def unreachable(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://ec2.invalid")

    monkeypatch.setattr(ec2, "run_instances", unreachable)
    monkeypatch.setattr(ec2, "create_fleet", unreachable)
    with Stubber(ec2) as stub:
        if settings.spot:
            expect_version(stub)  # and it is not deleted, for the launch is repeated with it
        with pytest.raises(LaunchUnanswered, match="5 instances"):
            Launcher(ec2, settings).launch(LAUNCH, "#!/bin/sh")


def test_a_call_that_boto3_does_not_even_send_is_refused_for_good(ec2: Any) -> None:
    with pytest.raises(CloudRefused, match="not a valid request") as refusal:
        Launcher(ec2, replace(SETTINGS, subnets=(None,))).launch(LAUNCH, "#!/bin/sh")  # type: ignore[arg-type]
    assert not isinstance(refusal.value, LaunchUnanswered)


def test_versions_of_launches_that_died_are_swept_and_no_others(ec2: Any, stub: Stubber) -> None:
    now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    old, young = now - VERSION_LIFE - timedelta(seconds=1), now - VERSION_LIFE
    described = [
        {"VersionNumber": 1, "VersionDescription": DESCRIPTION, "DefaultVersion": True, "CreateTime": old},
        {"VersionNumber": 2, "VersionDescription": "by hand", "DefaultVersion": False, "CreateTime": old},
        {"VersionNumber": 7, "VersionDescription": DESCRIPTION, "DefaultVersion": False, "CreateTime": old},
        {"VersionNumber": 8, "VersionDescription": DESCRIPTION, "DefaultVersion": False, "CreateTime": young},
    ]
    stub.add_response("describe_launch_template_versions", {"LaunchTemplateVersions": described}, TEMPLATE)
    expect_deletion(stub)
    assert Launcher(ec2, POOLS).sweep(now) == ["7"]


def test_a_single_pool_makes_no_versions_and_so_sweeps_none(ec2: Any, stub: Stubber) -> None:
    assert Launcher(ec2, SETTINGS).sweep(datetime.now(UTC)) == []
    assert stub is not None
