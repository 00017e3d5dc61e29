"""A job's whole life on simulated time: the app called as WSGI in this process, its workers as events, AWS in memory."""

from __future__ import annotations

import gzip
import heapq
import io
import itertools
import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, unquote

from api_batch import DEFINITION, QUEUE, MemoryBatch
from api_memory import (
    SUBNET,
    TYPE,
    USER_TOKEN,
    WORKER_TOKEN,
    Calls,
    MemoryCredentials,
    MemoryFleet,
    MemoryIdentifier,
    MemoryIssuer,
    MemoryMailer,
    MemoryStore,
    SideBySide,
    SimulatedClock,
)
from flask import Flask

from gems_api.app import create_app
from gems_api.services.context import Context
from gems_api.services.fleet_ports import Fleet
from gems_api.services.intake import preflight
from gems_api.services.lifecycle import start_job
from gems_api.services.ports import Cloud, Identifier
from gems_api.services.reaping.reaper import reap
from gems_api.services.shown import views
from gems_api.services.storage import read_cache
from gems_api.settings import Settings
from gems_core import layout
from gems_core.engines import Engine
from gems_core.identity import HEADER, IdentityProof
from gems_core.session_key import SessionKey
from gems_local.strict.settings import HARSH, Strictness

DATA, CONTROL = "data", "control"
READS = gzip.compress(b"@M:1 1:N:0:1\nACGT\n+\nIIII\n", mtime=0)
# Once a message was refused, it is said so often again.
TRIES = 60
# A job's credentials last an hour, and the worker asks for others twenty minutes before that.
RENEW_SECONDS = 2400
HEARTBEAT_SECONDS = 30.0
REAP_SECONDS = 60.0
PROOF_SECONDS = 600
STATUSES = ("DOWNLOADING", "TYPING", "CROSS_MATCHING", "UPLOADING")


def bench_settings(workers: int, samples: int, *, spot: bool = False, engine: Engine = Engine.EC2) -> Settings:
    """A deployment whose one job may be as large as wished; everything else at its default."""
    return Settings(
        control_bucket=CONTROL,
        region="eu-central-1",
        api_url="https://api.example.org/v1",
        worker_role="arn:aws:iam::123456789012:role/gems-worker",
        job_role="arn:aws:iam::123456789012:role/gems-job",
        launch_template="gems-worker",
        instance_types=(TYPE,),
        subnets=(SUBNET,),
        mail_sender="gems@example.org",
        max_workers=workers,
        max_samples=samples,
        spot=spot,
        engine=engine,
        batch_queue=QUEUE,
        batch_job_definition=DEFINITION,
    )


@dataclass(frozen=True)
class Reply:
    """What the app answered.

    Attributes:
        seconds: by the processor's clock.
        waited: seconds that it would have waited for AWS (``api_memory.WAIT_SECONDS``).
    """

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float
    waited: float = 0.0

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Request:
    """One request, and what to count it as."""

    what: str
    method: str
    path: str
    body: object = None
    token: str = ""
    headers: dict[str, str] = field(default_factory=dict)


class Lambdas:
    """Several processes of the app, as Lambda would keep: each its own app and cache, all the same AWS.

    Attributes:
        seconds: processor time of each request, by what it was.
        waited: assumed seconds of waiting for AWS, likewise.
    """

    def __init__(self, new_app: Callable[[], Flask], calls: Calls, processes: int, seed: int) -> None:
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.waited: dict[str, list[float]] = defaultdict(list)
        self.new_app = new_app
        self._calls = calls
        self._apps = [new_app() for _ in range(processes)]
        self._random = random.Random(seed)

    def ask(self, request: Request) -> Reply:
        """One request of one of the processes, whichever is free."""
        return self.ask_app(self._random.choice(self._apps), request)

    def ask_app(self, app: Flask, request: Request) -> Reply:
        """One request of a certain process."""
        before = self._calls.waited
        self._calls.begin()
        reply = call(app, request)
        reply = replace(reply, waited=self._calls.waited - before)
        self.seconds[request.what].append(reply.seconds)
        self.waited[request.what].append(reply.waited)
        return reply


def call(app: Flask, request: Request) -> Reply:
    """A request as WSGI."""
    content = b"" if request.body is None else json.dumps(request.body).encode()
    path, _, query = request.path.partition("?")
    environ = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(path),
        "QUERY_STRING": query,
        "SERVER_NAME": "api.example.org",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(content),
        "wsgi.errors": io.StringIO(),
        "wsgi.version": (1, 0),
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "CONTENT_TYPE": "application/json" if content else "",
        "CONTENT_LENGTH": str(len(content)),
        **({"HTTP_AUTHORIZATION": f"Bearer {request.token}"} if request.token else {}),
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items()},
    }
    heads: list[tuple[int, dict[str, str]]] = []

    def start_response(status: str, given: list[tuple[str, str]], _error: object = None) -> Callable[[bytes], object]:
        heads.append((int(status.partition(" ")[0]), dict(given)))
        return lambda _chunk: None

    began = time.process_time()
    answer = b"".join(app(environ, start_response))  # type: ignore[arg-type]
    return Reply(*heads[-1], answer, time.process_time() - began)


@dataclass
class Site:
    """A deployment on simulated time."""

    workers: int
    samples: int
    strictness: Strictness = HARSH
    processes: int = 4
    seed: int = 5
    spot: bool = False
    engine: Engine = Engine.EC2

    def __post_init__(self) -> None:
        # AWS Batch is asked for the jobs of late, by the machine's own clock.
        self.clock = SimulatedClock(datetime.now(UTC)) if self.engine is Engine.BATCH else SimulatedClock()
        self.calls = Calls()
        read_cache.ThreadPoolExecutor = preflight.ThreadPoolExecutor = SideBySide  # type: ignore[misc,assignment]
        # Preflight stops after some seconds, and a large job's view is made the less often, the longer it takes: both would wait
        # for S3.
        lived = SimpleNamespace(monotonic=lambda: time.monotonic() + self.calls.waited)
        start_job.time = views.time = lived  # type: ignore[assignment]
        self.store = MemoryStore(self.calls, self.clock, DATA, CONTROL)
        self.mailer = MemoryMailer(self.calls)
        self.settings = bench_settings(self.workers, self.samples, spot=self.spot, engine=self.engine)
        fleet, identifier = self._engine()
        cloud = Cloud(
            self.store, fleet, self.mailer, MemoryCredentials(self.calls), identifier, MemoryIssuer(self.calls)
        )
        self.lambdas = Lambdas(
            lambda: create_app(self.settings, cloud, self.clock), self.calls, self.processes, self.seed
        )
        self.reaper = Context(self.settings, cloud, self.clock)
        artefacts = {
            kind: {"version": "1", "key": f"artefacts/{kind}/1/file", "sha256": "0" * 64}
            for kind in layout.ARTEFACT_KINDS
        }
        self.store.fill(CONTROL, {layout.CURRENT_ARTEFACTS_KEY: json.dumps(artefacts).encode()})
        self.upload("run", self.samples)

    def _engine(self) -> tuple[Fleet, Identifier]:
        """Make the engine, which the API asks by these ports."""
        self.fleet: MemoryFleet | MemoryBatch
        if self.engine is Engine.BATCH:
            self.fleet = batch = MemoryBatch(self.calls, self.clock, self.strictness, self.settings, self.workers)
            return batch.fleet, batch.identifier
        self.fleet = ec2 = MemoryFleet(self.calls, self.clock, self.strictness)
        return ec2, MemoryIdentifier(self.calls)

    def upload(self, prefix: str, samples: int) -> None:
        self.store.fill(DATA, dict.fromkeys(read_keys(prefix, samples), READS))

    def start(self, email: str = "lab@example.org", **more: object) -> tuple[SessionKey, Reply]:
        body = {"bucket": DATA, "prefix": "run", "hla_class": "all", "email": email, "workers": self.workers, **more}
        reply = self.lambdas.ask(Request("POST /job", "POST", "/job", body, USER_TOKEN))
        if reply.status != 202:
            raise SystemExit(f"POST /job: expected 202, found {reply.status}: {reply.body[:2000]!r}")
        return SessionKey.parse(reply.json()["session_key"]), reply

    def is_open(self, session_key: SessionKey) -> bool:
        """Whether the reaper still looks after a job; nobody is charged for the question."""
        return self.store.has(CONTROL, layout.active_key(session_key))

    def reap(self) -> float:
        began, waited = time.process_time(), self.calls.waited
        self.calls.begin()
        reap(self.reaper)
        took = time.process_time() - began
        self.lambdas.seconds["reaper"].append(took)
        self.lambdas.waited["reaper"].append(self.calls.waited - waited)
        return took


def read_keys(prefix: str, samples: int) -> list[str]:
    """Keys of a run's FASTQ files."""
    return [
        f"{prefix}/K{number:06d}_S{number}_L001_R{read}_001.fastq.gz"
        for number in range(1, samples + 1)
        for read in (1, 2)
    ]


@dataclass
class Tally:
    """What workers met.

    Attributes:
        refused: answers other than 200, by status and code; each message was sent again.
        lost: messages that were never taken in.
    """

    messages: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    instructions: Counter[str] = field(default_factory=Counter)
    lost: int = 0


class JobSimulation:
    """The events of one job.

    Args:
        site: the deployment.
        session_key: a job that has just been started.
        work_seconds: how long a share takes.
    """

    def __init__(self, site: Site, session_key: SessionKey, work_seconds: float) -> None:
        self.site = site
        self.session_key = session_key
        self.tally = Tally()
        self.random = random.Random(site.seed)
        self.work_seconds = work_seconds
        self.began = site.clock.seconds()
        self.observe: list[Callable[[], None]] = []
        self.before_the_end: list[Callable[[], None]] = []
        self._workers: dict[str, _Worker] = {}
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._number = itertools.count()

    def at(self, seconds: float, act: Callable[[], None]) -> None:
        """Do something so many simulated seconds from now."""
        heapq.heappush(self._events, (self.site.clock.seconds() + seconds, next(self._number), act))

    def run(self, most_seconds: float) -> None:
        """Let everything happen until the job has ended and nothing is left to do, or the time is over."""
        until = self.site.clock.seconds() + most_seconds
        self._boot()
        self.at(REAP_SECONDS, self._reap)
        while self._events and self._events[0][0] <= until:
            moment, _, act = heapq.heappop(self._events)
            self.site.clock.pass_seconds(max(0.0, moment - self.site.clock.seconds()))
            act()

    def _boot(self) -> None:
        """Let the workers begin whose instances are new."""
        for instance_id in self.site.fleet.living():
            if instance_id not in self._workers:
                self._workers[instance_id] = _Worker(self, instance_id)
                self.at(60 + self.random.uniform(0, 60), self._workers[instance_id].begin)

    def lose(self, count: int) -> None:
        """EC2 takes so many of the living back, without a word."""
        for instance_id in self.random.sample(sorted(self.site.fleet.living()), count):
            self.site.fleet.switch_off(instance_id)
            self._workers[instance_id].gone = True

    def _reap(self) -> None:
        self.site.reap()
        self._boot()
        for observe in self.observe:
            observe()
        if self.site.fleet.living() or self.site.is_open(self.session_key):
            self.at(REAP_SECONDS, self._reap)


class _Worker:
    """One instance's worker, as a chain of events; it says what a real one says, and writes what it writes."""

    def __init__(self, simulation: JobSimulation, instance_id: str) -> None:
        self.simulation = simulation
        self.site = simulation.site
        self.instance_id = instance_id
        self.index = 0
        self.status = "BOOTSTRAPPING"
        self.share: dict[str, Any] | None = None
        self.gone = False
        self._proof = ""
        self._proven_at = 0.0

    def begin(self) -> None:
        self.site.fleet.begin(self.instance_id)
        self._renew(lambda _given: self._say("claim", "BOOTSTRAPPING", self._next))
        self.simulation.at(HEARTBEAT_SECONDS, self._beat)

    def _renew(self, then: Callable[[dict[str, Any]], None] = lambda _given: None) -> None:
        """Ask for the job's credentials, now and while the worker lives."""

        def given(answer: dict[str, Any]) -> None:
            self.simulation.at(RENEW_SECONDS, self._renew)
            then(answer)

        self._ask("credentials", "credentials", {"instance_id": self.instance_id}, given)

    def _say(self, kind: str, status: str, then: Callable[[dict[str, Any]], None]) -> None:
        self.status = status

        def heard(answer: dict[str, Any]) -> None:
            self.index = answer["instance_index"]
            self.simulation.tally.instructions[answer["instruction"]] += 1
            then(answer)

        what = f"{kind} {status}" if kind == "status" else kind
        self._ask(what, "status", self._message(kind), heard, 0 if kind == "heartbeat" else TRIES)

    def _ask(
        self,
        what: str,
        path: str,
        body: dict[str, Any],
        then: Callable[[dict[str, Any]], None],
        tries: int = TRIES,
    ) -> None:
        if self.gone:
            return
        reply = self._post(what, f"/job/{self._key()}/{path}", body)
        if reply.status == 200:
            then(reply.json())
        elif tries:
            pause = float(reply.headers.get("Retry-After", "5"))
            self.simulation.at(pause, lambda: self._ask(what, path, body, then, tries - 1))
        else:
            self.simulation.tally.lost += what != "heartbeat"

    def _message(self, kind: str) -> dict[str, Any]:
        return {
            "instance_id": self.instance_id,
            "instance_index": self.index,
            "kind": kind,
            "status": self.status,
            "share": self.share and self.share["index"],
            "attempt": self.share["attempt"] if self.share else 0,
            "detail": "",
            "samples_done": [],
            "failure": None,
        }

    def _post(self, what: str, path: str, body: dict[str, Any]) -> Reply:
        self.simulation.tally.messages[what] += 1
        reply = self.site.lambdas.ask(Request(what, "POST", path, body, WORKER_TOKEN, {HEADER: self._identity()}))
        if reply.status != 200:
            self.simulation.tally.refused[f"{reply.status} {reply.json().get('code', '')}"] += 1
        return reply

    def _identity(self) -> str:
        now = self.site.clock()
        if not self._proof or now.timestamp() - self._proven_at > PROOF_SECONDS:
            stamp = f"{now:%Y%m%dT%H%M%SZ}"
            signed = "content-type;host;x-amz-date;x-amz-security-token;x-gems-session-key"
            scope = f"ASIA1234567890123456/{stamp[:8]}/eu-central-1/sts/aws4_request"
            signature = f"{self.simulation.random.getrandbits(256):064x}"
            authorization = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={signed}, Signature={signature}"
            proof = IdentityProof(authorization, stamp, self.instance_id, self.simulation.session_key)
            self._proof, self._proven_at = proof.encode(), now.timestamp()
        return self._proof

    def _key(self) -> str:
        return quote(str(self.simulation.session_key), safe="")

    def _beat(self) -> None:
        if not self.gone:
            self._say("heartbeat", self.status, lambda _answer: None)
            self.simulation.at(HEARTBEAT_SECONDS, self._beat)

    def _next(self, answer: dict[str, Any]) -> None:
        match answer["instruction"]:
            case "work":
                self.share = answer["share"]
                self._steps(iter(STATUSES))
            case "merge":
                self.share = None
                self._merge(iter(("MERGING", "REPORT_WRITTEN", "EMAIL_SENT", "COMPLETE")))
            case "wait":
                pause = float(answer["retry_after_seconds"] or 5)
                self.simulation.at(pause, lambda: self._say("claim", self.status, self._next))
            case _:
                self._leave()

    def _steps(self, statuses: Iterator[str]) -> None:
        status = next(statuses, None)
        if status is None:
            self._finish()
            return
        part = self.simulation.work_seconds * self.simulation.random.uniform(0.9, 1.1)
        lasts = part * {"DOWNLOADING": 0.05, "TYPING": 0.8, "CROSS_MATCHING": 0.1}.get(status, 0.05)
        self._say("status", status, lambda _answer: self.simulation.at(lasts, lambda: self._steps(statuses)))

    def _finish(self) -> None:
        assert self.share is not None
        for sample in self.share["samples"]:
            marker = {
                "sample": sample["sample"],
                "outcome": "typed",
                "reason": "",
                "share": self.share["index"],
                "attempt": self.share["attempt"],
                "instance_id": self.instance_id,
                "finished_at": self.site.clock().isoformat(),
            }
            key = layout.done_key(self.simulation.session_key, sample["sample"])
            self.site.store.fill_one(CONTROL, key, json.dumps(marker).encode())
        self._say("finished", "UPLOADING", self._next)

    def _merge(self, statuses: Iterator[str]) -> None:
        status = next(statuses, None)
        if status is None:
            for look in self.simulation.before_the_end:
                look()
            body = {"session_key": str(self.simulation.session_key), "instance_id": self.instance_id}
            self._stop(body)
            return
        if status == "REPORT_WRITTEN":
            key = layout.report_key("run", self.simulation.session_key, "json")
            self.site.store.fill_one(DATA, key, b"{}")
        self._say("status", status, lambda _answer: self.simulation.at(20, lambda: self._merge(statuses)))

    def _stop(self, body: dict[str, Any], tries: int = 60) -> None:
        if self._post("stop_instances", "/stop_instances", body).status != 200 and tries:
            self.simulation.at(5, lambda: self._stop(body, tries - 1))
        else:
            self._leave()

    def _leave(self) -> None:
        self.gone = True
        self.simulation.at(15, lambda: self.site.fleet.switch_off(self.instance_id))
