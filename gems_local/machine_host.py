"""What the hosts of local machines share: one command, and the end of all that it leaves behind.

A host adopts every process that its command leaves behind. It kills them all when its parent is gone and when the command
has ended: then the machine is off, and the host ends with the command's exit code.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gems_local import linux
from gems_local.processes import announce_ready, exit_code, kill_descendants, when_parent_ends

# EC2 lets a machine that is terminated shut down first; ours gets this long.
SHUTDOWN_GRACE_SECONDS = 1.0

Process = subprocess.Popen[bytes]


def run_until_off(
    start: Callable[[], Process],
    ready: Mapping[str, Any],
    when_told: Callable[[Process, Callable[[], None]], None],
) -> None:
    """In a child: run a command, and stay until the machine is off. Does not return.

    Args:
        start: starts the command.
        ready: what the parent is told then.
        when_told: what to do at SIGTERM, given the command and what switches the machine off.
    """
    linux.adopt_orphans()
    off = threading.Event()
    when_parent_ends(off.set)
    code = 1
    try:
        process = start()
        signal.signal(signal.SIGTERM, lambda _number, _frame: when_told(process, off.set))
        threading.Thread(target=_wait_for, args=(process, off), daemon=True).start()
        announce_ready(dict(ready))
        off.wait()
        kill_descendants(SHUTDOWN_GRACE_SECONDS)
        code = exit_code(process.wait())
    except BrokenPipeError:  # the parent was gone before the machine was up
        pass
    finally:
        kill_descendants(SHUTDOWN_GRACE_SECONDS)
    # A daemon thread may still be reading the pipe; there is nothing left to tidy.
    os._exit(code)


def start_command(command: list[str], environment: Mapping[str, str], folder: Path, console: Path) -> Process:
    """Start a command in a folder, with its output in a console log."""
    with console.open("ab") as log:
        return subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=linux.die_with_parent,  # noqa: PLW1509 - forked from the main thread, which lives to the end
        )


def _wait_for(process: Process, off: threading.Event) -> None:
    process.wait()
    off.set()
