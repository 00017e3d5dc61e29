"""One synthetic library for all tests of the read builder."""

from __future__ import annotations

import pytest
from synthetic_library import make_products

from gems_simulator.genotypes import Products


@pytest.fixture(scope="session")
def products(tmp_path_factory: pytest.TempPathFactory) -> Products:
    """Products of a synthetic library under a panel designed from it."""
    return make_products(tmp_path_factory.mktemp("synthetic") / "library")
