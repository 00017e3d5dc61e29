"""What one local instance is: its programs and its size."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path

from gems_artefacts.java import find_java
from gems_core.errors import InvalidInput
from gems_local.proxies import past_proxies

SYSTEM_PATH = ("/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin")
# A worker elsewhere beats every half minute; here a dead one should be noticed while somebody watches.
HEARTBEAT_SECONDS = 2
LOG_COPY_SECONDS = 5
# The typer's heap for a whole library is about a gigabyte; a third of the machine is left to everything else.
HEAP_SHARE = 0.66
SMALLEST_HEAP_MB = 512


def instance_environment(endpoint: str, workers: int) -> dict[str, str]:
    """The environment in which user data runs.

    It is a clean one, without a key: the role's credentials come from the instance metadata. The machine is shared, so
    each instance is told its part of the processors and the memory.

    Args:
        endpoint: of the local AWS.
        workers: how many instances share this machine.
    """
    memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**20
    own = {
        "PATH": os.pathsep.join(dict.fromkeys(_program_folders())),
        "LANG": "C.UTF-8",
        "AWS_ENDPOINT_URL": endpoint,
        "GEMS_ON_END": "exit",
        # The machine is its user's: root's `gems run` must not change it.
        "GEMS_INSTALL": "no",
        "GEMS_PYTHON": str(base_python()),
        "GEMS_BUNDLE_PYTHON": f"{sys.version_info.major}.{sys.version_info.minor}",
        "GEMS_HEARTBEAT_SECONDS": str(HEARTBEAT_SECONDS),
        "GEMS_LOG_COPY_SECONDS": str(LOG_COPY_SECONDS),
        "GEMS_TYPER_THREADS": str(max(1, usable_processors() // workers)),
        "GEMS_TYPER_MEMORY_MB": str(max(SMALLEST_HEAP_MB, int(memory_mb * HEAP_SHARE / workers))),
        **_cross_match(),
    }
    return past_proxies(own)


def usable_processors() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def base_python() -> Path:
    """This process's Python outside any virtual environment: bundle and zip are compiled for it, and bring all they import."""
    return Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"


def _program_folders() -> list[str]:
    # The Java that was found good comes before the system's.
    with suppress(InvalidInput):
        return [str(Path(find_java()).parent), *SYSTEM_PATH]
    return [*SYSTEM_PATH]


def _cross_match() -> dict[str, str]:
    """The site's licensed cross_match, where it has one."""
    named = os.environ.get("GEMS_CROSS_MATCH") or shutil.which("cross_match")
    return {"GEMS_CROSS_MATCH": named} if named else {}
