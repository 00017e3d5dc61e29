"""The instance metadata service of one local instance, version 2: a token is required.

Paths and answers are those of the EC2 user guide, "Instance metadata categories". It serves botocore through
``AWS_EC2_METADATA_SERVICE_ENDPOINT``, and curl.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from gems_core.digits import is_digits
from gems_local.loopback import QuietHandler

TOKEN_HEADER = "X-aws-ec2-metadata-token"  # noqa: S105 - the name of a header
TTL_HEADER = "X-aws-ec2-metadata-token-ttl-seconds"
LONGEST_TOKEN_SECONDS = 21_600
# cloud-init asks for dated versions of the service; ours are all alike.
_VERSION = re.compile(r"/(latest|20[0-9][0-9]-[0-9][0-9]-[0-9][0-9])(?=/|$)")


@dataclass(frozen=True)
class InstanceFacts:
    """What an instance may know of itself.

    Attributes:
        credentials: ``AccessKeyId``, ``SecretAccessKey``, ``Token`` and ``Expiration`` (ISO 8601) of its role.
    """

    instance_id: str
    launch_index: int
    region: str
    availability_zone: str
    instance_type: str
    image_id: str
    account_id: str
    launched_at: str
    tags: Mapping[str, str]
    role: str
    credentials: Mapping[str, str]
    user_data: str

    def documents(self) -> dict[str, str]:
        """Every path that the service answers, without the leading ``/latest/``, and its text."""
        meta = {
            "instance-id": self.instance_id,
            "ami-id": self.image_id,
            "ami-launch-index": str(self.launch_index),
            "instance-type": self.instance_type,
            "placement/region": self.region,
            "placement/availability-zone": self.availability_zone,
            f"iam/security-credentials/{self.role}": json.dumps(
                {"Code": "Success", "Type": "AWS-HMAC", "LastUpdated": self.launched_at, **self.credentials}
            ),
            **{f"tags/instance/{key}": value for key, value in self.tags.items()},
        }
        return {
            **{f"meta-data/{path}": text for path, text in meta.items()},
            "user-data": self.user_data,
            "dynamic/instance-identity/document": json.dumps(self._identity()),
        }

    def _identity(self) -> dict[str, Any]:
        return {
            "version": "2017-09-30",
            "accountId": self.account_id,
            "instanceId": self.instance_id,
            "imageId": self.image_id,
            "instanceType": self.instance_type,
            "region": self.region,
            "availabilityZone": self.availability_zone,
            "pendingTime": self.launched_at,
        }


class MetadataTree:
    """Documents by path, with the listings of the folders between, and the tokens that open them."""

    def __init__(self, documents: Mapping[str, str]) -> None:
        self._documents = documents
        self._tokens: dict[str, float] = {}

    def new_token(self, ttl_seconds: int) -> str:
        """A token that lives for ``ttl_seconds``."""
        token = secrets.token_urlsafe(32)
        self._tokens[token] = time.monotonic() + ttl_seconds
        return token

    def admits(self, token: str | None) -> bool:
        """Whether a token was given out here and still lives."""
        return token is not None and self._tokens.get(token, 0.0) > time.monotonic()

    def read(self, path: str) -> str | None:
        """The document at a path, the listing of a folder, or None."""
        path = path.strip("/")
        if path in self._documents:
            return self._documents[path]
        prefix = f"{path}/" if path else ""
        below = [name[len(prefix) :] for name in self._documents if name.startswith(prefix)]
        names = {name.split("/", 1)[0] + ("/" if "/" in name else "") for name in below}
        return "\n".join(sorted(names)) or None


class _Handler(QuietHandler, BaseHTTPRequestHandler):
    server: MetadataServer

    def do_PUT(self) -> None:
        ttl = self.headers.get(TTL_HEADER, "")
        if self.path != "/latest/api/token":
            self.answer(HTTPStatus.NOT_FOUND, "")
        elif not is_digits(ttl) or not 1 <= int(ttl) <= LONGEST_TOKEN_SECONDS:
            self.answer(HTTPStatus.BAD_REQUEST, f"expected {TTL_HEADER} of 1 to {LONGEST_TOKEN_SECONDS}")
        else:
            self.answer(HTTPStatus.OK, self.server.tree.new_token(int(ttl)), {TTL_HEADER: ttl})

    def do_GET(self) -> None:
        if not self.server.tree.admits(self.headers.get(TOKEN_HEADER)):
            self.answer(HTTPStatus.UNAUTHORIZED, f"expected a token in {TOKEN_HEADER}")
            return
        version = _VERSION.match(self.path)
        text = self.server.tree.read(self.path[version.end() :]) if version else None
        self.answer(HTTPStatus.NOT_FOUND if text is None else HTTPStatus.OK, text or "")


class MetadataServer(ThreadingHTTPServer):
    """Serves one instance's metadata on a free loopback port."""

    daemon_threads = True

    def __init__(self, documents: Mapping[str, str]) -> None:
        self.tree = MetadataTree(documents)
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        """Its address, for ``AWS_EC2_METADATA_SERVICE_ENDPOINT``."""
        return f"http://127.0.0.1:{self.server_address[1]}/"
