"""What EC2 says of the instance types that workers may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from gems_artefacts.architecture import ARCHITECTURES, Architecture
from gems_core.errors import UsageProblem
from gems_deploy.site import Site, code_of, doing

_UNKNOWN = "InvalidInstanceType"


def describe(site: Site, names: Sequence[str]) -> list[dict[str, Any]]:
    """What EC2 has of each type, in no order.

    Raises:
        UsageProblem: there is no such type in this region.
    """
    with doing("asking EC2 for the instance types", "Let the credentials call ec2:DescribeInstanceTypes."):
        try:
            return list(site.client("ec2").describe_instance_types(InstanceTypes=list(names))["InstanceTypes"])
        except ClientError as error:
            if not code_of(error).startswith(_UNKNOWN):
                raise
            raise UsageProblem(
                f"--instance-type: expected types that EC2 has in {site.region}, found: {error}. Name others."
            ) from error


def architecture_of(site: Site, names: Sequence[str]) -> Architecture:
    """The architecture that all the types have.

    Raises:
        UsageProblem: they have several, or none that GeMS is built for.
    """
    by_type = {one["InstanceType"]: _architectures(one) for one in describe(site, names)}
    common = [name for name in ARCHITECTURES if all(name in found for found in by_type.values())]
    if not by_type or not common:
        told = ", ".join(f"{name} ({' or '.join(sorted(found))})" for name, found in sorted(by_type.items()))
        raise UsageProblem(
            f"--instance-type: expected types of one architecture, {' or '.join(ARCHITECTURES)}, found {told or 'none'}. "
            "A stage has one image and one worker bundle: name types that both fit."
        )
    return ARCHITECTURES[common[0]]


@dataclass(frozen=True)
class Size:
    """What each of several instance types has: vCPUs, and of memory what the smallest has."""

    vcpus: int
    memory_mebibytes: int


def size_of(site: Site, names: Sequence[str]) -> Size:
    """The one size that all the types have, as AWS Batch must be told: one worker fills one machine.

    Raises:
        UsageProblem: they differ in vCPUs.
    """
    described = sorted(describe(site, names), key=lambda one: str(one["InstanceType"]))
    vcpus = {str(one["InstanceType"]): int(one["VCpuInfo"]["DefaultVCpus"]) for one in described}
    if len(set(vcpus.values())) != 1:
        told = ", ".join(f"{name} ({count})" for name, count in vcpus.items())
        raise UsageProblem(
            f"--instance-type: with --engine batch expected types of one number of vCPUs, found {told or 'none'}. AWS Batch "
            "starts a worker with the vCPUs of its job definition, one worker a machine: name types of one size."
        )
    least = min(int(one["MemoryInfo"]["SizeInMiB"]) for one in described)
    return Size(next(iter(vcpus.values())), least)


def _architectures(described: dict[str, Any]) -> set[str]:
    return set(described.get("ProcessorInfo", {}).get("SupportedArchitectures", ()))
