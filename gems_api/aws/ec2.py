"""EC2 behind the Fleet protocol. Stricter than EC2's stand-ins: what EC2 would refuse is refused here first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from gems_api.aws.errors import code_of, refused, refusing
from gems_api.aws.launcher import Launcher, tags_of
from gems_api.aws.terminator import UNKNOWN, terminate
from gems_api.services.fleet_ports import Host, Instance, Launch, LaunchOutcome
from gems_api.settings import Settings
from gems_core import tags as words
from gems_core.errors import CloudRefused
from gems_core.prices import ON_DEMAND
from userdata import render

if TYPE_CHECKING:
    from mypy_boto3_ec2.client import EC2Client
    from mypy_boto3_ec2.type_defs import FilterTypeDef, InstanceTypeDef

# EC2 user guide: "Tag your resources", "Run commands at launch", "Ensuring idempotency".
MOST_TAGS = 50
LONGEST_KEY = 128
LONGEST_VALUE = 256
LONGEST_CLIENT_TOKEN = 64


class Ec2Fleet:
    """Launches, lists, tags and terminates one deployment's instances.

    Args:
        client: repeats what is throttled.
        settings: what is launched, and where.
        tagger: a client that repeats nothing, for no tag is worth waiting for; by default ``client`` itself.
    """

    def __init__(self, client: EC2Client, settings: Settings, tagger: EC2Client | None = None) -> None:
        self._client = client
        self._tagger = tagger or client
        self._launcher = Launcher(client, settings)
        self._control_bucket = settings.control_bucket

    def launch(self, launch: Launch) -> LaunchOutcome:
        """See Fleet."""
        check_launch(launch)
        return self._launcher.launch(launch, _user_data(launch))

    def sweep(self, now: datetime) -> list[str]:
        """See Fleet."""
        return self._launcher.sweep(now)

    def instances(self, session_key: str | None = None) -> list[Instance]:
        """See Fleet."""
        by_tag: FilterTypeDef = {"Name": f"tag:{words.CONTROL_BUCKET}", "Values": [self._control_bucket]}
        if session_key is not None:
            by_tag = {"Name": f"tag:{words.SESSION_KEY}", "Values": [session_key[:LONGEST_VALUE]]}
        with refusing("EC2 DescribeInstances"):
            pages = self._client.get_paginator("describe_instances").paginate(Filters=[by_tag])
            listed = [
                _instance(item)
                for page in pages
                for reservation in page["Reservations"]
                for item in reservation["Instances"]
            ]
        return [instance for instance in listed if self._is_ours(instance)]

    def _is_ours(self, instance: Instance) -> bool:
        """An instance without our tags is not ours to judge, and our role may not end it (infra/gems.yaml)."""
        return instance.tags.get(words.CONTROL_BUCKET) == self._control_bucket and words.SESSION_KEY in instance.tags

    def instance(self, instance_id: str) -> Instance | None:
        """See Fleet."""
        try:
            answer = self._client.describe_instances(InstanceIds=[instance_id])
        except ClientError as error:
            if code_of(error) in UNKNOWN:
                return None
            raise refused("EC2 DescribeInstances", error) from error
        except BotoCoreError as error:
            raise refused("EC2 DescribeInstances", error) from error
        found = [_instance(item) for reservation in answer["Reservations"] for item in reservation["Instances"]]
        return found[0] if found else None

    def hosts(self, instance_ids: Sequence[str]) -> Mapping[str, Host]:  # noqa: ARG002 - EC2 tells them with everything else
        """See Fleet."""
        return {}

    def tag(self, instance_ids: Sequence[str], tags: Mapping[str, str]) -> None:
        """See Fleet."""
        check_tags(tags)
        with refusing(f"EC2 CreateTags of {', '.join(instance_ids[:3])}"):
            self._tagger.create_tags(Resources=list(instance_ids), Tags=tags_of(tags))

    def terminate(self, instance_ids: Sequence[str]) -> None:
        """See Fleet."""
        terminate(self._client, instance_ids)


def _user_data(launch: Launch) -> str:
    try:
        return render(launch.bootstrap)
    except ValueError as error:
        raise CloudRefused(str(error)) from error


def check_launch(launch: Launch) -> None:
    """Refuse what EC2 would refuse.

    Raises:
        CloudRefused: naming the limit.
    """
    check_tags(launch.tags)
    token = launch.client_token
    if not token.isascii() or not 1 <= len(token) <= LONGEST_CLIENT_TOKEN:
        raise CloudRefused(f"client token: expected 1 to {LONGEST_CLIENT_TOKEN} ASCII characters, found {len(token)}")
    if launch.count < 1:
        raise CloudRefused(f"count: expected at least 1 instance, found {launch.count}")


def check_tags(tags: Mapping[str, str]) -> None:
    """Refuse tags that EC2 would refuse.

    Raises:
        CloudRefused: naming the tag and the limit.
    """
    if len(tags) > MOST_TAGS:
        raise CloudRefused(f"tags: expected at most {MOST_TAGS}, found {len(tags)}")
    for key, value in tags.items():
        if not 1 <= len(key) <= LONGEST_KEY or key.lower().startswith("aws:"):
            raise CloudRefused(f"tag {key!r}: expected a key of 1 to {LONGEST_KEY} characters outside aws:")
        if len(value) > LONGEST_VALUE:
            raise CloudRefused(f"tag {key}: expected a value of at most {LONGEST_VALUE} characters, found {len(value)}")


def _instance(item: InstanceTypeDef) -> Instance:
    tags = {tag["Key"]: tag["Value"] for tag in item.get("Tags", ())}
    market = item.get("InstanceLifecycle", ON_DEMAND)  # EC2 says nothing of one on demand
    return Instance(
        item["InstanceId"],
        item["State"]["Name"],
        item["LaunchTime"],
        tags,
        item.get("InstanceType", ""),
        market,
        item.get("StateReason", {}).get("Code", ""),
    )
