"""The control bucket as those who publish use it: reads, listings, and writes that lose rather than overwrite."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gems_core.conditional_write import COLLISION_PAUSE_SECONDS, COLLISION_TRIES, Refusal, refusal_of
from gems_core.json_input import parse_json

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_ABSENT = ("NoSuchKey", "404", "NotFound")


@dataclass(frozen=True)
class Document:
    """A JSON object in S3, and the entity tag that replacing it needs."""

    content: dict[str, Any]
    etag: str


@dataclass(frozen=True)
class Shelf:
    """A control bucket. What S3 refuses is told by boto3's own errors.

    Attributes:
        s3: a client with the rights of who publishes.
    """

    s3: S3Client
    bucket: str
    sleep: Callable[[float], None] = time.sleep

    def keys(self, prefix: str) -> Iterator[str]:
        """All keys under a prefix, in order."""
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix):
            yield from (item["Key"] for item in page.get("Contents", ()))

    def read(self, key: str) -> Document | None:
        """A JSON object; None when there is none.

        Raises:
            ValueError, TypeError: what is there is not a JSON object.
        """
        try:
            answer = self.s3.get_object(Bucket=self.bucket, Key=key)
        except self.s3.exceptions.ClientError as error:
            if error.response["Error"]["Code"] in _ABSENT:
                return None
            raise
        content = parse_json(answer["Body"].read())
        if not isinstance(content, dict):
            raise TypeError(f"s3://{self.bucket}/{key}: expected a JSON object, found {type(content).__name__}")
        return Document(content, answer["ETag"])

    def exists(self, key: str) -> bool:
        """Whether there is an object of this key."""
        return next(self.keys(key), None) == key

    def create(self, key: str, content: Mapping[str, object]) -> bool:
        """Write a JSON object unless there is one; whether it was written."""
        body = to_bytes(content)
        return self._decided(lambda: self.s3.put_object(Bucket=self.bucket, Key=key, Body=body, IfNoneMatch="*"))

    def replace(self, key: str, content: Mapping[str, object], etag: str) -> bool:
        """Write a JSON object over the one with this entity tag; whether it was still there."""
        body = to_bytes(content)
        return self._decided(lambda: self.s3.put_object(Bucket=self.bucket, Key=key, Body=body, IfMatch=etag))

    def create_file(self, key: str, path: Path, sha256: str) -> bool:
        """Write a file unless there is an object; S3 itself compares what arrived with the SHA-256."""

        def write() -> object:
            with path.open("rb") as file:
                checksum = base64.b64encode(bytes.fromhex(sha256)).decode()
                return self.s3.put_object(
                    Bucket=self.bucket, Key=key, Body=file, IfNoneMatch="*", ChecksumSHA256=checksum
                )

        return self._decided(write)

    def delete(self, key: str) -> None:
        """Remove an object; its older version stays as long as the bucket keeps versions."""
        self.s3.delete_object(Bucket=self.bucket, Key=key)

    def _decided(self, write: Callable[[], object]) -> bool:
        for _ in range(COLLISION_TRIES):
            try:
                write()
            except self.s3.exceptions.ClientError as error:
                refusal = refusal_of(error.response["Error"]["Code"])
                if refusal is Refusal.OTHER:
                    raise
                if refusal is Refusal.LOST:
                    return False
                self.sleep(COLLISION_PAUSE_SECONDS)
            else:
                return True
        return False


def to_bytes(content: Mapping[str, object]) -> bytes:
    """JSON as it is written here."""
    return json.dumps(content, indent=1).encode()
