"""The part ``engines`` of ``bench_api`` in memory: what a Lambda takes for the same job, without moto's time.

Processor time is measured. What the calls to AWS would add is assumed (``api_memory.WAIT_SECONDS``), as in ``hour``.
"""

from __future__ import annotations

from collections import Counter
from urllib.parse import quote

from api_simulation import REAP_SECONDS, USER_TOKEN, JobSimulation, Request, Site
from bench_tables import Verdicts, print_table, say, whole_seconds

from gems_api.services.reaping.reaper import WORKING_SECONDS
from gems_core.engines import Engine

# Simulated: all workers have claimed by then, and the reaper has looked at them once more.
CLAIMED_SECONDS = 240.0
ENDED_SECONDS = 600.0
WORK_SECONDS = 3600.0
# After which AWS ends the reaper's Lambda (zappa_settings.json).
LAMBDA_SECONDS = 30.0
_STEPS = ("POST /job", "reaper", "cancel")


def engines_in_memory(verdicts: Verdicts, workers: int, samples: int) -> None:
    """Start, ticks, cancel, on each engine."""
    for engine in Engine:
        say(f"\nengines: {samples} samples, {workers} workers, with {engine}, in memory")
        site = Site(workers, samples, engine=engine)
        session_key, _ = site.start()
        simulation = JobSimulation(site, session_key, WORK_SECONDS)
        simulation.run(CLAIMED_SECONDS)
        path = f"/job/{quote(str(session_key), safe='')}/cancel"
        reply = site.lambdas.ask(Request("cancel", "POST", path, token=USER_TOKEN))
        simulation.run(ENDED_SECONDS)
        _show(site)
        name = f"engines, {engine}, in memory:"
        verdicts.at_most(f"{name} POST /job of {samples} samples", 10.0, _longest(site, "POST /job"), whole_seconds)
        verdicts.at_most(f"{name} the longest tick", WORKING_SECONDS, _longest(site, "reaper"), whole_seconds)
        verdicts.at_most(f"{name} cancel", 10.0, _longest(site, "cancel"), whole_seconds)
        verdicts.exactly(f"{name} cancel is answered", 200, reply.status)
        verdicts.exactly(f"{name} workers left", 0, len(site.fleet.living()))


def largest_array(verdicts: Verdicts, workers: int) -> None:
    """A launch as large as AWS Batch takes, of one sample a worker: ticks while they wait for machines, get them, and run."""
    say(f"\nengines: {workers} samples, {workers} workers, with batch, in memory")
    site = Site(workers, workers, engine=Engine.BATCH)
    site.start(samples_per_worker=1)
    for _ in range(3):
        site.clock.pass_seconds(REAP_SECONDS)
        site.reap()
        for worker in site.fleet.living():
            site.fleet.begin(worker)
    rows = [
        (f"tick {number}", *(f"{seconds:.1f}" for seconds in (*both, sum(both))))
        for number, both in enumerate(_both(site, "reaper"), 1)
    ]
    print_table(("step", "processor s", "waiting for AWS s", "together"), rows)
    name = f"engines, batch, {workers} workers in memory:"
    verdicts.at_most(f"{name} POST /job", 10.0, _longest(site, "POST /job"), whole_seconds)
    verdicts.at_most(f"{name} the longest tick", LAMBDA_SECONDS, _longest(site, "reaper"), whole_seconds)


def _both(site: Site, what: str) -> list[tuple[float, float]]:
    """Seconds of the processor and of waiting, of each request of a kind."""
    return list(zip(site.lambdas.seconds[what], site.lambdas.waited[what], strict=True))


def _longest(site: Site, what: str) -> float:
    return max(map(sum, _both(site, what)))


def _show(site: Site) -> None:
    rows = []
    for what in _STEPS:
        longest = max(_both(site, what), key=sum)
        rows.append(
            (what, len(site.lambdas.seconds[what]), *(f"{seconds:.1f}" for seconds in (*longest, sum(longest))))
        )
    print_table(("step", "number", "longest: processor s", "waiting for AWS s", "together"), rows)
    throttled = Counter({action: number for (_, action), number in site.calls.throttled.items()})
    say(f"  throttled: {dict(throttled) or 'nothing'}")
