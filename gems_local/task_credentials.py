"""The credentials endpoint of one local container, as ECS gives its tasks one: a token is required.

Paths and answers are those of the ECS developer guide, "Task IAM role". It serves botocore through
``AWS_CONTAINER_CREDENTIALS_FULL_URI`` and ``AWS_CONTAINER_AUTHORIZATION_TOKEN``, and curl.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from gems_local.loopback import QuietHandler

_JSON = "application/json"


class _Handler(QuietHandler, BaseHTTPRequestHandler):
    server: CredentialsServer

    def do_GET(self) -> None:
        if not hmac.compare_digest(self.headers.get("Authorization", "").encode(), self.server.token.encode()):
            self._refuse(HTTPStatus.FORBIDDEN, "expected the token of AWS_CONTAINER_AUTHORIZATION_TOKEN")
        elif self.path != self.server.path:
            self._refuse(HTTPStatus.NOT_FOUND, f"expected the path {self.server.path}")
        else:
            self.answer(HTTPStatus.OK, self.server.document, kind=_JSON)

    def _refuse(self, status: HTTPStatus, message: str) -> None:
        self.answer(status, json.dumps({"code": status.phrase, "message": message}), kind=_JSON)


class CredentialsServer(ThreadingHTTPServer):
    """Serves one task's credentials on a free loopback port.

    Args:
        role_arn: the task's role.
        credentials: ``AccessKeyId``, ``SecretAccessKey``, ``Token`` and ``Expiration`` (ISO 8601).

    Attributes:
        token: opens it.
    """

    daemon_threads = True

    def __init__(self, role_arn: str, credentials: Mapping[str, str]) -> None:
        self.token = secrets.token_urlsafe(32)
        self.path = f"/v2/credentials/{secrets.token_hex(16)}"
        self.document = json.dumps({"RoleArn": role_arn, **credentials})
        super().__init__(("127.0.0.1", 0), _Handler)

    def variables(self) -> dict[str, str]:
        """The environment variables that lead there."""
        return {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://127.0.0.1:{self.server_address[1]}{self.path}",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": self.token,
        }
