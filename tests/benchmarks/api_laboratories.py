"""The part ``laboratories`` of ``bench_api``: many jobs of one account within a minute, on each engine, in memory.

Nobody limits capacity here, so that what is seen are the engines' request rates. Workers begin and say nothing: it ends
before that is held against them.
"""

from __future__ import annotations

from dataclasses import replace

from api_simulation import REAP_SECONDS, Site
from bench_tables import Verdicts, print_table, say

from gems_core.engines import Engine
from gems_local.strict.settings import HARSH

SAMPLES_EACH = 500
BETWEEN_SECONDS = 2.0
# The launch limit is fifteen minutes (docs/api.md).
MINUTES = 10


def laboratories(verdicts: Verdicts, count: int) -> None:
    """All start at once; the reaper ticks until all have their workers, or the time is over."""
    workers = -(-SAMPLES_EACH // 3)
    for engine in Engine:
        say(f"\nlaboratories: {count} jobs of {SAMPLES_EACH} samples and {workers} workers, with {engine}, in memory")
        strictness = replace(HARSH, on_demand_vcpus=None, instances_per_pool=count * workers)
        site = Site(count * workers, SAMPLES_EACH, strictness=strictness, engine=engine)
        rows: list[tuple[object, ...]] = [("started", *_start(site, count, workers), "")]
        for minute in range(1, MINUTES + 1):
            before, waited = site.calls.asked.copy(), site.calls.waited
            site.clock.pass_seconds(REAP_SECONDS)
            processor = site.reap()
            living = site.fleet.living()
            for worker in living:
                site.fleet.begin(worker)
            asked = {
                action: number for (service, action), number in (site.calls.asked - before).items() if service != "s3"
            }
            told = ", ".join(f"{number} {action}" for action, number in sorted(asked.items()))
            rows.append((f"minute {minute}", len(living), f"{processor + site.calls.waited - waited:.1f}", told))
        print_table(("", "workers with a machine", "seconds", "calls to AWS but S3"), rows)
        throttled = {action: number for (_, action), number in site.calls.throttled.items()}
        say(f"  throttled: {throttled or 'nothing'}")
        if engine is Engine.BATCH:
            verdicts.exactly("laboratories, batch: workers placed", count * workers, len(site.fleet.living()))
            verdicts.exactly("laboratories, batch: calls throttled", 0, sum(throttled.values()))


def _start(site: Site, count: int, workers: int) -> tuple[int, str]:
    """Workers that have a machine at the end, and seconds of the slowest answer."""
    slowest = 0.0
    for number in range(count):
        prefix = f"laboratory{number}"
        site.upload(prefix, SAMPLES_EACH)
        _, reply = site.start(prefix=prefix, workers=workers)
        slowest = max(slowest, reply.seconds + reply.waited)
        site.clock.pass_seconds(BETWEEN_SECONDS)
    return len(site.fleet.living()), f"{slowest:.1f}"
