"""Where a sample stood on the plate, and what it is there for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

LONGEST_WELL = 8
_WELL = re.compile(r"(?P<row>[A-Pa-p])0?(?P<column>[1-9]|1[0-9]|2[0-4])")


class Role(StrEnum):
    """What a sample is there for."""

    SAMPLE = "sample"
    NEGATIVE_CONTROL = "negative_control"
    POSITIVE_CONTROL = "positive_control"


@dataclass(frozen=True)
class Placement:
    """What a sample sheet says of one sample.

    Attributes:
        well: row and column of a plate of up to 384 wells, such as ``A1``; '' where nobody says.
        role: what it is there for.
        expected: the alleles of a positive control as a GL String; '' where nobody says.
    """

    well: str = ""
    role: Role = Role.SAMPLE
    expected: str = ""

    def over(self, earlier: Placement) -> Placement:
        """This, and where it says nothing what was said earlier."""
        role = earlier.role if self.role is Role.SAMPLE else self.role
        return Placement(self.well or earlier.well, role, self.expected or earlier.expected)

    def agrees_with(self, other: Placement) -> bool:
        """Whether neither says what the other one denies."""
        return self.over(other) == other.over(self)


UNPLACED = Placement()
"""Of a sample of which no sheet says anything."""


def parse_well(text: str) -> str:
    """A well's name without a leading zero: ``a01`` is ``A1``.

    Raises:
        ValueError: it is not a well of a plate of 96 or 384.
    """
    match = _WELL.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"expected a well from A1 to P24, found {text[:50]!r}")
    return f"{match['row'].upper()}{match['column']}"
