"""What the stack of infra/batch.yaml is made with: what was asked for, what it has, and what follows from the stage's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gems_core.errors import UsageProblem
from gems_deploy.ecr import ecr_image
from gems_deploy.instance_types import Size, size_of
from gems_deploy.parameters import Wishes, template_defaults
from gems_deploy.site import BATCH, Site
from gems_deploy.stack import Stack

# The kernel and the platform keep up to 7.5% of a machine's memory (Karpenter's default for EC2, `vmMemoryOverheadPercent`), the
# agent of ECS 32 MiB (AWS Batch user guide, "Compute resource memory management").
USABLE_MEMORY = 0.9
# The system of an ECS machine has 30 GB of its own (ECS developer guide, "Amazon ECS-optimized Linux AMIs").
SMALLEST_DISK_GIGABYTES = 30


@dataclass(frozen=True)
class Choices:
    """What AWS Batch is to run, and on how much.

    Attributes:
        image: of the container.
        size: of the machines.
        most_vcpus: of each compute environment.
    """

    image: str
    size: Size
    most_vcpus: int


def choices(site: Site, types: Sequence[str], current: Stack | None, wishes: Wishes) -> Choices:
    """What was asked for, else what Batch's stack has.

    Args:
        site: the stage.
        types: the instance types that the stage will have.
        current: Batch's stack, if there is one.
        wishes: what was asked for.

    Raises:
        UsageProblem: no image was ever named, the types are of several sizes, or not one worker would fit.
    """
    held = current.parameters if current else {}
    image = wishes.worker_image or held.get("WorkerImage", "")
    if not image:
        raise UsageProblem(
            "--engine batch: expected --worker-image, found none. Build the image and push it to a registry once "
            '(docs/deploy.md, "With AWS Batch"), and name it; later deployments keep it.'
        )
    size = size_of(site, types)
    most = int(wishes.most_vcpus or held.get("MostVcpus") or str(template_defaults(BATCH)["MostVcpus"]))
    if most < size.vcpus:
        raise UsageProblem(
            f"--most-vcpus: expected at least {size.vcpus}, the vCPUs of one machine, found {most}: no worker would ever start."
        )
    return Choices(image, size, most)


def batch_parameters(site: Site, stage: Stack, current: Stack | None, wishes: Wishes) -> dict[str, str | None]:
    """All parameters to make or update Batch's stack with.

    Args:
        site: the stage.
        stage: the stage's own stack, from which most of them follow.
        current: Batch's stack, if there is one.
        wishes: what was asked for.

    Raises:
        UsageProblem: as ``choices``.
    """
    outputs = stage.outputs
    chosen = choices(site, outputs["InstanceTypes"].split(","), current, wishes)
    partition = outputs["WorkerRoleArn"].split(":")[1]
    return {
        "Stage": site.stage.name,
        "Subnets": outputs["Subnets"],
        "Vpc": stage.parameters["Vpc"],
        "InstanceTypes": outputs["InstanceTypes"],
        "Spot": outputs["Spot"],
        "VolumeGigabytes": str(max(int(stage.parameters["VolumeGigabytes"]), SMALLEST_DISK_GIGABYTES)),
        "LogDays": stage.parameters["LogDays"],
        "ControlBucket": outputs["ControlBucket"],
        "WorkerRoleArn": outputs["WorkerRoleArn"],
        "WorkerImage": chosen.image,
        "ImageRepositoryArn": image.repository_arn(partition) if (image := ecr_image(chosen.image)) else "",
        "Vcpus": str(chosen.size.vcpus),
        "MemoryMebibytes": str(memory_of(chosen.size.memory_mebibytes)),
        "MostVcpus": str(chosen.most_vcpus),
    }


def memory_of(machine_mebibytes: int) -> int:
    """How much memory a worker may have on a machine, in MiB."""
    return int(machine_mebibytes * USABLE_MEMORY)
