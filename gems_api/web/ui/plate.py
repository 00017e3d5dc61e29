"""A run as it stood on its plates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gems_report.pages.run_page import SampleRow

_WELL = re.compile(r"([A-P])0?([1-9]|1[0-9]|2[0-4])")
# Plates of 96 and of 384 wells, as sample sheets may name them.
SIZES = (("ABCDEFGH", 12), ("ABCDEFGHIJKLMNOP", 24))


@dataclass(frozen=True)
class Plate:
    """Rows of wells; None is an empty well.

    Attributes:
        columns: how many wells a row has.
        beside: samples of which nobody knows the well, or that share one.
    """

    rows: tuple[tuple[str, tuple[SampleRow | None, ...]], ...]
    columns: int
    beside: tuple[SampleRow, ...]

    @property
    def is_known(self) -> bool:
        """Whether any sample has a well."""
        return any(cell is not None for _, cells in self.rows for cell in cells)


def plate_of(samples: Sequence[SampleRow]) -> Plate:
    """The samples by their wells, of a plate of 96; of 384 where a well is beyond it."""
    wells: dict[tuple[str, int], SampleRow] = {}
    beside = []
    for sample in samples:
        match = _WELL.fullmatch(sample.well)
        well = (match[1], int(match[2])) if match else None
        if well is None or well in wells:
            beside.append(sample)
        else:
            wells[well] = sample
    names, columns = next(
        size
        for size in SIZES
        if size == SIZES[-1] or all(row in size[0] and column <= size[1] for row, column in wells)
    )
    rows = tuple((row, tuple(wells.get((row, column + 1)) for column in range(columns))) for row in names)
    return Plate(rows, columns, tuple(beside))
