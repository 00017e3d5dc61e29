"""The parts of ``bench_api`` over real HTTP: the app under waitress in one process, the strict stand-in (moto) in another.

Two processors then do the work of AWS as well, so that times are upper bounds: most of each is spent in moto.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests
from api_cloud import CLIENTS, SETTINGS, BenchCloud, side_by_side
from bench_tables import Verdicts, milliseconds, print_table, quantile, say, whole_seconds
from botocore.credentials import ReadOnlyCredentials

from gems_core.identity import HEADER
from gems_core.session_key import SessionKey
from gems_local.settings import REGION, WORKER_ROLE_ARN
from gems_local.stack import CloudPlan
from gems_local.strict.throttling import is_mutating
from worker.cloud import sign_identity

FLOW_SECONDS = 40.0


def over_http(verdicts: Verdicts, workers: int, *, speak: bool) -> None:
    """POST /job of a large run, and perhaps what its workers say."""
    samples = 3 * workers
    say(f"\nstart: {samples} samples, {workers} workers, over real HTTP")
    with tempfile.TemporaryDirectory(prefix="gems-bench-") as folder:
        plan = CloudPlan(Path(folder), [], workers, api_settings=SETTINGS, reap_seconds=60)
        with BenchCloud(plan) as cloud:
            cloud.upload(samples)
            job = cloud.start_job(workers)
            job.show()
            mutating = [
                number for (service, name), number in job.calls.items() if service == "ec2" and is_mutating(name)
            ]
            verdicts.at_most(f"start: POST /job of {samples} samples", 10.0, job.seconds, whole_seconds)
            verdicts.at_most("start: mutating EC2 calls", 10, sum(mutating))
            if speak:
                _speak(verdicts, cloud, job.session_key)


@dataclass
class Spoken:
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


class HttpWorker:
    """One worker: it proves who it is with its role's credentials, as a real one does.

    Args:
        cloud: where it lives.
        session_key: its job.
        instance_id: who it is.
        session_name: of its role's session; an instance's is its own id.
        spoken: takes what it says.
    """

    def __init__(
        self, cloud: BenchCloud, session_key: SessionKey, instance_id: str, session_name: str, spoken: Spoken
    ) -> None:
        self._cloud, self._session_key, self._instance_id, self._spoken = cloud, session_key, instance_id, spoken
        self._session_name = session_name
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
        headers = {"Authorization": f"Bearer {self._cloud.worker_token}", HEADER: self.prove()}
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

    def prove(self) -> str:
        """What it signs once and shows with each message."""
        if not self._proof:
            sts = self._cloud.aws.sts()
            given = sts.assume_role(RoleArn=WORKER_ROLE_ARN, RoleSessionName=self._session_name)["Credentials"]
            credentials = ReadOnlyCredentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
            self._proof = sign_identity(credentials, REGION, self._cloud.aws.endpoint, self._session_key).encode()
        return self._proof


def _speak(verdicts: Verdicts, cloud: BenchCloud, session_key: SessionKey) -> None:
    """All workers claim at once; then statuses and heartbeats flow while the job is watched."""
    spoken = Spoken()
    ids = [item["instance_id"] for item in cloud.job(session_key)["workers"]]
    workers = [HttpWorker(cloud, session_key, one, one, spoken) for one in ids]
    say(f"\nhttp: {len(workers)} workers claim at once, then speak for {FLOW_SECONDS:.0f} s, {CLIENTS} at a time")
    began = time.monotonic()
    side_by_side(workers, lambda worker, session: worker.say(session, "claim", "BOOTSTRAPPING"))
    say(f"  all claimed after {time.monotonic() - began:.0f} s")
    ended = threading.Event()
    watcher = threading.Thread(target=_watch, args=(cloud, session_key, spoken, ended))
    watcher.start()
    until = time.monotonic() + FLOW_SECONDS

    def flow(worker: HttpWorker, session: requests.Session) -> None:
        if time.monotonic() < until:
            worker.say(session, "status", "DOWNLOADING")
            worker.say(session, "heartbeat", "DOWNLOADING")

    side_by_side(workers, flow)
    ended.set()
    watcher.join()
    rows = [
        (what, len(seconds), milliseconds(quantile(seconds, 0.5)), milliseconds(quantile(seconds, 0.99)))
        for what, seconds in spoken.seconds.items()
    ]
    print_table(("request", "number", "p50", "p99"), rows)
    say(f"  refused, and sent again: {dict(spoken.refused) or 'none'}; throttled calls: {cloud.throttled() or 'none'}")
    verdicts.exactly("http: messages lost", 0, spoken.lost)
    job = cloud.job(session_key)
    shares = [item["share"] for item in job["workers"] if item["share"] is not None]
    verdicts.exactly("http: shares held by two workers", 0, len(shares) - len(set(shares)))
    verdicts.exactly("http: workers with a share", len(workers), len(shares))


def _watch(cloud: BenchCloud, session_key: SessionKey, spoken: Spoken, ended: threading.Event) -> None:
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
