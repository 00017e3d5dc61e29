"""Writes the queries with what matched as X."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from worker.cross_match.fasta import Sequence
from worker.cross_match.records import Match

_LINE_BASES = 50


def write_screened(query: Path, sequences: Iterable[Sequence], matches: Iterable[Iterable[Match]]) -> None:
    """Write ``<query>.screen`` beside the query file, whole or not at all.

    Args:
        query: the file that the sequences are from.
        sequences: the queries.
        matches: those of each.

    Raises:
        OSError: the folder cannot be written to.
    """
    draft = query.with_name(f"{query.name}.screen.part")
    with draft.open("wb") as file:
        for sequence, found in zip(sequences, matches, strict=True):
            bases = _screened(sequence, found)
            lines = (bases[start : start + _LINE_BASES] for start in range(0, len(bases), _LINE_BASES))
            file.write(b">" + sequence.name.encode("ascii") + b"\n" + b"\n".join(lines) + b"\n")
    draft.replace(query.with_name(f"{query.name}.screen"))


def _screened(sequence: Sequence, matches: Iterable[Match]) -> bytes:
    bases = bytearray(sequence.bases, "ascii")
    for match in matches:
        bases[match.query_start - 1 : match.query_end] = b"X" * (match.query_end - match.query_start + 1)
    return bytes(bases)
