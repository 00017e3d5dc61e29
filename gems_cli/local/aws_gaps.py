"""What moto lacks, or does otherwise than AWS where the difference matters to a job, as WSGI middleware.

- ``RunInstances`` launches as many instances as there is capacity for, between MinCount and MaxCount (moto: MinCount), and a
  repeated ClientToken answers with the first launch (moto launches again).
- ``GET /gems-local/mail`` lists the mail that SES sent, ``GET /gems-local/launches`` the RunInstances requests.
"""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl, urlencode

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

MAIL_PATH = "/gems-local/mail"
LAUNCHES_PATH = "/gems-local/launches"
_RUN_INSTANCES = b"Action=RunInstances&"


class _Sent(Protocol):
    """A message of moto's SES; a raw one has ``raw_data`` in place of subject and body."""

    source: str
    destinations: list[str] | dict[str, list[str]]


_Answer = tuple[str, list[tuple[str, str]], bytes]


class Launches:
    """RunInstances as EC2 does it.

    Args:
        application: moto.
        capacity: the most instances that one call gets.
    """

    def __init__(self, application: WSGIApplication, capacity: int) -> None:
        self.requests: list[dict[str, str]] = []
        self._application = application
        self._capacity = capacity
        self._answers: dict[str, _Answer] = {}
        self._lock = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request of the EC2 query protocol; pass every other on."""
        if environ["REQUEST_METHOD"] != "POST" or "form-urlencoded" not in environ.get("CONTENT_TYPE", ""):
            return self._application(environ, start_response)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        if body.startswith(_RUN_INSTANCES) or b"&" + _RUN_INSTANCES in body:
            return self._launch(environ, start_response, body)
        return self._application(_with_body(environ, body), start_response)

    def _launch(self, environ: WSGIEnvironment, start_response: StartResponse, body: bytes) -> Iterable[bytes]:
        request = dict(parse_qsl(body.decode(), keep_blank_values=True))
        token = request.get("ClientToken", "")
        with self._lock:
            self.requests.append(request)
            answer = self._answers.get(token)
            if answer is None:
                count = max(int(request["MinCount"]), min(int(request["MaxCount"]), self._capacity))
                granted = urlencode({**request, "MinCount": str(count), "MaxCount": str(count)}).encode()
                answer = _collect(self._application, _with_body(environ, granted))
                if token and answer[0].startswith("200"):
                    self._answers[token] = answer
        status, headers, content = answer
        start_response(status, headers)
        return [content]


def with_pages(application: WSGIApplication, pages: dict[str, Callable[[], list[dict[str, Any]]]]) -> WSGIApplication:
    """The application, with JSON documents at some paths before it."""

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        page = pages.get(environ.get("PATH_INFO", ""))
        if page is None:
            return application(environ, start_response)
        body = json.dumps(page(), indent=1).encode()
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    return serve


def sent_mail(messages: list[_Sent]) -> list[dict[str, Any]]:
    """Messages of moto's SES as ``{"from", "to", "subject", "body"}``, or ``{"from", "to", "raw"}`` for raw ones."""
    return [_mail(message) for message in messages]


def _mail(message: _Sent) -> dict[str, Any]:
    to = message.destinations
    if isinstance(to, dict):
        to = [address for addresses in to.values() for address in addresses]
    common = {"from": message.source, "to": list(to)}
    names = {"raw": "raw_data", "subject": "subject", "body": "body"}
    return {**common, **{key: getattr(message, name) for key, name in names.items() if hasattr(message, name)}}


def _with_body(environ: WSGIEnvironment, body: bytes) -> WSGIEnvironment:
    return {**environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}


def _collect(application: WSGIApplication, environ: WSGIEnvironment) -> _Answer:
    head: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], _error: object = None) -> Callable[[bytes], object]:
        head.append((status, headers))
        return lambda _chunk: None

    content = b"".join(application(environ, start_response))
    status, headers = head[-1]
    return status, headers, content
