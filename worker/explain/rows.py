"""An allele's aligned row beside another one, the guide, which tells what is unknown of it. Both are of one length.

A gene has thousands of alleles, most of them with unknown bases: rows are compared as arrays and not letter by letter.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gems_core.bases import GAP, UNKNOWN

_GAP, _UNKNOWN = ord(GAP), ord(UNKNOWN)


def bases_beside(row: str, guide: str) -> str:
    """A row's bases, known or not; an unknown one beside a gap of the guide is taken for a gap."""
    if UNKNOWN not in row:
        return row.replace(GAP, "")
    own, other = _letters(row), _letters(guide)
    is_gap = (own == _GAP) | ((own == _UNKNOWN) & (other == _GAP))
    return _text(own[~is_gap])


def bases_completed(row: str, guide: str) -> str:
    """A row's bases, with the guide's where they are unknown."""
    if UNKNOWN in row:
        own = _letters(row)
        row = _text(np.where(own == _UNKNOWN, _letters(guide), own))
    return row.replace(GAP, "")


def is_base(base: str, guide: str) -> bool:
    """Whether a column of a row holds a base, known or not."""
    return base != GAP and not (base == UNKNOWN and guide == GAP)


def _letters(row: str) -> NDArray[np.uint8]:
    return np.frombuffer(row.encode("ascii"), dtype=np.uint8)


def _text(letters: NDArray[np.uint8]) -> str:
    return str(letters.tobytes(), "ascii")
