"""GeMS's own launches from several pools, over HTTP, at an EC2 that runs out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from strict_site import REGION, TEMPLATE, StrictSite
from worker_values import BOOTSTRAP

from gems_api.aws.ec2 import Ec2Fleet
from gems_api.aws.launcher import DESCRIPTION, VERSION_LIFE
from gems_api.services.fleet_ports import Launch
from gems_api.settings import Settings
from gems_local.strict.capacity import ON_DEMAND, SPOT, Pool
from userdata import render

StandIn = Callable[..., StrictSite]
TYPES = ("c7i.large", "c6i.large")
TAGS = {"gems:session_key": "k", "gems:control_bucket": "gems-control"}
_MUTATING = ("Create", "Run", "Delete", "Terminate", "Modify")


def fleet(site: StrictSite, *, spot: bool = True) -> Ec2Fleet:
    (template,) = site.ec2.describe_launch_templates(LaunchTemplateNames=[TEMPLATE])["LaunchTemplates"]
    settings = Settings(
        control_bucket="gems-control",
        region=REGION,
        api_url="http://api.invalid",
        launch_template=template["LaunchTemplateId"],
        instance_types=TYPES,
        subnets=tuple(site.subnets[:2]),
        worker_role="arn:aws:iam::123456789012:role/gems-worker",
        job_role="arn:aws:iam::123456789012:role/gems-job",
        mail_sender="gems@example.org",
        spot=spot,
    )
    return Ec2Fleet(site.ec2, settings)


def mutating_calls(site: StrictSite) -> int:
    return sum(
        row["calls"]
        for row in site.aws.counts.as_json()
        if row["service"] == "ec2" and row["action"].startswith(_MUTATING)
    )


def versions(site: StrictSite) -> list[int]:
    found = site.ec2.describe_launch_template_versions(LaunchTemplateName=TEMPLATE)["LaunchTemplateVersions"]
    return [item["VersionNumber"] for item in found]


@pytest.fixture
def site(stand_in: StandIn) -> StrictSite:
    """Of the preferred type three spot machines and four on demand; of the other plenty on demand, in one subnet."""
    site = stand_in(instances_per_pool=0)
    site.make_template()
    first, second = site.subnets[:2]
    site.aws.capacity.set(Pool(TYPES[0], first, SPOT), 2)
    site.aws.capacity.set(Pool(TYPES[0], second, SPOT), 1)
    site.aws.capacity.set(Pool(TYPES[0], first, ON_DEMAND), 4)
    site.aws.capacity.set(Pool(TYPES[1], second, ON_DEMAND), 100)
    return site


def test_a_launch_takes_spot_first_then_on_demand_from_every_pool_in_four_calls(site: StrictSite) -> None:
    before = mutating_calls(site)
    outcome = fleet(site).launch(Launch(10, "token", TAGS, BOOTSTRAP))
    assert mutating_calls(site) - before == 4
    assert Counter((item.instance_type, item.market) for item in outcome.launched) == {
        (TYPES[0], "spot"): 3,
        (TYPES[0], "on-demand"): 4,
        (TYPES[1], "on-demand"): 3,
    }
    assert versions(site) == [1], "the version that held the user data is gone"
    listed = {instance.instance_id: instance for instance in fleet(site).instances("k")}
    assert listed.keys() == {item.instance_id for item in outcome.launched}
    assert {site.user_data(name) for name in listed} == {render(BOOTSTRAP).encode()}
    for item in outcome.launched:
        assert (listed[item.instance_id].instance_type, listed[item.instance_id].market) == (
            item.instance_type,
            item.market,
        )
        assert listed[item.instance_id].tags["gems:control_bucket"] == "gems-control"


def test_what_no_pool_had_is_told_pool_by_pool(site: StrictSite) -> None:
    site.aws.capacity.set(Pool(TYPES[1], site.subnets[1], ON_DEMAND), 1)
    outcome = fleet(site, spot=False).launch(Launch(10, "token", TAGS, BOOTSTRAP))
    assert len(outcome.launched) == 5
    assert {(item.code, item.market) for item in outcome.refusals} == {("InsufficientInstanceCapacity", "on-demand")}
    assert {(item.instance_type, item.subnet) for item in outcome.refusals} == {
        (kind, subnet) for kind in TYPES for subnet in site.subnets[:2]
    }


def test_a_repeated_launch_launches_nothing_new(site: StrictSite) -> None:
    launch = Launch(6, "token", TAGS, BOOTSTRAP)
    first = fleet(site).launch(launch)
    again = fleet(site).launch(launch)
    assert again.launched == first.launched
    assert len(fleet(site).instances("k")) == 6


def test_a_version_that_a_dead_launch_left_is_swept_after_its_time(site: StrictSite) -> None:
    left = {"LaunchTemplateData": {"UserData": "IyE="}, "VersionDescription": DESCRIPTION, "SourceVersion": "$Default"}
    site.ec2.create_launch_template_version(LaunchTemplateName=TEMPLATE, **left)
    now = datetime.now(UTC)
    assert fleet(site).sweep(now) == []
    assert fleet(site).sweep(now + VERSION_LIFE + timedelta(minutes=1)) == ["2"]
    assert versions(site) == [1]
