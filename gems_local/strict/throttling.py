"""Request rates: token buckets, one for each action, and one more for the instances that launches and ends touch."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http import HTTPStatus

from gems_local.strict.call import Answer, Call, Next, error_response, refusal, s3_error
from gems_local.strict.settings import (
    EC2_INSTANCES,
    EC2_MUTATING,
    EC2_READING,
    EC2_READING_ALL,
    EC2_REQUESTS,
    S3_READS_PER_SECOND,
    S3_WRITES_PER_SECOND,
    Bucket,
)

Clock = Callable[[], float]
_READING = ("Describe", "Get", "List", "Search")
_NARROWING = ("Filter.", "InstanceId.", "MaxResults")
_SENDING = frozenset({"SendEmail", "SendRawEmail"})
_S3_READS = frozenset({"GET", "HEAD", "LIST"})
_LIMIT_EXCEEDED = refusal("RequestLimitExceeded", "Request limit exceeded.", HTTPStatus.SERVICE_UNAVAILABLE)


def is_mutating(action: str) -> bool:
    """Whether an action of EC2 changes anything."""
    return not action.startswith(_READING)


class TokenBuckets:
    """Token buckets by name, each full when first asked.

    Args:
        clock: tells seconds; it may jump forward, as simulated time does.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._held: dict[str, tuple[float, float]] = {}

    def take(self, name: str, bucket: Bucket, tokens: float = 1.0) -> bool:
        """Take tokens, all or none."""
        now = self._clock()
        with self._lock:
            held, since = self._held.get(name, (bucket.size, now))
            held = min(bucket.size, held + max(0.0, now - since) * bucket.per_second)
            granted = held >= tokens
            self._held[name] = (held - tokens if granted else held, now)
            return granted


class Ec2Rates:
    """EC2's request and resource rates of one account and region."""

    def __init__(self, clock: Clock) -> None:
        self._buckets = TokenBuckets(clock)

    def admits(self, action: str, *, narrowed: bool = True) -> bool:
        """Whether a request is within its rate; its token is taken then.

        Args:
            action: such as ``CreateTags``.
            narrowed: of a reading action: whether it is filtered or paged.
        """
        return self._buckets.take(_bucket_name(action, narrowed), _bucket(action, narrowed))

    def admits_instances(self, action: str, instances: int) -> bool:
        """The same for the instances that a call launches or terminates."""
        resources = EC2_INSTANCES.get(action)
        return resources is None or self._buckets.take(f"{action}: instances", resources, instances)


def _bucket_name(action: str, narrowed: bool) -> str:
    return action if narrowed or is_mutating(action) else f"{action}: all"


def _bucket(action: str, narrowed: bool) -> Bucket:
    if is_mutating(action):
        return EC2_REQUESTS.get(action, EC2_MUTATING)
    return EC2_READING if narrowed else EC2_READING_ALL


class Throttling:
    """The rule: refuses requests that come too fast.

    Args:
        clock: tells seconds.
        ec2: EC2's rates.
        mails_per_second: SES's sending rate.
    """

    def __init__(self, clock: Clock, ec2: Ec2Rates, mails_per_second: float) -> None:
        self._ec2 = ec2
        self._buckets = TokenBuckets(clock)
        self._mails = Bucket(max(1.0, mails_per_second), mails_per_second)

    def __call__(self, call: Call, proceed: Next) -> Answer:
        """Refuse, or pass on."""
        narrowed = any(name.startswith(_NARROWING) for name in call.parameters)
        if call.service == "ec2" and not self._ec2.admits(call.action, narrowed=narrowed):
            return _LIMIT_EXCEEDED
        if call.action in _SENDING and not self._buckets.take("mail", self._mails):
            return error_response("Throttling", "Maximum sending rate exceeded.")
        return proceed(call)


class InstanceThrottling:
    """The rule: refuses what launches or ends too many instances. A launch repeated with its client token is none."""

    def __init__(self, ec2: Ec2Rates) -> None:
        self._ec2 = ec2

    def __call__(self, call: Call, proceed: Next) -> Answer:
        """Refuse, or pass on."""
        if call.service == "ec2" and not self._ec2.admits_instances(call.action, _instances(call)):
            return _LIMIT_EXCEEDED
        return proceed(call)


def _instances(call: Call) -> int:
    if call.action == "RunInstances":
        return int(call.parameters.get("MaxCount", "1"))
    return sum(name.startswith("InstanceId.") for name in call.parameters)


class SlowDown:
    """S3's request rates, for a bucket that is one partition: the strictest reading of them."""

    def __init__(self, clock: Clock) -> None:
        self._buckets = TokenBuckets(clock)

    def refuses(self, call: Call) -> Answer | None:
        """The refusal of a call that comes too fast."""
        bucket = str(call.environ.get("PATH_INFO", "")).strip("/").partition("/")[0]
        reads = call.action in _S3_READS
        rate = S3_READS_PER_SECOND if reads else S3_WRITES_PER_SECOND
        if self._buckets.take(f"{bucket} {reads}", Bucket(rate, rate)):
            return None
        return s3_error("SlowDown", "Please reduce your request rate.", HTTPStatus.SERVICE_UNAVAILABLE)
