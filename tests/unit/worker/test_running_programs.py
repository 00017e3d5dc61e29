"""A program that the worker runs does not outlive what asked for it."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from worker import process
from worker.interruption import Interruption

SLEEPS = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"


@pytest.fixture
def heeds_ctrl_c() -> Iterator[None]:
    """Python's own answer to SIGINT, which a process that was started in the background ignores."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeds_ctrl_c")
def test_ctrl_c_ends_the_program_that_is_waited_for(tmp_path: Path) -> None:
    lines: list[str] = []

    def on_line(line: str) -> None:
        lines.append(line)
        threading.Timer(0.1, lambda: os.kill(os.getpid(), signal.SIGINT)).start()

    with pytest.raises(KeyboardInterrupt):
        process.run(
            [sys.executable, "-c", SLEEPS],
            folder=tmp_path,
            limit_seconds=60,
            interruption=Interruption(),
            on_line=on_line,
        )
    with pytest.raises(ProcessLookupError):
        os.kill(int(lines[0]), 0)
