"""The Lambda's zip, built once for the sources as they stand, and unpacked."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from gems_artefacts.cache import cache_folder
from gems_deploy.lambda_package.build import built_zip


@pytest.fixture(scope="session")
def lambda_zip() -> Path:
    return built_zip("dev", cache_folder() / "lambda")


@pytest.fixture(scope="session")
def unpacked(lambda_zip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("task")
    with zipfile.ZipFile(lambda_zip) as archive:
        archive.extractall(folder)
    return folder
