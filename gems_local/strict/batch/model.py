"""What AWS Batch is made of: queues and their environments, what was submitted, jobs, attempts, tasks, machines.

Times are seconds since the epoch.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

EC2, SPOT = "EC2", "SPOT"


class Status(StrEnum):
    """Of a job, in the order of its life (user guide, "Job states")."""

    SUBMITTED = "SUBMITTED"
    PENDING = "PENDING"
    RUNNABLE = "RUNNABLE"
    STARTING = "STARTING"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


ENDED = frozenset({Status.SUCCEEDED, Status.FAILED})


@dataclass(frozen=True)
class Size:
    """Of a machine, or what a job needs of one."""

    vcpus: int
    memory_mib: int

    def holds(self, other: Size) -> bool:
        """Whether the other fits in."""
        return self.vcpus >= other.vcpus and self.memory_mib >= other.memory_mib


@dataclass(frozen=True)
class Environment:
    """A compute environment.

    Attributes:
        market: ``EC2`` (on demand) or ``SPOT``.
        instance_types: smallest first.
        usable: enabled and valid.
    """

    name: str
    arn: str
    cluster_arn: str
    market: str
    instance_types: tuple[str, ...]
    most_vcpus: int
    usable: bool = True


@dataclass(frozen=True)
class FairShare:
    """A scheduling policy.

    Attributes:
        weights: of share identifiers, which may end in ``*``; the lower, the more a share gets.
        window_seconds: so long a task that has ended still counts as used.
    """

    weights: Mapping[str, float]
    window_seconds: float

    def weight(self, share: str) -> float:
        """Of a share; 1 where the policy does not name it."""
        for name, weight in self.weights.items():
            if name == share or (name.endswith("*") and share.startswith(name[:-1])):
                return weight
        return 1.0


@dataclass(frozen=True)
class Queue:
    """A job queue. ``environments`` are in its order; without a policy it is first in, first out."""

    name: str
    arn: str
    priority: int
    enabled: bool
    environments: tuple[Environment, ...]
    policy: FairShare | None = None


@dataclass(frozen=True)
class Rule:
    """One of ``evaluateOnExit``: patterns, None for any, and whether an attempt that fits is tried again."""

    on_status_reason: str | None
    on_reason: str | None
    on_exit_code: str | None
    retry: bool


@dataclass(frozen=True)
class Retry:
    """A retry strategy."""

    attempts: int = 1
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True)
class Definition:
    """A revision of a job definition.

    Attributes:
        container: its ``containerProperties``.
        priority: of scheduling; None where it has none.
    """

    name: str
    arn: str
    container: Mapping[str, Any]
    retry: Mapping[str, Any] | None = None
    timeout_seconds: int | None = None
    priority: int | None = None
    propagate_tags: bool = False


@dataclass(frozen=True)
class Submission:
    """A SubmitJob that was accepted, merged with its definition.

    Attributes:
        array_size: 0 for a plain job.
        share: '' in a queue without a policy.
        environment: the definition's, then the override's.
    """

    name: str
    queue_arn: str
    definition: Definition
    array_size: int
    share: str
    priority: int
    needs: Size
    command: tuple[str, ...]
    environment: Mapping[str, str]
    retry: Retry
    timeout_seconds: int | None
    tags: Mapping[str, str]
    propagate_tags: bool


@dataclass(frozen=True)
class Attempt:
    """One that has ended."""

    started_at: float | None
    stopped_at: float
    status_reason: str
    task_arn: str
    instance_arn: str
    log_stream: str
    exit_code: int | None = None
    reason: str | None = None


@dataclass(eq=False)
class Machine:
    """An EC2 instance of an environment, with its tasks."""

    instance_id: str
    arn: str
    environment: str
    cluster_arn: str
    market: str
    instance_type: str
    free: Size
    size: Size
    tasks: dict[str, Task] = field(default_factory=dict, repr=False)
    idle_since: float = 0.0


@dataclass(eq=False)
class Task:
    """A container of a job's attempt.

    Attributes:
        running_since: None while it starts.
        stop_reason: why it is to stop; None while it is not to.
        kill_at: when it is killed, if it has not stopped by itself.
        timed_out: stopped for its attempt's time.
    """

    task_id: str
    arn: str
    job: Job = field(repr=False)
    machine: Machine = field(repr=False)
    placed_at: float
    running_since: float | None = None
    stop_reason: str | None = None
    kill_at: float | None = None
    timed_out: bool = False

    @property
    def log_stream(self) -> str:
        """In CloudWatch Logs."""
        return f"{self.job.submission.definition.name}/default/{self.task_id}"


@dataclass(eq=False)
class Job:
    """A plain job, an array job's parent, or its child.

    Attributes:
        number: its place among all that were submitted.
        index: of a child.
        counts: of a parent's children by status.
        asked_to_end: the reason that TerminateJob or CancelJob gave.
    """

    job_id: str
    number: int
    submission: Submission = field(repr=False)
    created_at: float
    index: int | None = None
    parent: Job | None = field(default=None, repr=False)
    children: list[Job] = field(default_factory=list, repr=False)
    counts: Counter[Status] = field(default_factory=Counter, repr=False)
    status: Status = Status.SUBMITTED
    status_reason: str | None = None
    started_at: float | None = None
    stopped_at: float | None = None
    attempts: list[Attempt] = field(default_factory=list)
    task: Task | None = field(default=None, repr=False)
    asked_to_end: str | None = None
    terminated: bool = False
    cancelled: bool = False

    @property
    def ended(self) -> bool:
        """Whether it is at its end."""
        return self.status in ENDED
