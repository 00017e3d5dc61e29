"""Release 3.33.0, built once for all tests that need it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gems_reference.build import build_library
from gems_reference.library import Library, open_library
from gems_reference.sources import material_of_path


@pytest.fixture(scope="session")
def library(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Library:
    directory = tmp_path_factory.mktemp("3330") / "library"
    build_library(material_of_path(shared_data / "imgt-3330", None, shared_data / "ciwd.3.0.0.csv"), directory)
    return open_library(directory)
