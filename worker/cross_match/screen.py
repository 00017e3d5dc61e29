"""Writes the queries with what matched as X."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from worker.cross_match.fasta import Sequence
from worker.cross_match.records import Match

_LINE_BASES = 50


def write_screened(query: Path, sequences: Iterable[Sequence], matches: Iterable[Match]) -> None:
    """Write ``<query>.screen`` beside the query file, whole or not at all.

    Raises:
        OSError: the folder cannot be written to.
    """
    screened = {sequence.name: bytearray(sequence.bases, "ascii") for sequence in sequences}
    for match in matches:
        length = match.query_end - match.query_start + 1
        screened[match.query][match.query_start - 1 : match.query_end] = b"X" * length
    draft = query.with_name(f"{query.name}.screen.part")
    with draft.open("wb") as file:
        for name, bases in screened.items():
            lines = (bases[start : start + _LINE_BASES] for start in range(0, len(bases), _LINE_BASES))
            file.write(b">" + name.encode("ascii") + b"\n" + b"\n".join(lines) + b"\n")
    draft.replace(query.with_name(f"{query.name}.screen"))
