"""How long an object of the control bucket may be. A longer one is not read: GeMS did not write it.

S3 takes objects of 5 GB, and workers may write some of them; a Lambda that read one would die, and with it whatever it was to do.
"""

from __future__ import annotations

from gems_core import layout
from gems_core.protocol.done_marker import LARGEST_MARKER_BYTES

# What workers and their machines write: markers, and the events of failed starts.
FROM_WORKERS_BYTES = LARGEST_MARKER_BYTES
# Workers write parts of 1 MiB at most, their machines less.
LOG_BYTES = 2 * 1024 * 1024
# What the API writes of one worker or share. A worker's failure has at most 12,100 characters, so 145 kB.
RECORD_BYTES = 256 * 1024
# What the API writes of a whole job or deployment. The manifest of 3,000 samples, each with two keys of 1,024 bytes, has some
# 20 MB where all of them are escapes, and preflight refuses files whose names take more (MOST_NAMES_BYTES); state.json has
# 0.4 MB for a thousand instances.
DOCUMENT_BYTES = 32 * 1024 * 1024
_BY_FOLDER = {
    "done": FROM_WORKERS_BYTES,
    "logs": LOG_BYTES,
    "events": FROM_WORKERS_BYTES,
    "claims": RECORD_BYTES,
    "workers": RECORD_BYTES,
    "heartbeat": RECORD_BYTES,
}
# Outside the jobs' folder: one person, one entry of a review.
_BY_TOP = {"people": RECORD_BYTES, "review": RECORD_BYTES, "seen": RECORD_BYTES}


def most_bytes(key: str) -> int:
    """How many bytes the object of this key has at most."""
    top, *inner = key.split("/")
    in_job = inner[2:] if top + "/" == layout.JOBS_PREFIX else []  # below the day and the session key
    return _BY_FOLDER.get(in_job[0], DOCUMENT_BYTES) if in_job else _BY_TOP.get(top, DOCUMENT_BYTES)
