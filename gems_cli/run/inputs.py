"""What a run needs besides the reads: library, panel and typer, given or found."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from gems_cli.artefacts.publish import BUILT_JAR, check_jar
from gems_cli.cache import cache_folder
from gems_cli.reference.build import build_library
from gems_cli.reference.library import open_library
from gems_cli.reference.panel import open_panel_path, read_panel
from gems_cli.reference.sources import material_of_hlann
from gems_core.errors import GemsError

LIBRARY_VARIABLE = "GEMS_LIBRARY"
DEFAULT_LIBRARY = "library-hlann-3.51.0"


@dataclass(frozen=True)
class Tools:
    """What types the reads."""

    library: Path
    panel: Path
    jar: Path


def find_tools(
    library: Path | None,
    panel: Path | None,
    jar: Path | None,
    tell: Callable[[str], None],
    environment: Mapping[str, str] = os.environ,
) -> Tools:
    """The tools that were given, else the usual ones, all checked.

    Args:
        library: a library's folder; else ``$GEMS_LIBRARY``; else the one in the cache, built when it is not there.
        panel: a panel's file; else the open panel.
        jar: the typer; else the one that Maven built.
        tell: gets a line when something takes long.
        environment: of the process.

    Raises:
        InvalidInput: one of them is not what it should be.
        GemsError: the library was not there and could not be built.
    """
    typer = jar or BUILT_JAR
    check_jar(typer)
    chosen_panel = panel or open_panel_path()
    read_panel(chosen_panel)
    named = library or (Path(environment[LIBRARY_VARIABLE]) if environment.get(LIBRARY_VARIABLE) else None)
    folder = named or cached_library(tell)
    open_library(folder)
    return Tools(folder, chosen_panel, typer)


def cached_library(tell: Callable[[str], None]) -> Path:
    """The library of release 3.51.0 in the cache; built there first, once, from PyPI's `hlann`."""
    folder = cache_folder() / DEFAULT_LIBRARY
    if not (folder / "library.json").exists():
        tell(f"building the reference library (IPD-IMGT/HLA 3.51.0) into {folder}; this is done once, in a minute")
        try:
            build_library(material_of_hlann(None, None, cache_folder() / "reference", None), folder)
        except GemsError as error:
            raise GemsError(
                f"the reference library could not be built: {error}\nBuild it where there is a network with "
                f"`gems reference build --source hlann -o {folder}`, or name one with --library."
            ) from error
    return folder
