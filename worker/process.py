"""Runs a foreign program: no shell, a time limit, its output bounded, ended with all its children."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from gems_core.endings import Ending, crash_head, is_of_memory, is_telling
from worker.interruption import Interruption

LONGEST_LINE = 65536
_TAIL_LINES = 20
_TAIL_LINE_CHARACTERS = 500
_MOST_TELLING_LINES = 3
_POLL_SECONDS = 0.1
_GRACE_SECONDS = 5.0
_CRASH_CHARACTERS = 20_000


@dataclass(frozen=True)
class Finished:
    """How a program ended.

    Attributes:
        exit_code: negative for a signal, as in subprocess.
        stderr_tail: its last lines on standard error, shortened.
        timed_out: whether it was ended because its time was up.
        seconds: how long it ran.
        telling: those of its lines on standard error that say why it ended, wherever they stood.
        crash: what the file says that a crashing Java machine leaves in the folder; '' when there is none.
        kernel: what the kernel says of a process that it killed meanwhile for lack of memory; '' when nothing.
    """

    exit_code: int
    stderr_tail: tuple[str, ...]
    timed_out: bool
    seconds: float
    telling: tuple[str, ...] = ()
    crash: str = ""
    kernel: str = ""

    @property
    def ending(self) -> Ending:
        """What is known of how it ended."""
        lines = (*self.telling, *self.stderr_tail)
        return Ending(self.exit_code, lines, self.kernel, None, self.timed_out, self.crash)

    @property
    def last_words(self) -> str:
        """The last lines of standard error in one text."""
        return " | ".join(self.stderr_tail[-5:]) or "nothing on standard error"


def run(
    command: Sequence[str],
    *,
    folder: Path,
    limit_seconds: float,
    interruption: Interruption,
    on_line: Callable[[str], None],
) -> Finished:
    """Run a program to its end.

    Args:
        command: the program and its arguments.
        folder: its working directory.
        limit_seconds: after this it is ended.
        interruption: when raised, the program is ended and Interrupted raised.
        on_line: called from another thread with each line of standard output.

    Raises:
        OSError: the program cannot be started.
        Interrupted: the work was laid down meanwhile.
    """
    errors = _Errors()
    started = time.monotonic()
    with subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    ) as process:
        readers = [
            _reader(process.stdout, on_line),
            _reader(process.stderr, errors.take),
        ]
        timed_out = _wait(process, started + limit_seconds, interruption)
        for reader in readers:
            # A descendant that left the group may still hold a pipe open; it is not waited for.
            reader.join(_GRACE_SECONDS)
    interruption.check()
    seconds = time.monotonic() - started
    kernel = kernel_word(seconds) if process.returncode == -signal.SIGKILL and not timed_out else ""
    return Finished(
        process.returncode, tuple(errors.tail), timed_out, seconds, tuple(errors.telling), _crash(folder), kernel
    )


class _Errors:
    """What is kept of a program's standard error."""

    def __init__(self) -> None:
        self.tail: deque[str] = deque(maxlen=_TAIL_LINES)
        self.telling: deque[str] = deque(maxlen=_MOST_TELLING_LINES)

    def take(self, line: str) -> None:
        short = line[:_TAIL_LINE_CHARACTERS]
        self.tail.append(short)
        if is_telling(short):
            self.telling.append(short)


def crash_files(folder: Path) -> list[Path]:
    """What crashing Java machines have left in a folder, the newest last."""
    return sorted(folder.glob("hs_err_pid*.log"), key=lambda path: path.stat().st_mtime)


def _crash(folder: Path) -> str:
    files = crash_files(folder)
    return crash_head(files[-1].read_text(encoding="utf-8", errors="replace")[:_CRASH_CHARACTERS]) if files else ""


def kernel_word(seconds: float) -> str:
    """The kernel's last line about a process that it killed for lack of memory in the last so many seconds; '' if unknown."""
    since = f"@{int(time.time() - seconds) - 1}"
    try:
        found = subprocess.run(
            ["dmesg", "--since", since],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_GRACE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return next((line.strip() for line in reversed(found.stdout.splitlines()) if is_of_memory(line)), "")


def _reader(stream: IO[str] | None, on_line: Callable[[str], None]) -> threading.Thread:
    assert stream is not None
    thread = threading.Thread(target=_read_lines, args=(stream, on_line), daemon=True)
    thread.start()
    return thread


def _read_lines(stream: IO[str], on_line: Callable[[str], None]) -> None:
    while line := stream.readline(LONGEST_LINE):
        on_line(line.rstrip("\n"))


def _wait(process: subprocess.Popen[str], deadline: float, interruption: Interruption) -> bool:
    """Wait for the end; returns whether the time was up."""
    while True:
        try:
            process.wait(_POLL_SECONDS)
        except subprocess.TimeoutExpired:
            out_of_time = time.monotonic() > deadline
            if out_of_time or interruption.requested:
                _end(process)
                return out_of_time
        except BaseException:
            # Ctrl-C: the program has a session of its own, so the terminal's signal did not reach it.
            _end(process)
            raise
        else:
            # Children that outlive it would hold its pipes open, and the readers with them.
            _signal_group(process, signal.SIGKILL)
            return False


def _end(process: subprocess.Popen[str]) -> None:
    _signal_group(process, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE_SECONDS)
    _signal_group(process, signal.SIGKILL)
    process.wait()


def _signal_group(process: subprocess.Popen[str], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
