"""AWS as the worker needs it: S3 for its machine and for its job, CredStash, the role's signature."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import boto3
import botocore.session
import credstash
import stamina
import watchtower
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import CredentialProvider, CredentialResolver, ReadOnlyCredentials, RefreshableCredentials
from botocore.exceptions import BotoCoreError, ClientError

from gems_core import identity
from gems_core.credentials import encryption_context
from gems_core.errors import CloudRefused
from gems_core.identity import IdentityProof
from gems_core.job_credentials import JobCredentials
from gems_core.session_key import SessionKey
from worker.s3 import S3

# botocore's standard mode backs off with jitter on throttling, 5xx and connection errors.
_CONFIG = Config(retries={"mode": "standard", "max_attempts": 8}, connect_timeout=10, read_timeout=60)
# A job's credentials last an hour. New ones are asked for while these are still good for so long ...
_RENEWED_BEFORE = timedelta(minutes=20)
# ... once at each request to S3; from here on S3 waits for them, as long as the worker waits for any answer.
_WAITED_FOR = timedelta(minutes=5)
_PATIENCE_SECONDS = 600.0
_METHOD = "gems-api"
# A busy metadata service was seen to take 1.5 seconds; botocore's default is one attempt of one second.
_METADATA_TIMEOUT_SECONDS = 5
_METADATA_ATTEMPTS = 5
_NO_ROLE = (
    "expected the credentials of the instance's role from instance metadata, found none. Give the instance a role."
)

# CloudWatch gets lines every few seconds, and has little time to take them: it is a convenience, the copies in S3 are the log.
_LOG_SECONDS = 5
_LOG_END_SECONDS = 5
_LOG_CONFIG = Config(retries={"mode": "standard", "max_attempts": 2}, connect_timeout=3, read_timeout=5)

AskForCredentials = Callable[[float], JobCredentials]
"""Asks the API for the job's credentials, and tries again for so many seconds; 0 means one attempt."""


class Cloud:
    """What the worker reaches in AWS.

    Attributes:
        s3: with the instance's role, which reads artefacts and nothing of a job.
    """

    def __init__(self, session: boto3.Session) -> None:
        self._session = session
        self.s3 = S3(session.client("s3", config=_CONFIG))
        self._sts_endpoint: str = session.client("sts").meta.endpoint_url

    def job_s3(self, ask: AskForCredentials) -> S3:
        """S3 with the job's credentials: they are asked for now, and anew before they expire.

        Raises:
            ApiUnavailable, ApiRefused: the API gives none. Every use of what is returned may raise them, too.
        """
        session = botocore.session.get_session()
        session.register_component("credential_provider", CredentialResolver([_Given(_renewing(ask))]))
        job = boto3.Session(botocore_session=session, region_name=self._session.region_name)
        return S3(job.client("s3", config=_CONFIG))

    def log_handler(self, group: str, stream: str) -> logging.Handler:
        """What sends log lines to a stream of CloudWatch Logs, in the background, with the instance's role.

        It drops lines rather than wait: an outage is told on standard error, and the copies in S3 have all lines.
        """
        handler = watchtower.CloudWatchLogHandler(
            group,
            stream,
            send_interval=_LOG_SECONDS,
            boto3_client=self._session.client("logs", config=_LOG_CONFIG),
            create_log_group=False,
        )
        # At the end, for what is still queued: watchtower waits so long in flush() and again in close().
        handler.FLUSH_TIMEOUT = _LOG_END_SECONDS
        # What its own client says of an outage would only be queued for the same outage.
        handler.addFilter(lambda record: not record.name.startswith(("botocore", "urllib3")))
        return handler

    def credential(self, name: str, table: str) -> str:
        """A credential of CredStash, its newest version.

        Raises:
            CloudRefused: there is none of this name, or the role may not read it.
        """
        try:
            secret = credstash.getSecret(
                name,
                table=table,
                context=encryption_context(name),
                dynamodb=self._session.resource("dynamodb", config=_CONFIG),
                kms=self._session.client("kms", config=_CONFIG),
            )
            # One put from a file ends in a newline, which no header may hold; the API leaves it out as well.
            return str(secret).strip()
        except (credstash.ItemNotFound, credstash.KmsError, credstash.IntegrityError) as error:
            raise CloudRefused(_no_credential(name, table, str(error))) from error
        except (BotoCoreError, ClientError) as error:
            raise CloudRefused(_no_credential(name, table, str(error))) from error

    def identity(self, session_key: SessionKey) -> IdentityProof:
        """Sign, for one job, the request that tells the API which instance this is.

        Raises:
            CloudRefused: the machine has no role.
        """
        credentials = self._session.get_credentials()
        if credentials is None:
            raise CloudRefused(_NO_ROLE)
        frozen: ReadOnlyCredentials = credentials.get_frozen_credentials()
        return sign_identity(frozen, self._session.region_name, self._sts_endpoint, session_key)


def sign_identity(
    credentials: ReadOnlyCredentials, region: str, endpoint: str, session_key: SessionKey
) -> IdentityProof:
    """A proof of identity (``gems_core.identity``), signed now; nothing is sent.

    Args:
        credentials: of the instance's role.
        region: whose STS will be asked.
        endpoint: of that STS.
        session_key: the only job that the proof is good for.

    Raises:
        CloudRefused: these are a user's credentials, which have no security token, not a role's.
    """
    headers = {"Content-Type": identity.CONTENT_TYPE, identity.SESSION_KEY_HEADER: str(session_key)}
    request = AWSRequest("POST", endpoint.rstrip("/") + identity.PATH, headers, identity.BODY)
    SigV4Auth(credentials, "sts", region).add_auth(request)
    if not credentials.token:
        raise CloudRefused("expected the credentials of the instance's role, found a user's. Give the instance a role.")
    signed = request.headers
    return IdentityProof(signed["Authorization"], signed["X-Amz-Date"], signed["X-Amz-Security-Token"], session_key)


def connect(region: str) -> Cloud:
    """The cloud of this machine: its role's credentials, and AWS_ENDPOINT_URL where that is set.

    botocore by itself asks the metadata service once and waits for a second; a client that is made without credentials then
    has none for good. So they are waited for before there is any client.

    Raises:
        CloudRefused: there are none, after half a minute.
    """
    session = botocore.session.get_session()
    session.set_config_variable("metadata_service_timeout", _METADATA_TIMEOUT_SECONDS)
    session.set_config_variable("metadata_service_num_attempts", _METADATA_ATTEMPTS)
    for attempt in stamina.retry_context(on=CloudRefused, attempts=_METADATA_ATTEMPTS, timeout=None):
        with attempt:
            _demand_credentials(session)
    return Cloud(boto3.Session(botocore_session=session, region_name=region))


def _demand_credentials(session: botocore.session.Session) -> None:
    try:
        found = session.get_credentials()
    except BotoCoreError as error:
        raise CloudRefused(f"{_NO_ROLE} ({error})") from error
    if found is None:
        raise CloudRefused(_NO_ROLE)


def _no_credential(name: str, table: str, reason: str) -> str:
    return (
        f"credential {name!r} in the CredStash table {table!r}: expected to read it, found: {reason}. "
        f"Make it with `gems credentials init --table {table}` and let the worker's role read the table and its key."
    )


class _Given(CredentialProvider):
    """Credentials that somebody holds already."""

    METHOD = _METHOD

    def __init__(self, credentials: RefreshableCredentials) -> None:
        super().__init__()
        self._credentials = credentials

    def load(self) -> RefreshableCredentials:
        return self._credentials


def _renewing(ask: AskForCredentials) -> RefreshableCredentials:
    """Credentials that ask for others: impatiently while they are good themselves, patiently at their end."""
    good_until = datetime.now(UTC)

    def renew() -> dict[str, str]:
        nonlocal good_until
        at_their_end = good_until - datetime.now(UTC) < _WAITED_FOR
        given = ask(_PATIENCE_SECONDS if at_their_end else 0.0)
        good_until = given.expires_at
        return {
            "access_key": given.access_key_id,
            "secret_key": given.secret_access_key,
            "token": given.session_token,
            "expiry_time": given.expires_at.isoformat(),
        }

    return RefreshableCredentials.create_from_metadata(
        renew(),
        renew,
        _METHOD,
        advisory_timeout=int(_RENEWED_BEFORE.total_seconds()),
        mandatory_timeout=int(_WAITED_FOR.total_seconds()),
    )
