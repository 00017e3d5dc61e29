"""API Gateway: a REST API whose every request goes to one function."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from typing import Any

from gems_local.lambda_runtime.events import Mapping, http_answer, message, rest_event
from gems_local.lambda_runtime.function import Function, PayloadTooLarge
from gems_local.lambda_runtime.limits import Limits
from gems_local.lambda_runtime.wire import HttpAnswer, HttpRequest, WireServer

# One that waits for a function costs nothing; more than these at once are answered later.
_REQUESTS = 64


class FunctionFailed(Exception):
    """The function gave no answer that API Gateway could pass on; the function's log has the reason."""


class Gateway:
    """Serves a function over HTTP.

    Args:
        function_at: makes the function that answers, given the address of its stage.
        stage: what stands first in every path, such as ``dev``.
        domains: custom domains, each with its base path (``''`` for none).
        limits: of API Gateway.
        port: 0 for any free one.

    Attributes:
        function: the one that answers.
    """

    def __init__(
        self, function_at: Callable[[str], Function], stage: str, domains: dict[str, str], limits: Limits, port: int = 0
    ) -> None:
        self._limits = limits
        self._at_execute_api = Mapping(stage, f"/{stage}")
        self._at_domains = {
            host: Mapping(stage, f"/{base}" if base else "", is_custom_domain=True) for host, base in domains.items()
        }
        self._pool = ThreadPoolExecutor(_REQUESTS)
        self._server = WireServer(self.answer, limits.gateway_bytes, port)
        self.function = function_at(self.url)
        self._server.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._server.port

    @property
    def url(self) -> str:
        """The stage's own address."""
        return f"http://127.0.0.1:{self.port}{self._at_execute_api.in_path}"

    def close(self) -> None:
        """Stop serving, and end the function."""
        self._server.close()
        self.function.close()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def answer(self, request: HttpRequest) -> HttpAnswer:
        """Answer a request as API Gateway would."""
        if request.body is None:
            return message(413, "Request Too Long")
        event = rest_event(request, self._mapping(request))
        if event is None:
            return message(403, "Missing Authentication Token")
        try:
            return self._ask(event)
        except TookTooLong:
            return message(504, "Endpoint request timed out")
        except PayloadTooLarge:
            return message(413, "Request Entity Too Large")
        except FunctionFailed:
            return message(502, "Internal server error")

    def _ask(self, event: dict[str, Any]) -> HttpAnswer:
        invocation = self._pool.submit(self.function.invoke, event).result(self._limits.gateway_seconds)
        if invocation.error:
            raise FunctionFailed(invocation.error)
        try:
            answer = http_answer(invocation.answer)
        except ValueError as error:
            raise FunctionFailed(str(error)) from error
        if len(answer.body) > self._limits.gateway_bytes:
            raise FunctionFailed(f"{len(answer.body)} bytes")
        return answer

    def _mapping(self, request: HttpRequest) -> Mapping:
        return self._at_domains.get(request.header("host").partition(":")[0], self._at_execute_api)
