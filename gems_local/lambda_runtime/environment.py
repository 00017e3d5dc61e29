"""One execution environment: a process with the runtime client and the unpacked zip, frozen between its events."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from gems_local.lambda_runtime.limits import Limits
from gems_local.lambda_runtime.runtime_api import Invocation, RuntimeApi
from gems_local.machine import base_python
from gems_local.proxies import past_proxies

_LOOK_SECONDS = 0.1
_KB = 1024


class InitFailed(Exception):
    """An environment that did not come up."""


@dataclass(frozen=True)
class Code:
    """What an environment runs.

    Attributes:
        task_root: the unpacked zip.
        runtime: the folder of the runtime client.
        handler: such as ``handler.lambda_handler``.
        variables: the function's own, and the credentials of its role.
        function_name: of the function.
        region: of the function.
    """

    task_root: Path
    runtime: Path
    handler: str
    variables: dict[str, str]
    function_name: str
    region: str

    @property
    def arn(self) -> str:
        """Of the function."""
        return f"arn:aws:lambda:{self.region}:123456789012:function:{self.function_name}"


class Environment:
    """A running environment.

    Args:
        code: what it runs.
        limits: what it may.
        folder: its own, for what it writes.
        log: takes what the function prints.

    Attributes:
        init_seconds: from its start to its first request for an event.
        largest_mb: the most memory that was seen resident.

    Raises:
        InitFailed: with the reason.
    """

    def __init__(self, code: Code, limits: Limits, folder: Path, log: IO[str]) -> None:
        self.init_seconds = 0.0
        self.largest_mb = 0.0
        self._limits = limits
        self._log = log
        self._api = RuntimeApi(code.arn, limits.payload_bytes)
        folder.mkdir(parents=True)
        started = time.monotonic()
        # In a process group of its own: should this process be killed, that group is orphaned, and the kernel sends
        # SIGHUP and SIGCONT to what is stopped in an orphaned group. So nothing stays behind, frozen.
        self._process = subprocess.Popen(
            [str(base_python()), "-S", "-m", "awslambdaric", code.handler],
            cwd=code.task_root,
            env=_variables(code, limits, folder, self._api.address),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            process_group=0,
        )
        try:
            self._await(self._api.idle, started + limits.init_seconds, "initialise")
        except InitFailed:
            self.kill()
            raise
        self.init_seconds = time.monotonic() - started

    @property
    def running(self) -> bool:
        """Whether its process lives."""
        return self._process.poll() is None

    def invoke(self, payload: bytes) -> Invocation:
        """Give it an event, and wait for the end. An environment that broke a limit is dead afterwards."""
        started = time.monotonic()
        invocation = Invocation(payload, time.time() + self._limits.function_seconds)
        self._process.send_signal(signal.SIGCONT)
        self._api.offer(invocation)
        end = started + self._limits.function_seconds
        while not invocation.ended.wait(min(_LOOK_SECONDS, max(0.0, end - time.monotonic()))):
            if reason := self._broken(end):
                invocation.fail(reason)
                self.kill()
        self._settle(end)
        spent_ms = (time.monotonic() - started) * 1000
        self._write(
            f"REPORT RequestId: {invocation.request_id}\tDuration: {spent_ms:.2f} ms\t"
            f"Memory Size: {self._limits.memory_mb} MB\tMax Memory Used: {self.largest_mb:.0f} MB"
            + (f"\tError: {invocation.error}" if invocation.error else "")
        )
        return invocation

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()
        self._api.close()

    def _settle(self, end: float) -> None:
        """Wait until the runtime asks for the next event, then freeze it; one that does not ask again is dead."""
        if not self.running:
            return
        try:
            self._await(self._api.idle, end, "ask for the next event")
        except InitFailed:
            self.kill()
            return
        if self._broken(end):
            self.kill()
            return
        self._process.send_signal(signal.SIGSTOP)

    def _await(self, happened: threading.Event, end: float, what: str) -> None:
        while not happened.wait(0.01):
            if self._api.init_error:
                raise InitFailed(self._api.init_error)
            if self._process.poll() is not None:
                raise InitFailed(f"Runtime.ExitError: exit status {self._process.returncode} before it could {what}")
            if time.monotonic() > end:
                raise InitFailed(f"Sandbox.Timedout: it did not {what} in time")

    def _broken(self, end: float) -> str:
        """The limit that is broken, or ''."""
        if not self.running:
            return f"Runtime.ExitError: exit status {self._process.returncode}"
        self.largest_mb = max(self.largest_mb, _resident_mb(self._process.pid))
        if self.largest_mb > self._limits.memory_mb:
            return f"Runtime.OutOfMemory: {self.largest_mb:.0f} MB, {self._limits.memory_mb} MB are allowed"
        if time.monotonic() >= end:
            return f"Sandbox.Timedout: Task timed out after {self._limits.function_seconds:.2f} seconds"
        return ""

    def _write(self, line: str) -> None:
        self._log.write(f"{line}\n")
        self._log.flush()


def _variables(code: Code, limits: Limits, folder: Path, api: str) -> dict[str, str]:
    """The environment of Lambda ("Defined runtime environment variables") and that of the function."""
    own = {
        **code.variables,
        "_HANDLER": code.handler,
        "AWS_DEFAULT_REGION": code.region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python{sys.version_info.major}.{sys.version_info.minor}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(limits.memory_mb),
        "AWS_LAMBDA_FUNCTION_NAME": code.function_name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{code.function_name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": folder.name,
        "AWS_LAMBDA_RUNTIME_API": api,
        "AWS_REGION": code.region,
        "LAMBDA_RUNTIME_DIR": str(code.runtime),
        "LAMBDA_TASK_ROOT": str(code.task_root),
        "LANG": "en_US.UTF-8",
        "PATH": os.pathsep.join(["/usr/local/bin", "/usr/bin", "/bin"]),
        "PYTHONPATH": str(code.runtime),
        "TMPDIR": str(folder),
        "TZ": ":UTC",
    }
    return past_proxies(own)


def _resident_mb(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:  # ended, or no such thing here
        return 0.0
    peak = next((line for line in status.splitlines() if line.startswith("VmHWM:")), "VmHWM: 0 kB")
    return int(peak.split()[1]) / _KB
