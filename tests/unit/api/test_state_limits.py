"""No job, worker or instance stays in a state for ever: the bounds that docs/api.md gives, held against the machine."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from api_world import SETTINGS, Worker, World

from gems_api.services.intake.bootstrap import DEAD_MAN_MARGIN_SECONDS
from gems_api.services.lifecycle.cancel import cancel
from gems_api.services.reaping.reap_plan import SILENT_TERMINATION_FACTOR
from gems_api.services.reaping.reaper import DEAD_MAN_GRACE, TICK_MINUTES, reap
from gems_api.settings import VARIABLE, Settings
from gems_core.session_key import SessionKey
from gems_core.statuses import FINAL_JOB_STATUSES, FINAL_WORKER_STATUSES, JobStatus, WorkerStatus

TICK_SECONDS = 60 * TICK_MINUTES
PAGE = Path(__file__).resolve().parents[3] / "docs" / "api.md"
SHORT = replace(SETTINGS, job_limit_seconds=3600)
SHARE_STATUSES = ["COPYING", "DOWNLOADING", "TYPING", "CROSS_MATCHING", "UPLOADING"]


@dataclass(frozen=True)
class Bound:
    """How long something lasts at most: so many times some settings, and the ticks until the reaper has seen it."""

    times: dict[str, int]
    ticks: int = 1

    def seconds(self, settings: Settings) -> int:
        return sum(times * getattr(settings, name) for name, times in self.times.items()) + self.ticks * TICK_SECONDS

    def __str__(self) -> str:
        """As the page writes it."""
        parts = [f"{'' if times == 1 else f'{times} x '}`{variable(name)}`" for name, times in self.times.items()]
        return " + ".join([*parts, f"{self.ticks} tick{'s' * (self.ticks > 1)}"])


def variable(setting: str) -> str:
    name: str = Settings.__dataclass_fields__[setting].metadata[VARIABLE]
    return name


SILENT = Bound({"heartbeat_limit_seconds": 1})
AFTER_THE_REPORT = Bound({"heartbeat_limit_seconds": 1, "end_grace_seconds": 1}, ticks=3)
TO_THE_LIMIT = Bound({"job_limit_seconds": 1})
WORKER_SILENT = {
    WorkerStatus.LAUNCHED: Bound({"launch_limit_seconds": 1}),
    WorkerStatus.BOOTSTRAPPING: SILENT,
    **{WorkerStatus(status): SILENT for status in SHARE_STATUSES},
    WorkerStatus.MERGING: SILENT,
    WorkerStatus.REPORT_WRITTEN: AFTER_THE_REPORT,
    WorkerStatus.EMAIL_SENT: AFTER_THE_REPORT,
}
JOB = dict.fromkeys(set(JobStatus) - FINAL_JOB_STATUSES, TO_THE_LIMIT)
INSTANCE = {
    "of a worker that fell silent or has left": Bound({"heartbeat_limit_seconds": SILENT_TERMINATION_FACTOR}, ticks=2),
    "of a job that has ended": Bound({"end_grace_seconds": 1}, ticks=2),
}


@pytest.fixture
def world() -> World:
    return World(settings=SHORT)


def ticks_until(world: World, over: Callable[[], bool], meanwhile: Callable[[], object] = lambda: None) -> float:
    """Let the reaper tick until something is over; how long it took, in seconds."""
    begun = world.clock()
    while not over():
        assert (world.clock() - begun).total_seconds() < 4 * SHORT.job_limit_seconds, "it lasts for ever"
        world.clock.pass_seconds(TICK_SECONDS / 2)
        meanwhile()
        world.clock.pass_seconds(TICK_SECONDS / 2)
        meanwhile()
        reap(world.context)
    return (world.clock() - begun).total_seconds()


def brought_to(world: World, status: WorkerStatus) -> tuple[SessionKey, Worker]:
    """A job of one worker that is in this state, and says nothing more."""
    session_key = world.start(1, workers=1, email="lab@example.org")
    (worker,) = world.crew(session_key)
    if status is WorkerStatus.LAUNCHED:
        return session_key, worker
    share = worker.claim().share
    assert share is not None
    for step in SHARE_STATUSES[: SHARE_STATUSES.index(status) + 1 if status in SHARE_STATUSES else 0]:
        worker.say("status", step, share)
    if status in (WorkerStatus.MERGING, WorkerStatus.REPORT_WRITTEN, WorkerStatus.EMAIL_SENT):
        worker.do_share(share)
        world.write_report(session_key)
        for step in ("MERGING", "REPORT_WRITTEN", "EMAIL_SENT"):
            worker.say("status", step)
            if step == status:
                break
    return session_key, worker


@pytest.mark.parametrize("status", sorted(set(WorkerStatus) - FINAL_WORKER_STATUSES - {WorkerStatus.LAUNCHED}))
def test_a_silent_worker_leaves_its_state_in_time(world: World, status: WorkerStatus) -> None:
    session_key, worker = brought_to(world, status)

    def record() -> WorkerStatus:
        return world.job(session_key).workers[worker.index].value.status

    assert record() is status
    assert ticks_until(world, lambda: record() is not status) <= WORKER_SILENT[status].seconds(SHORT)
    assert record() in FINAL_WORKER_STATUSES


def test_an_instance_that_never_speaks_is_given_up_in_time(world: World) -> None:
    session_key, _ = brought_to(world, WorkerStatus.LAUNCHED)
    lasted = ticks_until(world, lambda: bool(world.job(session_key).workers))
    assert lasted <= WORKER_SILENT[WorkerStatus.LAUNCHED].seconds(SHORT)


@pytest.mark.parametrize("status", sorted(set(WorkerStatus) - FINAL_WORKER_STATUSES - {WorkerStatus.LAUNCHED}))
def test_a_worker_that_beats_and_gets_nowhere_ends_with_its_job_in_time(world: World, status: WorkerStatus) -> None:
    session_key, worker = brought_to(world, status)

    def beat() -> None:
        worker.say("heartbeat", status)

    lasted = ticks_until(world, lambda: world.job(session_key).ended, beat)
    assert lasted <= TO_THE_LIMIT.seconds(SHORT)
    job = world.job(session_key)
    assert job.state is not None
    assert job.state.value.reason if job.overall_status is not JobStatus.COMPLETE else job.report_written
    ticks_until(world, lambda: job.ended and not world.fleet.living(), beat)
    statuses = [item.value.status for item in world.job(session_key).workers.values()]
    assert all(item in FINAL_WORKER_STATUSES for item in statuses)


def no_capacity(world: World) -> None:
    world.fleet.refusal = "InsufficientInstanceCapacity"


def no_answer(world: World) -> None:
    world.fleet.silent = True


def nobody_speaks(world: World) -> None:
    pass


@pytest.mark.parametrize("trouble", [no_capacity, no_answer, nobody_speaks])
def test_a_job_that_never_comes_to_work_ends_in_time(world: World, trouble: Callable[[World], None]) -> None:
    trouble(world)
    session_key = world.start(2, workers=2)
    assert world.job(session_key).overall_status is JobStatus.LAUNCHING
    lasted = ticks_until(world, lambda: world.job(session_key).ended)
    assert lasted <= JOB[JobStatus.LAUNCHING].seconds(SHORT)
    job = world.job(session_key)
    assert job.state is not None
    assert job.state.value.reason
    assert ticks_until(world, lambda: not world.fleet.living()) <= INSTANCE["of a job that has ended"].seconds(SHORT)


def test_the_instance_of_a_silent_worker_ends_in_time_though_its_job_goes_on(world: World) -> None:
    session_key = world.start(2, workers=2)
    silent, busy = world.crew(session_key)
    silent.claim()
    share = busy.claim().share

    def beat() -> None:
        busy.say("heartbeat", "TYPING", share)

    lasted = ticks_until(world, lambda: silent.instance_id not in world.fleet.living(), beat)
    assert lasted <= INSTANCE["of a worker that fell silent or has left"].seconds(SHORT)
    assert not world.job(session_key).ended


@pytest.mark.parametrize("how", ["cancelled and not terminated", "complete and not stopped"])
def test_the_instances_of_an_ended_job_end_in_time(world: World, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    session_key = world.start(1, workers=1)
    (worker,) = world.crew(session_key)
    if how.startswith("cancelled"):
        with monkeypatch.context() as patched:
            patched.setattr(world.fleet, "terminate", lambda instance_ids: None)
            cancel(world.context, session_key)
    else:
        worker.work()
        worker.merge()
    assert world.fleet.living() == [worker.instance_id]
    assert ticks_until(world, lambda: not world.fleet.living()) <= INSTANCE["of a job that has ended"].seconds(SHORT)


def test_without_any_records_or_any_reaper_instances_end_in_time() -> None:
    machine_seconds = DEAD_MAN_MARGIN_SECONDS
    assert timedelta(seconds=machine_seconds) >= DEAD_MAN_GRACE, (
        "the reaper comes first; the machine's switch is for its absence"
    )


def test_the_page_gives_every_state_with_its_bound() -> None:
    rows = {
        cells[0]: cells[-1]
        for line in PAGE.read_text().partition("## What ends each state, and when")[2].splitlines()
        if line.startswith("| ")
        and (cells := [cell.strip() for cell in re.split(r" \| |^\| | \|$", line) if cell.strip()])
    }
    expected: dict[str, Bound] = {f"worker `{status}`": bound for status, bound in WORKER_SILENT.items()}
    expected |= {f"job `{status}`": bound for status, bound in JOB.items()}
    expected |= {f"instance {name}": bound for name, bound in INSTANCE.items()}
    assert {name: rows.get(name) for name in expected} == {name: str(bound) for name, bound in expected.items()}
    finals = {f"worker `{status}`" for status in FINAL_WORKER_STATUSES} | {
        f"job `{status}`" for status in FINAL_JOB_STATUSES
    }
    assert finals <= set(rows)
