"""What a run says when a disk that it writes to is full."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gems_core.errors import GemsError

# Less is left where something could not be written: what a failing write leaves is smaller than the file that did not fit.
LEAST_FREE_BYTES = 16_000_000
_FULL = (errno.ENOSPC, errno.EDQUOT)


class DiskFull(GemsError):
    """Nothing more can be written."""


def space_lines(output: Path, cloud: Path) -> list[str]:
    """A line with its repair for each place of a run that is all but full.

    Args:
        output: where the results go.
        cloud: where the local cloud and its instances keep their files while they run.
    """
    repairs = {
        output: "Make room there, or name another folder with --output.",
        cloud: "Make room there, or let TMPDIR name a folder with more: the local cloud and its instances keep copies "
        "of the reads in it.",
    }
    left = {place: shutil.disk_usage(place).free for place in repairs}
    return [
        f"{place} has {free / 1e6:.1f} MB left. {repairs[place]}"
        for place, free in left.items()
        if free < LEAST_FREE_BYTES
    ]


@contextmanager
def full_disk_told(what: str, repair: str) -> Iterator[None]:
    """Turn the system's word, which tells no place, into one that says what had no room and what to do.

    Raises:
        DiskFull: the disk is full.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        file = error.filename2 or error.filename  # of a copy, the second is what could not be written
        place = f" ({file})" if file else ""
        raise DiskFull(f"{what}: expected room, found: {error.strerror}{place}. {repair}") from error
