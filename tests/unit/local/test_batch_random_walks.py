"""Random days of the stand-in for AWS Batch: whatever happens in whatever order, its books stay right and all jobs end."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from batch_world import FAIR, HOST_ONLY, SPOT_FIRST, World, environment

from gems_local.strict.batch.model import Job, Retry, Size, Status, Task

STEPS, SEEDS = 150, 25
TASK_STATUSES = {Status.STARTING, Status.RUNNING}
WORLDS = [
    ((environment(vcpus=6),), None),
    (SPOT_FIRST, FAIR),
    ((environment("big", vcpus=12, instance_types=("c5.large", "c5.xlarge")),), FAIR),
]
NEEDS = [Size(2, 3500), Size(2, 1000), Size(1, 100)]


class Day:
    """A world in which something happens at every step."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        environments, policy = WORLDS[seed % len(WORLDS)]
        self.world = World(environments, policy)
        self.roots: list[Job] = []

    @property
    def jobs(self) -> list[Job]:
        return [job for root in self.roots for job in (root, *root.children)]

    def step(self) -> None:
        acts = [self.submit, self.start, self.start, self.end, self.end, self.end_job, self.take_host, self.fault]
        self.random.choice([*acts, self.limit])()
        self.world.advance(self.random.choice([0, 0, 1, 20, 70]))

    def submit(self) -> None:
        pick = self.random.choice
        more = {"share": pick(["lab1", "lab2", "urgent"])} if self.world.policy else {}
        self.roots.append(
            self.world.submit(
                size=pick([0, 0, 2, 5]),
                needs=pick(NEEDS),
                retry=pick([Retry(), Retry(3), HOST_ONLY]),
                timeout_seconds=pick([None, 60]),
                priority=pick([0, 5]),
                **more,
            )
        )

    def start(self) -> None:
        if tasks := self.tasks(None):
            self.world.scheduler.started(self.random.choice(tasks).task_id)

    def end(self) -> None:
        if tasks := self.tasks(running=True):
            task = self.random.choice(tasks)
            self.world.scheduler.ended(task.task_id, self.random.choice([0, 0, 1, 137, None]))

    def end_job(self) -> None:
        if self.jobs:
            act = self.random.choice([self.world.scheduler.terminate, self.world.scheduler.cancel])
            act(self.random.choice(self.jobs), "not wanted")

    def take_host(self) -> None:
        if machines := self.world.scheduler.machines.all():
            self.world.scheduler.take_host(self.random.choice(machines))

    def fault(self) -> None:
        self.world.scheduler.add_fault(self.random.choice(["image", "out-of-memory"]), 1)

    def limit(self) -> None:
        name = self.random.choice(self.world.environments).name
        self.world.scheduler.machines.limit(name, self.random.choice([0, 1, None, None]))

    def tasks(self, running: bool | None) -> list[Task]:
        found = self.world.scheduler.tasks()
        return [one for one in found if running is None or (one.running_since is not None) == running]

    def drain(self) -> None:
        """Nothing more goes wrong."""
        for one in self.world.environments:
            self.world.scheduler.machines.limit(one.name, None)
        while tasks := self.tasks(None):
            for task in tasks:
                self.world.scheduler.started(task.task_id)
                self.world.scheduler.ended(task.task_id, 0)
            self.world.advance()

    def check(self) -> None:
        for job in self.jobs:
            assert job.ended == (job.stopped_at is not None)
            assert len(job.attempts) <= job.submission.retry.attempts
            if job.children:
                assert +job.counts == Counter(child.status for child in job.children)
                assert job.ended == all(child.ended for child in job.children)
            else:
                assert (job.task is not None) == (job.status in TASK_STATUSES)
            if job.ended and job.status == Status.FAILED:
                assert job.status_reason
        self.check_machines()

    def check_machines(self) -> None:
        used: Counter[str] = Counter()
        for machine in self.world.scheduler.machines.all():
            used[machine.environment] += machine.size.vcpus
            taken = [task.job.submission.needs for task in machine.tasks.values()]
            assert machine.free.vcpus == machine.size.vcpus - sum(need.vcpus for need in taken) >= 0
            assert machine.free.memory_mib == machine.size.memory_mib - sum(need.memory_mib for need in taken) >= 0
        assert all(used[one.name] <= one.most_vcpus for one in self.world.environments)
        listed = {task.task_id for task in self.world.scheduler.tasks()}
        assert listed == {task for machine in self.world.scheduler.machines.all() for task in machine.tasks}


@pytest.mark.parametrize("seed", range(SEEDS))
def test_the_books_stay_right_and_every_job_ends(seed: int) -> None:
    day = Day(seed)
    for _ in range(STEPS):
        day.step()
        day.check()
    day.drain()
    day.check()
    assert [job for job in day.jobs if not job.ended] == []
    day.world.advance(61)
    assert day.world.scheduler.machines.all() == []
