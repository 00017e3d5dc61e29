"""AWS in memory, as strict as the local one: the same rules of ``gems_local.strict``, on simulated time, every call counted.

HTTP and moto cost milliseconds a call, which a simulated hour of a thousand workers cannot pay. What is left out is only
transport: conditional writes, request rates, limits, capacity and delays are kept.
"""

from __future__ import annotations

import hashlib
import math
from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Self, TypeVar

from gems_api.services.fleet_ports import Host, Instance, Launch, Launched, LaunchOutcome, Refusal
from gems_api.services.ports import Message
from gems_api.services.store_ports import BucketUnreadable, Entry, Stored
from gems_core import tags as words
from gems_core.errors import CloudRefused
from gems_core.identity import IdentityProof
from gems_core.job_credentials import JobCredentials
from gems_core.manifest import Manifest
from gems_core.prices import ON_DEMAND
from gems_core.review.lock import Hold
from gems_local.strict.capacity import Capacity, Pool
from gems_local.strict.consistency import Visibility
from gems_local.strict.limits import LimitExceeded, check_tags
from gems_local.strict.settings import Strictness
from gems_local.strict.throttling import Ec2Rates

T = TypeVar("T")
R = TypeVar("R")
PAGE = 1000  # keys in an answer of S3's ListObjectsV2, instances in one of DescribeInstances
VCPUS = 4
THROTTLED = ("RequestLimitExceeded", "Request limit exceeded.")
TYPE, SUBNET = "c6i.xlarge", "subnet-1"
USER_TOKEN, WORKER_TOKEN = "user-token", "worker-token"


@dataclass
class SimulatedClock:
    """Moves when told, for everybody at once."""

    now: datetime = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return self.now.timestamp()

    def pass_seconds(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


# What a call from a Lambda is taken to last, in seconds: assumptions, not measured here, for there is no network. S3's is that of
# gems_api.services.storage.read_cache; RunInstances and CreateFleet grow with the instances they launch.
WAIT_SECONDS = {
    "s3": 0.02,
    "ec2": 0.15,
    "batch": 0.1,
    "ecs": 0.1,
    "sts": 0.03,
    "dynamodb": 0.005,
    "kms": 0.01,
    "ses": 0.1,
}
LAUNCH_SECONDS, LAUNCH_SECONDS_AN_INSTANCE = 1.0, 0.003
READERS = 16


class SideBySide:
    """In place of the app's thread pools: where nothing waits, threads only cost. What it runs is counted as side by side."""

    running = 0

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def __enter__(self) -> Self:
        SideBySide.running += 1
        return self

    def __exit__(self, *_error: object) -> None:
        SideBySide.running -= 1

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> list[R]:
        return [function(item) for item in items]


class Calls:
    """How often each service was asked for what, how often it refused for being asked too fast, and what waiting that is.

    Attributes:
        waited: seconds that a Lambda would have waited for AWS so far; calls made side by side share their time.
        elapsed: those of the present request.
    """

    def __init__(self) -> None:
        self.asked: Counter[tuple[str, str]] = Counter()
        self.throttled: Counter[tuple[str, str]] = Counter()
        self.waited = 0.0
        self._began = 0.0

    def begin(self) -> None:
        """Another request begins."""
        self._began = self.waited

    @property
    def elapsed(self) -> float:
        return self.waited - self._began

    def note(self, service: str, action: str, times: int = 1, extra_seconds: float = 0.0) -> None:
        seconds = WAIT_SECONDS[service] * times + extra_seconds
        self.asked[(service, action)] += times
        self.waited += seconds / READERS if SideBySide.running else seconds


class MemoryStore:
    """S3: strongly consistent, with conditional writes; listings cost a request for each thousand keys."""

    def __init__(self, calls: Calls, clock: SimulatedClock, *buckets: str) -> None:
        self._calls = calls
        self._clock = clock
        self._objects: dict[str, dict[str, tuple[Stored, datetime]]] = {bucket: {} for bucket in buckets}
        self._keys: dict[str, list[str]] = {bucket: [] for bucket in buckets}
        self._writes = 0

    def _write(self, bucket: str, key: str, body: bytes) -> str:
        self._calls.note("s3", "PUT")
        self._writes += 1
        etag = f'"{hashlib.md5(body).hexdigest()}-{self._writes}"'
        if key not in self._objects[bucket]:
            insort(self._keys[bucket], key)
        self._objects[bucket][key] = Stored(body, etag), self._clock().replace(microsecond=0)
        return etag

    def fill(self, bucket: str, objects: Mapping[str, bytes]) -> None:
        """Many objects at once, which nobody is charged for."""
        stored = {
            key: (Stored(body, f'"{hashlib.md5(body).hexdigest()}"'), self._clock()) for key, body in objects.items()
        }
        self._objects[bucket] |= stored
        self._keys[bucket] = sorted(self._objects[bucket])

    def fill_one(self, bucket: str, key: str, body: bytes) -> None:
        """What a worker writes: not the API's call."""
        asked, waited = self._calls.asked.copy(), self._calls.waited
        self._write(bucket, key, body)
        self._calls.asked, self._calls.waited = asked, waited

    def has(self, bucket: str, key: str) -> bool:
        """Whether an object is there; not the API's question."""
        return key in self._objects[bucket]

    def read(self, bucket: str, key: str) -> Stored | None:
        self._calls.note("s3", "GET")
        held = self._objects[bucket].get(key)
        return None if held is None else held[0]

    def read_range(self, bucket: str, key: str, start: int, length_bytes: int) -> bytes:
        self._calls.note("s3", "GET")
        return self._objects[bucket][key][0].body[start : start + length_bytes]

    def create(self, bucket: str, key: str, body: bytes, _hold: Hold | None = None) -> str | None:
        if key in self._objects[bucket]:
            self._calls.note("s3", "PUT")
            return None
        return self._write(bucket, key, body)

    def replace(self, bucket: str, key: str, body: bytes, etag: str) -> str | None:
        held = self._objects[bucket].get(key)
        if held is None or held[0].etag != etag:
            self._calls.note("s3", "PUT")
            return None
        return self._write(bucket, key, body)

    def put(self, bucket: str, key: str, body: bytes) -> None:
        self._write(bucket, key, body)

    def delete(self, bucket: str, key: str) -> None:
        self._calls.note("s3", "DELETE")
        if self._objects[bucket].pop(key, None) is not None:
            del self._keys[bucket][bisect_left(self._keys[bucket], key)]

    def _range(self, bucket: str, prefix: str, after: str = "", until: str = "") -> list[str]:
        if bucket not in self._keys:
            raise BucketUnreadable(f"listing s3://{bucket}/{prefix} was refused (NoSuchBucket)")
        keys = self._keys[bucket]
        start = max(bisect_left(keys, prefix), bisect_right(keys, after))
        end = bisect_left(keys, prefix + "\U0010ffff")
        return keys[start : min(end, bisect_right(keys, until)) if until else end]

    def entries(
        self, bucket: str, prefix: str, after: str = "", until: str = "", most: int | None = None
    ) -> list[Entry]:
        keys = self._range(bucket, prefix, after, until)[:most]
        self._calls.note("s3", "LIST", max(1, math.ceil(len(keys) / PAGE)))
        found = ((key, self._objects[bucket][key]) for key in keys)
        return [Entry(key, len(held.body), held.etag, moment) for key, (held, moment) in found]

    def exists(self, bucket: str, key: str) -> bool:
        self._calls.note("s3", "HEAD")
        return key in self._objects[bucket]

    def presigned_url(self, bucket: str, key: str, seconds: int) -> str:
        return f"https://s3.invalid/{bucket}/{key}"


class MemoryFleet:
    """EC2: throttled, limited, eventually consistent."""

    def __init__(self, calls: Calls, clock: SimulatedClock, strictness: Strictness) -> None:
        self.known: dict[str, Instance] = {}
        self._calls = calls
        self._clock = clock
        self._rates = Ec2Rates(clock.seconds)
        self._visibility = Visibility(strictness, clock.seconds)
        self._capacity = Capacity(strictness, lambda _: VCPUS)
        self._answers: dict[str, LaunchOutcome] = {}

    def _admit(self, action: str, instances: int = 0) -> None:
        if not self._rates.admits(action) or not self._rates.admits_instances(action, instances):
            self._calls.note("ec2", action)
            self._calls.throttled[("ec2", action)] += 1
            raise CloudRefused(f"EC2 {action} was refused ({': '.join(THROTTLED)})")
        launching = LAUNCH_SECONDS + LAUNCH_SECONDS_AN_INSTANCE * instances if action == "RunInstances" else 0.0
        self._calls.note("ec2", action, extra_seconds=launching)

    def launch(self, launch: Launch) -> LaunchOutcome:
        try:
            self._admit("RunInstances", launch.count)
        except CloudRefused:  # which a launch tells, as all that it is refused
            return LaunchOutcome(refusals=(Refusal(*THROTTLED, TYPE, SUBNET, ON_DEMAND),))
        if launch.client_token not in self._answers:
            self._answers[launch.client_token] = self._launch(launch)
        return self._answers[launch.client_token]

    def _launch(self, launch: Launch) -> LaunchOutcome:
        _check(launch.tags)
        pool = Pool(TYPE, SUBNET)
        room = self._capacity.room(pool, {pool: len(self.living())})
        first = len(self.known)
        ids = [f"i-{first + number:017x}" for number in range(min(launch.count, room.instances))]
        self.known |= {one: Instance(one, "running", self._clock(), dict(launch.tags)) for one in ids}
        self._visibility.launched(ids)
        refusals = (Refusal(room.code, room.message, TYPE, SUBNET, ON_DEMAND),) if len(ids) < launch.count else ()
        return LaunchOutcome(tuple(Launched(one, place, TYPE) for place, one in enumerate(ids)), refusals)

    def sweep(self, now: datetime) -> list[str]:
        self._admit("DescribeLaunchTemplateVersions")
        return []

    def instances(self, session_key: str | None = None) -> list[Instance]:
        found = [
            instance
            for one, instance in self.known.items()
            if self._visibility.shows(one)
            and self._visibility.shows_tags(one)
            and session_key in (None, instance.tags[words.SESSION_KEY])
        ]
        for _ in range(max(1, math.ceil(len(found) / PAGE))):
            self._admit("DescribeInstances")
        return found

    def instance(self, instance_id: str) -> Instance | None:
        self._admit("DescribeInstances")
        return self.known.get(instance_id) if self._visibility.shows(instance_id) else None

    def hosts(self, instance_ids: Sequence[str]) -> Mapping[str, Host]:
        return {}

    def tag(self, instance_ids: Sequence[str] | str, tags: Mapping[str, str]) -> None:
        self._admit("CreateTags")
        _check(tags)
        named = [instance_ids] if isinstance(instance_ids, str) else instance_ids
        unknown = [one for one in named if one not in self.known or not self._visibility.shows(one)]
        if unknown:
            raise CloudRefused(f"EC2 CreateTags was refused (InvalidInstanceID.NotFound): {unknown[:3]}")
        for one in named:
            self.known[one] = replace(self.known[one], tags={**self.known[one].tags, **tags})

    def terminate(self, instance_ids: Sequence[str]) -> None:
        for start in range(0, len(instance_ids), 500):
            batch = instance_ids[start : start + 500]
            self._admit("TerminateInstances", len(batch))
            for one in batch:
                self.switch_off(one)

    def begin(self, instance_id: str) -> None:
        """A worker begins on an instance; EC2 is not told."""

    def switch_off(self, instance_id: str) -> None:
        """End an instance; its own shutdown is not a call."""
        self.known[instance_id] = replace(self.known[instance_id], state="terminated")
        self._visibility.terminated([instance_id])

    def living(self) -> list[str]:
        return [one for one, instance in self.known.items() if not instance.is_gone]


def _check(tags: Mapping[str, str]) -> None:
    try:
        check_tags(tags)
    except LimitExceeded as problem:
        raise CloudRefused(f"EC2 refused ({problem.code}): {problem}") from problem


@dataclass
class MemoryMailer:
    """SES."""

    calls: Calls
    sent: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> None:
        self.calls.note("ses", "SendEmail")
        self.sent.append(message)


@dataclass
class MemoryCredentials:
    """CredStash: a query of DynamoDB and a decryption for each secret."""

    calls: Calls

    def secrets(self, name: str) -> tuple[str, ...]:
        self.calls.note("dynamodb", "Query")
        self.calls.note("kms", "Decrypt")
        return ({"gems.user.token": USER_TOKEN, "gems.worker.token": WORKER_TOKEN}[name],)


@dataclass
class MemoryIdentifier:
    """STS: believes the security token, which names the instance."""

    calls: Calls

    def instance_id(self, proof: IdentityProof, claimed: str) -> str:
        self.calls.note("sts", "GetCallerIdentity")
        return proof.security_token


@dataclass
class MemoryIssuer:
    """STS: gives credentials that nobody checks."""

    calls: Calls

    def issue(self, manifest: Manifest, instance_id: str) -> JobCredentials:
        self.calls.note("sts", "AssumeRole")
        return JobCredentials("ASIA0", instance_id, str(manifest.session_key), datetime.now(UTC) + timedelta(hours=1))
