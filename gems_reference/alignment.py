"""The alignment files of a release (``X_gen.txt``, ``X_nuc.txt``): blocks of rows under a reference row.

In a row ``-`` is the base of the first row of the file, ``.`` a gap, ``*`` an unknown base, and ``|`` the border of a
feature. Source: the release's own Manual and README.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gems_core.bases import GAP, UNKNOWN
from gems_core.errors import InvalidInput, one_problem
from gems_reference.release_version import stated_release

BORDER = "|"

_ALLELE = re.compile(r"(?:HLA-)?([A-Z0-9]+\*[0-9]+(?::[0-9]+)*[A-Z]?)")
_BLOCK = re.compile(r"\s*[gc]DNA\s")
_RULER = re.compile(r"(gDNA|cDNA|AA codon|\||Please see)")
_ROW = re.compile(r"[ACGTacgt.*|-]+")


@dataclass(frozen=True)
class Alignment:
    """One alignment file, its dashes resolved.

    Attributes:
        name: the file's name, for messages.
        release: e.g. ``3.33.0``; empty if the file does not say.
        rows: for each allele in the file's order, its features' aligned text (``ACGT.*``). All rows have the same number
            of features, and one feature the same length in all rows.
    """

    name: str
    release: str
    rows: dict[str, tuple[str, ...]]

    @property
    def reference_allele(self) -> str:
        """The allele of the first row."""
        return next(iter(self.rows))


def agree(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether two rows of one length have the same symbol in every column that both state."""
    return all(base == beside or UNKNOWN in (base, beside) for base, beside in zip(one, other, strict=True))


def parse_alignment(text: str, name: str) -> Alignment:
    """Read one alignment file.

    Args:
        text: the whole file.
        name: its name, for messages.

    Raises:
        InvalidInput: the file is not such an alignment; the message names file and line.
    """
    joined = _join_blocks(text, name)
    reference = next(iter(joined.values()))
    if "-" in reference:
        raise _problem(name, "a first row that spells its bases", "a dash in it", 0)
    return Alignment(name, stated_release(text), dict(_resolve(joined, reference, name)))


def _join_blocks(text: str, name: str) -> dict[str, str]:
    """Each allele's whole row, blocks joined; a row may be shorter or longer than the first only at its end."""
    chunks: dict[str, list[str]] = {}
    lengths: dict[str, int] = {}
    before = 0
    for number, line in enumerate(text.splitlines(), start=1):
        row = _read_row(line, name, number)
        if row is None:
            if _BLOCK.match(line):
                before = max(lengths.values(), default=0)
            continue
        allele, bases = row
        if lengths.get(allele, 0) != before:
            found = f"{lengths.get(allele, 0)} columns of {allele}"
            raise _problem(name, f"{before} columns of every allele before this block", found, number)
        chunks.setdefault(allele, []).append(bases)
        lengths[allele] = before + len(bases)
    if not chunks:
        raise _problem(name, "rows of alleles", "none", 0)
    return {allele: "".join(parts) for allele, parts in chunks.items()}


def _read_row(line: str, name: str, number: int) -> tuple[str, str] | None:
    """Allele and bases of a line, or None for a comment or a ruler."""
    stripped = line.strip()
    if not stripped or stripped.startswith("#"):
        return None
    label, _, body = stripped.partition(" ")
    match = _ALLELE.fullmatch(label)
    if match is None:
        if "*" in label or not _RULER.match(stripped):
            raise _problem(name, "a row 'ALLELE  BASES' or a ruler", repr(stripped[:60]), number)
        return None
    bases = body.replace(" ", "")
    if not _ROW.fullmatch(bases):
        odd = next((base for base in bases if not _ROW.fullmatch(base)), "no bases")
        raise _problem(name, f"bases of {match[1]} out of ACGT . * - |", repr(odd), number)
    return match[1], bases


def _resolve(joined: dict[str, str], reference: str, name: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Split rows into features and replace dashes; equal pieces are resolved once."""
    rows = {allele: _pad(row, reference) for allele, row in joined.items()}
    longest = max(len(row) for row in rows.values())
    reference = reference.ljust(longest, GAP)
    features = reference.split(BORDER)
    resolved: list[dict[str, str]] = [{} for _ in features]
    for allele, row in rows.items():
        pieces = row.ljust(longest, UNKNOWN if row.endswith(UNKNOWN) else GAP).split(BORDER)
        if [len(piece) for piece in pieces] != [len(feature) for feature in features]:
            raise _problem(name, f"{allele} with the feature borders of the first row", "other borders", 0)
        yield (
            allele,
            tuple(
                seen.get(piece) or seen.setdefault(piece, _undash(piece, feature))
                for piece, feature, seen in zip(pieces, features, resolved, strict=True)
            ),
        )


def _pad(row: str, reference: str) -> str:
    """A row that ends early is unknown from there on, and has the reference's borders."""
    return row + "".join(BORDER if base == BORDER else UNKNOWN for base in reference[len(row) :])


def _undash(piece: str, feature: str) -> str:
    if "-" not in piece:
        return piece.upper()
    return "".join([kept if base == "-" else base for base, kept in zip(piece, feature, strict=True)]).upper()


def _problem(name: str, expected: str, found: str, line: int) -> InvalidInput:
    where = f"{name} line {line}" if line else name
    return one_problem("alignment_row", where, expected, found, "The file is damaged; fetch the release again.")
