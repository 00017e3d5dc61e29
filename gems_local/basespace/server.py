"""The stand-in for BaseSpace, served by waitress. ``python -m`` this.

Settings: ``client`` (key and secret of our app, with a colon between) and ``reads`` (the folder of the account's samples).
"""

from __future__ import annotations

import threading
from pathlib import Path

from waitress import create_server

from gems_local.basespace.account import Account
from gems_local.basespace.faults import Faults
from gems_local.basespace.site import make_site
from gems_local.processes import announce_ready, end_now, read_settings, when_parent_ends

SERVER_THREADS = 8


def main() -> None:
    """Serve until the parent ends."""
    settings = read_settings()
    when_parent_ends(end_now)
    account = Account(settings["client"])
    account.add_run(Path(settings["reads"]))
    server = create_server(make_site(account, Faults()), host="127.0.0.1", port=0, threads=SERVER_THREADS, ident=None)
    threading.Thread(target=server.run, daemon=True).start()
    announce_ready({"url": f"http://127.0.0.1:{server.effective_port}"})
    threading.Event().wait()


if __name__ == "__main__":
    main()
