"""S3 as the worker needs it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from gems_core.errors import CloudRefused
from worker.errors import ObjectMissing, TransferBroken
from worker.store import ObjectStream

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef

_CHUNK_BYTES = 2**20
_MISSING = {"NoSuchKey", "404", "NotFound"}
_TAKEN = {"PreconditionFailed", "412", "ConditionalRequestConflict"}
_MD5_ETAG = re.compile(r'"?([0-9a-f]{32})"?')


class S3:
    """An ``ObjectStore``, as far as the client's credentials reach."""

    def __init__(self, client: S3Client) -> None:
        self._s3 = client

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
    return CloudRefused(
        f"s3://{bucket}/{key}: {error}. Check that it is there, then the worker's role and the bucket's policy."
    )


def _unreachable(bucket: str, key: str, error: BotoCoreError) -> CloudRefused:
    return CloudRefused(f"s3://{bucket}/{key}: {error}. Check the network and the instance's role.")
