"""Holds all that boto3's clients send and are answered in this folder's tests against botocore's models."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from aws_shapes import Exchange, findings
from botocore.awsrequest import AWSPreparedRequest
from botocore.model import OperationModel


class WireWatch:
    """Hooks of a client.

    Attributes:
        seen: operations and statuses.
        found: what the models do not have.
    """

    def __init__(self) -> None:
        self.seen: set[tuple[str, int]] = set()
        self.found: set[str] = set()
        self._now = threading.local()

    def clear(self) -> None:
        self.seen.clear()
        self.found.clear()

    def follow(self, client: Any) -> None:
        client.meta.events.register("before-send", self._sent)
        client.meta.events.register("before-parse", self._answered)

    def _sent(self, request: AWSPreparedRequest, **_: object) -> None:
        self._now.request = request

    def _answered(self, operation_model: OperationModel, response_dict: Mapping[str, Any], **_: object) -> None:
        request = self._now.request
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        headers = {
            name.lower(): value.decode() if isinstance(value, bytes) else value
            for name, value in request.headers.items()
        }
        exchange = Exchange(
            operation_model.service_model.service_name, request.method, request.url.partition("/")[2].partition("/")[2], headers,
            body if isinstance(body, bytes) else b"", response_dict["status_code"], response_dict["headers"], response_dict["body"],
        )  # fmt: skip
        self.seen.add((operation_model.name, exchange.status))
        self.found.update(findings(exchange))


WATCH = WireWatch()
