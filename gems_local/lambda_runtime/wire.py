"""HTTP/1.1 on a port of this machine, for servers that are a function from a request to an answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import urlsplit

Headers = Sequence[tuple[str, str]]
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_WITHOUT_BODY = (204, 304)


@dataclass(frozen=True)
class HttpRequest:
    """A request as it came over the wire; ``target`` is path and query, percent-encoded.

    Attributes:
        body: None when it is larger than the server takes.
    """

    method: str
    target: str
    headers: Headers
    body: bytes | None
    source_ip: str

    @property
    def path(self) -> str:
        """Without the query, percent-encoded."""
        return urlsplit(self.target).path or "/"

    def header(self, name: str) -> str:
        """The last header of a name (in lower case), or ''."""
        return next((value for known, value in reversed(self.headers) if known.lower() == name), "")


@dataclass(frozen=True)
class HttpAnswer:
    """What goes over the wire."""

    status: int
    headers: Headers = ()
    body: bytes = b""


class WireServer(ThreadingHTTPServer):
    """Listens from the beginning, answers from its start until it is closed; a thread for each connection.

    Args:
        answer: answers a request; None hangs up.
        largest_bytes: of a body.
        port: 0 for any free one.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, answer: Callable[[HttpRequest], HttpAnswer | None], largest_bytes: int, port: int = 0) -> None:
        self.answer = answer
        self.largest_bytes = largest_bytes
        super().__init__(("127.0.0.1", port), _Handler)

    def start(self) -> Self:
        """Begin to answer."""
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def close(self) -> None:
        """Stop serving."""
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: WireServer

    def serve(self) -> None:
        body = self._chunks() if "chunked" in self.headers.get("Transfer-Encoding", "") else self._counted()
        if body is None:
            self.close_connection = True
        headers = tuple(self.headers.items())
        request = HttpRequest(self.command, self.path, headers, body, str(self.client_address[0]))
        answer = self.server.answer(request)
        if answer is None:
            self.close_connection = True
            return
        self._reply(answer)

    def _counted(self) -> bytes | None:
        size = int(self.headers.get("Content-Length") or 0)
        return self.rfile.read(size) if size <= self.server.largest_bytes else None

    def _chunks(self) -> bytes | None:
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            if len(body) + size > self.server.largest_bytes:
                return None
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _reply(self, answer: HttpAnswer) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("Date", self.date_time_string())
        if answer.status not in _WITHOUT_BODY:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD" and answer.status not in _WITHOUT_BODY:
            self.wfile.write(answer.body)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """The function's own log is what matters."""


for _method in _METHODS:
    setattr(_Handler, f"do_{_method}", _Handler.serve)
