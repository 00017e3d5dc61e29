"""A session and its clients, one for each service.

They are botocore's: boto3 would add nothing to a client but s3transfer, which a start of the Lambda would load in vain.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.session import Session
from botocore.utils import parse_timestamp

from gems_api.aws.batch.fleet import BatchFleet
from gems_api.aws.batch.identity import BatchIdentifier
from gems_api.aws.ec2 import Ec2Fleet
from gems_api.aws.job_role import StsIssuer
from gems_api.aws.kms import KmsSealer
from gems_api.aws.s3 import S3Store
from gems_api.aws.ses import SesMailer
from gems_api.aws.sts import StsIdentifier, WorkerSessions
from gems_api.services.fleet_ports import Fleet
from gems_api.services.ports import Identifier, Issuer, Mailer
from gems_api.services.remote_ports import Sealer
from gems_api.services.store_ports import Store
from gems_api.settings import Settings
from gems_core.engines import Engine

# API Gateway gives a request 29 seconds; a call that hangs must leave time to say so. The pool serves the readers.
_CONFIG = Config(
    connect_timeout=5,
    read_timeout=20,
    retries={"mode": "standard", "total_max_attempts": 5},
    max_pool_connections=32,
)
# In its older regions botocore would sign links with version 2, which S3 refuses for buckets made since June 2020.
_S3_CONFIG = _CONFIG.merge(Config(signature_version="s3v4"))
# SES and SubmitJob know no idempotent request: one that was taken, but whose answer was lost, must not be sent again.
_ONCE_CONFIG = _CONFIG.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))
# A tag is worth neither a wait nor a repeat: what is refused is owed, and paid by the reaper.
_TAG_CONFIG = _ONCE_CONFIG.merge(Config(connect_timeout=2, read_timeout=5))


class Clients:
    """Makes the services' wrappers, one at a time: a session must not make two clients at once.

    Attributes:
        session: the credentials.
    """

    def __init__(self, settings: Settings, session: Session | None, sleep: Callable[[float], None]) -> None:
        self.session = session or _session()
        self._settings = settings
        self._sleep = sleep
        self._lock = threading.Lock()

    def store(self) -> Store:
        """S3."""
        return S3Store(self._client("s3", _S3_CONFIG), self._sleep)

    def fleet(self) -> Fleet:
        """EC2, or AWS Batch."""
        if self._settings.engine is Engine.BATCH:
            ecs = functools.cache(lambda: self._client("ecs", _CONFIG))
            return BatchFleet(self._client("batch", _CONFIG), self._client("batch", _ONCE_CONFIG), ecs, self._settings)
        return Ec2Fleet(self._client("ec2", _CONFIG), self._settings, self._client("ec2", _TAG_CONFIG))

    def mailer(self) -> Mailer:
        """SES."""
        settings = self._settings
        return SesMailer(self._client("ses", _ONCE_CONFIG), settings.mail_sender, self._sleep, settings.mail_events)

    def identifier(self) -> Identifier:
        """STS, and AWS Batch where it runs the workers."""
        sessions = WorkerSessions(self.session, self._settings.region, self._settings.worker_role)
        if self._settings.engine is Engine.BATCH:
            return BatchIdentifier(sessions, self._client("batch", _CONFIG))
        return StsIdentifier(sessions)

    def issuer(self) -> Issuer:
        """STS again."""
        return StsIssuer(self._client("sts", _CONFIG), self._settings.job_role, self._settings.control_bucket)

    def sealer(self) -> Sealer:
        """KMS."""
        return KmsSealer(self._client("kms", _CONFIG), self._settings.basespace_key)

    def _client(self, service: str, config: Config) -> Any:  # noqa: ANN401 - each service has a type of its own
        with self._lock:
            return self.session.create_client(service, region_name=self._settings.region, config=config)


def _session() -> Session:
    """A session that reads times quickly: botocore's reader takes a second and more for the times of thousands of files."""
    session = botocore.session.get_session()
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=read_moment)
    return session


def read_moment(value: str | float) -> datetime:
    """A time in an answer of AWS: in ISO 8601 as nearly all are, else as botocore reads it (seconds, RFC 822)."""
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return parse_timestamp(value)
        if moment.tzinfo is not None:
            return moment
    return parse_timestamp(value)  # type: ignore[arg-type]  # the stubs forget seconds
