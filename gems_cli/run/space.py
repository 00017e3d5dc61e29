"""What a run says when a disk that it writes to is full."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gems_core.errors import GemsError

# Results are small. Of the worker's bundle the local S3 holds 48 MB, and an instance unpacks 156 MB.
LEAST_FREE_FOR_RESULTS = 16_000_000
LEAST_FREE_FOR_A_CLOUD = 200_000_000
_FULL = (errno.ENOSPC, errno.EDQUOT)


class DiskFull(GemsError):
    """Nothing more can be written."""


def space_lines(output: Path, cloud: Path) -> list[str]:
    """A line with its repair for each place of a run that is all but full.

    Args:
        output: where the results go.
        cloud: where the local cloud and its instances keep their files while they run.
    """
    named = "Make room there, or name another folder with --output."
    moved = (
        "Make room there, or let TMPDIR name a folder with more: the local cloud and its instances keep copies of the "
        "reads in it."
    )
    wanted = ((output, LEAST_FREE_FOR_RESULTS, named), (cloud, LEAST_FREE_FOR_A_CLOUD, moved))
    left = [(place, shutil.disk_usage(place).free, least, repair) for place, least, repair in wanted]
    return [f"{place} has {free / 1e6:.0f} MB left. {repair}" for place, free, least, repair in left if free < least]


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
