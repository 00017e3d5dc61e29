"""A run as it stood on its plates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gems_report.pages.run_page import SampleRow

ROWS, COLUMNS = "ABCDEFGH", 12
_WELL = re.compile(r"([A-H])0?([1-9]|1[0-2])")


@dataclass(frozen=True)
class Plate:
    """Rows of wells; None is an empty well.

    Attributes:
        beside: samples of which nobody knows the well, or that share one.
    """

    rows: tuple[tuple[str, tuple[SampleRow | None, ...]], ...]
    beside: tuple[SampleRow, ...]

    @property
    def is_known(self) -> bool:
        """Whether any sample has a well."""
        return any(cell is not None for _, cells in self.rows for cell in cells)


def plate_of(samples: Sequence[SampleRow]) -> Plate:
    """The samples by their wells, of a plate of 96."""
    wells: dict[tuple[str, int], SampleRow] = {}
    beside = []
    for sample in samples:
        match = _WELL.fullmatch(sample.well)
        well = (match[1], int(match[2])) if match else None
        if well is None or well in wells:
            beside.append(sample)
        else:
            wells[well] = sample
    rows = tuple((row, tuple(wells.get((row, column + 1)) for column in range(COLUMNS))) for row in ROWS)
    return Plate(rows, tuple(beside))
