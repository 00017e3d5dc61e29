"""Whether bytes are a whole gzip file that begins as FASTQ. Pure: bytes in, a finding out."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

GZIP_MAGIC = b"\x1f\x8b\x08"
# The empty block that ends every BGZF file (SAM specification, section 4.1.2).
BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
_GZIP_WINDOW = 31
_STEP_BYTES = 1 << 20
_FIRST_RECORD_BYTES = 1 << 16
FASTQ_LINES = 4


@dataclass(frozen=True)
class Finding:
    """What is wrong with a file: a code of docs/api.md, what was expected and what was found."""

    code: str
    expected: str
    found: str


def check_whole(data: bytes) -> Finding | None:
    """Inflate a whole file: truncation and damage are certain to be found (every member's CRC is checked)."""
    if not data.startswith(GZIP_MAGIC):
        return _not_gzip(data)
    head, rest, members = b"", data, 0
    while rest.strip(b"\0"):
        if members and not rest.startswith(GZIP_MAGIC):
            return Finding("damaged_file", "nothing after the last gzip member", f"{len(rest)} bytes of something else")
        inflater = zlib.decompressobj(_GZIP_WINDOW)
        try:
            head = _drain(inflater, rest, head)
        except zlib.error as error:
            return Finding("damaged_file", "gzip data that inflates", str(error))
        if not inflater.eof:
            return Finding(
                "truncated_file", "a whole gzip file", f"{len(data)} bytes that end in the middle of the data"
            )
        rest, members = inflater.unused_data, members + 1
    return check_first_record(head, complete=len(head) < _FIRST_RECORD_BYTES)


def _drain(inflater: zlib._Decompress, data: bytes, head: bytes) -> bytes:
    """Inflate to the end in steps, keeping only the first bytes; a small file may inflate to a huge one."""
    while data and not inflater.eof:
        piece = inflater.decompress(data, _STEP_BYTES)
        head += piece[: _FIRST_RECORD_BYTES - len(head)]
        data = inflater.unconsumed_tail
    return head


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
