"""The library that is used when none is named: release 3.51.0, in the cache."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gems_artefacts.cache import cache_folder
from gems_core.errors import GemsError
from gems_formats.library_json import LIBRARY_JSON

FOLDER = "library-hlann-3.51.0"


def download_cache() -> Path:
    """Where downloads are kept: below the cache folder of `gems`."""
    return cache_folder() / "reference"


def cached_library(tell: Callable[[str], None]) -> Path:
    """The library's folder; built there first, once, from PyPI's `hlann`.

    Args:
        tell: gets a line when it has to be built, for that takes a minute.

    Raises:
        GemsError: it was not there and could not be built; says how to build it elsewhere.
    """
    folder = cache_folder() / FOLDER
    if not (folder / LIBRARY_JSON).exists():
        from gems_reference.build import build_library  # noqa: PLC0415 - loads requests; most runs find the library built
        from gems_reference.sources import material_of_hlann  # noqa: PLC0415 - as above

        tell(f"building the reference library (IPD-IMGT/HLA 3.51.0) into {folder}; this is done once, in a minute")
        try:
            build_library(material_of_hlann(None, None, download_cache(), None), folder)
        except GemsError as error:
            raise GemsError(
                f"the reference library could not be built: {error}\nBuild it where there is a network with "
                f"`gems reference build --source hlann -o {folder}`, or name one with --library."
            ) from error
    return folder
