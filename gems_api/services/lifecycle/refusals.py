"""Why a launch got less than was asked for: what passes by itself, what somebody must repair, and when to try again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from gems_api.services.fleet_ports import LaunchOutcome, Refusal
from gems_api.services.shown.publishable import publishable

FEWER = "FewerThanAsked"
"""Ours, not EC2's: it launched fewer instances, or none, and gives no reason."""

# EC2 API reference, "Error codes": want of capacity, quotas that other instances may free, throttling, faults of AWS.
_CAPACITY = frozenset(
    {
        FEWER,
        "InsufficientAddressCapacity",
        "InsufficientCapacity",
        "InsufficientFreeAddressesInSubnet",
        "InsufficientHostCapacity",
        "InsufficientInstanceCapacity",
        "InsufficientReservedInstanceCapacity",
        "InsufficientVolumeCapacity",
        "SpotMaxPriceTooLow",
        "UnfulfillableCapacity",
    }
)
_QUOTA = frozenset(
    {
        "InstanceLimitExceeded",
        "MaxSpotInstanceCountExceeded",
        "VcpuLimitExceeded",
        "VolumeLimitExceeded",
    }
)
_THROTTLED = frozenset(
    {"RequestLimitExceeded", "ResourceCountExceeded", "Throttling", "ThrottlingException", "TooManyRequestsException"}
)
_FAULTS = frozenset(
    {
        # A repeated launch whose own template version was swept meanwhile: the next launch makes another.
        "InvalidLaunchTemplateId.VersionNotFound",
        # A repeated launch whose instances are gone, or whose user data a newer release wrote: the next one has another token.
        "IdempotentInstanceTerminated",
        "IdempotentParameterMismatch",
        "InternalError",
        "InternalFailure",
        "InternalServiceError",
        "PendingVerification",
        "ServiceUnavailable",
        "Unavailable",
    }
)
_PERMISSION = frozenset({"UnauthorizedOperation", "AccessDenied", "AccessDeniedException", "AuthFailure"})

FIRST_PAUSE_SECONDS = 60
LONGEST_PAUSE_SECONDS = 1800


def is_own_trouble(code: str) -> bool:
    """Whether EC2 speaks of itself (it is overrun, or at fault), and so says nothing of what it was asked."""
    return code in _THROTTLED | _FAULTS or code.startswith("Server.")


def may_pass(refusals: Sequence[Refusal]) -> bool:
    """Whether the same launch could succeed later though nobody repairs anything."""
    return any(refusal.code in _CAPACITY | _QUOTA or is_own_trouble(refusal.code) for refusal in refusals)


def next_launch_at(refusals: int, now: datetime) -> datetime:
    """When to launch again after so many refused launches in a row: the pause doubles from one minute to half an hour."""
    seconds = min(FIRST_PAUSE_SECONDS * 2 ** min(refusals - 1, 10), LONGEST_PAUSE_SECONDS)
    return now + timedelta(seconds=seconds)


_REPAIRS = (
    (_CAPACITY, "Name more instance types or subnets (GEMS_INSTANCE_TYPES, GEMS_SUBNETS), or wait."),
    (_QUOTA, "Ask AWS for a larger quota, ask for fewer workers, or wait for other instances to end."),
    (_THROTTLED | _FAULTS, "It passes on its own."),
    (
        _PERMISSION,
        "Let GeMS's role call ec2:RunInstances, ec2:CreateFleet, ec2:CreateLaunchTemplateVersion, ec2:CreateTags and "
        "iam:PassRole; with AWS Batch, batch:SubmitJob and batch:TagResource.",
    ),
    (
        frozenset({"ClientException"}),
        "Correct the job queue and the job definition (GEMS_BATCH_QUEUE, GEMS_BATCH_JOB_DEFINITION); `gems doctor` looks at them.",
    ),
)
_REPAIRS_BY_BEGINNING = (
    (
        ("InvalidLaunchTemplate", "InvalidAMIID", "InvalidSnapshot", "InvalidGroup"),
        "Correct the launch template (GEMS_LAUNCH_TEMPLATE), its image and its security group.",
    ),
    (("InvalidSubnet",), "Correct GEMS_SUBNETS."),
    (
        ("Unsupported", "InvalidInstanceType", "InvalidFleetConfiguration"),
        "Set other instance types (GEMS_INSTANCE_TYPES) or subnets (GEMS_SUBNETS).",
    ),
)


def repair_of(code: str) -> str:
    """What a person can do about an error code of EC2's."""
    known = [repair for codes, repair in _REPAIRS if code in codes]
    known += [repair for beginnings, repair in _REPAIRS_BY_BEGINNING if code.startswith(beginnings)]
    return known[0] if known else "Correct the cause, then start the job again."


def told(asked: int, outcome: LaunchOutcome) -> str:
    """One line of what a launch came to; '' when it got all that was asked for.

    For example ``asked for 100 instances, got 60: InsufficientInstanceCapacity (c7i.xlarge in subnet-a, on-demand): ...``.
    """
    got = len(outcome.launched)
    if got >= asked:
        return ""
    pools: dict[tuple[str, str], list[str]] = defaultdict(list)
    for refusal in outcome.refusals:
        pools[refusal.code, _words(refusal)].append(_pool(refusal))
    reasons = [
        f"{code} ({', '.join(sorted(set(where)))}): {message}{repair_of(code)}"
        for (code, message), where in sorted(pools.items())
    ]
    return f"asked for {asked} instances, got {got}: {' '.join(reasons) or 'EC2 gives no reason'}"[:2000]


def _words(refusal: Refusal) -> str:
    """EC2's words as anybody may read them; the log has them all."""
    return f"{publishable(refusal.message).rstrip('. ')}. " if refusal.message else ""


def _pool(refusal: Refusal) -> str:
    place = f"{refusal.instance_type} in {refusal.subnet}" if refusal.instance_type else "the whole launch"
    return f"{place}, {refusal.market}" if refusal.market else place
