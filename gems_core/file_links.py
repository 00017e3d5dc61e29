"""Where a worker reads a file that is not in S3 yet (``POST /job/<session_key>/link``, docs/contracts.md, section 4)."""

from __future__ import annotations

from dataclasses import dataclass

from gems_core.fields import TEXT, Field, Shape, text
from gems_core.protocol.instance_ids import INSTANCE_ID

# S3 takes no longer one ("Naming Amazon S3 objects", S3 user guide).
LONGEST_KEY = 1024


@dataclass(frozen=True)
class LinkRequest:
    """A worker asks where it can read a file that is not in S3 yet (``POST /job/<session_key>/link``)."""

    instance_id: str
    key: str

    def as_json(self) -> dict[str, object]:
        """The request's body."""
        return LINK_REQUEST.write(self)

    @classmethod
    def from_json(cls, value: object) -> LinkRequest:
        """Read a request from outside.

        Raises:
            InvalidInput: with every field that is wrong.
        """
        return cls(**LINK_REQUEST.read(value))


LINK_REQUEST: Shape[LinkRequest] = Shape(
    "LinkBody",
    "request for a link",
    (
        Field("instance_id", INSTANCE_ID, "the proven instance's"),
        Field("key", text(LONGEST_KEY), "of the file, as the manifest names it"),
    ),
)


@dataclass(frozen=True)
class FileLink:
    """Where a file can be read for a while, without credentials.

    Attributes:
        etag: without quotes, an MD5 (hexadecimal) where the file was uploaded in one piece; '' where none is known.
    """

    url: str
    etag: str

    def as_json(self) -> dict[str, object]:
        """The answer's body."""
        return FILE_LINK.write(self)

    @classmethod
    def from_json(cls, value: object) -> FileLink:
        """Read an answer of the API.

        Raises:
            InvalidInput: it has not the shape of one.
        """
        return cls(**FILE_LINK.read(value))


FILE_LINK: Shape[FileLink] = Shape(
    "FileLink",
    "link",
    (
        Field("url", TEXT, "presigned; ranges of it may be read"),
        Field("etag", TEXT, "an MD5 where the file was uploaded in one piece; `''` where none is known"),
    ),
)
