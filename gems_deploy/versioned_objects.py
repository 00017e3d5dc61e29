"""Objects of S3 with all their versions: read, written again, and removed so that nothing of them is left."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

LOG = logging.getLogger(__name__)
_ABSENT = frozenset({"NoSuchKey", "404", "NotFound"})


@dataclass(frozen=True)
class VersionedObjects:
    """S3 with an administrator's credentials.

    Attributes:
        untouched: where earlier versions could not be seen or removed, and S3's word for why.
    """

    s3: S3Client
    untouched: list[str] = field(default_factory=list)

    def read(self, bucket: str, key: str) -> bytes | None:
        """The newest version; None where there is none."""
        try:
            return self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error.response["Error"].get("Code") in _ABSENT:
                return None
            raise

    def keys(self, bucket: str, prefix: str) -> Iterator[str]:
        """Of the objects that are there."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        yield from (one["Key"] for page in pages for one in page.get("Contents", ()))

    def exists(self, bucket: str, key: str) -> bool:
        """Whether an object is there."""
        return key in self.keys(bucket, key)

    def with_earlier(self, bucket: str, prefix: str) -> list[tuple[str, str]]:
        """Bucket and key of what has earlier versions below a prefix, each once."""
        try:
            found = [key for key, _, is_newest in self._versions(bucket, prefix) if not is_newest]
        except ClientError as error:
            self._note(bucket, prefix, error)
            return []
        return [(bucket, key) for key in dict.fromkeys(found)]

    def rewrite(self, bucket: str, key: str, body: bytes) -> None:
        """Write an object again, of the same content type, and remove its earlier versions."""
        kind = self.s3.head_object(Bucket=bucket, Key=key)["ContentType"]
        self.s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType=kind)
        self.remove(bucket, key, every=False)

    def remove(self, bucket: str, key: str, *, every: bool) -> None:
        """Remove all versions of an object, or all but the newest."""
        if every:
            self.s3.delete_object(Bucket=bucket, Key=key)
        try:
            for found, version, is_newest in list(self._versions(bucket, key)):
                if found == key and (every or not is_newest):
                    self.s3.delete_object(Bucket=bucket, Key=key, VersionId=version)
        except ClientError as error:
            self._note(bucket, key, error)

    def _versions(self, bucket: str, prefix: str) -> Iterator[tuple[str, str, bool]]:
        """Key and id of each version, notes of a deletion among them, and whether it is the newest."""
        for page in self.s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
            yield from ((one["Key"], one["VersionId"], one["IsLatest"]) for one in page.get("Versions", ()))
            yield from ((one["Key"], one["VersionId"], one["IsLatest"]) for one in page.get("DeleteMarkers", ()))

    def _note(self, bucket: str, key: str, error: ClientError) -> None:
        LOG.warning("earlier versions were not removed", exc_info=True)
        self.untouched.append(f"s3://{bucket}/{key} ({error.response['Error'].get('Code', '')})")
