"""AWS as the worker needs it: S3, CredStash, the role's signature. The only module here that knows boto3."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
import credstash
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import BotoCoreError, ClientError

from gems_core import identity
from gems_core.credentials import encryption_context
from gems_core.errors import CloudRefused
from gems_core.identity import IdentityProof
from gems_core.session_key import SessionKey
from worker.errors import ObjectMissing, TransferBroken
from worker.store import ObjectStream

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef

# botocore's standard mode backs off with jitter on throttling, 5xx and connection errors.
_CONFIG = Config(retries={"mode": "standard", "max_attempts": 8}, connect_timeout=10, read_timeout=60)
_CHUNK_BYTES = 2**20
_MISSING = {"NoSuchKey", "404", "NotFound"}
_TAKEN = {"PreconditionFailed", "412", "ConditionalRequestConflict"}
_MD5_ETAG = re.compile(r'"?([0-9a-f]{32})"?')


class Cloud:
    """S3 (an ``ObjectStore``), the credential store and the proof of identity, with the instance's role."""

    def __init__(self, session: boto3.Session) -> None:
        self._session = session
        self._s3: S3Client = session.client("s3", config=_CONFIG)
        self._sts_endpoint: str = session.client("sts").meta.endpoint_url

    @contextmanager
    def stream(self, bucket: str, key: str) -> Iterator[ObjectStream]:
        """Open an object; raises ObjectMissing, and TransferBroken while it is read."""
        with _errors(bucket, key):
            answer = self._s3.get_object(Bucket=bucket, Key=key)
        body = answer["Body"]
        try:
            yield ObjectStream(answer["ContentLength"], _md5(answer), _chunks(body, bucket, key))
        finally:
            body.close()

    def read(self, bucket: str, key: str) -> bytes:
        """A small object whole; raises ObjectMissing."""
        with self.stream(bucket, key) as stream:
            return b"".join(stream.chunks)

    def exists(self, bucket: str, key: str) -> bool:
        """Whether there is such an object."""
        try:
            with _errors(bucket, key):
                self._s3.head_object(Bucket=bucket, Key=key)
        except ObjectMissing:
            return False
        return True

    def write(self, bucket: str, key: str, data: bytes, content_type: str) -> None:
        """Write an object, replacing what was there."""
        with _errors(bucket, key):
            self._s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=content_type)

    def create(self, bucket: str, key: str, data: bytes, content_type: str) -> bool:
        """Write an object unless there is one; False when there is, or somebody is just writing it."""
        try:
            self._s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=content_type, IfNoneMatch="*")
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in _TAKEN:
                return False
            raise _refused(bucket, key, error) from error
        except BotoCoreError as error:
            raise _unreachable(bucket, key, error) from error
        return True

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
            raise CloudRefused("expected the credentials of the instance's role, found none. Give the instance a role.")
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
    """The cloud of this machine: its role's credentials, and AWS_ENDPOINT_URL where that is set."""
    return Cloud(boto3.Session(region_name=region))


def _no_credential(name: str, table: str, reason: str) -> str:
    return (
        f"credential {name!r} in the CredStash table {table!r}: expected to read it, found: {reason}. "
        f"Make it with `gems credentials init --table {table}` and let the worker's role read the table and its key."
    )


def _md5(answer: GetObjectOutputTypeDef) -> str | None:
    match = _MD5_ETAG.fullmatch(answer["ETag"])
    encrypted_otherwise = answer.get("ServerSideEncryption", "AES256") != "AES256" or "SSECustomerAlgorithm" in answer
    return None if match is None or encrypted_otherwise else match[1]


def _chunks(body: Any, bucket: str, key: str) -> Iterator[bytes]:  # noqa: ANN401 - botocore's StreamingBody is untyped
    try:
        yield from body.iter_chunks(_CHUNK_BYTES)
    except BotoCoreError as error:
        raise TransferBroken(
            f"s3://{bucket}/{key}: expected the whole object, found the transfer cut: {error}"
        ) from error


@contextmanager
def _errors(bucket: str, key: str) -> Iterator[None]:
    """Turn AWS's errors into ours, with the object they are about."""
    try:
        yield
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in _MISSING:
            raise ObjectMissing(bucket, key) from error
        raise _refused(bucket, key, error) from error
    except BotoCoreError as error:
        raise _unreachable(bucket, key, error) from error


def _refused(bucket: str, key: str, error: ClientError) -> CloudRefused:
    return CloudRefused(f"s3://{bucket}/{key}: {error}. Check the worker's role and the bucket's policy.")


def _unreachable(bucket: str, key: str, error: BotoCoreError) -> CloudRefused:
    return CloudRefused(f"s3://{bucket}/{key}: {error}. Check the network and the instance's role.")
