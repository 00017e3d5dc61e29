"""A job as its folder in S3 tells it at one moment, whole or in part. Every decision is a pure function over this.

A type for each reading has what was read and no more, so that mypy refuses a decision over a part that was not read for it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Generic, TypeVar

from gems_api.services.state.records import Claim, ClaimState, JobState, Lease, MailRecord, WorkerRecord
from gems_core.manifest import Manifest
from gems_core.protocol.done_marker import DoneMarker, SampleOutcome
from gems_core.protocol.status_report import Vitals
from gems_core.shares import Share
from gems_core.statuses import FINAL_JOB_STATUSES, JobStatus, running_status

T = TypeVar("T")
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Versioned(Generic[T]):
    """A record and the entity tag that replacing it needs."""

    value: T
    etag: str


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What every reading of a job tells.

    Attributes:
        state: None only if the launch died between its first two writes.
        lease: None if nobody was ever given the right to merge, or if a glance was not to look for it.
    """

    manifest: Manifest
    state: Versioned[JobState] | None
    lease: Versioned[Lease] | None

    @property
    def final_status(self) -> JobStatus | None:
        """The status that the job has ended with, and that nothing but a retry leaves; None while it goes on."""
        status = self.state.value.overall_status if self.state is not None else None
        return status if status in FINAL_JOB_STATUSES else None

    @property
    def ended(self) -> bool:
        """Whether the job has ended."""
        return self.final_status is not None

    @property
    def run(self) -> int:
        """Which run of the job this is: 1, and one more at each retry."""
        return self.state.value.run if self.state is not None else 1

    @property
    def opened_at(self) -> datetime:
        """When this run began; its time limit counts from here."""
        opened_at = self.state.value.opened_at if self.state is not None else None
        return opened_at or self.manifest.created_at

    @property
    def time_limit_at(self) -> datetime:
        """When this run must have ended. Waiting for its turn to launch does not count: while it waits there is no limit."""
        state = self.state.value if self.state is not None else None
        if state is not None and state.waiting_since is not None:
            return NEVER
        waited = state.waited_seconds if state is not None else 0.0
        return self.opened_at + timedelta(seconds=self.manifest.time_limit_seconds + waited)

    @cached_property
    def earlier_runs(self) -> Mapping[str, int]:
        """The run of each instance that was launched in a run before this one."""
        state = self.state.value if self.state is not None else None
        return {item.instance_id: item.run for item in state.instances if item.run < state.run} if state else {}

    @property
    def merge_owner(self) -> str | None:
        """The instance that last held the right to merge."""
        return None if self.lease is None else self.lease.value.owner

    @property
    def report_written(self) -> bool:
        """Whether the final worker has said that the report is in S3."""
        return self.lease is not None and self.lease.value.report_written_at is not None


@dataclass(frozen=True, kw_only=True)
class Glance(Reading):
    """What most messages of a worker need.

    Attributes:
        speaker: the record at the index that the worker says; None if there is none yet.
    """

    speaker: Versioned[WorkerRecord] | None

    def worker_of(self, instance_id: str) -> Versioned[WorkerRecord] | None:
        """The record that was read, if it is this instance's."""
        return self.speaker if self.speaker is not None and self.speaker.value.instance_id == instance_id else None


@dataclass(frozen=True, kw_only=True)
class Outline(Reading):
    """What tells a job in which all is well.

    Attributes:
        heartbeats: when each worker last gave a sign of life, by instance index; S3's clock.
        done: the names of the samples that have done-markers, samples of the manifest only.
    """

    heartbeats: Mapping[int, datetime]
    done: Collection[str]

    def is_done(self, share: Share) -> bool:
        """Whether all samples of a share have done-markers."""
        return all(sample.name in self.done for sample in share.samples)

    def unfinished(self, share: Share) -> list[str]:
        """The samples of a share that have no done-marker."""
        return [sample.name for sample in share.samples if sample.name not in self.done]

    @cached_property
    def all_done(self) -> bool:
        """Whether every sample of the job has a done-marker."""
        return len(self.done) == len(self.manifest.samples)


@dataclass(frozen=True, kw_only=True)
class Work(Outline):
    """What handing out work needs.

    Attributes:
        claims: by share index (from 1); those of finished shares may be missing.
    """

    claims: Mapping[int, Versioned[Claim]]

    def held_share(self, instance_id: str) -> Versioned[Claim] | None:
        """The unfinished share that an instance holds, if any."""
        for claim in self.claims.values():
            held = claim.value.state is ClaimState.HELD and claim.value.owner == instance_id
            if held and not self.is_done(self.manifest.share(claim.value.share)):
                return claim
        return None

    def claim_ends(self, claim: Claim, claim_seconds: int) -> datetime:
        """Until when a held claim is its owner's: each sign of life gives it its full time again."""
        beat = None if claim.owner_index is None else self.heartbeats.get(claim.owner_index)
        return claim.expires_at if beat is None else max(claim.expires_at, beat + timedelta(seconds=claim_seconds))


@dataclass(frozen=True, kw_only=True)
class Snapshot(Work):
    """All that is known of a job.

    Attributes:
        claims: of all shares that were ever claimed.
        workers: by instance index (from 0).
        done: by sample name, samples of the manifest only.
        mail: of this run.
        vitals: what the workers' machines said last of themselves, by instance index, if that was asked for.
    """

    workers: Mapping[int, Versioned[WorkerRecord]]
    done: Mapping[str, DoneMarker]
    mail: MailRecord | None
    vitals: Mapping[int, Vitals] = field(default_factory=dict)

    @property
    def typed(self) -> int:
        """How many samples were typed."""
        return sum(marker.outcome is SampleOutcome.TYPED for marker in self.done.values())

    @property
    def failed(self) -> int:
        """How many samples failed."""
        return len(self.done) - self.typed

    @property
    def overall_status(self) -> JobStatus:
        """The job's status now."""
        return self.final_status or running_status(begun=self.begun, merging=self.merging)

    @property
    def begun(self) -> bool:
        """Whether a share was ever claimed in this run."""
        owners = (claim.value.owner for claim in self.claims.values())
        return any(owner and owner not in self.earlier_runs for owner in owners)

    @property
    def merging(self) -> bool:
        """Whether somebody has been given the right to merge."""
        return self.lease is not None and self.lease.value.attempt > 0 and self.all_done

    def worker_of(self, instance_id: str) -> Versioned[WorkerRecord] | None:
        """The record of an instance, if it has made contact."""
        for worker in self.workers.values():
            if worker.value.instance_id == instance_id:
                return worker
        return None

    def last_seen(self, worker: WorkerRecord) -> datetime:
        """When a worker last said anything. An index is one instance's for ever, and so are its heartbeats."""
        return max(self.heartbeats.get(worker.instance_index, worker.updated_at), worker.updated_at)
