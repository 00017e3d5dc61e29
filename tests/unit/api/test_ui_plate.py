"""A run as it stood on its plate."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from gems_api.web.ui.plate import plate_of


def rows(*wells: str) -> Any:
    return [SimpleNamespace(sample=f"S{number}", well=well) for number, well in enumerate(wells)]


@pytest.mark.parametrize(
    ("wells", "size"), [(("A1", "H12"), (8, 12)), (("A1", "P24"), (16, 24)), (("I1",), (16, 24)), (("A13",), (16, 24))]
)
def test_a_plate_is_as_large_as_its_wells_ask_for(wells: tuple[str, ...], size: tuple[int, int]) -> None:
    plate = plate_of(rows(*wells))
    assert (len(plate.rows), plate.columns) == size
    assert not plate.beside
    assert sum(cell is not None for _, cells in plate.rows for cell in cells) == len(wells)


def test_samples_without_a_well_of_their_own_stand_beside_the_plate() -> None:
    plate = plate_of(rows("A1", "A01", "", "Z99"))
    assert [row.sample for row in plate.beside] == ["S1", "S2", "S3"]
