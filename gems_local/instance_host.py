"""One local instance: its metadata service, and what runs its user data (bash). ``python -m`` this, one per instance.

It is off when it is told to stop, when its parent is gone, or when the user data has ended.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from gems_local.imds import InstanceFacts, MetadataServer
from gems_local.machine_host import Process, run_until_off, start_command
from gems_local.processes import read_settings


def main() -> None:
    """Boot the machine that the settings describe, and stay until it is off."""
    settings = read_settings()
    metadata = MetadataServer(InstanceFacts(**settings["facts"]).documents())
    threading.Thread(target=metadata.serve_forever, daemon=True).start()
    run_until_off(
        lambda: _boot(settings, metadata.url), {"metadata_url": metadata.url}, lambda _process, switch_off: switch_off()
    )


def _boot(settings: dict[str, Any], metadata_url: str) -> Process:
    script = Path(settings["user_data"])
    script.write_text(settings["facts"]["user_data"])
    return start_command(
        [*settings["boot"], str(script)],
        {**settings["environment"], "AWS_EC2_METADATA_SERVICE_ENDPOINT": metadata_url},
        Path(settings["root"]),
        Path(settings["console_log"]),
    )


if __name__ == "__main__":
    main()
