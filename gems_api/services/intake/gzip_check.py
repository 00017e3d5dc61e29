"""Whether bytes are a whole gzip file that begins as FASTQ. Pure: bytes in, a finding out."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

GZIP_MAGIC = b"\x1f\x8b\x08"
# The empty block that ends every BGZF file (SAM specification, section 4.1.2).
BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
_GZIP_WINDOW = 31
_STEP_BYTES = 1 << 16
_MOST_INFLATED_BYTES = 1 << 20
_FIRST_RECORD_BYTES = 1 << 16
# Reads of a MiSeq shrink to a fourth or an eighth; deflate can shrink to a thousandth. What is short is let be, whatever its ratio.
MOST_TIMES_AS_LONG = 100
ALWAYS_INFLATED_BYTES = 1 << 24
FASTQ_LINES = 4


@dataclass(frozen=True)
class Finding:
    """What is wrong with a file: a code of docs/api.md, what was expected and what was found."""

    code: str
    expected: str
    found: str


def check_whole(pieces: Iterable[bytes], go_on: Callable[[], None] = lambda: None) -> Finding | None:
    """Inflate a whole file: truncation and damage are certain to be found (every member's CRC is checked).

    Args:
        pieces: the file's bytes, in order, in pieces of any size; only one is held at a time.
        go_on: asked after each megabyte that is inflated, for a small piece may inflate to very much; it raises to stop.
    """
    inflation = _Inflation(go_on)
    for piece in pieces:
        finding = inflation.take(piece)
        if finding is not None:
            return finding
    return inflation.end()


class _Inflation:
    """Inflates members one after the other, keeping only the first bytes; a small file may inflate to a huge one."""

    def __init__(self, go_on: Callable[[], None]) -> None:
        self._go_on = go_on
        self._inflated_bytes = 0
        self._inflater = zlib.decompressobj(_GZIP_WINDOW)
        self._began = False  # whether the member that is read now has any bytes
        self._members = 0
        self._size_bytes = 0
        self._head = b""

    def take(self, piece: bytes) -> Finding | None:
        if not self._size_bytes and not piece.startswith(GZIP_MAGIC):
            return _not_gzip(piece)
        # A BGZF file has a member every few kilobytes, and each end of one copies what is left of its step.
        for start in range(0, len(piece), _STEP_BYTES):
            step = piece[start : start + _STEP_BYTES]
            self._size_bytes += len(step)
            finding = self._step(step)
            if finding is not None:
                return finding
        return None

    def _step(self, data: bytes) -> Finding | None:
        while data:
            if not self._began:
                data = data.lstrip(b"\0") if self._members else data  # padding between members is allowed
                if not data:
                    return None
                if self._members and not GZIP_MAGIC.startswith(data[: len(GZIP_MAGIC)]):
                    return Finding("damaged_file", "nothing after the last gzip member", f"{data[:8].hex(' ')} ...")
                self._began = True
            try:
                data = self._drain(data)
            except zlib.error as error:
                return Finding("damaged_file", "gzip data that inflates", str(error))
            if self._inflates_too_far():
                expected = f"reads, which inflate to at most {MOST_TIMES_AS_LONG} times their size"
                return Finding(
                    "inflates_too_far", expected, f"{self._inflated_bytes} bytes of {self._size_bytes}, or more"
                )
        return None

    def _inflates_too_far(self) -> bool:
        return self._inflated_bytes > max(ALWAYS_INFLATED_BYTES, MOST_TIMES_AS_LONG * self._size_bytes)

    def _drain(self, data: bytes) -> bytes:
        """Inflate to the end of the data or the member, which comes first; returns what is left."""
        while data and not self._inflater.eof and not self._inflates_too_far():
            piece = self._inflater.decompress(data, _MOST_INFLATED_BYTES)
            self._inflated_bytes += len(piece)
            self._go_on()
            self._head += piece[: _FIRST_RECORD_BYTES - len(self._head)]
            data = self._inflater.unconsumed_tail
        if self._inflater.eof:
            data = self._inflater.unused_data
            self._inflater, self._began, self._members = zlib.decompressobj(_GZIP_WINDOW), False, self._members + 1
        return data

    def end(self) -> Finding | None:
        if not self._size_bytes:
            return _not_gzip(b"")
        if self._began:
            found = f"{self._size_bytes} bytes that end in the middle of the data"
            return Finding("truncated_file", "a whole gzip file", found)
        return check_first_record(self._head, complete=len(self._head) < _FIRST_RECORD_BYTES)


def check_ends(first: bytes, last: bytes) -> Finding | None:
    """Check a file too large to read whole, by its first bytes and its last ones.

    BGZF ends in a fixed block, so there truncation is certain to be found. Plain gzip ends in its size modulo 2^32:
    a zero there is wrong, but a cut file mostly has something else there, so most truncations are left to the typer.
    """
    if not first.startswith(GZIP_MAGIC):
        return _not_gzip(first)
    inflater = zlib.decompressobj(_GZIP_WINDOW)
    try:
        head = inflater.decompress(first, _FIRST_RECORD_BYTES)
    except zlib.error as error:
        return Finding("damaged_file", "gzip data that inflates", str(error))
    if _is_bgzf(first):
        if not last.endswith(BGZF_END):
            return Finding("truncated_file", "BGZF's end block", "other bytes at the end")
    elif struct.unpack("<I", last[-4:])[0] == 0:
        return Finding("truncated_file", "the size of the data in the last 4 bytes", "zero")
    return check_first_record(head, complete=False)


def _is_bgzf(first: bytes) -> bool:
    return first[3] & 4 != 0 and first[12:14] == b"BC"


def check_first_record(text: bytes, *, complete: bool) -> Finding | None:
    """Whether text begins with a FASTQ record (``@name``, bases, ``+``, as many qualities).

    Args:
        text: the first bytes, inflated.
        complete: whether that is all there is.
    """
    if not text:
        return Finding("empty_file", "reads", "a gzip file with nothing in it")
    lines = text.split(b"\n", FASTQ_LINES)
    if not lines[0].startswith(b"@"):
        return Finding("not_fastq", "a line that starts with @", repr(lines[0][:40]))
    if len(lines) < FASTQ_LINES or (len(lines) == FASTQ_LINES and not complete):
        return Finding("not_fastq", "a record of four lines", f"{len(lines)} lines") if complete else None
    bases, plus, qualities = (line.rstrip(b"\r") for line in lines[1:4])
    if not plus.startswith(b"+") or len(bases) != len(qualities) or not bases.isalpha():
        return Finding("not_fastq", "bases, a + line and as many qualities", repr(b"\n".join(lines[1:4])[:60]))
    return None


def _not_gzip(data: bytes) -> Finding:
    return Finding("not_gzip", "gzip's first bytes 1f 8b 08", data[:3].hex(" ") or "nothing")
