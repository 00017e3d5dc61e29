"""Mixtures: the reads of several people in one sample's files."""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from gems_simulator.run import Read, write_pairs

LINES_OF_A_RECORD = 4


def mix(parts: Sequence[tuple[Path, Path]], paths: Sequence[Path], sample_number: int, rng: random.Random) -> None:
    """Write all pairs of some people's files as one sample's, in no order.

    Args:
        parts: R1 and R2 of each person; how deep each was read is its share.
        paths: R1 and R2 of the mixture.
        sample_number: its place on the sample sheet.
        rng: the only source of chance.
    """
    pairs = [pair for r1, r2 in parts for pair in zip(_reads(r1), _reads(r2), strict=True)]
    rng.shuffle(pairs)
    write_pairs(paths, iter(pairs), sample_number)


def _reads(path: Path) -> Iterator[Read]:
    lines = gzip.decompress(path.read_bytes()).decode("ascii").splitlines()
    return zip(lines[1::LINES_OF_A_RECORD], lines[3::LINES_OF_A_RECORD], strict=True)
