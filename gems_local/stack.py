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
from gems_core.errors import CloudUnreachable
from gems_local.aws import LocalAws
from gems_local.basespace.address import tell_address
from gems_local.cloud_logs import INSTANCES
from gems_local.machine import instance_environment
from gems_local.processes import Service
from gems_local.settings import (
    ACCESS_KEY,
    BASESPACE_CLIENT_NAME,
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


@dataclass(frozen=True)
class CloudPlan:
    """What a local cloud shall be.

    Attributes:
        folder: takes the logs, and the instances' disks while they run.
        artefacts: what is published before the first job.
        workers: how many instances share the machine: no launch gets more, whatever a job asks for.
        api_port: of the API; 0 is any free one.
        api_settings: environment variables of the API (docs/api.md) that differ from the local cloud's own.
        reap_seconds: between two calls of the reaper.
        basespace: a folder of reads that a stand-in for BaseSpace has in its account; None for no such thing.
        lambda_zip: the Lambda's zip; when it is given, the API runs as it is deployed, under the stage ``dev``.
        boot: the command that boots an instance with its user data, whose path follows.
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
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

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
        aws_settings = {"secrets": secret_values, "capacity": self.plan.workers}
        aws_service = self._service("the local AWS", "gems_local.aws_server", aws_settings, "aws.log")
        facts = aws_service.wait_until_ready(START_SECONDS)
        self.aws = LocalAws(facts["endpoint"])
        api = self._api(facts)
        fleet_settings = {
            "endpoint": self.aws.endpoint,
            "folder": str(self.instances_folder),
            "environment": instance_environment(self.aws.endpoint, self.plan.workers),
            "boot": list(self.plan.boot),
        }
        fleet = self._service("the fleet agent", "gems_local.fleet_agent", fleet_settings, "fleet.log")
        publish_artefacts(
            self.aws.s3(), CONTROL_BUCKET, self.plan.artefacts, Maker("the local cloud", datetime.now(UTC))
        )
        self.api_url = str(api.wait_until_ready(START_SECONDS)["url"])
        fleet.wait_until_ready(START_SECONDS)
        if self.basespace_url:
            tell_address(self.basespace_url, self.api_url)

    def _basespace(self, reads: Path, client: str) -> str:
        settings = {"client": client, "reads": str(reads)}
        service = self._service("the stand-in for BaseSpace", "gems_local.basespace.server", settings, "basespace.log")
        return str(service.wait_until_ready(START_SECONDS)["url"])

    def _service(self, name: str, module: str, settings: dict[str, Any], log: str) -> Service:
        service = Service.start(name, module, settings, self.plan.folder / log)
        self._services.append(service)
        return service

    def _api(self, facts: dict[str, Any]) -> Service:
        role = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}
        variables = self.api_variables = self._api_variables(facts)
        common = {"port": self.plan.api_port, "reap_seconds": self.plan.reap_seconds}
        if self.plan.lambda_zip is None:
            environment = {**variables, **role, "AWS_DEFAULT_REGION": REGION}
            return self._service("the API", "gems_local.api_server", {**common, "environment": environment}, "api.log")
        deployed = {
            **common,
            "zip": str(self.plan.lambda_zip),
            "folder": str(self.plan.folder / "lambda"),
            "cache": str(cache_folder() / "lambda"),
            "stage": STAGE,
            "region": REGION,
            "variables": variables,
            "role": role,
        }
        return self._service("the API", "gems_local.lambda_server", deployed, "api.log")

    def _api_variables(self, facts: dict[str, Any]) -> dict[str, str]:
        seeded = Seeded(**facts["seeded"])
        return {
            "AWS_ENDPOINT_URL": self.aws.endpoint,
            "GEMS_CONTROL_BUCKET": CONTROL_BUCKET,
            "GEMS_REGION": REGION,
            "GEMS_WORKER_ROLE": WORKER_ROLE_ARN,
            "GEMS_JOB_ROLE": JOB_ROLE_ARN,
            "GEMS_WORKER_LOGS": WORKER_LOGS,
            "GEMS_LAUNCH_TEMPLATE": LAUNCH_TEMPLATE,
            "GEMS_INSTANCE_TYPES": INSTANCE_TYPE,
            "GEMS_SUBNETS": seeded.subnet_id,
            "GEMS_MAIL_SENDER": SENDER,
            "GEMS_DATA_BUCKETS": DATA_BUCKET,
            "GEMS_USER_CREDENTIAL": USER_TOKEN_NAME,
            "GEMS_WORKER_CREDENTIAL": WORKER_TOKEN_NAME,
            **({"GEMS_BASESPACE_URL": self.basespace_url} if self.basespace_url else {}),
            **TIMES,
            **self.plan.api_settings,
        }
