"""S3 behind the Store protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from gems_api.aws.errors import code_of, refused, refusing
from gems_api.services.storage.object_sizes import most_bytes
from gems_api.services.store_ports import BucketUnreadable, Entry, Shelf, Stored, TooLarge
from gems_core.conditional_write import COLLISION_PAUSE_SECONDS, COLLISION_TRIES, Refusal, refusal_of
from gems_core.review.lock import Hold

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_ABSENT = frozenset({"NoSuchKey", "404", "NotFound"})
PAGE = 1000  # what one call lists at most


class S3Store:
    """One client's view of S3."""

    def __init__(self, client: S3Client, sleep: Callable[[float], None]) -> None:
        self._client = client
        self._sleep = sleep

    def read(self, bucket: str, key: str) -> Stored | None:
        """See Store."""
        try:
            answer = self._client.get_object(Bucket=bucket, Key=key)
            size_bytes, most = answer["ContentLength"], most_bytes(key)
            if size_bytes > most:
                answer["Body"].close()
                raise TooLarge(size_bytes, most, answer["ETag"])
            return Stored(answer["Body"].read(), answer["ETag"])
        except ClientError as error:
            if code_of(error) in _ABSENT:
                return None
            raise refused(f"reading s3://{bucket}/{key}", error) from error
        except BotoCoreError as error:
            raise refused(f"reading s3://{bucket}/{key}", error) from error

    def read_range(self, bucket: str, key: str, start: int, length_bytes: int) -> bytes:
        """See Store."""
        with refusing(f"reading s3://{bucket}/{key}"):
            wanted = f"bytes={start}-{start + length_bytes - 1}"
            return self._client.get_object(Bucket=bucket, Key=key, Range=wanted)["Body"].read()

    def create(self, bucket: str, key: str, body: bytes, hold: Hold | None = None) -> str | None:
        """See Store."""
        put = partial(self._client.put_object, Bucket=bucket, Key=key, Body=body, IfNoneMatch="*")
        if hold is not None:
            put = partial(put, ObjectLockMode=hold.mode.value, ObjectLockRetainUntilDate=hold.until)
        return self._conditional(bucket, key, body, lambda: put()["ETag"])

    def replace(self, bucket: str, key: str, body: bytes, etag: str) -> str | None:
        """See Store."""
        return self._conditional(
            bucket, key, body, lambda: self._client.put_object(Bucket=bucket, Key=key, Body=body, IfMatch=etag)["ETag"]
        )

    def _conditional(self, bucket: str, key: str, body: bytes, write: Callable[[], str]) -> str | None:
        what = f"writing s3://{bucket}/{key}"
        for _ in range(COLLISION_TRIES):
            try:
                return write()
            except ClientError as error:
                refusal = refusal_of(code_of(error))
                if refusal is Refusal.LOST:
                    return self._written_after_all(bucket, key, body, error)
                if refusal is Refusal.OTHER:
                    raise refused(what, error) from error
            except BotoCoreError as error:
                raise refused(what, error) from error
            self._sleep(COLLISION_PAUSE_SECONDS)
        return None

    def _written_after_all(self, bucket: str, key: str, body: bytes, error: ClientError) -> str | None:
        """A write whose answer was lost is repeated by botocore and then fails on itself; it succeeded."""
        if not error.response["ResponseMetadata"].get("RetryAttempts"):
            return None
        stored = self.read(bucket, key)
        return stored.etag if stored is not None and stored.body == body else None

    def put(self, bucket: str, key: str, body: bytes) -> None:
        """See Store."""
        with refusing(f"writing s3://{bucket}/{key}"):
            self._client.put_object(Bucket=bucket, Key=key, Body=body)

    def delete(self, bucket: str, key: str) -> None:
        """See Store."""
        with refusing(f"deleting s3://{bucket}/{key}"):
            self._client.delete_object(Bucket=bucket, Key=key)

    def entries(
        self, bucket: str, prefix: str, after: str = "", until: str = "", most: int | None = None
    ) -> list[Entry]:
        """See Store."""
        try:
            return list(islice(self._listing(bucket, prefix, after, until, most), most))
        except ClientError as error:
            raise BucketUnreadable(str(refused(f"listing s3://{bucket}/{prefix}", error))) from error
        except BotoCoreError as error:
            raise refused(f"listing s3://{bucket}/{prefix}", error) from error

    def _listing(self, bucket: str, prefix: str, after: str, until: str, most: int | None) -> Iterator[Entry]:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=bucket, Prefix=prefix, StartAfter=after, PaginationConfig={"PageSize": min(most or PAGE, PAGE)}
        )
        for page in pages:
            for item in page.get("Contents", ()):
                if until and item["Key"] > until:
                    return
                yield Entry(item["Key"], item["Size"], item["ETag"], item["LastModified"])
                if item["Key"] == until:
                    return

    def shelf(self, bucket: str, prefix: str) -> Shelf:
        """See Store."""
        try:
            page = self._client.list_objects_v2(Bucket=bucket, Prefix=prefix, Delimiter="/", MaxKeys=PAGE)
        except ClientError as error:
            raise BucketUnreadable(str(refused(f"listing s3://{bucket}/{prefix}", error))) from error
        except BotoCoreError as error:
            raise refused(f"listing s3://{bucket}/{prefix}", error) from error
        files = (
            Entry(item["Key"], item["Size"], item["ETag"], item["LastModified"]) for item in page.get("Contents", ())
        )
        folders = (item["Prefix"] for item in page.get("CommonPrefixes", ()))
        return Shelf(tuple(folders), tuple(files), page["IsTruncated"])

    def exists(self, bucket: str, key: str) -> bool:
        """See Store."""
        try:
            self._client.head_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if code_of(error) in _ABSENT:
                return False
            raise refused(f"looking for s3://{bucket}/{key}", error) from error
        except BotoCoreError as error:
            raise refused(f"looking for s3://{bucket}/{key}", error) from error
        return True

    def presigned_url(self, bucket: str, key: str, seconds: int) -> str:
        """See Store."""
        with refusing(f"signing s3://{bucket}/{key}"):
            return self._client.generate_presigned_url(
                "get_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=seconds
            )
