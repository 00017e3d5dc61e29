"""Boots what RunInstances created: one instance host for each instance. ``python -m`` this.

It watches the local EC2, as a data centre would: a new instance is booted, one that was terminated is switched off, and
one that has switched itself off is recorded as terminated (`InstanceInitiatedShutdownBehavior=terminate`).
"""

from __future__ import annotations

import base64
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gems_local.aws import LocalAws
from gems_local.cloud_logs import DISK, keep_disk_logs
from gems_local.imds import InstanceFacts
from gems_local.machines import BOOT_SECONDS, disk_environment, role_credentials, run_agent, say
from gems_local.processes import Service, read_settings
from gems_local.settings import ACCOUNT_ID, REGION, WORKER_ROLE, WORKER_ROLE_ARN

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import InstanceTypeDef


@dataclass(frozen=True)
class _Machine:
    """One booted instance: its folder, and the host that runs it."""

    folder: Path
    host: Service


class FleetAgent:
    """Keeps one running host for each running instance.

    Args:
        aws: the local AWS.
        folder: takes ``<instance id>/`` of each instance: its ``console.log``, its ``user-data``, and while it runs its
            disk, ``root``.
        environment: what every instance finds in its environment, besides what is its own.
        boot: the command that boots an instance, whose last argument will be its user data's path.
    """

    def __init__(self, aws: LocalAws, folder: Path, environment: dict[str, str], boot: list[str]) -> None:
        self._ec2 = aws.ec2()
        self._sts = aws.sts()
        self._folder = folder
        self._environment = environment
        self._boot_command = boot
        self._machines: dict[str, _Machine] = {}
        self._known: set[str] = set()

    def tick(self) -> None:
        """Bring the machines into line with EC2, once."""
        alive = self._alive_instances()
        for instance_id, machine in list(self._machines.items()):
            if not machine.host.running:
                self._record_end(instance_id, was_alive=instance_id in alive)
            elif instance_id not in alive:
                machine.host.hang_up()
        new = [self._boot(alive[instance_id]) for instance_id in alive if instance_id not in self._known]
        for machine in new:
            machine.host.wait_until_ready(BOOT_SECONDS)

    def stop(self) -> None:
        """Switch every machine off."""
        for machine in self._machines.values():
            machine.host.hang_up()
        for instance_id in list(self._machines):
            self._record_end(instance_id, was_alive=False)

    def _record_end(self, instance_id: str, *, was_alive: bool) -> None:
        machine = self._machines.pop(instance_id)
        machine.host.stop()
        if was_alive:
            self._ec2.terminate_instances(InstanceIds=[instance_id])
        keep_disk_logs(machine.folder)
        say(f"{instance_id} has switched itself off" if was_alive else f"{instance_id} was switched off")

    def _alive_instances(self) -> dict[str, InstanceTypeDef]:
        pages = self._ec2.get_paginator("describe_instances").paginate(
            Filters=[{"Name": "instance-state-name", "Values": ["pending", "running"]}]
        )
        return {
            instance["InstanceId"]: instance
            for page in pages
            for reservation in page["Reservations"]
            for instance in reservation["Instances"]
        }

    def _boot(self, instance: InstanceTypeDef) -> _Machine:
        instance_id = instance["InstanceId"]
        self._known.add(instance_id)
        folder = self._folder / instance_id
        root = folder / DISK
        root.mkdir(parents=True)
        settings = {
            "facts": asdict(self._facts(instance)),
            "root": str(root),
            "user_data": str(folder / "user-data"),
            "console_log": str(folder / "console.log"),
            "boot": self._boot_command,
            "environment": {**self._environment, **disk_environment(root)},
        }
        host = Service.start(f"instance {instance_id}", "gems_local.instance_host", settings, folder / "host.log")
        self._machines[instance_id] = _Machine(folder, host)
        say(f"{instance_id} boots")
        return self._machines[instance_id]

    def _facts(self, instance: InstanceTypeDef) -> InstanceFacts:
        instance_id = instance["InstanceId"]
        answer = self._ec2.describe_instance_attribute(InstanceId=instance_id, Attribute="userData")
        user_data = base64.b64decode(answer.get("UserData", {}).get("Value", "")).decode()
        return InstanceFacts(
            instance_id=instance_id,
            launch_index=instance["AmiLaunchIndex"],
            region=REGION,
            availability_zone=instance["Placement"]["AvailabilityZone"],
            instance_type=str(instance["InstanceType"]),
            image_id=instance["ImageId"],
            account_id=ACCOUNT_ID,
            launched_at=instance["LaunchTime"].strftime("%Y-%m-%dT%H:%M:%SZ"),
            tags={tag["Key"]: tag["Value"] for tag in instance.get("Tags", [])},
            role=WORKER_ROLE,
            credentials=role_credentials(self._sts, WORKER_ROLE_ARN, instance_id),
            user_data=user_data,
        )


def main() -> None:
    """Run until the parent ends, then switch every machine off."""
    settings = read_settings()
    run_agent(
        "fleet agent",
        lambda: FleetAgent(
            LocalAws(settings["endpoint"]), Path(settings["folder"]), settings["environment"], settings["boot"]
        ),
    )


if __name__ == "__main__":
    main()
