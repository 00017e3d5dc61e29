"""The part ``engines`` of ``bench_api``: a job of 10,000 samples on each engine over real HTTP, and every call to AWS.

The job is started, its workers wait (AWS Batch has no machines at first), are placed, run and claim their shares, and the
job is cancelled. The reaper ticks in between, in this process: its calls and seconds are counted tick by tick. As in
``api_http``, two processors do the work of AWS as well, so that times are upper bounds.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

import requests
from api_cloud import SETTINGS, BenchCloud, Calls, Started, side_by_side
from api_http import HttpWorker, Spoken
from bench_tables import Verdicts, print_table, say, whole_seconds

from gems_api.compose import context_from_environment
from gems_api.services.reaping.reaper import reap
from gems_core.batch_ids import worker_of
from gems_core.engines import BATCH, EC2, ENGINES
from gems_local.processes import own_environment
from gems_local.settings import ACCESS_KEY, BATCH_ENVIRONMENT, REGION, SECRET_KEY
from gems_local.stack import CloudPlan
from gems_local.strict.batch.pages import BATCH_PATH, ENDED_PATH, ENVIRONMENT_PATH, RUNNING_PATH
from gems_local.strict.settings import HARSH
from gems_local.strict.throttling import is_mutating

SAMPLES = 10_000
# Whoever reaps is this process: the API's own reaper sleeps.
NEVER_SECONDS = 1e6
# Of a container that ended when it was asked to.
STOPPED = 143
_CHANGING = frozenset({"SubmitJob", "TerminateJob", "CancelJob"})


class _Machines(Protocol):
    """What an engine does by itself, which nobody counts."""

    def hold_back(self) -> None:
        """Before the job: let its workers wait, where the engine lets them wait."""

    def place(self) -> None:
        """Give them machines."""

    def run(self) -> Mapping[str, str]:
        """Let them run; the names of their roles' sessions by their ids."""

    def stop(self) -> None:
        """Let those end that were asked to."""

    def left(self) -> int:
        """How many live."""


@dataclass(frozen=True)
class _Ec2:
    """Instances live as soon as they are launched, and are seen a little later."""

    cloud: BenchCloud

    def hold_back(self) -> None:
        return

    def place(self) -> None:
        time.sleep(HARSH.visible_after_seconds + HARSH.tags_after_seconds)

    def run(self) -> Mapping[str, str]:
        return {one: one for one in self._living()}

    def stop(self) -> None:
        return

    def left(self) -> int:
        return len(self._living())

    def _living(self) -> list[str]:
        pages = self.cloud.aws.ec2().get_paginator("describe_instances").paginate()
        instances = [item for page in pages for group in page["Reservations"] for item in group["Instances"]]
        return [item["InstanceId"] for item in instances if item["State"]["Name"] in ("pending", "running")]


@dataclass(frozen=True)
class _Batch:
    """Children wait until their environment has machines, and run when the agent says so."""

    cloud: BenchCloud

    def hold_back(self) -> None:
        self._let_have(0)

    def place(self) -> None:
        time.sleep(HARSH.batch_stuck_seconds)
        self._let_have(None)

    def run(self) -> Mapping[str, str]:
        tasks = self._tasks()
        self._tell(RUNNING_PATH, [{"task": task["task"]} for task in tasks])
        return {worker_of(task["job"]): task["task"] for task in tasks}

    def stop(self) -> None:
        asked = [task["task"] for task in self._tasks() if task["wanted"] == "stop"]
        self._tell(ENDED_PATH, [{"task": task, "exit_code": STOPPED} for task in asked])

    def left(self) -> int:
        return len(self._tasks())

    def _let_have(self, instances: int | None) -> None:
        self.cloud.page("PUT", ENVIRONMENT_PATH, {"environment": BATCH_ENVIRONMENT, "instances": instances})

    def _tasks(self) -> list[dict[str, str]]:
        tasks: list[dict[str, str]] = self.cloud.page("GET", BATCH_PATH)["tasks"]
        return tasks

    def _tell(self, path: str, words: list[dict[str, object]]) -> None:
        url = self.cloud.aws.endpoint + path
        side_by_side(words, lambda word, session: session.post(url, json=word, timeout=60).raise_for_status())


_MACHINES: Mapping[str, Callable[[BenchCloud], _Machines]] = {EC2: _Ec2, BATCH: _Batch}


@dataclass
class _Course:
    """What was done in turn, how long each step took, and what AWS was asked meanwhile."""

    cloud: BenchCloud
    steps: list[tuple[str, float, Calls]] = field(default_factory=list)

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        before, began = self.cloud.calls(), time.monotonic()
        yield
        seconds = time.monotonic() - began
        self.add(what, seconds, self.cloud.calls() - before)

    def add(self, what: str, seconds: float, calls: Calls) -> None:
        self.steps.append((what, seconds, calls))

    def changing(self, what: str) -> int:
        """Calls of a step that change what the engine runs."""
        return sum(
            number
            for name, _, calls in self.steps
            for (service, action), number in calls.items()
            if name == what and (action in _CHANGING or (service == "ec2" and is_mutating(action)))
        )

    def show(self) -> None:
        rows = [(what, f"{seconds:.1f}", _told(calls)) for what, seconds, calls in self.steps]
        print_table(("step", "seconds", "calls to AWS"), rows)
        say(f"  throttled: {self.cloud.throttled() or 'nothing'}")


def _told(calls: Calls) -> str:
    """Calls of S3 by method, of all others by name."""
    return ", ".join(f"{number} {action}" for (_, action), number in sorted(calls.items())) or "none"


def engines(verdicts: Verdicts, workers: int) -> None:
    """The same job on each engine."""
    for engine in ENGINES:
        say(f"\nengines: {SAMPLES} samples, {workers} workers, with {engine}, over real HTTP")
        settings = {**SETTINGS, "GEMS_MAX_SAMPLES": f"{SAMPLES}", "GEMS_MAX_WORKERS": f"{workers}"}
        with tempfile.TemporaryDirectory(prefix="gems-bench-") as folder:
            plan = CloudPlan(
                Path(folder), [], workers, api_settings=settings, reap_seconds=NEVER_SECONDS, engine=engine
            )
            with BenchCloud(plan) as cloud:
                cloud.upload(SAMPLES)
                _live(verdicts, cloud, _MACHINES[engine](cloud), f"engines, {engine}:", workers)


def _live(verdicts: Verdicts, cloud: BenchCloud, machines: _Machines, name: str, workers: int) -> None:
    tick, course = _reaper(cloud), _Course(cloud)
    machines.hold_back()
    job = cloud.start_job(workers)
    job.show()
    course.add("POST /job", job.seconds, job.calls)
    time.sleep(HARSH.batch_listed_after_seconds)
    for what, act in (("launched", lambda: None), ("waiting", machines.place), ("placed", lambda: None)):
        with course.step(f"tick, {what}"):
            tick()
        act()
    spoken = Spoken()
    speakers = [
        HttpWorker(cloud, job.session_key, one, session_name, spoken) for one, session_name in machines.run().items()
    ]
    side_by_side(speakers, lambda worker, _: worker.prove())
    with course.step("tick, running"):
        tick()
    with course.step("all claim"):
        side_by_side(speakers, lambda worker, session: worker.say(session, "claim", "BOOTSTRAPPING"))
    with course.step("tick, at work"):
        tick()
    with course.step("cancel"):
        answer = cloud.post(f"/job/{quote(str(job.session_key), safe='')}/cancel")
    if answer.status_code != requests.codes.ok:
        raise SystemExit(f"POST /job/…/cancel: expected 200, found {answer.status_code}: {answer.text[:2000]}")
    with course.step("tick, ending"):
        tick()
    machines.stop()
    with course.step("tick, ended"):
        tick()
    course.show()
    _judge(verdicts, course, name, job, cloud.job(job.session_key)["overall_status"])
    verdicts.exactly(f"{name} workers that claimed", workers, len(speakers) - spoken.lost)
    verdicts.exactly(f"{name} workers left", 0, machines.left())


def _judge(verdicts: Verdicts, course: _Course, name: str, job: Started, status: str) -> None:
    """The times of ticks and of cancelling are moto's: those are held against aims in memory."""
    verdicts.at_most(f"{name} POST /job of {SAMPLES} samples", 10.0, job.seconds, whole_seconds)
    verdicts.at_most(f"{name} calls that launch", 10, course.changing("POST /job"))
    verdicts.at_most(f"{name} calls that end workers", 10, course.changing("cancel"))
    verdicts.exactly(f"{name} the job ends", "CANCELLED", status)


def _reaper(cloud: BenchCloud) -> Callable[[], object]:
    """The reaper in this process, warm as a Lambda's: one set of clients, one cache."""
    role = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY, "AWS_DEFAULT_REGION": REGION}
    environment = {**own_environment(), **cloud.api_variables, **role, "GEMS_API_URL": cloud.api_url}
    os.environ.clear()
    os.environ.update(environment)
    context = context_from_environment()
    return lambda: reap(context)
