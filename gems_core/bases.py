"""Bases and their IUPAC letters, and the marks of an aligned row (IUPAC-IUB, Nucleic Acids Research 13:3021, 1985)."""

from __future__ import annotations

IUPAC = {
    "A": "A", "C": "C", "G": "G", "T": "T", "R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC",
    "B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG", "N": "ACGT",
}  # fmt: skip
"""The bases that a letter stands for."""

GAP = "."
UNKNOWN = "*"

_COMPLEMENT = str.maketrans("ACGTRYSWKMBDHVN", "TGCAYRSWMKVHDBN")


def reverse_complement(bases: str) -> str:
    """The other strand of upper-case bases, 5' to 3'; a letter becomes its complement, and anything else stays."""
    return bases.translate(_COMPLEMENT)[::-1]
