"""A cloud in memory that works: honest conditional writes, tags, mails, a clock that tests move."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from gems_api.services.fleet_ports import Host, Instance, Launch, Launched, LaunchOutcome, LaunchUnanswered, Refusal
from gems_api.services.ports import Message
from gems_api.services.sign_on_ports import Client, ProviderRefused, Trip
from gems_api.services.storage.object_sizes import most_bytes
from gems_api.services.store_ports import BucketUnreadable, Entry, Shelf, Stored, TooLarge
from gems_core.errors import CloudRefused, GemsError
from gems_core.identity import HEADER, IdentityProof
from gems_core.job_credentials import JobCredentials
from gems_core.manifest import Manifest
from gems_core.review.lock import Hold
from gems_core.session_key import SessionKey


@dataclass
class FakeClock:
    """Stands still until told."""

    now: datetime = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class FakeStore:
    """S3's promises: read after write, and one winner among conditional writes."""

    def __init__(self, *buckets: str, clock: Callable[[], datetime] | None = None) -> None:
        self.buckets: dict[str, dict[str, Stored]] = {bucket: {} for bucket in buckets}
        self.clock = clock or FakeClock()
        self._modified: dict[tuple[str, str], datetime] = {}
        self.reads = 0
        self.calls: Counter[str] = Counter()
        self.read_keys: list[tuple[str, str]] = []
        self.holds: dict[str, Hold] = {}
        self._lock = threading.Lock()
        self._writes = 0

    def _put(self, bucket: str, key: str, body: bytes) -> str:
        self._writes += 1
        etag = f'"{hashlib.md5(body).hexdigest()}-{self._writes}"'
        self.buckets[bucket][key] = Stored(body, etag)
        self._modified[bucket, key] = self.clock().replace(microsecond=0)
        return etag

    def read(self, bucket: str, key: str) -> Stored | None:
        with self._lock:
            self.reads += 1
            self.calls["read"] += 1
            self.read_keys.append((bucket, key))
            held = self.buckets[bucket].get(key)
        if held is not None and len(held.body) > most_bytes(key):
            raise TooLarge(len(held.body), most_bytes(key), held.etag)
        return held

    def read_range(self, bucket: str, key: str, start: int, length_bytes: int) -> bytes:
        return self.buckets[bucket][key].body[start : start + length_bytes]

    def create(self, bucket: str, key: str, body: bytes, hold: Hold | None = None) -> str | None:
        with self._lock:
            self.calls["create"] += 1
            if key in self.buckets[bucket]:
                return None
            if hold is not None:
                self.holds[key] = hold
            return self._put(bucket, key, body)

    def replace(self, bucket: str, key: str, body: bytes, etag: str) -> str | None:
        with self._lock:
            self.calls["replace"] += 1
            held = self.buckets[bucket].get(key)
            return self._put(bucket, key, body) if held is not None and held.etag == etag else None

    def put(self, bucket: str, key: str, body: bytes) -> None:
        with self._lock:
            self.calls["put"] += 1
            self._put(bucket, key, body)

    def delete(self, bucket: str, key: str) -> None:
        with self._lock:
            self.buckets[bucket].pop(key, None)

    def entries(
        self, bucket: str, prefix: str, after: str = "", until: str = "", most: int | None = None
    ) -> list[Entry]:
        with self._lock:
            self.calls["entries"] += 1
            if bucket not in self.buckets:
                raise BucketUnreadable(f"listing s3://{bucket}/{prefix} was refused (NoSuchBucket)")
            found = (
                (key, held) for key, held in self.buckets[bucket].items() if key.startswith(prefix) and key > after
            )
            found = (item for item in found if not until or item[0] <= until)
            return [Entry(key, len(held.body), held.etag, self._modified[bucket, key]) for key, held in sorted(found)][
                :most
            ]

    def shelf(self, bucket: str, prefix: str) -> Shelf:
        found = self.entries(bucket, prefix)
        below = {entry.key: entry.key.removeprefix(prefix).partition("/") for entry in found}
        folders = dict.fromkeys(f"{prefix}{first}/" for first, slash, _ in below.values() if slash)
        return Shelf(tuple(folders), tuple(entry for entry in found if not below[entry.key][1]), False)

    def exists(self, bucket: str, key: str) -> bool:
        with self._lock:
            self.calls["exists"] += 1
            return key in self.buckets[bucket]

    def presigned_url(self, bucket: str, key: str, seconds: int) -> str:
        return f"https://s3.invalid/{bucket}/{key}?X-Amz-Expires={seconds}"


@dataclass
class FakeFleet:
    """EC2 that launches at once, uses client tokens, and refuses when told to.

    Attributes:
        capacity: the most instances that one launch gets.
        refusal: EC2's error code for every launch; '' launches.
        silent: launches, but does not answer.
    """

    clock: FakeClock
    known: dict[str, Instance] = field(default_factory=dict)
    launches: list[Launch] = field(default_factory=list)
    capacity: int = 1000
    refusal: str = ""
    silent: bool = False
    tag_refusal: str = ""
    answers: dict[str, LaunchOutcome] = field(default_factory=dict)
    asked: dict[str, Launch] = field(default_factory=dict)
    tag_tries: int = 0
    tag_calls: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    control_bucket: str = "gems-control"
    placed: dict[str, Host] = field(default_factory=dict)

    def launch(self, launch: Launch) -> LaunchOutcome:
        if self.refusal:
            return LaunchOutcome(refusals=(self._refused(self.refusal),))
        if launch.client_token not in self.answers:
            self.answers[launch.client_token] = self._launch(launch)
            self.asked[launch.client_token] = launch
        if self.silent:
            raise LaunchUnanswered("EC2 did not answer")
        if self.asked[launch.client_token] != launch:
            return LaunchOutcome(refusals=(self._refused("IdempotentParameterMismatch"),))
        answer = self.answers[launch.client_token]
        if answer.launched and all(self.known[item.instance_id].is_gone for item in answer.launched):
            return LaunchOutcome(refusals=(self._refused("IdempotentInstanceTerminated"),))
        return answer

    def another(self, launch: Launch) -> None:
        """Instances beside those that a launch was answered with."""
        self._launch(launch)

    def _launch(self, launch: Launch) -> LaunchOutcome:
        self.launches.append(launch)
        launched = []
        for index in range(min(launch.count, self.capacity)):
            instance_id = f"i-{len(self.known):04d}"
            tags = dict(launch.tags)
            self.known[instance_id] = Instance(instance_id, "running", self.clock(), tags, "c5.xlarge")
            launched.append(Launched(instance_id, index, "c5.xlarge"))
        missing = (self._refused("InsufficientInstanceCapacity"),) if len(launched) < launch.count else ()
        return LaunchOutcome(tuple(launched), missing)

    def _refused(self, code: str) -> Refusal:
        return Refusal(code, "because", "c5.xlarge", "subnet-1", "on-demand")

    def sweep(self, now: datetime) -> list[str]:
        return []

    def instances(self, session_key: str | None = None) -> list[Instance]:
        return [
            instance
            for instance in self.known.values()
            if instance.instance_id not in self.hidden
            and instance.tags.get("gems:control_bucket") == self.control_bucket
            and session_key in (None, instance.tags["gems:session_key"])
        ]

    def instance(self, instance_id: str) -> Instance | None:
        return None if instance_id in self.hidden else self.known.get(instance_id)

    def hosts(self, instance_ids: Sequence[str]) -> Mapping[str, Host]:
        return {name: self.placed[name] for name in instance_ids if name in self.placed}

    def tag(self, instance_ids: Sequence[str], tags: Mapping[str, str]) -> None:
        self.tag_tries += 1
        if self.tag_refusal:
            raise CloudRefused(self.tag_refusal)
        unknown = [instance_id for instance_id in instance_ids if instance_id not in self.known]
        if unknown:
            raise CloudRefused(f"EC2 CreateTags was refused (InvalidInstanceID.NotFound): {unknown}")
        for instance_id in instance_ids:
            self.tag_calls.append((instance_id, dict(tags)))
            known = self.known[instance_id]
            self.known[instance_id] = replace(known, tags={**known.tags, **tags})

    def terminate(self, instance_ids: Sequence[str]) -> None:
        for instance_id in instance_ids:
            if instance_id in self.known:
                self.known[instance_id] = replace(self.known[instance_id], state="terminated")

    def living(self) -> list[str]:
        return [instance.instance_id for instance in self.known.values() if not instance.is_gone]


@dataclass
class FakeMailer:
    """Keeps what it is given, or refuses."""

    sent: list[Message] = field(default_factory=list)
    refusal: str = ""

    def send(self, message: Message) -> None:
        if self.refusal:
            raise CloudRefused(self.refusal)
        self.sent.append(message)


@dataclass
class FakeCredentials:
    """Knows two secrets, each with the versions in force, newest first."""

    known: dict[str, tuple[str, ...]] = field(
        default_factory=lambda: {"gems.user.token": ("user-secret",), "gems.worker.token": ("worker-secret",)}
    )
    asked: int = 0

    def secrets(self, name: str) -> tuple[str, ...]:
        self.asked += 1
        if name not in self.known:
            raise CloudRefused(f"no secret {name}")
        return self.known[name]


@dataclass
class FakeProvider:
    """An identity provider that lets in whoever has claims, by the code."""

    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    refusal: GemsError | None = None
    has_sign_out: bool = True

    def sign_in_url(self, client: Client, trip: Trip) -> str:
        self._refuse()
        asked = {"state": trip.state, "redirect_uri": client.redirect_uri, "scope": " ".join(client.scopes)}
        return f"{client.issuer}/authorize?{urlencode(asked)}"

    def claims(self, client: Client, trip: Trip, code: str) -> dict[str, Any]:
        self._refuse()
        if code not in self.accounts:
            raise ProviderRefused("the provider refuses the code: invalid_grant")
        return self.accounts[code]

    def sign_out_url(self, client: Client, back: str) -> str:
        self._refuse()
        return f"{client.issuer}/sign-out?{urlencode({'back': back})}" if self.has_sign_out else ""

    def _refuse(self) -> None:
        if self.refusal is not None:
            raise self.refusal


@dataclass
class FakeIdentifier:
    """Believes the security token of a proof, which names the instance; refuses when told to."""

    asked: int = 0
    refusal: GemsError | None = None

    def instance_id(self, proof: IdentityProof, claimed: str) -> str:
        self.asked += 1
        if self.refusal is not None:
            raise self.refusal
        return proof.security_token


@dataclass
class FakeIssuer:
    """Gives credentials that name the job and the instance; refuses when told to."""

    refusal: GemsError | None = None

    def issue(self, manifest: Manifest, instance_id: str) -> JobCredentials:
        if self.refusal is not None:
            raise self.refusal
        expires_at = datetime(2026, 11, 23, 13, tzinfo=UTC)
        return JobCredentials("ASIA0123456789", f"secret of {instance_id}", str(manifest.session_key), expires_at)


def signed_by(
    instance_id: str, session_key: SessionKey | str, amz_date: str = "20261123T120000Z", signature: str = "0"
) -> dict[str, str]:
    """The header with an instance's proof for a job."""
    authorization = (
        f"AWS4-HMAC-SHA256 Credential=ASIA1234567890123456/{amz_date[:8]}/eu-west-1/sts/aws4_request, SignedHeaders="
        f"content-type;host;x-amz-date;x-amz-security-token;x-gems-session-key, Signature={signature * 64}"
    )
    key = session_key if isinstance(session_key, SessionKey) else SessionKey.parse(session_key)
    return {HEADER: IdentityProof(authorization, amz_date, instance_id, key).encode()}
