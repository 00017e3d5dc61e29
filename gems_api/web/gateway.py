"""API Gateway's events as WSGI requests, and WSGI answers as what API Gateway takes.

Two kinds of event carry a request: that of a REST API (format 1.0, what Zappa deploys) and that of an HTTP API or a
function URL (format 2.0). The developer guide of API Gateway ("Lambda proxy integrations") describes both.

apig-wsgi 2.20 does not serve: it loses the stage, takes a REST client's address from a header that the client may
write, keeps the last of an HTTP API's repeated headers, and lets an answer over Lambda's limit end as a bare 502.
"""

from __future__ import annotations

import base64
import io
import json
import logging
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlencode

from werkzeug.wrappers import Response

from gems_api.web.problems import CONTENT_TYPE, KINDS, problem_document

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

LOG = logging.getLogger(__name__)
Event = Mapping[str, Any]
Answer = dict[str, Any]
# What Lambda takes of JSON for an answer (quotas of Lambda, "Invocation payload").
LARGEST_ANSWER_BYTES = 6 * 1024 * 1024
# Headers of an answer that tell of its body.
_OF_THE_CONTENT = frozenset({"content-type", "content-length", "content-encoding", "etag", "link", "location", "age"})
_TEXT_TYPES = ("text/", "application/json", "application/problem+json", "image/svg+xml")


@dataclass(frozen=True)
class Request:
    """A request as both kinds of event tell it.

    Attributes:
        script_name: what stands before the path: the stage, or the base path of a custom domain.
        path: decoded, below ``script_name``.
        headers: in order, repeated where they were repeated.
    """

    method: str
    script_name: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    source_ip: str


def of_rest_api(event: Event) -> Request:
    """The request of a REST API's event.

    ``requestContext.path`` is what the client asked for; what stands in it before the resource's own path is the stage
    (execute-api) or the base path (custom domain).
    """
    about = event["requestContext"]
    path = unquote(event["path"])
    asked = unquote(about.get("path") or path)
    proxy = (event.get("pathParameters") or {}).get("proxy")
    below = "/" if event.get("resource") == "/" else f"/{unquote(proxy)}" if proxy else path
    script_name = asked.removesuffix(below) if asked != below else ""
    many = event.get("multiValueHeaders") or {name: [value] for name, value in (event.get("headers") or {}).items()}
    arguments = event.get("multiValueQueryStringParameters") or event.get("queryStringParameters") or {}
    return Request(
        method=event["httpMethod"],
        script_name=script_name.rstrip("/"),
        path=below,
        query=urlencode(arguments, doseq=True),
        headers=tuple((name, value) for name, values in many.items() for value in values),
        body=_body(event),
        source_ip=(about.get("identity") or {}).get("sourceIp") or "",
    )


def of_http_api(event: Event) -> Request:
    """The request of an HTTP API's or a function URL's event; only a named stage stands in its path."""
    about = event["requestContext"]
    path = unquote(event["rawPath"])
    stage = f"/{about.get('stage', '')}"
    script_name = stage if path == stage or path.startswith(f"{stage}/") else ""
    cookies = [("cookie", "; ".join(event["cookies"]))] if event.get("cookies") else []
    return Request(
        method=about["http"]["method"],
        script_name=script_name,
        path=path.removeprefix(script_name) or "/",
        query=event.get("rawQueryString", ""),
        headers=(*event.get("headers", {}).items(), *cookies),
        body=_body(event),
        source_ip=about["http"].get("sourceIp", ""),
    )


def answer_rest_api(app: WSGIApplication, request: Request) -> Answer:
    """What a REST API takes for an answer."""
    return _that_fits(request, Response.from_app(app, _environ(request), buffered=True), _rest_answer)


def answer_http_api(app: WSGIApplication, request: Request) -> Answer:
    """What an HTTP API takes for an answer."""
    return _that_fits(request, Response.from_app(app, _environ(request), buffered=True), _http_answer)


def _rest_answer(response: Response) -> Answer:
    names = dict.fromkeys(name for name, _ in response.headers)
    return _status_and_body(response) | {"multiValueHeaders": {name: response.headers.getlist(name) for name in names}}


def _http_answer(response: Response) -> Answer:
    names = dict.fromkeys(name for name, _ in response.headers if name.lower() != "set-cookie")
    headers = {name: ",".join(response.headers.getlist(name)) for name in names}
    return _status_and_body(response) | {"headers": headers, "cookies": response.headers.getlist("Set-Cookie")}


def _that_fits(request: Request, response: Response, write: Callable[[Response], Answer]) -> Answer:
    """The answer, or a problem in its place if Lambda would not take it: the client would be told 502, and nobody why."""
    answer = write(response)
    # As the runtime writes it at most: in it a body of JSON is a text, of which each quote takes two bytes.
    size_bytes = len(json.dumps(answer))
    if size_bytes <= LARGEST_ANSWER_BYTES:
        return answer
    LOG.error("%s %s: an answer of %d bytes is too large for Lambda", request.method, request.path, size_bytes)
    return write(_too_large(request, response, size_bytes))


def _too_large(request: Request, response: Response, size_bytes: int) -> Response:
    kind = KINDS["answer_too_large"]
    detail = f"expected an answer of at most {LARGEST_ANSWER_BYTES} bytes, found {size_bytes}. Ask for less at once."
    document = problem_document(kind, detail, request.script_name, request.path)
    kept = [(name, value) for name, value in response.headers if name.lower() not in _OF_THE_CONTENT]
    return Response(json.dumps(document), kind.status, kept, content_type=CONTENT_TYPE)


def _body(event: Event) -> bytes:
    text: str = event.get("body") or ""
    return base64.b64decode(text) if event.get("isBase64Encoded") else text.encode()


def _status_and_body(response: Response) -> Answer:
    content = response.get_data()
    plain = "Content-Encoding" not in response.headers and (response.mimetype or "").startswith(_TEXT_TYPES)
    text = content.decode() if plain else base64.b64encode(content).decode()
    return {"statusCode": response.status_code, "body": text, "isBase64Encoded": not plain and bool(content)}


def _environ(request: Request) -> WSGIEnvironment:
    headers = _wsgi_headers(request.headers)
    host = headers.get("HTTP_HOST", "localhost")
    return {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": _latin(request.script_name),
        "PATH_INFO": _latin(request.path),
        "QUERY_STRING": _latin(request.query),
        "SERVER_NAME": host.partition(":")[0],
        "SERVER_PORT": headers.get("HTTP_X_FORWARDED_PORT", "443"),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": request.source_ip,
        "CONTENT_TYPE": headers.pop("HTTP_CONTENT_TYPE", ""),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **headers,
        "CONTENT_LENGTH": str(len(request.body)),
    }


def _wsgi_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """As CGI names them; one with an underscore is left out, for it could pass for one with a dash."""
    found: dict[str, str] = {}
    for name, value in headers:
        if "_" in name:
            continue
        key = f"HTTP_{name.upper().replace('-', '_')}"
        found[key] = f"{found[key]},{value}" if key in found else value
    found.pop("HTTP_CONTENT_LENGTH", None)
    return found


def _latin(text: str) -> str:
    """Text as WSGI carries it: its UTF-8 bytes, each a character (PEP 3333)."""
    return text.encode().decode("latin-1")
