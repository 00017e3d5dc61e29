"""The parts of ``bench_api`` over real HTTP: the app under waitress in one process, the strict stand-in (moto) in another.

Two processors then do the work of AWS as well, so that times are upper bounds: most of each is spent in moto.
"""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests
from api_simulation import READS, read_keys
from bench_tables import Verdicts, milliseconds, print_table, quantile, say, whole_seconds
from botocore.credentials import ReadOnlyCredentials

from gems_core import layout
from gems_core.identity import HEADER
from gems_core.session_key import SessionKey
from gems_local.aws import LocalAws
from gems_local.aws_gaps import CALLS_PATH
from gems_local.settings import (
    CONTROL_BUCKET,
    DATA_BUCKET,
    REGION,
    USER_TOKEN_NAME,
    WORKER_ROLE_ARN,
    WORKER_TOKEN_NAME,
)
from gems_local.stack import START_SECONDS, CloudPlan, LocalCloud
from gems_local.strict.settings import HARSH
from gems_local.strict.throttling import is_mutating
from worker.cloud import sign_identity

CLIENTS = 8
# In place of the local cloud's short times: those of a deployment (docs/api.md).
SETTINGS = {
    "GEMS_HEARTBEAT_LIMIT_SECONDS": "180",
    "GEMS_CLAIM_SECONDS": "240",
    "GEMS_LEASE_SECONDS": "300",
    "GEMS_LAUNCH_GRACE_SECONDS": "180",
    "GEMS_LAUNCH_LIMIT_SECONDS": "900",
    "GEMS_END_GRACE_SECONDS": "60",
}
FLOW_SECONDS = 40.0


class _Cloud(LocalCloud):
    """The local cloud, harsher, and with nobody who boots its instances."""

    def _start(self) -> None:
        secrets = {USER_TOKEN_NAME: self.user_token, WORKER_TOKEN_NAME: self.worker_token}
        strictness = {name: value for name, value in asdict(HARSH).items() if name != "instances_per_launch"}
        aws_settings = {"secrets": secrets, "capacity": self.plan.workers, "strictness": strictness}
        facts = self._service("the strict AWS", "gems_local.aws_server", aws_settings, "aws.log").wait_until_ready(
            START_SECONDS
        )
        self.aws = LocalAws(facts["endpoint"])
        artefacts = {
            kind: {"version": "1", "key": f"artefacts/{kind}/1/file", "sha256": "0" * 64}
            for kind in layout.ARTEFACT_KINDS
        }
        self.aws.s3().put_object(
            Bucket=CONTROL_BUCKET, Key=layout.CURRENT_ARTEFACTS_KEY, Body=json.dumps(artefacts).encode()
        )
        api = self._api(facts)
        self.api_url = str(api.wait_until_ready(START_SECONDS)["url"])

    def calls(self, what: str = "calls") -> Counter[tuple[str, str]]:
        """What AWS was asked so far, by service and action; or the ``seconds`` that its stand-in took."""
        found = requests.get(self.aws.endpoint + CALLS_PATH, timeout=60).json()
        return Counter({(item["service"], item["action"]): item[what] for item in found})

    def throttled(self) -> dict[str, int]:
        """Calls that were refused for coming too fast, by action."""
        found = requests.get(self.aws.endpoint + CALLS_PATH, timeout=60).json()
        return {item["action"]: item["throttled"] for item in found if item["throttled"]}


def over_http(verdicts: Verdicts, workers: int, *, speak: bool) -> None:
    """POST /job of a large run, and perhaps what its workers say."""
    samples = 3 * workers
    say(f"\nstart: {samples} samples, {workers} workers, over real HTTP")
    with tempfile.TemporaryDirectory(prefix="gems-bench-") as folder:
        plan = CloudPlan(Path(folder), [], workers, api_settings=SETTINGS, reap_seconds=60)
        with _Cloud(plan) as cloud:
            _upload(cloud, samples)
            before = cloud.calls("seconds")
            session_key, seconds, calls = _start(cloud, workers)
            took = cloud.calls("seconds")
            mutating = {
                name: number for (service, name), number in calls.items() if service == "ec2" and is_mutating(name)
            }
            rows = [(*key, number, f"{took[key] - before[key]:.2f}") for key, number in sorted(calls.items())]
            print_table(("service", "call", "number", "seconds in the stand-in"), rows)
            verdicts.at_most(f"start: POST /job of {samples} samples", 10.0, seconds, whole_seconds)
            verdicts.at_most("start: mutating EC2 calls", 10, sum(mutating.values()))
            if speak:
                _speak(verdicts, cloud, session_key)


def _upload(cloud: _Cloud, samples: int) -> None:
    s3 = cloud.aws.s3()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda key: s3.put_object(Bucket=DATA_BUCKET, Key=key, Body=READS), read_keys("run", samples)))


def _start(cloud: _Cloud, workers: int) -> tuple[SessionKey, float, Counter[tuple[str, str]]]:
    body = {"bucket": DATA_BUCKET, "prefix": "run", "hla_class": "all", "workers": workers}
    before, began = cloud.calls(), time.monotonic()
    answer = requests.post(
        f"{cloud.api_url}/job", json=body, headers={"Authorization": f"Bearer {cloud.user_token}"}, timeout=120
    )
    seconds = time.monotonic() - began
    if answer.status_code != requests.codes.accepted:
        raise SystemExit(f"POST /job: expected 202, found {answer.status_code}: {answer.text[:2000]}")
    say(f"  POST /job: {seconds:.1f} s, {answer.json()}")
    return SessionKey.parse(answer.json()["session_key"]), seconds, cloud.calls() - before


@dataclass
class _Spoken:
    """What was said and what came back."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, what: str, answer: requests.Response, seconds: float) -> None:
        with self.lock:
            self.seconds.setdefault(what, []).append(seconds)
            if answer.status_code not in (requests.codes.ok, requests.codes.not_modified):
                self.refused[f"{answer.status_code} {answer.json().get('code', '')}"] += 1


class _HttpWorker:
    """One instance's worker: it proves who it is with its role's credentials, as a real one does."""

    def __init__(self, cloud: _Cloud, session_key: SessionKey, instance_id: str, spoken: _Spoken) -> None:
        self._cloud, self._session_key, self._instance_id, self._spoken = cloud, session_key, instance_id, spoken
        self._index = 0
        self._share: dict[str, Any] | None = None
        self._proof = ""

    def say(self, session: requests.Session, kind: str, status: str) -> None:
        """One message, sent again until it is taken in."""
        body = {
            "instance_id": self._instance_id,
            "instance_index": self._index,
            "kind": kind,
            "status": status,
            "share": self._share and self._share["index"],
            "attempt": self._share["attempt"] if self._share else 0,
        }
        headers = {"Authorization": f"Bearer {self._cloud.worker_token}", HEADER: self._identity()}
        url = f"{self._cloud.api_url}/job/{quote(str(self._session_key), safe='')}/status"
        for _ in range(10):
            began = time.monotonic()
            answer = session.post(url, json=body, headers=headers, timeout=60)
            self._spoken.note(f"{kind} {status}", answer, time.monotonic() - began)
            if answer.ok:
                self._index = answer.json()["instance_index"]
                self._share = answer.json()["share"] or self._share
                return
            time.sleep(min(2.0, float(answer.headers.get("Retry-After", "1"))))
        self._spoken.lost += 1

    def _identity(self) -> str:
        if not self._proof:
            sts = self._cloud.aws.sts()
            given = sts.assume_role(RoleArn=WORKER_ROLE_ARN, RoleSessionName=self._instance_id)["Credentials"]
            credentials = ReadOnlyCredentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
            self._proof = sign_identity(credentials, REGION, self._cloud.aws.endpoint, self._session_key).encode()
        return self._proof


def _speak(verdicts: Verdicts, cloud: _Cloud, session_key: SessionKey) -> None:
    """All workers claim at once; then statuses and heartbeats flow while the job is watched."""
    snapshot = requests.get(f"{cloud.api_url}/job", params={"session_key": str(session_key)}, timeout=60).json()[0]
    spoken = _Spoken()
    workers = [_HttpWorker(cloud, session_key, item["instance_id"], spoken) for item in snapshot["workers"]]
    say(f"\nhttp: {len(workers)} workers claim at once, then speak for {FLOW_SECONDS:.0f} s, {CLIENTS} at a time")
    began = time.monotonic()
    _all(workers, lambda worker, session: worker.say(session, "claim", "BOOTSTRAPPING"))
    say(f"  all claimed after {time.monotonic() - began:.0f} s")
    ended = threading.Event()
    watcher = threading.Thread(target=_watch, args=(cloud, session_key, spoken, ended))
    watcher.start()
    until = time.monotonic() + FLOW_SECONDS

    def flow(worker: _HttpWorker, session: requests.Session) -> None:
        if time.monotonic() < until:
            worker.say(session, "status", "DOWNLOADING")
            worker.say(session, "heartbeat", "DOWNLOADING")

    _all(workers, flow)
    ended.set()
    watcher.join()
    rows = [
        (what, len(seconds), milliseconds(quantile(seconds, 0.5)), milliseconds(quantile(seconds, 0.99)))
        for what, seconds in spoken.seconds.items()
    ]
    print_table(("request", "number", "p50", "p99"), rows)
    say(f"  refused, and sent again: {dict(spoken.refused) or 'none'}; throttled calls: {cloud.throttled() or 'none'}")
    verdicts.exactly("http: messages lost", 0, spoken.lost)
    job = requests.get(f"{cloud.api_url}/job", params={"session_key": str(session_key)}, timeout=60).json()[0]
    shares = [item["share"] for item in job["workers"] if item["share"] is not None]
    verdicts.exactly("http: shares held by two workers", 0, len(shares) - len(set(shares)))
    verdicts.exactly("http: workers with a share", len(workers), len(shares))


def _all(workers: list[_HttpWorker], act: Callable[[_HttpWorker, requests.Session], None]) -> None:
    sessions = threading.local()

    def one(worker: _HttpWorker) -> None:
        if not hasattr(sessions, "session"):
            sessions.session = requests.Session()
        act(worker, sessions.session)

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(one, workers))


def _watch(cloud: _Cloud, session_key: SessionKey, spoken: _Spoken, ended: threading.Event) -> None:
    session, url = requests.Session(), f"{cloud.api_url}/job"
    while not ended.is_set():
        etag = ""
        for what in ("GET /job", "GET /job, at once again"):
            began = time.monotonic()
            answer = session.get(
                url, params={"session_key": str(session_key)}, headers={"If-None-Match": etag}, timeout=60
            )
            spoken.note(what if answer.content else f"{what}, 304", answer, time.monotonic() - began)
            etag = answer.headers["ETag"]
        time.sleep(0.5)
