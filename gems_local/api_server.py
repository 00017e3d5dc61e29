"""The API of the local cloud: the same Flask app as on Lambda, served by waitress. ``python -m`` this.

The schedule that runs the reaper in AWS is a thread here.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
import traceback
from collections.abc import Callable

from waitress import create_server

from gems_api.compose import app_from_environment
from gems_api.scheduled import reap
from gems_local.processes import announce_ready, end_now, read_settings, when_parent_ends

SERVER_THREADS = 16


def main() -> None:
    """Serve until the parent ends."""
    settings = read_settings()
    when_parent_ends(end_now)
    listening = socket.create_server(("127.0.0.1", int(settings["port"])))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    os.environ.update(settings["environment"], GEMS_API_URL=url)

    server = create_server(app_from_environment(), sockets=[listening], threads=SERVER_THREADS, ident=None)
    threading.Thread(target=server.run, daemon=True).start()
    announce_ready({"url": url})
    tick(reap, float(settings["reap_seconds"]), threading.Event())


def tick(act: Callable[[], object], every_seconds: float, ended: threading.Event) -> None:
    """Call ``act`` again and again, as a schedule would: one failed call does not stop the next."""
    while not ended.wait(every_seconds):
        try:
            act()
        except Exception:
            traceback.print_exc(file=sys.stderr)


if __name__ == "__main__":
    main()
