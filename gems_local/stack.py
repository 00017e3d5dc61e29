"""Starts and stops the local cloud."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from gems_artefacts.cache import cache_folder
from gems_artefacts.local_artefact import LocalArtefact
from gems_artefacts.provenance import Maker
from gems_artefacts.publish import publish_artefacts
from gems_core.engines import BATCH, EC2, ENGINES
from gems_core.errors import CloudUnreachable
from gems_local.aws import LocalAws
from gems_local.basespace.address import tell_address
from gems_local.cloud_logs import INSTANCES
from gems_local.machine import instance_environment
from gems_local.processes import Service
from gems_local.settings import (
    ACCESS_KEY,
    BASESPACE_CLIENT_NAME,
    BATCH_JOB_DEFINITION,
    BATCH_QUEUE,
    CONTROL_BUCKET,
    DATA_BUCKET,
    INSTANCE_TYPE,
    JOB_ROLE_ARN,
    LAUNCH_TEMPLATE,
    REGION,
    SECRET_KEY,
    SENDER,
    USER_TOKEN_NAME,
    WORKER_LOGS,
    WORKER_ROLE_ARN,
    WORKER_TOKEN_NAME,
    Seeded,
)

START_SECONDS = 60.0
# A cloud with a person in front of it notices a dead worker in seconds; the limits keep the order that
# gems_api.settings asks for, and several heartbeats (gems_local.machine) fit into each.
TIMES = {
    "GEMS_HEARTBEAT_LIMIT_SECONDS": "12",
    "GEMS_CLAIM_SECONDS": "20",
    "GEMS_LEASE_SECONDS": "30",
    "GEMS_LAUNCH_GRACE_SECONDS": "15",
    "GEMS_LAUNCH_LIMIT_SECONDS": "90",
    "GEMS_END_GRACE_SECONDS": "5",
}
REAP_SECONDS = 3.0
STAGE = "dev"
# Name, module and log of who runs the machines.
_AGENTS = {
    EC2: ("the fleet agent", "gems_local.fleet_agent", "fleet.log"),
    BATCH: ("the batch agent", "gems_local.batch_agent", "batch.log"),
}


@dataclass(frozen=True)
class CloudPlan:
    """What a local cloud shall be.

    Attributes:
        folder: takes the logs, and the instances' disks while they run.
        artefacts: what is published before the first job; empty where ``LocalCloud.publish`` does it later.
        workers: how many instances share the machine: no launch gets more, whatever a job asks for.
        api_port: of the API; 0 is any free one.
        api_settings: environment variables of the API (docs/api.md) that differ from the local cloud's own.
        reap_seconds: between two calls of the reaper.
        basespace: a folder of reads that a stand-in for BaseSpace has in its account; None for no such thing.
        lambda_zip: the Lambda's zip; when it is given, the API runs as it is deployed, under the stage ``dev``.
        boot: the command that boots an instance with its user data, whose path follows.
        engine: one of ``gems_local.settings.ENGINES``: who launches workers. With ``batch`` so many tasks as there are
            workers run at once, and others wait in the queue.

    Raises:
        ValueError: there is no such engine.
    """

    folder: Path
    artefacts: list[LocalArtefact]
    workers: int
    api_port: int = 0
    api_settings: dict[str, str] = field(default_factory=dict)
    reap_seconds: float = REAP_SECONDS
    lambda_zip: Path | None = None
    basespace: Path | None = None
    boot: tuple[str, ...] = ("bash",)
    engine: str = EC2

    def __post_init__(self) -> None:
        if self.engine not in ENGINES:
            raise ValueError(
                f"engine: expected one of {', '.join(ENGINES)}, found {self.engine!r}; choose one of them."
            )


class LocalCloud:
    """A running local cloud; a context manager that stops it.

    Attributes:
        api_url: where the API listens.
        api_variables: its environment, but for its own address and its role's credentials.
        aws: the local AWS.
        user_token: what a user presents to the API.
        worker_token: what a worker presents.
        basespace_url: where the stand-in for BaseSpace listens; '' without one.
    """

    data_bucket = DATA_BUCKET
    control_bucket = CONTROL_BUCKET

    def __init__(self, plan: CloudPlan) -> None:
        self.plan = plan
        self.user_token = secrets.token_urlsafe(32)
        self.worker_token = secrets.token_urlsafe(32)
        self.api_url = ""
        self.basespace_url = ""
        self.api_variables: dict[str, str] = {}
        self._services: list[Service] = []

    @property
    def instances_folder(self) -> Path:
        """Holds a folder of each instance, with its console log."""
        return self.plan.folder / INSTANCES

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start everything, and publish the plan's artefacts.

        Raises:
            CloudUnreachable: a part does not start; all others are stopped again.
        """
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def publish(self, artefacts: list[LocalArtefact]) -> None:
        """Publish artefacts as the current ones."""
        made = Maker("the local cloud", datetime.now(UTC))
        publish_artefacts(self.aws.s3(), CONTROL_BUCKET, artefacts, made)

    def stop(self) -> None:
        """Stop everything, the instances first."""
        while self._services:
            self._services.pop().stop()

    def check(self) -> None:
        """See that every part still runs.

        Raises:
            CloudUnreachable: one has ended; names it and its log.
        """
        for service in self._services:
            if not service.running:
                raise CloudUnreachable(f"{service.name} has ended unexpectedly; its log is {service.log}")

    def _start(self) -> None:
        client = f"gems:{secrets.token_urlsafe(32)}"
        secret_values = {USER_TOKEN_NAME: self.user_token, WORKER_TOKEN_NAME: self.worker_token}
        if self.plan.basespace is not None:
            secret_values[BASESPACE_CLIENT_NAME] = client
            self.basespace_url = self._basespace(self.plan.basespace, client)
        aws_service = self._load("the local AWS", "gems_local.aws_server", "aws.log")
        aws_service.begin({"secrets": secret_values, "capacity": self.plan.workers, "engine": self.plan.engine})
        # These load their modules while the local AWS starts, and get their settings when its address is known.
        api_module = "gems_local.lambda_server" if self.plan.lambda_zip else "gems_local.api_server"
        api = self._load("the API", api_module, "api.log")
        agent = self._load(*_AGENTS[self.plan.engine])
        facts = aws_service.wait_until_ready(START_SECONDS)
        self.aws = LocalAws(facts["endpoint"])
        api.begin(self._api_settings(facts))
        agent.begin(
            {
                "endpoint": self.aws.endpoint,
                "folder": str(self.instances_folder),
                "environment": instance_environment(self.aws.endpoint, self.plan.workers),
                "boot": list(self.plan.boot),
            }
        )
        if self.plan.artefacts:
            self.publish(self.plan.artefacts)
        self.api_url = str(api.wait_until_ready(START_SECONDS)["url"])
        agent.wait_until_ready(START_SECONDS)
        if self.basespace_url:
            tell_address(self.basespace_url, self.api_url)

    def _basespace(self, reads: Path, client: str) -> str:
        settings = {"client": client, "reads": str(reads)}
        service = self._load("the stand-in for BaseSpace", "gems_local.basespace.server", "basespace.log")
        service.begin(settings)
        return str(service.wait_until_ready(START_SECONDS)["url"])

    def _load(self, name: str, module: str, log: str) -> Service:
        service = Service.load(name, module, self.plan.folder / log)
        self._services.append(service)
        return service

    def _api_settings(self, facts: dict[str, Any]) -> dict[str, Any]:
        role = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}
        variables = self.api_variables = self._api_variables(facts)
        common = {"port": self.plan.api_port, "reap_seconds": self.plan.reap_seconds}
        if self.plan.lambda_zip is None:
            return {**common, "environment": {**variables, **role, "AWS_DEFAULT_REGION": REGION}}
        return {
            **common,
            "zip": str(self.plan.lambda_zip),
            "folder": str(self.plan.folder / "lambda"),
            "cache": str(cache_folder() / "lambda"),
            "stage": STAGE,
            "region": REGION,
            "variables": variables,
            "role": role,
        }

    def _api_variables(self, facts: dict[str, Any]) -> dict[str, str]:
        seeded = Seeded(**facts["seeded"])
        return {
            "AWS_ENDPOINT_URL": self.aws.endpoint,
            "GEMS_CONTROL_BUCKET": CONTROL_BUCKET,
            "GEMS_REGION": REGION,
            "GEMS_WORKER_ROLE": WORKER_ROLE_ARN,
            "GEMS_JOB_ROLE": JOB_ROLE_ARN,
            "GEMS_WORKER_LOGS": WORKER_LOGS,
            "GEMS_INSTANCE_TYPES": INSTANCE_TYPE,
            "GEMS_MAIL_SENDER": SENDER,
            "GEMS_DATA_BUCKETS": DATA_BUCKET,
            "GEMS_USER_CREDENTIAL": USER_TOKEN_NAME,
            "GEMS_WORKER_CREDENTIAL": WORKER_TOKEN_NAME,
            **({"GEMS_BASESPACE_URL": self.basespace_url} if self.basespace_url else {}),
            **self._engine_variables(seeded),
            **TIMES,
            **self.plan.api_settings,
        }

    def _engine_variables(self, seeded: Seeded) -> dict[str, str]:
        if self.plan.engine == BATCH:
            return {
                "GEMS_ENGINE": BATCH,
                "GEMS_BATCH_QUEUE": BATCH_QUEUE,
                "GEMS_BATCH_JOB_DEFINITION": BATCH_JOB_DEFINITION,
            }
        return {"GEMS_LAUNCH_TEMPLATE": LAUNCH_TEMPLATE, "GEMS_SUBNETS": seeded.subnet_id}
