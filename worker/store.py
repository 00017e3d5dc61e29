"""What the worker needs of an object store, and downloads that are whole or do not exist."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import stamina

from worker.errors import ObjectTooLarge, TransferBroken

_log = logging.getLogger(__name__)
_ATTEMPTS = 5


@dataclass(frozen=True)
class ObjectStream:
    """An object being read.

    Attributes:
        md5: hexadecimal, where the store's ETag is one; else None (multipart and KMS-encrypted objects).
    """

    size_bytes: int
    md5: str | None
    chunks: Iterator[bytes]


class ObjectStore(Protocol):
    """S3 as the worker sees it. Every method may raise CloudRefused."""

    def stream(self, bucket: str, key: str, etag: str = "") -> AbstractContextManager[ObjectStream]:
        """Open an object; raises ObjectMissing, and TransferBroken while it is read.

        Args:
            bucket: the bucket.
            key: of the object.
            etag: the only content that will do, else ObjectChanged is raised; '' for whatever is there.
        """

    def exists(self, bucket: str, key: str) -> bool:
        """Whether there is such an object."""

    def write(self, bucket: str, key: str, data: bytes, content_type: str) -> None:
        """Write an object, replacing what was there."""

    def upload(self, bucket: str, key: str, path: Path, content_type: str) -> None:
        """Write an object from a file, of at most 5 GiB."""

    def create(self, bucket: str, key: str, data: bytes, content_type: str) -> bool:
        """Write an object unless there is one; whether it was written."""


def read(store: ObjectStore, bucket: str, key: str, *, most_bytes: int) -> bytes:
    """An object whole, which is not even begun when it is larger than it may be.

    Raises:
        ObjectMissing: there is no such object.
        ObjectTooLarge: it has more than ``most_bytes``.
        TransferBroken: it ended early.
    """
    with store.stream(bucket, key) as stream:
        if stream.size_bytes > most_bytes:
            raise ObjectTooLarge(bucket, key, most_bytes=most_bytes, found_bytes=stream.size_bytes)
        return b"".join(stream.chunks)


def download(store: ObjectStore, bucket: str, key: str, path: Path, etag: str = "") -> str:
    """Copy an object to a file, which is there whole or not at all; broken transfers are tried again from the start.

    Args:
        store: S3.
        bucket: the bucket.
        key: of the object.
        path: the file.
        etag: the only content that will do, at every attempt; '' for whatever is there.

    Returns:
        the SHA-256 of the file, hexadecimal.

    Raises:
        ObjectMissing: there is no such object.
        ObjectChanged: it has another entity tag.
        TransferBroken: every attempt ended early or arrived damaged.
    """
    part = path.with_name(path.name + ".part")
    for attempt in stamina.retry_context(on=_worth_another_attempt, attempts=_ATTEMPTS, timeout=None):
        with attempt:
            sha256 = _copy(store, bucket, key, part, etag)
    part.replace(path)
    return sha256


def _worth_another_attempt(error: Exception) -> bool:
    if not isinstance(error, TransferBroken):
        return False
    _log.warning("%s", error)
    return True


def _copy(store: ObjectStore, bucket: str, key: str, part: Path, etag: str) -> str:
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    size_bytes = 0
    with store.stream(bucket, key, etag) as stream, part.open("wb") as file:
        for chunk in stream.chunks:
            sha256.update(chunk)
            md5.update(chunk)
            size_bytes += len(chunk)
            file.write(chunk)
    if size_bytes != stream.size_bytes:
        raise TransferBroken(
            f"s3://{bucket}/{key}: expected {stream.size_bytes} bytes, found {size_bytes}. The transfer was cut short."
        )
    if stream.md5 is not None and stream.md5 != md5.hexdigest():
        raise TransferBroken(
            f"s3://{bucket}/{key}: expected MD5 {stream.md5} (its ETag), found {md5.hexdigest()}. It arrived damaged."
        )
    return sha256.hexdigest()
