"""What a run needs besides the reads: library, panel and typer, given or found."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from gems_artefacts.cached_library import cached_library
from gems_artefacts.checks import BUILT_JAR, check_jar, panel_version
from gems_artefacts.reference import library_version
from gems_core.published import NO_PANEL, is_no_panel
from gems_reference.library import open_library
from gems_reference.panel import check_panel, no_panel_path, open_panel_path

LIBRARY_VARIABLE = "GEMS_LIBRARY"


@dataclass(frozen=True)
class Tools:
    """What types the reads."""

    library: Path
    panel: Path
    jar: Path

    @property
    def has_no_panel(self) -> bool:
        """Whether the reads come from no panel."""
        return is_no_panel(panel_version(self.panel))


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
        panel: a panel's file, or ``none`` for reads that come from no panel; else the open panel.
        jar: the typer; else the one that Maven built.
        tell: gets a line when something takes long.
        environment: of the process.

    Raises:
        InvalidInput: one of them is not what it should be.
        GemsError: the library was not there and could not be built.
    """
    typer, chosen_panel = find_typer(jar), find_panel(panel)
    return Tools(find_library(library, tell, environment), chosen_panel, typer)


def tools_told(tools: Tools) -> str:
    """Library and panel by their versions, as people are told before anything is typed."""
    library = open_library(tools.library)
    panel = "no panel" if tools.has_no_panel else f"panel {panel_version(tools.panel)}"
    return f"library {library_version(library)}, {panel}"


def find_typer(jar: Path | None) -> Path:
    """The typer, else the one that Maven built.

    Raises:
        InvalidInput: there is none.
    """
    typer = jar or BUILT_JAR
    check_jar(typer)
    return typer


def find_panel(panel: Path | None) -> Path:
    """The panel's file: the one that says that there is none for ``none``, the open panel for None.

    Raises:
        InvalidInput: it is not a panel.
    """
    found = no_panel_path() if panel == Path(NO_PANEL) else panel or open_panel_path()
    check_panel(found)
    return found


def find_library(
    library: Path | None, tell: Callable[[str], None], environment: Mapping[str, str] = os.environ
) -> Path:
    """The library's folder, else ``$GEMS_LIBRARY``, else the one in the cache, built when it is not there.

    Raises:
        InvalidInput: it is not a library.
        GemsError: it was not there and could not be built.
    """
    named = library or (Path(environment[LIBRARY_VARIABLE]) if environment.get(LIBRARY_VARIABLE) else None)
    folder = named or cached_library(tell)
    open_library(folder)
    return folder
