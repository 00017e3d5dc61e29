"""How strict the stand-in is, as one frozen value; each figure with AWS's page beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Bucket:
    """A token bucket: it holds ``size`` tokens when full, and gains ``per_second`` a second."""

    size: float
    per_second: float


# EC2 developer guide, "Request throttling for the Amazon EC2 API", request token limits. Each action has a bucket of
# its own; CreateFleet and DeleteLaunchTemplateVersions have no line there, so that of all mutating actions counts.
EC2_REQUESTS: Mapping[str, Bucket] = MappingProxyType(
    {
        "RunInstances": Bucket(5, 2),
        "TerminateInstances": Bucket(100, 5),
        "CreateTags": Bucket(100, 10),
        "DeleteTags": Bucket(100, 10),
        "CreateLaunchTemplateVersion": Bucket(100, 5),
    }
)
EC2_MUTATING = Bucket(50, 5)
EC2_READING = Bucket(100, 20)
EC2_READING_ALL = Bucket(50, 10)  # neither filtered nor paged
# The same page, resource token limits: instances, not requests.
EC2_INSTANCES: Mapping[str, Bucket] = MappingProxyType(
    {"RunInstances": Bucket(1000, 2), "TerminateInstances": Bucket(1000, 20)}
)
# AWS Batch user guide, "Service quotas": 50 SubmitJob calls a second; AWS's support page on TooManyRequestsException says
# the same of every other call. How large the bucket is stands nowhere: one second's worth.
BATCH_REQUESTS = Bucket(50, 50)
# SES developer guide, "Service quotas": an account in the sandbox sends one mail a second.
SES_SANDBOX_MAILS_PER_SECOND = 1.0
# S3 user guide, "Best practices design patterns": requests a second for each partitioned prefix. A bucket begins as one.
S3_WRITES_PER_SECOND = 3500
S3_READS_PER_SECOND = 5500
# EC2 user guide, "Terminate instances": a terminated instance stays visible for about an hour.
TERMINATED_VISIBLE_SECONDS = 3600.0


@dataclass(frozen=True)
class Strictness:
    """What the stand-in enforces besides what moto does.

    Attributes:
        throttled: request rates of EC2, SES and AWS Batch, at AWS's figures.
        visible_after_seconds: how long EC2's reads do not show a new instance.
        tags_after_seconds: how long after it is shown an instance's tags are not, and how long a changed tag shows its
            old value.
        terminated_visible_seconds: after which a terminated instance is shown no more.
        instances_per_pool: capacity of each pool (instance type, subnet, market); all that live count.
        instances_per_launch: the most that one launch gets, for a machine that can host no more; None for no such limit.
        on_demand_vcpus: the account's quota; None for none.
        spot_vcpus: the same for the spot market.
        mails_per_second: SES's sending rate.
        s3_slows_down: answer SlowDown above S3's request rates.
        batch_listed_after_seconds: after which AWS Batch's ListJobs lists a new job.
        batch_stuck_seconds: after which the job that blocks a queue says why. AWS says no figure; people wait minutes.
        batch_idle_seconds: how long AWS Batch keeps an instance without tasks, which ECS then forgets.
    """

    throttled: bool = True
    visible_after_seconds: float = 0.0
    tags_after_seconds: float = 0.0
    terminated_visible_seconds: float = TERMINATED_VISIBLE_SECONDS
    instances_per_pool: int = 1000
    instances_per_launch: int | None = None
    on_demand_vcpus: int | None = None
    spot_vcpus: int | None = None
    mails_per_second: float = SES_SANDBOX_MAILS_PER_SECOND
    s3_slows_down: bool = False
    batch_listed_after_seconds: float = 0.0
    batch_stuck_seconds: float = 10.0
    batch_idle_seconds: float = 60.0


# What `gems run` and `gems local up` meet: AWS's rules, at once.
QUICK = Strictness()
# What tests and `make bench-api` meet: a bad day. Ten seconds is long for EC2, not unheard of.
HARSH = Strictness(
    visible_after_seconds=10.0,
    tags_after_seconds=5.0,
    instances_per_pool=1000,
    on_demand_vcpus=8000,
    s3_slows_down=True,
    batch_listed_after_seconds=5.0,
)
