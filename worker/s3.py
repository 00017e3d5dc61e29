"""S3 as the worker needs it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from gems_core.conditional_write import COLLISION_PAUSE_SECONDS, COLLISION_TRIES, Refusal, refusal_of
from gems_core.errors import CloudRefused
from worker.errors import ObjectChanged, ObjectMissing, TransferBroken
from worker.store import ObjectStream

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef

_CHUNK_BYTES = 2**20
_MISSING = {"NoSuchKey", "404", "NotFound"}
_CHANGED = {"PreconditionFailed", "412"}
_MD5_ETAG = re.compile(r'"?([0-9a-f]{32})"?')


class S3:
    """An ``ObjectStore``, as far as the client's credentials reach."""

    def __init__(self, client: S3Client, sleep: Callable[[float], None] = time.sleep) -> None:
        self._s3 = client
        self._sleep = sleep

    @contextmanager
    def stream(self, bucket: str, key: str, etag: str = "") -> Iterator[ObjectStream]:
        """Open an object, if ``etag`` names one only with that content.

        Raises ObjectMissing and ObjectChanged, and TransferBroken while it is read.
        """
        answer = self._open(bucket, key, etag)
        body = answer["Body"]
        try:
            yield ObjectStream(answer["ContentLength"], _md5(answer), _chunks(body, bucket, key))
        finally:
            body.close()

    def _open(self, bucket: str, key: str, etag: str) -> GetObjectOutputTypeDef:
        with _errors(bucket, key):
            if not etag:
                return self._s3.get_object(Bucket=bucket, Key=key)
            try:
                return self._s3.get_object(Bucket=bucket, Key=key, IfMatch=etag)
            except ClientError as error:
                if _code_of(error) not in _CHANGED:
                    raise
                head = self._s3.head_object(Bucket=bucket, Key=key)
                found = f"ETag {head['ETag']}, {head['ContentLength']} bytes, written at {head['LastModified']:%Y-%m-%d %H:%M:%S} UTC"
                raise ObjectChanged(bucket, key, expected=etag, found=found) from error

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

    def upload(self, bucket: str, key: str, path: Path, content_type: str) -> None:
        """Write an object from a file, in one piece, so that its ETag is its MD5 where S3's own key encrypts it."""
        with _errors(bucket, key), path.open("rb") as body:
            self._s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type)

    def create(self, bucket: str, key: str, data: bytes, content_type: str) -> bool:
        """Write an object unless there is one; False when there is, or others keep writing it."""
        for _ in range(COLLISION_TRIES):
            try:
                self._s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=content_type, IfNoneMatch="*")
            except ClientError as error:
                refusal = refusal_of(_code_of(error))
                if refusal is Refusal.LOST:
                    return False
                if refusal is Refusal.OTHER:
                    raise _refused(bucket, key, error) from error
            except BotoCoreError as error:
                raise _unreachable(bucket, key, error) from error
            else:
                return True
            self._sleep(COLLISION_PAUSE_SECONDS)
        return False


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
        if _code_of(error) in _MISSING:
            raise ObjectMissing(bucket, key) from error
        raise _refused(bucket, key, error) from error
    except BotoCoreError as error:
        raise _unreachable(bucket, key, error) from error


def _code_of(error: ClientError) -> str:
    code: str = error.response.get("Error", {}).get("Code", "Unknown")
    return code


def _refused(bucket: str, key: str, error: ClientError) -> CloudRefused:
    return CloudRefused(
        f"s3://{bucket}/{key}: {error}. Check that it is there, then the worker's role and the bucket's policy."
    )


def _unreachable(bucket: str, key: str, error: BotoCoreError) -> CloudRefused:
    return CloudRefused(f"s3://{bucket}/{key}: {error}. Check the network and the instance's role.")
