"""Pages of the local AWS that show what happened in it, and one that sets its capacity; AWS itself has none of them.

``GET /gems-local/mail`` lists the mail that SES sent, ``GET /gems-local/launches`` the RunInstances and CreateFleet
requests, ``GET /gems-local/calls`` how often AWS was asked for what. ``PUT /gems-local/capacity`` takes
``{"instance_type", "subnet", "market", "instances"}``: so many instances this pool holds from now on. The pages under
``/gems-local/batch`` are AWS Batch's (``gems_local/strict/batch/pages.py``).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

MAIL_PATH = "/gems-local/mail"
LAUNCHES_PATH = "/gems-local/launches"
CALLS_PATH = "/gems-local/calls"
CAPACITY_PATH = "/gems-local/capacity"

Page = Callable[[Any], Any]
"""Given the JSON that was sent (None when nothing was), the JSON that is answered."""


class _Sent(Protocol):
    """A message of moto's SES; a raw one has ``raw_data`` in place of subject and body."""

    source: str
    destinations: list[str] | dict[str, list[str]]


def with_pages(application: WSGIApplication, pages: dict[tuple[str, str], Page]) -> WSGIApplication:
    """The application, with JSON documents at some methods and paths before it."""

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        page = pages.get((environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")))
        if page is None:
            return application(environ, start_response)
        sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        body = json.dumps(page(json.loads(sent) if sent else None), indent=1).encode()
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
