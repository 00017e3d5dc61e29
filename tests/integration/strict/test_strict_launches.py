"""boto3 launches at the strict stand-in over HTTP: capacity, quotas, templates and fleets."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from strict_site import TEMPLATE, TYPE, StrictSite, client, refused

from gems_local.strict.capacity import ON_DEMAND, SPOT, Pool

StandIn = Callable[..., StrictSite]
OTHER_TYPE = "c5.xlarge"


def fleet(site: StrictSite, total: int, market: str = ON_DEMAND, **more: Any) -> dict[str, Any]:
    overrides = [
        {"InstanceType": instance_type, "SubnetId": subnet}
        for instance_type in (TYPE, OTHER_TYPE)
        for subnet in site.subnets[:2]
    ]
    specification = more.pop("Template", {"LaunchTemplateName": TEMPLATE, "Version": "$Default"})
    answer: dict[str, Any] = site.ec2.create_fleet(
        Type="instant",
        LaunchTemplateConfigs=[{"LaunchTemplateSpecification": specification, "Overrides": overrides}],
        TargetCapacitySpecification={"TotalTargetCapacity": total, "DefaultTargetCapacityType": market},
        **more,
    )
    return answer


def launched(answer: dict[str, Any]) -> list[str]:
    return [instance_id for item in answer["Instances"] for instance_id in item["InstanceIds"]]


def test_a_launch_gets_what_its_pool_has_left(stand_in: StandIn) -> None:
    site = stand_in(instances_per_pool=3)
    assert len(site.launch(most=2)) == 2
    assert len(site.launch(most=2)) == 1
    with refused("InsufficientInstanceCapacity"):
        site.launch()
    assert len(site.launch(most=5, SubnetId=site.subnets[1])) == 3
    site.aws.capacity.set(Pool(TYPE, site.subnets[0]), 4)
    assert len(site.launch(most=2)) == 1


def test_all_or_nothing_is_refused_when_it_is_not_all(stand_in: StandIn) -> None:
    site = stand_in(instances_per_pool=3)
    with refused("InsufficientInstanceCapacity"):
        site.launch(most=4, least=4)
    assert site.listed() == []


def test_the_quota_counts_virtual_processors_of_each_market(stand_in: StandIn) -> None:
    site = stand_in(on_demand_vcpus=8, spot_vcpus=2)
    assert len(site.launch(most=10, InstanceType=OTHER_TYPE)) == 2
    with refused("VcpuLimitExceeded"):
        site.launch()
    spot = {"InstanceMarketOptions": {"MarketType": "spot"}}
    (instance_id,) = site.launch(most=5, **spot)
    assert site.listed(InstanceIds=[instance_id])[0]["InstanceLifecycle"] == "spot"
    with refused("MaxSpotInstanceCountExceeded"):
        site.launch(**spot)


def test_every_instance_of_a_launch_has_the_profile(stand_in: StandIn) -> None:
    site = stand_in()
    client(site.endpoint, "iam").create_instance_profile(InstanceProfileName="strict-worker")
    site.launch(most=3, IamInstanceProfile={"Name": "strict-worker"})
    assert [item["IamInstanceProfile"]["Arn"].rpartition("/")[2] for item in site.listed()] == ["strict-worker"] * 3


def test_a_launch_takes_everything_from_its_template(stand_in: StandIn) -> None:
    site = stand_in()
    client(site.endpoint, "iam").create_instance_profile(InstanceProfileName="strict-template")
    groups = site.ec2.describe_security_groups(MaxResults=100)["SecurityGroups"]
    nic = {"DeviceIndex": 0, "Groups": [groups[0]["GroupId"]], "SubnetId": site.subnets[1]}
    site.make_template(IamInstanceProfile={"Name": "strict-template"}, NetworkInterfaces=[nic])
    answer = site.ec2.run_instances(MinCount=1, MaxCount=2, LaunchTemplate={"LaunchTemplateName": TEMPLATE})
    for item in site.listed():
        assert (item["ImageId"], item["InstanceType"], item["SubnetId"]) == (site.image, TYPE, site.subnets[1])
        assert item["IamInstanceProfile"]["Arn"].endswith("/strict-template")
        assert item["MetadataOptions"]["HttpTokens"] == "required"
        attribute = site.ec2.describe_instance_attribute(
            InstanceId=item["InstanceId"], Attribute="instanceInitiatedShutdownBehavior"
        )
        assert attribute["InstanceInitiatedShutdownBehavior"]["Value"] == "terminate"
    assert site.user_data(answer["Instances"][0]["InstanceId"]) == b"of the template"
    with refused("InvalidParameterCombination"):
        site.ec2.run_instances(
            MinCount=1, MaxCount=1, LaunchTemplate={"LaunchTemplateName": TEMPLATE}, SubnetId=site.subnets[0]
        )


def test_a_version_inherits_from_its_source_and_can_be_deleted(stand_in: StandIn) -> None:
    site = stand_in()
    site.make_template()
    encoded = base64.b64encode(b"of the job").decode()
    version = site.ec2.create_launch_template_version(
        LaunchTemplateName=TEMPLATE, SourceVersion="$Default", LaunchTemplateData={"UserData": encoded}
    )["LaunchTemplateVersion"]["VersionNumber"]
    named = {"LaunchTemplateName": TEMPLATE, "Version": str(version)}
    answer = site.ec2.run_instances(MinCount=1, MaxCount=1, LaunchTemplate=named)
    assert answer["Instances"][0]["InstanceType"] == TYPE
    assert site.user_data(answer["Instances"][0]["InstanceId"]) == b"of the job"
    deleted = site.ec2.delete_launch_template_versions(LaunchTemplateName=TEMPLATE, Versions=[str(version), "1"])
    gone = deleted["SuccessfullyDeletedLaunchTemplateVersions"]
    kept = deleted["UnsuccessfullyDeletedLaunchTemplateVersions"]
    assert ([item["VersionNumber"] for item in gone], [item["VersionNumber"] for item in kept]) == ([version], [1])
    listed = site.ec2.describe_launch_template_versions(LaunchTemplateName=TEMPLATE)["LaunchTemplateVersions"]
    assert [item["VersionNumber"] for item in listed] == [1]
    with refused("InvalidLaunchTemplateId.VersionNotFound"):
        site.ec2.run_instances(MinCount=1, MaxCount=1, LaunchTemplate=named)


def test_a_template_version_is_made_once_for_a_token(stand_in: StandIn) -> None:
    site = stand_in()
    site.make_template()
    data = {"InstanceType": TYPE}
    more = {"LaunchTemplateName": TEMPLATE, "SourceVersion": "1", "LaunchTemplateData": data, "ClientToken": "one"}
    numbers = [
        site.ec2.create_launch_template_version(**more)["LaunchTemplateVersion"]["VersionNumber"] for _ in range(2)
    ]
    assert numbers == [2, 2]


def test_a_fleet_fills_pool_after_pool_and_names_those_that_fell_short(stand_in: StandIn) -> None:
    site = stand_in(instances_per_pool=2)
    site.make_template()
    site.aws.capacity.set(Pool(TYPE, site.subnets[1], SPOT), 0)
    tag = {"Key": "gems:session_key", "Value": "job"}
    tagging = [{"ResourceType": "instance", "Tags": [tag]}, {"ResourceType": "fleet", "Tags": [tag]}]
    answer = fleet(site, 5, SPOT, TagSpecifications=tagging)
    assert [(item["InstanceType"], len(item["InstanceIds"]), item["Lifecycle"]) for item in answer["Instances"]] == [
        (TYPE, 2, "spot"), (OTHER_TYPE, 2, "spot"), (OTHER_TYPE, 1, "spot"),
    ]  # fmt: skip
    short = [(item["LaunchTemplateAndOverrides"]["Overrides"], item["ErrorCode"]) for item in answer["Errors"]]
    assert short == [
        ({"InstanceType": instance_type, "SubnetId": subnet}, "InsufficientInstanceCapacity")
        for instance_type, subnet in ((TYPE, site.subnets[0]), (TYPE, site.subnets[1]), (OTHER_TYPE, site.subnets[0]))
    ]
    by_tag = [{"Name": "tag:gems:session_key", "Values": ["job"]}]
    listed = site.listed(Filters=by_tag)
    assert sorted(item["InstanceId"] for item in listed) == sorted(launched(answer))
    assert {item["InstanceLifecycle"] for item in listed} == {"spot"}
    assert {item["SubnetId"] for item in listed} == set(site.subnets[:2])
    assert site.user_data(launched(answer)[0]) == b"of the template"


def test_a_fleet_without_any_capacity_answers_with_errors_only(stand_in: StandIn) -> None:
    site = stand_in(instances_per_pool=0)
    site.make_template()
    answer = fleet(site, 3)
    assert launched(answer) == []
    assert [item["ErrorCode"] for item in answer["Errors"]] == ["InsufficientInstanceCapacity"] * 4
    assert {item["Lifecycle"] for item in answer["Errors"]} == {"on-demand"}


def test_a_fleet_that_cannot_have_its_least_launches_nothing(stand_in: StandIn) -> None:
    site = stand_in(instances_per_pool=1)
    site.make_template()
    answer = fleet(site, 6, SPOT, SpotOptions={"MinTargetCapacity": 5})
    assert launched(answer) == []
    assert len(answer["Errors"]) == 4
    assert len(launched(fleet(site, 6, SPOT, SpotOptions={"MinTargetCapacity": 4}))) == 4


def test_a_fleet_is_launched_once_for_a_token(stand_in: StandIn) -> None:
    site = stand_in()
    site.make_template()
    assert launched(fleet(site, 2, ClientToken="one")) == launched(fleet(site, 2, ClientToken="one"))
    with refused("IdempotentParameterMismatch"):
        fleet(site, 3, ClientToken="one")
    assert [request["Action"] for request in site.aws.launches] == ["CreateFleet"] * 3


def test_a_launch_is_not_repeated_for_instances_that_are_gone(stand_in: StandIn) -> None:
    site = stand_in()
    first, second = site.launch(most=2, ClientToken="one")
    site.ec2.terminate_instances(InstanceIds=[first])
    assert site.launch(most=2, ClientToken="one") == [first, second]
    site.ec2.terminate_instances(InstanceIds=[second])
    with refused("IdempotentInstanceTerminated"):
        site.launch(most=2, ClientToken="one")


def test_a_fleet_of_an_unknown_template_says_so(stand_in: StandIn) -> None:
    site = stand_in()
    with refused("InvalidLaunchTemplateName.NotFoundException"):
        fleet(site, 1)
