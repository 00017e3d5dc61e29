"""A function: its environments, started on demand and bounded, and what Lambda refuses of its settings."""

from __future__ import annotations

import json
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from gems_local.lambda_runtime.environment import Code, Environment, InitFailed
from gems_local.lambda_runtime.limits import Limits
from gems_local.lambda_runtime.runtime_api import Invocation

# Developer guide of Lambda, "Reserved environment variables": a function may not set these.
_RESERVED = frozenset({"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_EXECUTION_ENV", "_HANDLER", "TZ", "LAMBDA_TASK_ROOT"})
_RESERVED_PREFIXES = ("AWS_LAMBDA_", "AWS_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


class PayloadTooLarge(Exception):
    """An event that Lambda does not take."""


@dataclass(frozen=True)
class Start:
    """A start of an environment: how long it took, and whether it came up."""

    init_seconds: float
    error: str


class Function:
    """Answers events, several at once.

    Args:
        code: what it runs; ``variables`` are the function's own.
        role: the credentials of its role, as environment variables.
        limits: what it may.
        log: takes what it prints.

    Attributes:
        starts: of its environments.

    Raises:
        ValueError: Lambda would refuse the variables.
    """

    def __init__(self, code: Code, role: dict[str, str], limits: Limits, log: IO[str]) -> None:
        check_variables(code.variables, limits)
        self.starts: list[Start] = []
        self._code = Code(
            code.task_root, code.runtime, code.handler, {**code.variables, **role}, code.function_name, code.region
        )
        self._limits = limits
        self._log = log
        self._folder = tempfile.TemporaryDirectory(prefix="gems-lambda-")
        self._slots = threading.Semaphore(limits.environments)
        self._lock = threading.Lock()
        self._idle: list[Environment] = []
        self._all: list[Environment] = []
        self._closed = False

    def invoke(self, event: dict[str, Any]) -> Invocation:
        """Answer one event, in an environment that is free, or a new one; wait where all are taken.

        Raises:
            PayloadTooLarge: nothing was run.
        """
        payload = json.dumps(event).encode()
        if len(payload) > self._limits.payload_bytes:
            raise PayloadTooLarge(f"{len(payload)} bytes, {self._limits.payload_bytes} are allowed")
        with self._slots:
            try:
                environment = self._take()
            except InitFailed as failure:
                failed = Invocation(payload, time.time())
                failed.fail(str(failure))
                return failed
            try:
                return environment.invoke(payload)
            finally:
                self._give_back(environment)

    @property
    def largest_mb(self) -> float:
        """The most memory that one environment had resident."""
        with self._lock:
            return max((environment.largest_mb for environment in self._all), default=0.0)

    def close(self) -> None:
        """End all environments."""
        with self._lock:
            self._closed = True
            environments = list(self._all)
        for environment in environments:
            if environment.running:
                environment.kill()
        self._folder.cleanup()

    def _take(self) -> Environment:
        with self._lock:
            while self._idle:
                environment = self._idle.pop()
                if environment.running:
                    return environment
            if self._closed:
                raise InitFailed("the function was deleted")
            number = len(self.starts)
            self.starts.append(Start(0.0, "starting"))
        try:
            made = Environment(self._code, self._limits, Path(self._folder.name) / f"environment-{number}", self._log)
        except InitFailed as failure:
            self.starts[number] = Start(0.0, str(failure))
            self._log.write(f"INIT_REPORT Status: error Error: {failure}\n")
            self._log.flush()
            raise
        self.starts[number] = Start(made.init_seconds, "")
        with self._lock:
            self._all.append(made)
        return made

    def _give_back(self, environment: Environment) -> None:
        with self._lock:
            if environment.running and not self._closed:
                self._idle.append(environment)


def check_variables(variables: dict[str, str], limits: Limits) -> None:
    """Refuse what Lambda refuses.

    Raises:
        ValueError: naming it.
    """
    reserved = [name for name in variables if name in _RESERVED or name.startswith(_RESERVED_PREFIXES)]
    if reserved:
        raise ValueError(f"the function's variables: these are Lambda's own: {', '.join(sorted(reserved))}")
    size_bytes = sum(len(name.encode()) + len(value.encode()) for name, value in variables.items())
    if size_bytes > limits.environment_bytes:
        raise ValueError(f"the function's variables: {size_bytes} bytes, {limits.environment_bytes} are allowed")
