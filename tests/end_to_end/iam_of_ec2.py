"""What EC2 asks IAM about a request, read from its parameters and from the launch template that it names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from aws_requests import REGION_KEY, RunInstances, create_tags, ec2_arn, terminate
from iam_policy import Request, request

from gems_local.settings import LAUNCH_TEMPLATE, WORKER_ROLE
from gems_local.strict.call import nest

_OVERRIDES = {"ImageId": "image", "SecurityGroupId": "security-group"}
# The policies say nothing of what these would put in the template's place, so no launch of GeMS's has them.
_UNREAD = ("IamInstanceProfile", "MetadataOptions", "NetworkInterface", "BlockDeviceMapping", "LaunchTemplateData")
_FLEET_OVERRIDES = {"InstanceType", "SubnetId", "Priority", "ImageId"}


class Unread(Exception):
    """The guard does not know what IAM would be asked for this request."""


def asked_by_ec2(ec2: Any, call: Mapping[str, str]) -> list[Request]:
    """All that must be allowed for a request.

    Args:
        ec2: a client that no guard stands before.
        call: the request's parameters.

    Raises:
        Unread: it cannot be told from the request.
    """
    tree = nest(call)
    match call["Action"]:
        case "DescribeInstances" | "DescribeLaunchTemplateVersions" as action:
            return [request(f"ec2:{action}", "*", REGION_KEY)]
        case "RunInstances":
            return _run_instances(ec2, tree)
        case "CreateFleet":
            return _create_fleet(ec2, tree)
        case "CreateLaunchTemplateVersion" | "DeleteLaunchTemplateVersions" as action:
            # Whatever a version says: a launch from it is judged by what it says.
            template = _version(ec2, tree, "$Default")["LaunchTemplateId"]
            return [request(f"ec2:{action}", ec2_arn("launch-template", template), REGION_KEY)]
        case "CreateTags":
            tags = _pairs(tree["Tag"])
            return [create_tags("instance", one, tags, _tags_of(ec2, one)) for one in tree["ResourceId"]]
        case "TerminateInstances":
            return [terminate(one, _tags_of(ec2, one)) for one in tree["InstanceId"]]
    raise Unread(call["Action"])


def _run_instances(ec2: Any, tree: Mapping[str, Any]) -> list[Request]:
    specification = tree.get("LaunchTemplate", {})
    return _launch(ec2, specification, tree, _tags(tree), spot="InstanceMarketOptions" in tree).requests()


def _create_fleet(ec2: Any, tree: Mapping[str, Any]) -> list[Request]:
    if tree["Type"] != "instant":
        raise Unread(f"a fleet of type {tree['Type']}, which launches by a role of EC2's own")
    (config,) = tree["LaunchTemplateConfigs"]
    spot = tree["TargetCapacitySpecification"]["DefaultTargetCapacityType"] == "spot"
    asked: list[Request] = []
    for pool in config["Overrides"]:
        if not set(pool) <= _FLEET_OVERRIDES:
            raise Unread(f"a fleet that overrides {sorted(pool)}")
        asked += _launch(ec2, config["LaunchTemplateSpecification"], pool, _tags(tree), spot=spot).in_fleet()
    return asked


def _launch(
    ec2: Any, specification: Mapping[str, str], own: Mapping[str, Any], tags: Mapping[str, str], *, spot: bool
) -> RunInstances:
    """A launch from a version of the template, with what the request says itself."""
    if any(name.startswith(_UNREAD) for name in own):
        raise Unread("a launch that overrides the template's profile, metadata options, network or disks")
    held = _version(ec2, specification, specification.get("Version", "$Default"))
    template = held["LaunchTemplateData"]
    return RunInstances(
        launch_template=held["LaunchTemplateId"],
        subnet=own["SubnetId"],
        security_group=(own.get("SecurityGroupId") or template["SecurityGroupIds"])[0],
        tags=tags,
        instance_type=own["InstanceType"],
        image=own.get("ImageId", template["ImageId"]),
        http_tokens=template["MetadataOptions"]["HttpTokens"],
        role=template["IamInstanceProfile"].get("Name", WORKER_ROLE),
        overridden=frozenset(kind for name, kind in _OVERRIDES.items() if name in own),
        spot=spot,
    )


def _version(ec2: Any, specification: Mapping[str, Any], version: str) -> dict[str, Any]:
    if specification.get("LaunchTemplateName") != LAUNCH_TEMPLATE:
        raise Unread("a request without GeMS's template")
    found = ec2.describe_launch_template_versions(LaunchTemplateName=LAUNCH_TEMPLATE, Versions=[version])
    (held,) = found["LaunchTemplateVersions"]
    return dict(held)


def _tags(tree: Mapping[str, Any]) -> dict[str, str]:
    """Those of the instances."""
    found = [item["Tag"] for item in tree.get("TagSpecification", ()) if item["ResourceType"] == "instance"]
    return _pairs(tag for tags in found for tag in tags)


def _pairs(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag.get("Value", "") for tag in tags}


def _tags_of(ec2: Any, instance_id: str) -> dict[str, str]:
    found = ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [instance_id]}])["Tags"]
    return {tag["Key"]: tag["Value"] for tag in found}
