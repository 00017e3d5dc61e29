"""What the use cases need from object storage; S3 in ``gems_api.aws``, memory in tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gems_core.errors import GemsError
from gems_core.review.lock import Hold


class BucketUnreadable(GemsError):
    """A bucket does not exist, or GeMS may not read it; the message says which."""


@dataclass(frozen=True)
class Entry:
    """One object of a listing; its entity tag changes whenever its content does.

    ``modified_at`` is S3's own clock, in whole seconds. Both clocks are kept by NTP (S3 refuses requests signed by one
    that is 15 minutes off), so it may be compared with ours where minutes matter, and nowhere else.
    """

    key: str
    size_bytes: int
    etag: str
    modified_at: datetime


@dataclass(frozen=True)
class Shelf:
    """What a listing shows directly under a prefix.

    Attributes:
        folders: prefixes that end in a slash.
        files: the objects beside them.
        is_cut: whether there is more.
    """

    folders: tuple[str, ...]
    files: tuple[Entry, ...]
    is_cut: bool


@dataclass(frozen=True)
class Stored:
    """An object's content, and the entity tag that a conditional write needs."""

    body: bytes
    etag: str


class TooLarge(ValueError):
    """An object is longer than any that GeMS writes under its key; it was not read.

    Attributes:
        etag: its entity tag.
    """

    def __init__(self, size_bytes: int, most_bytes: int, etag: str) -> None:
        self.etag = etag
        super().__init__(f"expected at most {most_bytes} bytes, found {size_bytes}")


class Store(Protocol):
    """S3: strongly consistent, with conditional writes."""

    def read(self, bucket: str, key: str) -> Stored | None:
        """The object, or None when there is none.

        Raises:
            TooLarge: it has more bytes than ``object_sizes`` gives its key.
        """
        ...

    def read_range(self, bucket: str, key: str, start: int, length_bytes: int) -> bytes:
        """At most ``length_bytes`` from offset ``start`` (0-based) of an object that exists."""
        ...

    def create(self, bucket: str, key: str, body: bytes, hold: Hold | None = None) -> str | None:
        """Write only if the key is free; the new entity tag, or None when it was taken.

        Args:
            bucket: the bucket; with a ``hold`` one of which Object Lock is turned on.
            key: of the object.
            body: its content.
            hold: until when nobody may remove it.
        """
        ...

    def replace(self, bucket: str, key: str, body: bytes, etag: str) -> str | None:
        """Write only over the content named by ``etag``; the new entity tag, or None when it has changed."""
        ...

    def put(self, bucket: str, key: str, body: bytes) -> None:
        """Write, whatever was there."""
        ...

    def delete(self, bucket: str, key: str) -> None:
        """Remove the object if there is one."""
        ...

    def entries(
        self, bucket: str, prefix: str, after: str = "", until: str = "", most: int | None = None
    ) -> list[Entry]:
        """All objects under a prefix, in key order.

        Args:
            bucket: the bucket.
            prefix: of the keys.
            after: only keys after this one.
            until: no key after this one; '' means no limit.
            most: only the first so many; S3 is asked for no more.

        Raises:
            BucketUnreadable: no such bucket, or no permission.
        """
        ...

    def shelf(self, bucket: str, prefix: str) -> Shelf:
        """Folders and objects directly under a prefix, as many as one call of S3 tells.

        Raises:
            BucketUnreadable: no such bucket, or no permission.
        """
        ...

    def exists(self, bucket: str, key: str) -> bool:
        """Whether the object is there."""
        ...

    def presigned_url(self, bucket: str, key: str, seconds: int) -> str:
        """A URL that reads the object for ``seconds`` without credentials."""
        ...
