"""Reads that come on standard input, put into files that the typer can map: one of single reads, or two of pairs."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import IO, Any

from gems_core.errors import one_problem

_GZIP = b"\x1f\x8b"
_LINES_OF_A_READ = 4
_FAST = 1
_PIECE_BYTES = 2**20


def save(stream: IO[bytes], folder: Path, *, interleaved: bool) -> tuple[Path, Path | None]:
    """Write what comes, gzip or plain, into files of a folder.

    Args:
        stream: FASTQ.
        folder: takes the files.
        interleaved: whether R1 and R2 of each pair follow each other.

    Returns:
        R1 and R2; None for single reads.

    Raises:
        InvalidInput: nothing came, gzip data that is damaged, or half of a pair at the end.
    """
    beginning = stream.read(len(_GZIP))
    if not beginning:
        raise _problem("reads", "nothing", "Pipe FASTQ into `gems type -`.")
    read_1, read_2 = folder / "stdin_R1.fastq.gz", folder / "stdin_R2.fastq.gz"
    whole = BufferedReader(_Joined(beginning, stream))
    try:
        if interleaved:
            with gzip.open(whole) if beginning == _GZIP else whole as reads:
                _split(reads, read_1, read_2)
            return read_1, read_2
        with read_1.open("wb") if beginning == _GZIP else gzip.open(read_1, "wb", compresslevel=_FAST) as file:
            shutil.copyfileobj(whole, file, _PIECE_BYTES)
    except (EOFError, gzip.BadGzipFile) as error:
        raise _problem("gzip data, whole", str(error), "Send the file again.") from error
    return read_1, None


class _Joined(RawIOBase):
    """A stream whose first bytes were read already."""

    def __init__(self, beginning: bytes, rest: IO[bytes]) -> None:
        super().__init__()
        self._beginning = beginning
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - whatever RawIOBase gives
        data, self._beginning = self._beginning or self._rest.read(len(buffer)), b""
        buffer[: len(data)] = data
        return len(data)


def _split(stream: Iterable[bytes], read_1: Path, read_2: Path) -> None:
    with ExitStack() as stack:
        files = [stack.enter_context(gzip.open(path, "wb", compresslevel=_FAST)) for path in (read_1, read_2)]
        turn = 0
        for turn, read in enumerate(_reads(stream), start=1):
            files[(turn - 1) % 2].writelines(read)
    if turn % 2:
        raise _problem(
            "pairs of reads, R1 then R2", f"{turn} reads, of which the last has no mate", "Leave out --interleaved?"
        )


def _reads(stream: Iterable[bytes]) -> Iterator[list[bytes]]:
    lines: list[bytes] = []
    for line in stream:
        if not lines and not line.strip():
            continue  # blank lines between or after records
        lines.append(line if line.endswith(b"\n") else line + b"\n")
        if len(lines) == _LINES_OF_A_READ:
            yield lines
            lines = []
    if lines:
        yield lines  # cut short: the typer names it


def _problem(expected: str, found: str, repair: str) -> Exception:
    return one_problem("reads", "standard input", expected, found, repair)
