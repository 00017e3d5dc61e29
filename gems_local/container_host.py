"""One local container: the credentials endpoint of its task, and its command. ``python -m`` this, one per task.

It is off when its command has ended, and at once when its parent is gone. At SIGTERM the command alone is asked to end, as
ECS does; what has not ended after a while is killed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gems_local.machine_host import Process, run_until_off, start_command
from gems_local.processes import read_settings
from gems_local.task_credentials import CredentialsServer

# ECS gives 30 s; somebody watches here.
STOP_SECONDS = 8.0


def main() -> None:
    """Run the container that the settings describe, and stay until it is off."""
    settings = read_settings()
    run_until_off(lambda: _start(settings), {}, _stop)


def _start(settings: dict[str, Any]) -> Process:
    environment = dict(settings["environment"])
    if settings["credentials"]:
        server = CredentialsServer(settings["role"], settings["credentials"])
        threading.Thread(target=server.serve_forever, daemon=True).start()
        environment |= server.variables()
    return start_command(settings["command"], environment, Path(settings["root"]), Path(settings["console_log"]))


def _stop(process: Process, kill: Callable[[], None]) -> None:
    process.terminate()
    timer = threading.Timer(STOP_SECONDS, kill)
    timer.daemon = True
    timer.start()


if __name__ == "__main__":
    main()
