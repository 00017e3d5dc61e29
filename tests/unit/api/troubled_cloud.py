"""The cloud in memory with everything that may go wrong: deaths, collisions, lags, answers that never arrive."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from api_fakes import FakeFleet, FakeMailer, FakeStore

from gems_api.services.fleet_ports import Host, Instance, Launch, LaunchOutcome
from gems_api.services.ports import Message
from gems_api.services.store_ports import Entry, Stored
from gems_core.errors import CloudRefused
from gems_core.review.lock import Hold

T = TypeVar("T")


class LambdaDied(BaseException):
    """The process is gone: nothing after this line of the use case happens, not even its error handling."""


@dataclass
class _Armed:
    """Something that happens at the n-th operation from now."""

    in_operations: int
    strike: Callable[[], None]


@dataclass
class Trouble:
    """What is to go wrong while a Lambda works, and when. What workers and meddlers do is not struck."""

    armed: list[_Armed] = field(default_factory=list)
    refusals: list[int] = field(default_factory=list)
    _busy: bool = True
    _meddling: bool = False
    _die_after: bool = False
    _collide: bool = False

    def die(self, in_operations: int, *, after: bool) -> None:
        """The process ends at that operation, before or after it is done."""
        self.armed.append(_Armed(in_operations, self._death(after=after)))

    def meddle(self, in_operations: int, action: Callable[[], None]) -> None:
        """Somebody else acts just before that operation, between its caller's reading and writing."""
        self.armed.append(_Armed(in_operations, action))

    def collide(self, in_operations: int) -> None:
        """That conditional write meets others so often that it is given up, though nothing has changed."""
        self.armed.append(_Armed(in_operations, self._set_collision))

    def refuse(self, in_calls: int) -> None:
        """S3 or EC2 refuses that call of all, reads too; the same call is let through the next time."""
        self.refusals.append(in_calls)

    def call(self, what: str) -> None:
        """A call that a Lambda makes, which may be refused."""
        if self._busy:
            return
        self.refusals = [left - 1 for left in self.refusals]
        if 0 in self.refusals:
            self.refusals.remove(0)
            raise CloudRefused(f"{what} was refused (SlowDown)")

    def _set_collision(self) -> None:
        self._collide = True

    def _death(self, *, after: bool) -> Callable[[], None]:
        def strike() -> None:
            if not after:
                raise LambdaDied
            self._die_after = True

        return strike

    def disarm(self) -> None:
        self.armed.clear()
        self.refusals.clear()
        self._die_after = self._collide = False

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """A Lambda works: what is armed counts its operations. A Lambda that meddles is not struck itself."""
        before, self._busy = self._busy, self._busy and self._meddling
        try:
            yield
        finally:
            self._busy = before

    def operation(
        self, perform: Callable[[], T], collided: Callable[[], T] | None = None, *, may_be_refused: bool = True
    ) -> T:
        """Do an operation of the cloud, with what is armed for it."""
        if self._busy:
            return perform()
        if may_be_refused:
            self.call("a change")
        self._strike()
        if self._collide and collided is not None:
            self._collide = False
            return collided()
        done = perform()
        if self._die_after:
            self._die_after = False
            raise LambdaDied
        return done

    def _strike(self) -> None:
        for item in list(self.armed):
            item.in_operations -= 1
            if item.in_operations <= 0:
                self.armed.remove(item)
                self._busy = self._meddling = True
                try:
                    item.strike()
                finally:
                    self._busy = self._meddling = False


class TroubledStore(FakeStore):
    """S3 whose writers die, meet and overtake each other; it remembers every done-marker and status."""

    def __init__(self, trouble: Trouble, *buckets: str) -> None:
        super().__init__(*buckets)
        self.trouble = trouble
        self.history: dict[str, list[dict[str, Any]]] = {}

    def _put(self, bucket: str, key: str, body: bytes) -> str:
        if key.startswith("jobs/") and body and "/events/" not in key:
            self.history.setdefault(key, []).append(json.loads(body))
        return super()._put(bucket, key, body)

    def read(self, bucket: str, key: str) -> Stored | None:
        self.trouble.call(f"reading {key}")
        return super().read(bucket, key)

    def exists(self, bucket: str, key: str) -> bool:
        self.trouble.call(f"looking for {key}")
        return super().exists(bucket, key)

    def create(self, bucket: str, key: str, body: bytes, hold: Hold | None = None) -> str | None:
        return self.trouble.operation(lambda: FakeStore.create(self, bucket, key, body, hold), lambda: None)

    def replace(self, bucket: str, key: str, body: bytes, etag: str) -> str | None:
        return self.trouble.operation(lambda: FakeStore.replace(self, bucket, key, body, etag), lambda: None)

    def put(self, bucket: str, key: str, body: bytes) -> None:
        self.trouble.operation(lambda: FakeStore.put(self, bucket, key, body))

    def delete(self, bucket: str, key: str) -> None:
        self.trouble.operation(lambda: self._delete(bucket, key))

    def _delete(self, bucket: str, key: str) -> None:
        super().delete(bucket, key)
        self.history.pop(key, None)

    def entries(
        self, bucket: str, prefix: str, after: str = "", until: str = "", most: int | None = None
    ) -> list[Entry]:
        """A listing; whatever strikes after it makes the reads that follow younger than the list."""
        found = super().entries(bucket, prefix, after, until, most)
        return self.trouble.operation(lambda: found)


@dataclass
class TroubledFleet(FakeFleet):
    """EC2: shows and hides instances late, forgets the dead, repeats a launch with the same token only in words."""

    trouble: Trouble = field(default_factory=Trouble)
    lag_seconds: int = 0
    tag_lag_seconds: int = 0
    answer_lost: bool = False
    capacities: list[int] = field(default_factory=list)
    shown_at: dict[str, datetime] = field(default_factory=dict)
    tagged_at: dict[str, datetime] = field(default_factory=dict)
    ended_at: dict[str, datetime] = field(default_factory=dict)
    forgets_after: timedelta = timedelta(hours=1)

    def launch(self, launch: Launch) -> LaunchOutcome:
        try:
            self.trouble.call("EC2 RunInstances")
        except CloudRefused:  # which a launch tells, and does not raise
            return LaunchOutcome(refusals=(self._refused("RequestLimitExceeded"),))
        return self.trouble.operation(lambda: self._launch_or_refuse(launch), may_be_refused=False)

    def _launch_or_refuse(self, launch: Launch) -> LaunchOutcome:
        if launch.client_token not in self.answers:
            self.capacity = self.capacities.pop(0) if self.capacities else len(self.known) + 100
            self.refusal = "" if self.capacity else "InsufficientInstanceCapacity"
        self.silent, self.answer_lost = self.answer_lost, False
        return super().launch(launch)

    def _launch(self, launch: Launch) -> LaunchOutcome:
        outcome = super()._launch(launch)
        for item in outcome.launched:
            self.shown_at[item.instance_id] = self.clock() + timedelta(seconds=self.lag_seconds)
            tag_lag = timedelta(seconds=self.lag_seconds + self.tag_lag_seconds)
            self.tagged_at[item.instance_id] = self.clock() + tag_lag
        return outcome

    def _shows(self, instance_id: str) -> bool:
        now = self.clock()
        forgotten = now - self.ended_at.get(instance_id, now) >= self.forgets_after
        return self.shown_at.get(instance_id, now) <= now and not (instance_id in self.ended_at and forgotten)

    def _seen(self, instance: Instance) -> Instance:
        tagged = self.tagged_at.get(instance.instance_id, self.clock()) <= self.clock()
        return instance if tagged else replace(instance, tags={})

    def instances(self, session_key: str | None = None) -> list[Instance]:
        self.trouble.call("EC2 DescribeInstances")
        return [
            instance
            for instance in super().instances(session_key)
            if self._shows(instance.instance_id) and self._seen(instance).tags
        ]

    def instance(self, instance_id: str) -> Instance | None:
        self.trouble.call("EC2 DescribeInstances")
        found = super().instance(instance_id)
        return self._seen(found) if found is not None and self._shows(instance_id) else None

    def tag(self, instance_ids: Sequence[str], tags: Mapping[str, str]) -> None:
        self.trouble.operation(lambda: FakeFleet.tag(self, instance_ids, tags))

    def terminate(self, instance_ids: Sequence[str]) -> None:
        """An instance that EC2 does not show yet cannot be terminated: its id is unknown."""
        shown = [instance_id for instance_id in instance_ids if self._shows(instance_id)]
        self.trouble.operation(lambda: self.end(shown))

    def end(self, instance_ids: Sequence[str]) -> None:
        """Instances go, whoever wished it."""
        for instance_id in instance_ids:
            self.ended_at.setdefault(instance_id, self.clock())
        super().terminate(instance_ids)


@dataclass
class TroubledQueue(TroubledFleet):
    """AWS Batch, in the same trouble: what is launched waits until it is placed, and again when its machine is taken."""

    def _launch(self, launch: Launch) -> LaunchOutcome:
        outcome = super()._launch(launch)
        for item in outcome.launched:
            known = self.known[item.instance_id]
            self.known[item.instance_id] = replace(known, state="pending", instance_type="", market="", queued=True)
        unplaced = tuple(replace(item, instance_type="", market="") for item in outcome.launched)
        return replace(outcome, launched=unplaced)

    def waiting(self) -> list[str]:
        """Who waits."""
        return [name for name, instance in self.known.items() if instance.queued and not instance.is_gone]

    def place(self, name: str) -> None:
        """Start a worker on a machine."""
        self.known[name] = replace(self.known[name], state="running", queued=False, launched_at=self.clock())
        self.placed[name] = Host("c5.xlarge", "spot")

    def take_back(self, name: str) -> None:
        """Take the machine under a worker."""
        self.known[name] = replace(self.known[name], state="pending", queued=True)


@dataclass
class TroubledMailer(FakeMailer):
    """SES; with ``answer_lost`` the mail goes out and the caller hears of a failure."""

    trouble: Trouble = field(default_factory=Trouble)
    answer_lost: bool = False

    def send(self, message: Message) -> None:
        def perform() -> None:
            FakeMailer.send(self, message)
            if self.answer_lost:
                raise CloudRefused("SES SendEmail did not succeed: read timeout")

        self.trouble.operation(perform)
