"""An API that answers from a script, over real HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class StubApi(ThreadingHTTPServer):
    """Answers each method and path with what ``answers`` says, and records what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        self.answers: dict[str, list[tuple[int, Mapping[str, str], Any]]] = {}
        self.asked: list[tuple[str, str, dict[str, str], Any]] = []
        super().__init__(("127.0.0.1", 0), _Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def answer(self, request: str, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        """The next answer to e.g. ``GET /job``; the last one given is repeated."""
        self.answers.setdefault(request, []).append((status, headers or {}, body))


class _Handler(BaseHTTPRequestHandler):
    server: StubApi

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        sent = json.loads(self.rfile.read(length)) if length else None
        path = self.path.split("?")[0]
        self.server.asked.append((self.command, self.path, dict(self.headers), sent))
        queue = self.server.answers[f"{self.command} {path}"]
        status, headers, body = queue.pop(0) if len(queue) > 1 else queue[0]
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = _serve  # noqa: N815 - the base class's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""
