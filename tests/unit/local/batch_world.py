"""A scheduler of AWS Batch with a clock that tests move, ids that count, and queues of their making."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gems_local.strict.batch.ids import Ids
from gems_local.strict.batch.machines import Machines
from gems_local.strict.batch.model import (
    EC2,
    SPOT,
    Definition,
    Environment,
    FairShare,
    Job,
    Queue,
    Retry,
    Rule,
    Size,
    Submission,
    Task,
)
from gems_local.strict.batch.scheduler import Scheduler

SIZES = {"c5.large": Size(2, 3768), "c5.xlarge": Size(4, 7536)}
NEEDS = Size(2, 3500)
STUCK_SECONDS, IDLE_SECONDS, WINDOW_SECONDS = 10.0, 60.0, 600.0
HOST_ONLY = Retry(3, (Rule("Host EC2*", None, None, retry=True), Rule(None, "*", None, retry=False)))
FAIR = FairShare({"urgent": 0.25, "lab*": 1.0}, WINDOW_SECONDS)


def environment(name: str = "on-demand", market: str = EC2, vcpus: int = 4, **more: Any) -> Environment:
    given = {"instance_types": ("c5.large",), "usable": True, **more}
    arn = f"arn:aws:ecs:eu-central-1:123456789012:cluster/AWSBatch-{name}"
    return Environment(name, f"arn:{name}", arn, market, given["instance_types"], vcpus, given["usable"])


SPOT_FIRST = (environment("spot", SPOT, 2), environment("on-demand", EC2, 2))


@dataclass
class World:
    """Two machines of two vCPUs each, unless told otherwise."""

    environments: tuple[Environment, ...] = (environment(),)
    policy: FairShare | None = None
    now: float = 1000.0
    _ids: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        ids = Ids("eu-central-1", self._new_hex)
        machines = Machines(SIZES.__getitem__, ids, IDLE_SECONDS)
        self.scheduler = Scheduler(lambda: [self.queue], machines, lambda: self.now, ids, STUCK_SECONDS)

    @property
    def queue(self) -> Queue:
        return Queue("queue", "arn:queue", 1, enabled=True, environments=self.environments, policy=self.policy)

    def _new_hex(self, digits: int) -> str:
        self._ids[digits] += 1
        return f"{self._ids[digits]:0{digits}x}"

    def submit(self, name: str = "job", size: int = 0, **more: Any) -> Job:
        given: Mapping[str, Any] = {
            "share": "lab1" if self.policy else "", "priority": 0, "needs": NEEDS, "retry": Retry(),
            "timeout_seconds": None, **more,
        }  # fmt: skip
        definition = Definition("worker", "arn:worker:1", {"image": "worker:1"})
        submission = Submission(
            name, "arn:queue", definition, size, command=("true",), environment={}, tags={}, propagate_tags=True, **given
        )  # fmt: skip
        job = self.scheduler.submit(submission)
        self.advance()
        return job

    def advance(self, seconds: float = 0.0) -> None:
        self.now += seconds
        self.scheduler.advance()

    def task(self, job: Job) -> Task:
        assert job.task is not None
        return job.task

    def run(self, *jobs: Job) -> None:
        for job in jobs:
            assert self.scheduler.started(self.task(job).task_id)
        self.advance()

    def end(self, job: Job, exit_code: int | None = 0, reason: str | None = None) -> None:
        assert self.scheduler.ended(self.task(job).task_id, exit_code, reason)
        self.advance()


def states(*jobs: Job) -> list[str]:
    return [job.status.value for job in jobs]


def counted(parent: Job) -> dict[str, int]:
    return {status.value: count for status, count in parent.counts.items() if count}
