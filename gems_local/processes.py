"""Processes that never outlive the one that started them.

A parent hands its child the settings as one JSON line on standard input and keeps that pipe open; the child reports
that it is ready with one JSON line on standard output. When the parent ends, however it ends, the pipe closes, and
the child, which watches it, ends too. Settings travel on the pipe because arguments and environments are readable by
others.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gems_core.errors import CloudUnreachable
from gems_local.proxies import past_proxies

LOG_TAIL_LINES = 15
STOP_SECONDS = 10.0


class Service:
    """A running child process of this package.

    Attributes:
        name: what it is, for messages.
        log: the file that takes its standard error.
        ready: what it told when it was ready.
    """

    def __init__(self, name: str, process: subprocess.Popen[bytes], log: Path) -> None:
        self.name = name
        self.log = log
        self.ready: dict[str, Any] = {}
        self._process = process

    @classmethod
    def start(cls, name: str, module: str, settings: dict[str, Any], log: Path) -> Service:
        """Start ``python -m module`` and hand it its settings; it is not ready yet."""
        service = cls.load(name, module, log)
        service.begin(settings)
        return service

    @classmethod
    def load(cls, name: str, module: str, log: Path) -> Service:
        """Start ``python -m module``, which loads its modules and then waits for its settings."""
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as log_file:
            process = subprocess.Popen(
                [sys.executable, "-m", module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log_file,
                env=own_environment(),
                start_new_session=True,  # Ctrl-C is for the parent, which then stops its children in order
            )
        return cls(name, process, log)

    def begin(self, settings: dict[str, Any]) -> None:
        """Hand it its settings. Where it has ended meanwhile, ``wait_until_ready`` tells."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(settings).encode() + b"\n")
            self._process.stdin.flush()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """What it ended with, as a shell counts; None while it runs."""
        code = self._process.poll()
        return None if code is None else exit_code(code)

    def wait_until_ready(self, timeout_seconds: float) -> dict[str, Any]:
        """What the child announced.

        Raises:
            CloudUnreachable: it ended, or said nothing in time; with the end of its log.
        """
        assert self._process.stdout is not None
        readable, _, _ = select.select([self._process.stdout], [], [], timeout_seconds)
        line = self._process.stdout.readline() if readable else b""
        if not line:
            state = "said nothing" if not readable else "ended"
            self.stop()
            raise CloudUnreachable(
                f"{self.name} was expected to be ready within {timeout_seconds:.0f} s but {state}. "
                f"Its log {self.log} ends:\n{log_tail(self.log)}"
            )
        self.ready = json.loads(line)
        return self.ready

    def hang_up(self) -> None:
        """Tell it to end, and do not wait."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None and not pipe.closed:
                # Settings that it ended before it read them.
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()

    def ask_to_end(self) -> None:
        """Send SIGTERM, and do not wait."""
        self._process.terminate()

    def kill(self) -> None:
        """End it without warning, as a fault would."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End it, in good order if it lets us, and wait for it."""
        self.hang_up()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def exit_code(returned: int) -> int:
    """As a shell counts: 128 and the signal's number for a process that a signal has ended."""
    return returned if returned >= 0 else 128 - returned


def own_environment() -> dict[str, str]:
    """This process's environment without what is meant for the real cloud, which a local one must never meet."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "GEMS_"))}
    no_files = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull)
    return past_proxies({**kept, **no_files, "PYTHONUNBUFFERED": "1"})


def log_tail(log: Path, lines: int = LOG_TAIL_LINES) -> str:
    """The last lines of a log, or '' when there is none."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def read_settings() -> dict[str, Any]:
    """In a child: the settings that the parent sent; ends the child where the parent has gone before that."""
    line = sys.stdin.buffer.readline()
    if not line:
        sys.exit(0)
    settings: dict[str, Any] = json.loads(line)
    return settings


def announce_ready(facts: dict[str, Any]) -> None:
    """In a child: tell the parent that it can be used, and with which facts."""
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def when_parent_ends(act: Callable[[], None]) -> None:
    """In a child: watch the pipe, and call ``act`` once, in a thread of its own, when the parent has gone."""
    pipe = sys.stdin.fileno()

    def watch() -> None:
        # Not through sys.stdin: Python cannot end while a thread waits in its buffer, and dies of it.
        while os.read(pipe, 1024):
            pass
        act()

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def end_now() -> None:
    """Leave at once, without waiting for threads: the way out of a server that holds nothing worth saving."""
    os._exit(0)


def descendants(pid: int) -> list[int]:
    """All processes below ``pid``, from /proc; empty where there is no /proc."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:  # ended while we looked
            continue
        state, parent = text.rpartition(")")[2].split()[:2]
        if state != "Z":
            children.setdefault(int(parent), []).append(int(stat.parent.name))
    found: list[int] = []
    queue = [pid]
    while queue:
        below = children.get(queue.pop(), [])
        found += below
        queue += below
    return found


def kill_descendants(grace_seconds: float) -> None:
    """End everything below this process: SIGTERM, then after ``grace_seconds`` SIGKILL until nothing is left."""
    _signal_all(descendants(os.getpid()), signal.SIGTERM)
    deadline = time.monotonic() + grace_seconds
    while descendants(os.getpid()) and time.monotonic() < deadline:
        time.sleep(0.05)
    while remaining := descendants(os.getpid()):
        _signal_all(remaining, signal.SIGKILL)
        time.sleep(0.02)


def _signal_all(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:  # it ended by itself
            continue
