"""The sequences of an ``unexplained.fasta``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from worker.errors import SampleFailed

_HEADER = re.compile(
    r">(?P<gene>[A-Z0-9]+)\|(?P<amplicon>[^|]+)\|(?P<number>[0-9]+) pairs=(?P<pairs>[0-9]+) share=(?P<share>[0-9]+(?:\.[0-9]+)?)"
)
_BASES = re.compile(r"[ACGTN]+")
_UNSEEN = re.compile("N+")


@dataclass(frozen=True)
class Unexplained:
    """One well-supported sequence that no allele explains.

    Attributes:
        name: the header without its ``>``.
        pairs: read pairs that show it.
        share: of the amplicon's pairs, 0 to 1.
        bases: ``N`` where neither read of a pair reaches.
    """

    name: str
    gene: str
    amplicon: str
    number: int
    pairs: int
    share: float
    bases: str

    @property
    def parts(self) -> tuple[tuple[int, str], ...]:
        """The stretches between the unseen bases, each with its 0-based place."""
        places = [(match.start(), match.group()) for match in re.finditer("[ACGT]+", self.bases)]
        return tuple(places)


def read_unexplained(text: str) -> tuple[Unexplained, ...]:
    """The sequences of a file.

    Raises:
        SampleFailed: a line is not as docs/contracts.md, section 3, has it.
    """
    found: list[Unexplained] = []
    header: re.Match[str] | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if header is None:
            header = _HEADER.fullmatch(line) or _refuse(number, ">gene|amplicon|n pairs=… share=…", line)
            continue
        if not _BASES.fullmatch(line):
            _refuse(number, "bases A C G T N in one line", line)
        found.append(_record(header, line))
        header = None
    if header is not None:
        _refuse(len(text.splitlines()) + 1, "the sequence's bases", "")
    return tuple(found)


def _record(header: re.Match[str], bases: str) -> Unexplained:
    share = min(1.0, float(header["share"]))
    number, pairs = int(header["number"]), int(header["pairs"])
    return Unexplained(header.string[1:], header["gene"], header["amplicon"], number, pairs, share, bases)


def _refuse(line: int, expected: str, found: str) -> re.Match[str]:
    raise SampleFailed(
        f"unexplained.fasta, line {line}: expected {expected}, found {found[:80]!r}. Type the sample again."
    )
