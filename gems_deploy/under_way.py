"""What of a stage is at work: jobs that have not ended, machines, and what AWS Batch has in its queue."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from botocore.exceptions import ClientError

from gems_core.layout import ACTIVE_PREFIX
from gems_core.tags import CONTROL_BUCKET
from gems_deploy.batch_removal import has_batch, queued_jobs
from gems_deploy.site import Site, code_of, doing

NAMED_AT_MOST = 20
# EC2 takes up to 1,000 a request (API reference, TerminateInstances); smaller ones are answered sooner.
_AT_ONCE = 500
# A machine that is stopped still holds a disk and can be started again.
_LIVING = ["pending", "running", "stopping", "stopped"]


@dataclass(frozen=True)
class UnderWay:
    """Session keys of jobs, ids of instances and ids of AWS Batch's jobs."""

    jobs: tuple[str, ...]
    instances: tuple[str, ...]
    queued: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is."""
        return bool(self.jobs or self.instances or self.queued)

    def __str__(self) -> str:
        """All by name, for people."""
        told = {"jobs": self.jobs, "instances": self.instances, "jobs of AWS Batch": self.queued}
        return " and ".join(f"{what} {listed(names)}" for what, names in told.items() if names) or "nothing"


def listed(names: Sequence[str]) -> str:
    """Names with commas between; of very many the first."""
    more = len(names) - NAMED_AT_MOST
    return ", ".join(names[:NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")


def under_way(site: Site) -> UnderWay:
    """All of the stage that is at work.

    Raises:
        DeploymentFailed: the bucket, the instances or the queue may not be listed.
    """
    return UnderWay(active_jobs(site), _live_instances(site), queued_jobs(site) if has_batch(site) else ())


def active_jobs(site: Site) -> tuple[str, ...]:
    """The jobs of which something may run, as the control bucket has them; none where there is no bucket.

    Raises:
        DeploymentFailed: the bucket may not be listed.
    """
    bucket = site.control_bucket
    with doing(f"listing the jobs in {bucket}", "Use the deployer's role or an administrator's credentials."):
        pages = site.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=ACTIVE_PREFIX)
        try:
            return tuple(one["Key"].removeprefix(ACTIVE_PREFIX) for page in pages for one in page.get("Contents", ()))
        except ClientError as error:
            if code_of(error) == "NoSuchBucket":
                return ()
            raise


def _live_instances(site: Site) -> tuple[str, ...]:
    filters = [
        {"Name": f"tag:{CONTROL_BUCKET}", "Values": [site.control_bucket]},
        {"Name": "instance-state-name", "Values": _LIVING},
    ]
    with doing("listing the instances", "Use an administrator's credentials."):
        pages = site.client("ec2").get_paginator("describe_instances").paginate(Filters=filters)
        reservations = [reservation for page in pages for reservation in page["Reservations"]]
    return tuple(instance["InstanceId"] for reservation in reservations for instance in reservation["Instances"])


def end_instances(site: Site, tell: Callable[[str], None]) -> None:
    """Terminate all instances of the stage, and wait until they are gone.

    Raises:
        DeploymentFailed: EC2 refused, or they do not end.
    """
    living = _live_instances(site)
    if not living:
        return
    tell(f"terminating instances {', '.join(living)}")
    ec2 = site.client("ec2")
    with doing(
        "terminating the instances", "Use an administrator's credentials, or terminate them in the AWS console."
    ):
        for some in _batches(living):
            ec2.terminate_instances(InstanceIds=some)
        for some in _batches(living):
            ec2.get_waiter("instance_terminated").wait(InstanceIds=some)


def _batches(names: Sequence[str]) -> Iterator[list[str]]:
    rest = iter(names)
    while some := list(islice(rest, _AT_ONCE)):
        yield some
