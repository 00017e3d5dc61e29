"""The small documents of a job's folder in S3, other than the manifest and the done-markers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from gems_api.services.state.remote import Bond
from gems_core.protocol.answer import MailState
from gems_core.protocol.failure import Failure
from gems_core.statuses import JobStatus, WorkerStatus

# A Lambda lives for 30 seconds; whoever began to open a job longer ago than this has died over it.
OPENING_SECONDS = 60


def _moment(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


class ClaimState(StrEnum):
    """Whether somebody works on a share."""

    HELD = "held"
    FREE = "free"
    EXHAUSTED = "exhausted"


@dataclass(frozen=True)
class Claim:
    """Who works on a share (``claims/<share>.json``). A share nobody has claimed yet has no such document.

    Attributes:
        owner: instance id of the last worker that held it.
        attempt: which try it is, from 1 and through all runs of the job.
        expires_at: anybody may take a held claim after this, unless its owner gave a sign of life (Snapshot.claim_ends).
        reasons: why each earlier try of this run ended.
        uncounted_attempts: how many of the tries do not count towards the limit: those of earlier runs, and those whose
            machine was taken away.
        owner_index: the owner's instance index, under which its heartbeats are.
    """

    share: int
    state: ClaimState
    owner: str
    attempt: int
    expires_at: datetime
    reasons: tuple[str, ...] = ()
    uncounted_attempts: int = 0
    owner_index: int | None = None

    @property
    def tries(self) -> int:
        """Which try of this run it is, from 1."""
        return self.attempt - self.uncounted_attempts

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Claim:
        """Read what ``to_bytes`` wrote."""
        return cls(
            value["share"],
            ClaimState(value["state"]),
            value["owner"],
            value["attempt"],
            datetime.fromisoformat(value["expires_at"]),
            tuple(value["reasons"]),
            value.get("uncounted_attempts", 0),
            value.get("owner_index"),
        )


@dataclass(frozen=True)
class Step:
    """What a worker began to do, and when; ``share`` is the one it was at."""

    status: WorkerStatus
    at: datetime
    share: int | None = None

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Step:
        """Read what ``to_bytes`` wrote."""
        return cls(WorkerStatus(value["status"]), datetime.fromisoformat(value["at"]), value["share"])


# Four for each share; a worker of more shares is drawn from where its record begins.
MOST_STEPS = 100


@dataclass(frozen=True)
class WorkerRecord:
    """A worker's last known status (``workers/<index>.json``).

    Attributes:
        tags_owed: whether its instance's tags do not show this yet, for EC2 refused them; the reaper pays.
        steps: what it has done until now, the newest last; none in documents of before they were noted.
    """

    instance_id: str
    instance_index: int
    status: WorkerStatus
    updated_at: datetime
    share: int | None = None
    attempt: int = 0
    detail: str = ""
    failure: Failure | None = None
    tags_owed: bool = False
    steps: tuple[Step, ...] = ()

    def stepped(self, before: WorkerRecord | None) -> WorkerRecord:
        """The same record with the step noted that it is from what it was before, if it is one."""
        if before is not None and before.status is self.status:
            return self  # a share that is granted begins with its next step
        return replace(self, steps=(*self.steps, Step(self.status, self.updated_at, self.share))[-MOST_STEPS:])

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> WorkerRecord:
        """Read what ``to_bytes`` wrote."""
        failure = value["failure"]
        return cls(
            value["instance_id"],
            value["instance_index"],
            WorkerStatus(value["status"]),
            datetime.fromisoformat(value["updated_at"]),
            value["share"],
            value["attempt"],
            value["detail"],
            None if failure is None else Failure.from_json(failure),
            value.get("tags_owed", False),
            tuple(Step.from_json(item) for item in value.get("steps", ())),
        )


@dataclass(frozen=True)
class LaunchedInstance:
    """An instance that a launch of the job was answered with.

    Attributes:
        launch: counts the job's launches from 1.
        launched_at: since when it costs money; of one that AWS Batch has not placed, when it was put into the queue.
        instance_type: '' until AWS Batch has placed it, and in documents of before it was noted.
        market: ``on-demand`` or ``spot``; '' until AWS Batch has placed it.
        ended_at: when it was terminated or first seen gone; None while it may run.
        run: the run of the job that it was launched in.
    """

    launch: int
    instance_id: str
    launch_index: int
    launched_at: datetime
    instance_type: str = ""
    market: str = "on-demand"
    ended_at: datetime | None = None
    run: int = 1

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> LaunchedInstance:
        """Read what ``to_bytes`` wrote."""
        return cls(
            value["launch"],
            value["instance_id"],
            value["launch_index"],
            datetime.fromisoformat(value["launched_at"]),
            value.get("instance_type", ""),
            value.get("market", "on-demand"),
            _moment(value.get("ended_at")),
            value.get("run", 1),
        )


@dataclass(frozen=True)
class JobState:
    """What must be known of a job when its instances are gone (``state.json``).

    Attributes:
        overall_status: ``LAUNCHING`` until the job has ended; what it does meanwhile follows from its workers.
        launches: how many launches the job has made or begun, the refused ones too.
        launched_at: when the last of them was begun.
        reason: why it ended, or why its last launch was refused; '' when all is well.
        run: 1, and one more at each retry.
        opened_at: when this run began, from which its time limit counts; None in documents of before there were runs,
            whose only run began with the job.
        workers: how many instances this run asked for; 0: as many as the manifest says.
        unanswered: how many instances the last launch asked for if its answer has not been written down, else 0. Such a
            launch is repeated with its client token.
        refusals: how many launches in a row brought less than they asked for.
        next_launch_at: not before this is another launch made; None when nothing speaks against one.
        reopening_at: when somebody began to open the ended job again; who did has a minute for it.
        first_launch: the number of this run's first launch; those before it are earlier runs'.
        waiting_since: since when the job, of which nothing runs, waits for its turn to launch; None when it does not.
        waits_behind: how many jobs were before it when that was last looked at; None when it does not wait, or nobody looked.
        waited_seconds: how long this run waited for its turns; its time limit does not count that.
    """

    overall_status: JobStatus
    launches: int
    launched_at: datetime
    instances: tuple[LaunchedInstance, ...] = ()
    reason: str = ""
    finished_at: datetime | None = None
    run: int = 1
    opened_at: datetime | None = None
    workers: int = 0
    unanswered: int = 0
    refusals: int = 0
    next_launch_at: datetime | None = None
    reopening_at: datetime | None = None
    first_launch: int = 1
    waiting_since: datetime | None = None
    waits_behind: int | None = None
    waited_seconds: float = 0.0

    def waiting(self, now: datetime, behind: int | None, reason: str) -> JobState:
        """The state of a job that waits for its turn."""
        return replace(self, waiting_since=self.waiting_since or now, waits_behind=behind, reason=reason)

    def served(self, now: datetime) -> JobState:
        """The state of a job that waits no more."""
        if self.waiting_since is None:
            return self
        waited = self.waited_seconds + (now - self.waiting_since).total_seconds()
        return replace(self, waiting_since=None, waits_behind=None, waited_seconds=waited)

    def is_being_opened(self, now: datetime) -> bool:
        """Whether somebody may be at work opening the ended job again."""
        return self.reopening_at is not None and now - self.reopening_at < timedelta(seconds=OPENING_SECONDS)

    @property
    def fruitful_launches(self) -> int:
        """How many launches of this run brought instances; refused ones are limited by time alone."""
        return len({item.launch for item in self.instances if item.run == self.run})

    @property
    def launched_in_run(self) -> int:
        """How many instances this run was given, those that replaced others too."""
        return sum(item.run == self.run for item in self.instances)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> JobState:
        """Read what ``to_bytes`` wrote."""
        return cls(
            JobStatus(value["overall_status"]),
            value["launches"],
            datetime.fromisoformat(value["launched_at"]),
            tuple(LaunchedInstance.from_json(item) for item in value["instances"]),
            value["reason"],
            _moment(value["finished_at"]),
            value.get("run", 1),
            _moment(value.get("opened_at")),
            value.get("workers", 0),
            value.get("unanswered", 0),
            value.get("refusals", 0),
            _moment(value.get("next_launch_at")),
            _moment(value.get("reopening_at")),
            value.get("first_launch", 1),
            _moment(value.get("waiting_since")),
            value.get("waits_behind"),
            value.get("waited_seconds", 0.0),
        )


@dataclass(frozen=True)
class Lease:
    """The right to merge (``merge.lease``).

    Attributes:
        attempt: which try at merging it is, from 1; 0 when the job was opened again and nobody has tried yet.
        report_written_at: set once the owner has said that the report is in S3.
        reason: why the last try came to nothing; '' if none has.
    """

    owner: str
    expires_at: datetime
    attempt: int
    report_written_at: datetime | None = None
    reason: str = ""

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Lease:
        """Read what ``to_bytes`` wrote."""
        return cls(
            value["owner"],
            datetime.fromisoformat(value["expires_at"]),
            value["attempt"],
            _moment(value["report_written_at"]),
            value["reason"],
        )


@dataclass(frozen=True)
class MailRecord:
    """What became of a run's mail (``mail.json``); written before sending, so that none is sent twice."""

    state: MailState
    reason: str
    at: datetime
    run: int = 1

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> MailRecord:
        """Read what ``to_bytes`` wrote."""
        return cls(MailState(value["state"]), value["reason"], datetime.fromisoformat(value["at"]), value.get("run", 1))


Record = Claim | WorkerRecord | JobState | Lease | MailRecord | Bond


def to_bytes(record: Record) -> bytes:
    """Any record of this module as its JSON document; times are written in ISO 8601."""
    return json.dumps(asdict(record), indent=1, sort_keys=True, default=datetime.isoformat).encode()
