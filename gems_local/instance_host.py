"""One local instance: its metadata service, and what runs its user data (bash). ``python -m`` this, one per instance.

The host adopts every process that the user data leaves behind, and kills them all when it is told to stop, when its
parent is gone, or when the user data has ended: then the machine is off.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any

from gems_local import linux
from gems_local.imds import InstanceFacts, MetadataServer
from gems_local.processes import announce_ready, kill_descendants, read_settings, when_parent_ends

# EC2 lets a machine that is terminated shut down first; ours gets this long.
SHUTDOWN_GRACE_SECONDS = 1.0


def main() -> None:
    """Boot the machine that the settings describe, and stay until it is off."""
    settings = read_settings()
    linux.adopt_orphans()
    metadata = MetadataServer(InstanceFacts(**settings["facts"]).documents())
    threading.Thread(target=metadata.serve_forever, daemon=True).start()
    off = threading.Event()
    when_parent_ends(off.set)
    signal.signal(signal.SIGTERM, lambda _number, _frame: off.set())
    try:
        process = _boot(settings, metadata.url)
        threading.Thread(target=_wait_for, args=(process, off), daemon=True).start()
        announce_ready({"metadata_url": metadata.url})
        off.wait()
    except BrokenPipeError:  # the parent was gone before the machine was up
        pass
    finally:
        kill_descendants(SHUTDOWN_GRACE_SECONDS)
    # A daemon thread may still be reading the pipe; there is nothing left to tidy.
    os._exit(0)


def _wait_for(process: subprocess.Popen[bytes], off: threading.Event) -> None:
    process.wait()
    off.set()


def _boot(settings: dict[str, Any], metadata_url: str) -> subprocess.Popen[bytes]:
    root = Path(settings["root"])
    script = Path(settings["user_data"])
    script.write_text(settings["facts"]["user_data"])
    with Path(settings["console_log"]).open("ab") as console:
        return subprocess.Popen(
            [*settings["boot"], str(script)],
            cwd=root,
            env={**settings["environment"], "AWS_EC2_METADATA_SERVICE_ENDPOINT": metadata_url},
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=linux.die_with_parent,  # noqa: PLW1509 - forked from the main thread, which lives to the end
        )


if __name__ == "__main__":
    main()
