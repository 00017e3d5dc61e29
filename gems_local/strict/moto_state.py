"""What moto's EC2 holds, read (and where moto forgets a part, completed) in its own memory."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.models.instance_types import INSTANCE_TYPES
from moto.ec2.models.launch_templates import LaunchTemplate
from moto.ec2.utils import (
    EC2_PREFIX_TO_RESOURCE,
    get_prefix,
    parse_user_data,
    random_iam_instance_profile_association_id,
)

from gems_core.digits import is_digits
from gems_local.settings import ACCOUNT_ID
from gems_local.strict.capacity import ON_DEMAND, SPOT, Pool

_LIVING = frozenset({"pending", "running", "stopping", "stopped"})


def _ec2(region: str) -> EC2Backend:
    return ec2_backends[ACCOUNT_ID][region]


def find_tags_at_once() -> None:
    """Let moto look up a resource's tags, where it looks through the tags of all resources for them.

    Describing a thousand instances reads their tags a thousand times and takes moto half a minute otherwise.
    """
    TaggedEC2Resource.get_tags = _tags_at_once  # type: ignore[method-assign,assignment]


def _tags_at_once(resource: TaggedEC2Resource) -> list[dict[str, str]]:
    """As moto's ``describe_tags`` gives them."""
    resource_id = resource.id  # type: ignore[attr-defined]
    tags = resource.ec2_backend.tags.get(resource_id, {})  # type: ignore[attr-defined]
    kind = EC2_PREFIX_TO_RESOURCE.get(get_prefix(resource_id), "") if tags else ""
    return [{"resource_id": resource_id, "key": key, "value": tags[key], "resource_type": kind} for key in list(tags)]


def tags_of(region: str, resource_id: str) -> Mapping[str, str]:
    """The tags of a resource."""
    return _ec2(region).tags.get(resource_id, {})


def is_type(name: str) -> bool:
    """Whether AWS has an instance type."""
    return name in INSTANCE_TYPES


def vcpus(instance_type: str) -> int:
    """Virtual processors of an instance type that AWS has."""
    count: int = INSTANCE_TYPES[instance_type]["VCpuInfo"]["DefaultVCpus"]
    return count


def is_image(region: str, image_id: str) -> bool:
    """Whether an image is there."""
    return image_id in _ec2(region).amis


def is_subnet(region: str, subnet_id: str) -> bool:
    """Whether a subnet is there."""
    return any(subnet_id in of_zone for of_zone in _ec2(region).subnets.values())


def living(region: str) -> Counter[Pool]:
    """The instances that are there, by pool."""
    return Counter(
        Pool(instance.instance_type, instance.subnet_id or "", SPOT if instance.lifecycle == "spot" else ON_DEMAND)
        for instance in _ec2(region).all_instances()
        if instance.state in _LIVING
    )


def any_lives(region: str, instance_ids: Collection[str]) -> bool:
    """Whether one of these instances is there and not terminated or about to be."""
    return any(item.id in instance_ids and item.state in _LIVING for item in _ec2(region).all_instances())


def complete_launch(region: str, instance_ids: list[str]) -> None:
    """Give every instance of a launch the instance profile: moto gives it to the first.

    Moto's own call looks each instance up among all, which takes half a minute for a thousand.
    """
    ec2 = _ec2(region)
    given = ec2.iam_instance_profile_associations
    first = given.get(instance_ids[0]) if instance_ids else None
    if first is None:
        return
    launched = set(instance_ids)
    for instance in ec2.all_instances():
        if instance.id in launched and instance.id not in given:
            association = copy.copy(first)
            association.association_id = random_iam_instance_profile_association_id()
            association.instance, association.instance_id = instance, instance.id
            profile = {"Arn": first.iam_instance_profile.arn, "Id": association.association_id}
            instance.iam_instance_profile = profile
            given[instance.id] = association


def template(region: str, specification: Mapping[str, str]) -> LaunchTemplate | None:
    """The launch template that a specification names by ``LaunchTemplateName`` or ``LaunchTemplateId``, or None."""
    ec2 = _ec2(region)
    by_name = ec2.launch_template_name_to_ids.get(specification.get("LaunchTemplateName", ""), "")
    return ec2.launch_templates.get(specification.get("LaunchTemplateId", by_name))


def version_number(of_template: LaunchTemplate, version: str | None) -> int:
    """The number that ``$Default`` (which is meant when there is none), ``$Latest`` or a number names; 0 for none."""
    if version in (None, "", "$Default"):
        return of_template.default_version_number
    if version == "$Latest":
        return of_template.latest_version_number
    return int(version) if version is not None and is_digits(version) else 0


def version_data(of_template: LaunchTemplate, number: int) -> dict[str, Any] | None:
    """The launch parameters of a version, under the names of the API reference; None when there is none."""
    if not 1 <= number <= len(of_template.versions):
        return None
    return of_template.versions[number - 1].data


def complete_version(of_template: LaunchTemplate, source: Mapping[str, Any] | None) -> None:
    """Let the version that was just made inherit from its source, and its user data be what moto's instances take."""
    version = of_template.versions[-1]
    own = {**version.data}
    if isinstance(own.get("UserData"), str):
        own["UserData"] = parse_user_data(own["UserData"])
    version.data = {**(source or {}), **own}
