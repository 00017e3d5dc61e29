"""Spot takes half of a job's workers back, in waves: how much longer the job lasts than undisturbed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api_simulation import JobSimulation, Request, Site
from bench_tables import Verdicts, print_table, say

WAVES = 5
# Each of a worker's three samples is a share, which is all that a lost worker loses.
SAMPLES_PER_SHARE = 1
MOST_TIMES_AS_LONG = 1.5


@dataclass(frozen=True)
class Course:
    """How a job went.

    Attributes:
        minutes: from its start to its end.
        instances: that it was given in all.
    """

    status: str
    minutes: float
    launches: int
    instances: int
    instance_hours: float
    left_running: int


def run_spot_job(workers: int, minutes: float, *, lost: int) -> Course:
    """A spot job of three samples a worker, which lasts so many simulated minutes undisturbed.

    Args:
        workers: of the job.
        minutes: of work.
        lost: how many instances EC2 takes back, a fifth of them in each wave; waves come in the first two thirds of the work.
    """
    site = Site(workers, 3 * workers, spot=True)
    session_key, _ = site.start(samples_per_worker=SAMPLES_PER_SHARE)
    simulation = JobSimulation(site, session_key, minutes * 60 / 3 * 0.95)
    for wave in range(WAVES if lost else 0):
        simulation.at((wave + 1) / WAVES * minutes * 40, lambda: simulation.lose(lost // WAVES))
    simulation.run(5 * 3600)
    path = f"/job?session_key={session_key}"
    job: dict[str, Any] = site.lambdas.ask(Request("GET /job, ended", "GET", path)).json()[0]
    seconds = (_moment(job["finished_at"]) - _moment(job["created_at"])).total_seconds()
    return Course(
        job["overall_status"],
        seconds / 60,
        job["launches"],
        job["workers_launched"],
        job["instance_hours"],
        len(site.fleet.living()),
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def waves(verdicts: Verdicts, workers: int, minutes: float) -> None:
    """The same job undisturbed and losing half of its workers."""
    say(f"\nwaves: {workers} spot workers, {3 * workers} samples, half of the workers lost in {WAVES} waves")
    calm = run_spot_job(workers, minutes, lost=0)
    rough = run_spot_job(workers, minutes, lost=workers // 2)
    print_table(
        ("job", "minutes", "launches", "instances", "instance-hours"),
        [
            (name, f"{it.minutes:.0f}", it.launches, it.instances, f"{it.instance_hours:.1f}")
            for name, it in (("undisturbed", calm), ("in waves", rough))
        ],
    )
    verdicts.exactly("waves: both jobs end", "COMPLETE COMPLETE", f"{calm.status} {rough.status}")
    verdicts.exactly("waves: instances left", 0, calm.left_running + rough.left_running)
    verdicts.at_most("waves: times as long", MOST_TIMES_AS_LONG, rough.minutes / calm.minutes, lambda it: f"{it:.2f}")
