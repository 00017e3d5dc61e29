"""The Runtime API of one environment, over HTTP, as Lambda serves it to the runtime client (version 2018-06-01)."""

from __future__ import annotations

import json
import queue
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Final

from gems_local.lambda_runtime.wire import HttpAnswer, HttpRequest, WireServer

_BASE: Final = "/2018-06-01/runtime/"


@dataclass
class Invocation:
    """One event on its way through an environment.

    Attributes:
        payload: the event.
        deadline: when the environment is killed, in seconds since the epoch.
        ended: set when there is an answer, or a reason why there is none.
        answer: what the function returned.
        error: why there is no answer.
    """

    payload: bytes
    deadline: float
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    ended: threading.Event = field(default_factory=threading.Event)
    answer: bytes = b""
    error: str = ""

    def fail(self, error: str) -> None:
        """End it without an answer; the first end counts."""
        if not self.ended.is_set():
            self.error = error
            self.ended.set()


class RuntimeApi:
    """Serves one environment.

    Args:
        function_arn: of the function.
        payload_bytes: the largest answer that is taken.

    Attributes:
        idle: set while the runtime waits for an event; its initialisation has then ended.
        init_error: what the runtime reported when it could not start.
    """

    def __init__(self, function_arn: str, payload_bytes: int) -> None:
        self.idle = threading.Event()
        self.init_error = ""
        self._function_arn = function_arn
        self._payload_bytes = payload_bytes
        self._events: queue.SimpleQueue[Invocation | None] = queue.SimpleQueue()
        self._current: Invocation | None = None
        self._server = WireServer(self._answer, payload_bytes).start()

    @property
    def address(self) -> str:
        """Host and port, for ``AWS_LAMBDA_RUNTIME_API``."""
        return f"127.0.0.1:{self._server.port}"

    def offer(self, invocation: Invocation) -> None:
        """Hand an event to the runtime."""
        self.idle.clear()
        self._current = invocation
        self._events.put(invocation)

    def close(self) -> None:
        """Stop serving."""
        self._events.put(None)
        self._server.close()

    def _next(self) -> HttpAnswer | None:
        self.idle.set()
        invocation = self._events.get()
        if invocation is None:
            return None
        headers = (
            ("Content-Type", "application/json"),
            ("Lambda-Runtime-Aws-Request-Id", invocation.request_id),
            ("Lambda-Runtime-Deadline-Ms", str(int(invocation.deadline * 1000))),
            ("Lambda-Runtime-Invoked-Function-Arn", self._function_arn),
            ("Lambda-Runtime-Trace-Id", f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Sampled=0"),
        )
        return HttpAnswer(200, headers, invocation.payload)

    def _take(self, request_id: str, what: str, body: bytes | None) -> int:
        """Take the outcome of the current event; an HTTP status."""
        invocation = self._current
        if invocation is None or invocation.request_id != request_id or invocation.ended.is_set():
            return 400
        if body is None:
            invocation.fail(f"Function.ResponseSizeTooLarge: {self._payload_bytes} bytes are allowed")
            return 413
        if what == "error":
            invocation.fail(_error(body))
            return 202
        invocation.answer = body
        invocation.ended.set()
        return 202

    def _answer(self, request: HttpRequest) -> HttpAnswer | None:
        body = request.body
        match (request.method, *request.path.removeprefix(_BASE).split("/")):
            case ["GET", "invocation", "next"]:
                return self._next()
            case ["POST", "init", "error"]:
                self.init_error = _error(body or b"")
                return HttpAnswer(202)
            case ["POST", "invocation", request_id, ("response" | "error") as what]:
                return HttpAnswer(self._take(request_id, what, body))
        return HttpAnswer(404)


def _error(body: bytes) -> str:
    """What a runtime's error document says, without its stack trace."""
    try:
        document = json.loads(body)
    except ValueError:
        return "an error without a description"
    return f"{document.get('errorType', 'Error')}: {document.get('errorMessage', '')}"
