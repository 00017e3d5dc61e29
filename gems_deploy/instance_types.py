"""What EC2 says of the instance types that workers may be."""

from __future__ import annotations

from collections.abc import Sequence
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


def _architectures(described: dict[str, Any]) -> set[str]:
    return set(described.get("ProcessorInfo", {}).get("SupportedArchitectures", ()))
