"""Launching: one RunInstances call for a single pool, an EC2 Fleet of type ``instant`` for several or for spot.

A fleet takes its user data from a launch template only, so each launch makes a version of the deployment's template that
adds it, and deletes the version again. With the two fleets (spot, then on demand for what is missing) that makes four
calls that change something, whatever the number of instances.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from gems_api.aws.errors import code_of, message_of, refusing
from gems_api.services.fleet_ports import Launch, Launched, LaunchOutcome, LaunchUnanswered, Refusal
from gems_api.services.lifecycle.refusals import FEWER, is_own_trouble
from gems_api.settings import Settings
from gems_core.errors import CloudRefused
from gems_core.prices import ON_DEMAND

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_ec2.client import EC2Client
    from mypy_boto3_ec2.literals import DefaultTargetCapacityTypeType, InstanceTypeType
    from mypy_boto3_ec2.type_defs import (
        CreateFleetErrorTypeDef,
        CreateFleetInstanceTypeDef,
        CreateFleetRequestTypeDef,
        FleetLaunchTemplateOverridesRequestTypeDef,
        TagTypeDef,
    )

LOG = logging.getLogger(__name__)
DESCRIPTION = "gems launch"
# A launch is over within the 30 seconds of its Lambda; its version is nobody's soon after.
VERSION_LIFE = timedelta(minutes=10)
# DeleteLaunchTemplateVersions takes at most 200 (EC2 API reference).
DELETE_BATCH = 200
_TEMPLATE_ID = re.compile(r"lt-[0-9a-f]{8,17}")


class Launcher:
    """Launches from one deployment's template."""

    def __init__(self, client: EC2Client, settings: Settings) -> None:
        self._client = client
        self._settings = settings
        # By id, a policy for this template is sure to hold: whether IAM resolves a name is not documented call by call.
        by = "LaunchTemplateId" if _TEMPLATE_ID.fullmatch(settings.launch_template) else "LaunchTemplateName"
        self._template: Any = {by: settings.launch_template}

    def launch(self, launch: Launch, user_data: str) -> LaunchOutcome:
        """See Fleet; ``user_data`` is the script that each instance runs."""
        try:
            return self._run(launch, user_data) if self._settings.single_pool else self._fleets(launch, user_data)
        except ParamValidationError as error:
            raise CloudRefused(f"the launch is not a valid request to EC2: {error}") from error
        except BotoCoreError as error:
            raise LaunchUnanswered(f"EC2 did not answer a launch of {launch.count} instances: {error}") from error

    def _version(self, version: str) -> Any:  # noqa: ANN401 - each call has a type of its own for it
        return {**self._template, "Version": version}

    def _run(self, launch: Launch, user_data: str) -> LaunchOutcome:
        (instance_type,), (subnet,) = self._settings.instance_types, self._settings.subnets
        tag_list = tags_of(launch.tags)
        try:
            answer = self._client.run_instances(
                MinCount=1,
                MaxCount=launch.count,
                ClientToken=launch.client_token,
                LaunchTemplate=self._version("$Default"),
                InstanceType=_typed(instance_type),
                SubnetId=subnet,
                UserData=user_data,
                TagSpecifications=[
                    {"ResourceType": "instance", "Tags": tag_list},
                    {"ResourceType": "volume", "Tags": tag_list},
                ],
            )
        except ClientError as error:
            refusal = Refusal(code_of(error), message_of(error), instance_type, subnet, ON_DEMAND)
            return LaunchOutcome(refusals=(refusal,))
        launched = tuple(
            Launched(item["InstanceId"], item.get("AmiLaunchIndex", 0), instance_type) for item in answer["Instances"]
        )
        if len(launched) == launch.count:
            return LaunchOutcome(launched)
        fewer = Refusal(FEWER, "EC2 gave no reason (RunInstances)", instance_type, subnet, ON_DEMAND)
        return LaunchOutcome(launched, (fewer,))

    def _fleets(self, launch: Launch, user_data: str) -> LaunchOutcome:
        try:
            version = self._add_version(launch, user_data)
        except ClientError as error:
            return LaunchOutcome(refusals=(Refusal(code_of(error), message_of(error)),))
        spot = self._fleet(launch, version, "spot", launch.count) if self._settings.spot else LaunchOutcome()
        # How many are asked for on demand must not depend on a moment's trouble: repeated, the launch would launch twice.
        missing = 0 if _was_put_off(spot) else launch.count - len(spot.launched)
        rest = self._fleet(launch, version, "on-demand", missing) if missing else LaunchOutcome()
        # A launch that was not answered keeps its version, for it will be repeated with it.
        self._delete_versions([version])
        return LaunchOutcome(spot.launched + rest.launched, spot.refusals + rest.refusals)

    def _add_version(self, launch: Launch, user_data: str) -> str:
        answer = self._client.create_launch_template_version(
            **self._template,
            SourceVersion="$Default",
            VersionDescription=DESCRIPTION,
            LaunchTemplateData={"UserData": base64.b64encode(user_data.encode()).decode()},
            ClientToken=_token(launch, "version"),
        )
        return str(answer["LaunchTemplateVersion"]["VersionNumber"])

    def _fleet(self, launch: Launch, version: str, market: DefaultTargetCapacityTypeType, count: int) -> LaunchOutcome:
        try:
            answer = self._client.create_fleet(**self._fleet_request(launch, version, market, count))
        except ClientError as error:
            return LaunchOutcome(refusals=(Refusal(code_of(error), message_of(error), market=market),))
        launched = tuple(item for group in answer.get("Instances", ()) for item in _launched(group))
        refusals = tuple(_refusal(error) for error in answer.get("Errors", ()))
        if len(launched) < count and not refusals:
            # Neither instances nor errors: a want of capacity that EC2 does not put in words.
            refusals = (Refusal(FEWER, "EC2 gave no reason (CreateFleet)", market=market),)
        return LaunchOutcome(launched, refusals)

    def _fleet_request(
        self, launch: Launch, version: str, market: DefaultTargetCapacityTypeType, count: int
    ) -> CreateFleetRequestTypeDef:
        return {
            "Type": "instant",
            "ClientToken": _token(launch, market),
            "LaunchTemplateConfigs": [
                {
                    "LaunchTemplateSpecification": self._version(version),
                    "Overrides": self._pools(),
                }
            ],
            "TargetCapacitySpecification": {"TotalTargetCapacity": count, "DefaultTargetCapacityType": market},
            "SpotOptions": {"AllocationStrategy": "capacity-optimized-prioritized"},
            "OnDemandOptions": {"AllocationStrategy": "prioritized"},
            "TagSpecifications": [{"ResourceType": "instance", "Tags": tags_of(launch.tags)}],
        }

    def _pools(self) -> list[FleetLaunchTemplateOverridesRequestTypeDef]:
        """Every type in every subnet. A lower number goes first: the preferred type everywhere, then the next type."""
        pairs = [(kind, subnet) for kind in self._settings.instance_types for subnet in self._settings.subnets]
        return [
            {"InstanceType": _typed(kind), "SubnetId": subnet, "Priority": float(priority)}
            for priority, (kind, subnet) in enumerate(pairs)
        ]

    def _delete_versions(self, versions: list[str]) -> None:
        """What cannot be deleted now is swept later; it is no reason to fail a launch."""
        try:
            self._client.delete_launch_template_versions(**self._template, Versions=versions)
        except (ClientError, BotoCoreError):
            LOG.warning("launch template versions not deleted", exc_info=True, extra={"facts": {"versions": versions}})

    def sweep(self, now: datetime) -> list[str]:
        """See Fleet: the template versions of launches that died before they could delete them."""
        if self._settings.single_pool:
            return []
        with refusing("EC2 DescribeLaunchTemplateVersions"):
            pages = self._client.get_paginator("describe_launch_template_versions").paginate(**self._template)
            left = [
                str(item["VersionNumber"])
                for page in pages
                for item in page["LaunchTemplateVersions"]
                if item.get("VersionDescription") == DESCRIPTION
                and not item["DefaultVersion"]
                and now - item["CreateTime"] > VERSION_LIFE
            ][:DELETE_BATCH]
        if left:
            self._delete_versions(left)
        return left


def tags_of(tags: Mapping[str, str]) -> list[TagTypeDef]:
    """Tags as EC2 takes them."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def _typed(instance_type: str) -> InstanceTypeType:
    return instance_type  # type: ignore[return-value]  # the stubs list today's types only


def _token(launch: Launch, part: str) -> str:
    """Each call of a launch has its own token, the same whenever the launch is repeated (64 characters)."""
    return hashlib.sha256(f"{launch.client_token} {part}".encode()).hexdigest()


def _was_put_off(fleet: LaunchOutcome) -> bool:
    """Whether EC2 refused a whole fleet for troubles of its own; such a refusal it does not remember with the token."""
    whole_calls = [refusal for refusal in fleet.refusals if not refusal.instance_type]
    return any(is_own_trouble(refusal.code) for refusal in whole_calls)


def _launched(group: CreateFleetInstanceTypeDef) -> list[Launched]:
    market = group.get("Lifecycle", ON_DEMAND)
    return [Launched(instance_id, 0, group.get("InstanceType", ""), market) for instance_id in group["InstanceIds"]]


def _refusal(error: CreateFleetErrorTypeDef) -> Refusal:
    pool = error.get("LaunchTemplateAndOverrides", {}).get("Overrides", {})
    return Refusal(
        error.get("ErrorCode", "Unknown"),
        error.get("ErrorMessage", ""),
        pool.get("InstanceType", ""),
        pool.get("SubnetId", ""),
        error.get("Lifecycle", ""),
    )
