"""The local cloud as ``bench_api`` asks it over HTTP: strict, of either engine, and with nobody who runs its workers."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import requests
from api_simulation import READS, read_keys
from bench_tables import print_table, say

from gems_core import layout
from gems_core.session_key import SessionKey
from gems_local.aws import LocalAws
from gems_local.aws_gaps import CALLS_PATH
from gems_local.settings import CONTROL_BUCKET, DATA_BUCKET, USER_TOKEN_NAME, WORKER_TOKEN_NAME
from gems_local.stack import START_SECONDS, LocalCloud
from gems_local.strict.settings import HARSH

T = TypeVar("T")
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
Calls = Counter[tuple[str, str]]


@dataclass(frozen=True)
class Started:
    """A job that POST /job has started.

    Attributes:
        seconds: that the request took.
        calls: what AWS was asked for it.
        waited: seconds that the stand-in took for these calls; some are made side by side.
    """

    session_key: SessionKey
    seconds: float
    calls: Calls
    waited: Counter[tuple[str, str]]

    def show(self) -> None:
        rows = [(*key, number, f"{self.waited[key]:.2f}") for key, number in sorted(self.calls.items())]
        print_table(("service", "call", "number", "seconds in the stand-in"), rows)


class BenchCloud(LocalCloud):
    """The local cloud, harsher, and with nobody who boots its instances or runs its containers."""

    def _start(self) -> None:
        secrets = {USER_TOKEN_NAME: self.user_token, WORKER_TOKEN_NAME: self.worker_token}
        strictness = {name: value for name, value in asdict(HARSH).items() if name != "instances_per_launch"}
        aws_service = self._load("the strict AWS", "gems_local.aws_server", "aws.log")
        aws_service.begin(
            {
                "secrets": secrets,
                "capacity": self.plan.workers,
                "strictness": strictness,
                "engine": self.plan.engine,
            }
        )
        api = self._load("the API", "gems_local.api_server", "api.log")
        facts = aws_service.wait_until_ready(START_SECONDS)
        self.aws = LocalAws(facts["endpoint"])
        artefacts = {
            kind: {"version": "1", "key": f"artefacts/{kind}/1/file", "sha256": "0" * 64}
            for kind in layout.ARTEFACT_KINDS
        }
        self.aws.s3().put_object(
            Bucket=CONTROL_BUCKET, Key=layout.CURRENT_ARTEFACTS_KEY, Body=json.dumps(artefacts).encode()
        )
        api.begin(self._api_settings(facts))
        self.api_url = str(api.wait_until_ready(START_SECONDS)["url"])

    def calls(self, what: str = "calls") -> Calls:
        """What AWS was asked so far, by service and action; or the ``seconds`` that its stand-in took."""
        return Counter({(item["service"], item["action"]): item[what] for item in self.page("GET", CALLS_PATH)})

    def throttled(self) -> dict[str, int]:
        """Calls that were refused for coming too fast, by action."""
        return {item["action"]: item["throttled"] for item in self.page("GET", CALLS_PATH) if item["throttled"]}

    def page(self, method: str, path: str, sent: object = None) -> Any:
        """One of the stand-in's own pages."""
        answer = requests.request(method, self.aws.endpoint + path, json=sent, timeout=300)
        answer.raise_for_status()
        return answer.json()

    def upload(self, samples: int) -> None:
        """A run's reads."""
        s3 = self.aws.s3()
        side_by_side(read_keys("run", samples), lambda key, _: s3.put_object(Bucket=DATA_BUCKET, Key=key, Body=READS))

    def start_job(self, workers: int) -> Started:
        """POST /job of the uploaded run."""
        body = {"bucket": DATA_BUCKET, "prefix": "run", "hla_class": "all", "workers": workers}
        calls, waited, began = self.calls(), self.calls("seconds"), time.monotonic()
        answer = self.post("/job", body)
        seconds = time.monotonic() - began
        if answer.status_code != requests.codes.accepted:
            raise SystemExit(f"POST /job: expected 202, found {answer.status_code}: {answer.text[:2000]}")
        say(f"  POST /job: {seconds:.1f} s, {answer.json()}")
        key = SessionKey.parse(answer.json()["session_key"])
        return Started(key, seconds, self.calls() - calls, self.calls("seconds") - waited)

    def post(self, path: str, body: object = None) -> requests.Response:
        """A user's request to the API."""
        headers = {"Authorization": f"Bearer {self.user_token}"}
        return requests.post(self.api_url + path, json=body, headers=headers, timeout=300)

    def job(self, session_key: SessionKey) -> dict[str, Any]:
        """The view of a job."""
        answer = requests.get(f"{self.api_url}/job", params={"session_key": str(session_key)}, timeout=300)
        job: dict[str, Any] = answer.json()[0]
        return job


def side_by_side(items: Sequence[T], act: Callable[[T, requests.Session], object]) -> None:
    """Do the same for all, some at a time, each thread with its own connection."""
    sessions = threading.local()

    def one(item: T) -> None:
        if not hasattr(sessions, "session"):
            sessions.session = requests.Session()
        act(item, sessions.session)

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(one, items))
