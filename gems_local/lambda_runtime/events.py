"""Requests as the events of a REST API, its answers, and the schedule's event."""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from gems_local.lambda_runtime.wire import HttpAnswer, HttpRequest

ACCOUNT_ID = "123456789012"
API_ID = "gemslocal1"
# Developer guide of API Gateway, "Important notes": these of an answer arrive under another name.
_REMAPPED = frozenset({"connection", "content-length", "date", "server", "transfer-encoding", "www-authenticate"})


@dataclass(frozen=True)
class Mapping:
    """How a host leads to the API.

    Attributes:
        stage: of the deployment.
        in_path: what stands before a resource's path: ``/dev`` at execute-api, a base path or nothing at a custom domain.
        is_custom_domain: whether the event's own path keeps ``in_path``, as it does there.
    """

    stage: str
    in_path: str
    is_custom_domain: bool = field(default=False)


def rest_event(request: HttpRequest, mapping: Mapping) -> dict[str, Any] | None:
    """The event of a REST API with the resources ``/`` and ``/{proxy+}``; None where the path is not the API's."""
    path = request.path
    if path != mapping.in_path and not path.startswith(f"{mapping.in_path}/"):
        return None
    below = path.removeprefix(mapping.in_path) or "/"
    proxy = below.strip("/")
    now = datetime.now(UTC)
    host = request.header("host")
    arguments = parse_qsl(urlsplit(request.target).query, keep_blank_values=True)
    headers = [
        *((name, value) for name, value in request.headers if name.lower() not in ("connection", "expect")),
        ("X-Forwarded-For", request.source_ip),
        ("X-Forwarded-Port", "443"),
        ("X-Forwarded-Proto", "https"),
        ("X-Amzn-Trace-Id", f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]}"),
    ]
    return {
        "resource": "/{proxy+}" if proxy else "/",
        "path": path if mapping.is_custom_domain else below,
        "httpMethod": request.method,
        "headers": dict(headers) or None,
        "multiValueHeaders": _lists(headers),
        "queryStringParameters": dict(arguments) or None,
        "multiValueQueryStringParameters": _lists(arguments),
        "pathParameters": {"proxy": unquote(proxy)} if proxy else None,
        "stageVariables": None,
        "requestContext": {
            "accountId": ACCOUNT_ID,
            "apiId": API_ID,
            "domainName": host.partition(":")[0],
            "domainPrefix": host.partition(".")[0],
            "extendedRequestId": uuid.uuid4().hex,
            "httpMethod": request.method,
            "identity": {"sourceIp": request.source_ip, "userAgent": request.header("user-agent")},
            "path": path,
            "protocol": "HTTP/1.1",
            "requestId": str(uuid.uuid4()),
            "requestTime": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "requestTimeEpoch": int(now.timestamp() * 1000),
            "resourceId": "any",
            "resourcePath": "/{proxy+}" if proxy else "/",
            "stage": mapping.stage,
        },
        # Zappa has every media type taken for binary: each body arrives as base64.
        "body": base64.b64encode(request.body).decode() if request.body else None,
        "isBase64Encoded": bool(request.body),
    }


def http_answer(payload: bytes) -> HttpAnswer:
    """The answer that a function's payload describes.

    Raises:
        ValueError: it is not what API Gateway takes ("malformed Lambda proxy response").
    """
    document = json.loads(payload)
    known = {"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"}
    if not isinstance(document, dict) or set(document) - known or not isinstance(document.get("statusCode"), int):
        raise ValueError("malformed Lambda proxy response")
    headers: dict[str, list[str]] = {name: [str(value)] for name, value in (document.get("headers") or {}).items()}
    headers |= {
        name: [str(value) for value in values] for name, values in (document.get("multiValueHeaders") or {}).items()
    }
    text = document.get("body") or ""
    if not isinstance(text, str):
        raise ValueError("malformed Lambda proxy response: the body is not a string")  # noqa: TRY004 - as all others
    body = base64.b64decode(text, validate=True) if document.get("isBase64Encoded") else text.encode()
    pairs = [(_remapped(name), value) for name, values in headers.items() for value in values]
    return HttpAnswer(document["statusCode"], pairs, body)


def message(status: int, text: str) -> HttpAnswer:
    """An answer of API Gateway itself."""
    return HttpAnswer(status, [("Content-Type", "application/json")], json.dumps({"message": text}).encode())


def scheduled_event(region: str, rule: str) -> dict[str, Any]:
    """The event of a rule of EventBridge that fires on a schedule."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT_ID,
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": region,
        "resources": [f"arn:aws:events:{region}:{ACCOUNT_ID}:rule/{rule}"],
        "detail": {},
    }


def _remapped(name: str) -> str:
    return f"x-amzn-Remapped-{name}" if name.lower() in _REMAPPED else name


def _lists(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]] | None:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found or None
