"""The parts of ``bench_api`` that run in memory, on simulated time."""

from __future__ import annotations

import hashlib
import itertools
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from api_memory import MemoryFleet
from api_simulation import CONTROL, DATA, JobSimulation, Reply, Request, Site
from bench_tables import Verdicts, milliseconds, print_table, quantile, say

from gems_api.services.lifecycle.instance_tags import tags_of
from gems_core import layout
from gems_core.engines import Engine
from gems_core.session_key import SessionKey
from gems_core.statuses import WorkerStatus

FOLLOW_EVERY = 2  # reapings, which come once a minute
COLD_EVERY = 10
SHARE_SECONDS_OF_COST = 60.0
LAMBDA_GB = 0.5
# Steps whose beginning is written in tags, or changed nothing in them.
_SHOWN = (WorkerStatus.TYPING, WorkerStatus.CROSS_MATCHING, WorkerStatus.MERGING, WorkerStatus.FAILED)


@dataclass
class _Follower:
    """Asks for the job now and then, as somebody who watches it."""

    site: Site
    session_key: SessionKey
    full: list[Reply] = field(default_factory=list)
    cold: list[Reply] = field(default_factory=list)
    unchanged: list[Reply] = field(default_factory=list)
    _times: int = 0

    def look(self) -> None:
        self._times += 1
        path = job_path(self.session_key)
        if self._times % FOLLOW_EVERY == 0:
            reply = self.site.lambdas.ask(Request("GET /job", "GET", path))
            self.full.append(reply)
            etag = {"If-None-Match": reply.headers["ETag"]}
            again = self.site.lambdas.ask(Request("GET /job, not modified", "GET", path, headers=etag))
            self.unchanged += [again] * (again.status == 304)
        if self._times % COLD_EVERY == 0:
            cold = self.site.lambdas.new_app()
            self.cold.append(self.site.lambdas.ask_app(cold, Request("GET /job, cold", "GET", path)))


@dataclass
class _Tags:
    """Compares the tags of the living instances with the records."""

    site: Site
    session_key: SessionKey
    fleet: MemoryFleet
    wrong: list[int] = field(default_factory=list)
    owed: list[int] = field(default_factory=list)

    def look(self) -> None:
        asked, waited = self.site.calls.asked.copy(), self.site.calls.waited
        snapshot = self.site.reaper.jobs.load(self.session_key)
        living = set(self.fleet.living())
        records = [worker.value for worker in snapshot.workers.values() if worker.value.instance_id in living]
        differs = [
            record
            for record in records
            if record.status in _SHOWN and not self._shown(record.instance_id, tags_of(snapshot.manifest, record))
        ]
        self.wrong.append(sum(not record.tags_owed for record in differs))
        self.owed.append(sum(record.tags_owed for record in records))
        self.site.calls.asked, self.site.calls.waited = asked, waited

    def _shown(self, instance_id: str, expected: dict[str, str]) -> bool:
        tags = self.fleet.known[instance_id].tags
        return all(tags.get(key) == value for key, value in expected.items())


def job_path(session_key: SessionKey) -> str:
    """Where one job is shown."""
    return f"/job?session_key={quote(str(session_key), safe=':')}"


def hour(verdicts: Verdicts, workers: int, minutes: float, engine: Engine) -> None:
    """All messages of all workers of one large job, to its end."""
    name = f"hour, {engine}:"
    say(f"\n{name} {workers} workers, {3 * workers} samples, {minutes:.0f} simulated minutes of work")
    site = Site(workers, 3 * workers, engine=engine)
    began = time.monotonic()
    session_key, _ = site.start()
    simulation = JobSimulation(site, session_key, minutes * 60 * 0.9)
    follower = _Follower(site, session_key)
    simulation.observe.append(follower.look)
    tags = _Tags(site, session_key, site.fleet) if isinstance(site.fleet, MemoryFleet) else None
    if tags is not None:  # children of AWS Batch have none
        simulation.observe.append(tags.look)
        simulation.before_the_end.append(tags.look)
    simulation.run(minutes * 60 + 3 * 3600)
    job = site.lambdas.ask(Request("GET /job, ended", "GET", job_path(session_key))).json()[0]
    _print_messages(site, simulation)
    _print_calls(site)
    say(f"  {sum(simulation.tally.messages.values())} messages in {time.monotonic() - began:.0f} s of real time")
    verdicts.exactly(f"{name} the job ends", "COMPLETE", job["overall_status"])
    verdicts.exactly(f"{name} samples typed", 3 * workers, job["samples_done"])
    verdicts.exactly(f"{name} messages lost", 0, simulation.tally.lost)
    verdicts.exactly(f"{name} mails", 1, len(site.mailer.sent))
    verdicts.exactly(f"{name} instances left", 0, len(site.fleet.living()))
    if tags is not None:
        say(f"  tags owed after each minute: {' '.join(map(str, tags.owed))}")
        verdicts.exactly(f"{name} tags wrong and no debt noted, at any minute", 0, max(tags.wrong))
        verdicts.exactly(f"{name} tags owed when the final worker stops", 0, tags.owed[-1] if tags.owed else 0)
    _follow_verdicts(verdicts, follower, name)


def _follow_verdicts(verdicts: Verdicts, follower: _Follower, name: str) -> None:
    for what, replies, aim in (
        ("GET /job?session_key=, warm", follower.full, 0.3),
        ("GET /job?session_key=, 304", follower.unchanged, 0.02),
        ("GET /job?session_key=, cold process", follower.cold, None),
    ):
        if not replies:
            continue
        cpu = [reply.seconds for reply in replies]
        both = [reply.seconds + reply.waited for reply in replies]
        size = max(len(reply.body) for reply in replies)
        say(
            f"  {what}: processor p50 {milliseconds(quantile(cpu, 0.5))}, p99 {milliseconds(quantile(cpu, 0.99))}; with S3 p50 "
            f"{milliseconds(quantile(both, 0.5))}, p99 {milliseconds(quantile(both, 0.99))}; {size / 1000:.0f} kB"
        )
        if aim is not None:
            verdicts.at_most(f"{name} {what}, p99 of processor time", aim, quantile(cpu, 0.99), milliseconds)


def _print_messages(site: Site, simulation: JobSimulation) -> None:
    rows = [
        (
            what,
            len(seconds),
            f"{1000 * sum(seconds) / len(seconds):.2f}",
            f"{1000 * quantile(seconds, 0.99):.2f}",
            f"{1000 * sum(site.lambdas.waited[what]) / len(seconds):.0f}",
        )
        for what, seconds in site.lambdas.seconds.items()
    ]
    print_table(("request", "number", "processor ms", "p99", "waiting for AWS ms"), rows)
    say(f"  refused, and sent again: {dict(simulation.tally.refused) or 'none'}")


def _print_calls(site: Site) -> None:
    rows = [
        (service, action, number, site.calls.throttled.get((service, action), 0))
        for (service, action), number in sorted(site.calls.asked.items())
    ]
    print_table(("service", "call", "number", "throttled"), rows)


def listing(verdicts: Verdicts, jobs: int) -> None:
    """The list of past jobs, page by page."""
    say(f"\nlist: {jobs} past jobs of one worker each, over {jobs // 50} days")
    site = Site(1, 3)
    session_key, _ = site.start()
    JobSimulation(site, session_key, 60).run(3600)
    _multiply(site, session_key, jobs)
    app = site.lambdas.new_app()
    pages: list[Reply] = []
    path: str | None = "/job"
    seen = 0
    while path is not None:
        reply = site.lambdas.ask_app(app, Request("GET /job page", "GET", path))
        seen += len(reply.json())
        pages.append(reply)
        link = reply.headers.get("Link", "")
        path = link[link.index("/job") : link.index(">")] if link else None
    cpu = [page.seconds for page in pages]
    both = [page.seconds + page.waited for page in pages]
    print_table(
        ("pages of 50", "processor p50", "p99", "slowest", "with S3 p50", "p99", "largest answer"),
        [
            (
                len(pages),
                *(milliseconds(quantile(cpu, part)) for part in (0.5, 0.99, 1.0)),
                *(milliseconds(quantile(both, part)) for part in (0.5, 0.99)),
                f"{max(len(page.body) for page in pages) / 1000:.0f} kB",
            )
        ],
    )
    verdicts.exactly("list: jobs listed", jobs + 1, seen)
    verdicts.at_most("list: a page, p99 of processor time", 0.5, quantile(cpu, 0.99), milliseconds)
    verdicts.at_most("list: a page, p99 with S3's time assumed", 0.5, quantile(both, 0.99), milliseconds)


def _multiply(site: Site, session_key: SessionKey, jobs: int) -> None:
    """Copies of an ended job on the days before it."""
    prefix = layout.job_prefix(session_key)
    assert not site.is_open(session_key)  # so it has its summary
    folder = {
        entry.key.removeprefix(prefix): site.store.read(CONTROL, entry.key)
        for entry in site.store.entries(CONTROL, prefix)
    }
    others = {}
    for number in range(jobs):
        moment = datetime(2026, 11, 22, 23, 59, tzinfo=UTC) - timedelta(minutes=28.8 * number)
        other = SessionKey.make(DATA, "run", "all", moment, f"{number:010d}")
        for name, stored in folder.items():
            assert stored is not None
            body = stored.body.replace(str(session_key).encode(), str(other).encode())
            if name in ("job.json", "summary.json"):
                body = json.dumps({**json.loads(body), "created_at": moment.isoformat()}).encode()
            others[layout.job_prefix(other) + name] = body
            if name == "summary.json":
                others[layout.closed_key(other, moment)] = hashlib.sha256(body).hexdigest().encode()
    site.store.fill(CONTROL, others)


def cost() -> None:
    """What jobs of three sizes ask of AWS, with each engine."""
    for engine, samples in itertools.product(Engine, (1, 100, 3000)):
        workers = max(1, (samples + 2) // 3)
        site = Site(workers, samples, engine=engine)
        session_key, _ = site.start()
        simulation = JobSimulation(site, session_key, SHARE_SECONDS_OF_COST)
        simulation.run(3 * 3600)
        requests = sum(len(seconds) for what, seconds in site.lambdas.seconds.items() if what != "reaper")
        processor = sum(sum(seconds) for seconds in site.lambdas.seconds.values())
        waited = sum(sum(seconds) for seconds in site.lambdas.waited.values())
        s3 = Counter[str]()
        for (service, action), number in site.calls.asked.items():
            if service == "s3":
                s3[{"PUT": "PUT, LIST", "LIST": "PUT, LIST", "COPY": "PUT, LIST"}.get(action, "GET, HEAD")] += number
        lasted = (site.clock.seconds() - simulation.began) / 60
        say(
            f"\ncost, {engine}: {samples} samples, {workers} workers, shares of {SHARE_SECONDS_OF_COST:.0f} s; {lasted:.0f} minutes"
        )
        _print_calls(site)
        print_table(
            (
                "requests to the API",
                "Lambda processor s",
                "Lambda waiting s",
                f"GB-s at {LAMBDA_GB} GB",
                "S3 PUT, LIST",
                "S3 GET, HEAD",
            ),
            [
                (
                    requests,
                    f"{processor:.2f}",
                    f"{waited:.1f}",
                    f"{LAMBDA_GB * (processor + waited):.1f}",
                    s3["PUT, LIST"],
                    s3["GET, HEAD"],
                )
            ],
        )
