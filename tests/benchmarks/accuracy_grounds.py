"""The libraries and panels that the accuracy tables stand on, and what is told where one cannot be had."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import click
from accuracy_samples import LeftOut

from gems_artefacts.cache import cache_folder
from gems_artefacts.cached_library import cached_library
from gems_core.errors import GemsError
from gems_formats.library_json import LIBRARY_JSON
from gems_reference.build import build_library
from gems_reference.panel import open_panel_path
from gems_reference.sources import material_of_path

SHARED_DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
RELEASE = "3.33.0"


@dataclass(frozen=True)
class Ground:
    """A library and the panel whose amplicons are made from it."""

    library: Path
    panel: Path


def open_ground(options: argparse.Namespace) -> Ground:
    """Release 3.51.0 of hlann and the open panel, where nothing else is asked for.

    Raises:
        LeftOut: the library cannot be had.
    """
    return Ground(options.library or hlann_library(), options.panel or open_panel_path())


def whole_ground(options: argparse.Namespace) -> Ground:
    """Release 3.33.0 with all genes and pseudogenes, and the panel of its MiSeq run, where nothing else is asked for.

    Raises:
        LeftOut: the library cannot be had.
    """
    shared = SHARED_DATA / "miseq-dev" / "panel.tsv"
    return Ground(
        options.library or whole_library(), options.panel or (shared if shared.is_file() else open_panel_path())
    )


def hlann_library() -> Path:
    """Release 3.51.0 of hlann, in the cache; built there first, once.

    Raises:
        LeftOut: it was not there and could not be built.
    """
    try:
        return cached_library(tell)
    except GemsError as error:
        raise LeftOut(str(error)) from error


def whole_library() -> Path:
    """Release 3.33.0, in the cache; built there first, once, from the shared data.

    Raises:
        LeftOut: it is neither there nor can it be built.
    """
    folder = cache_folder() / f"library-{RELEASE}"
    if not (folder / LIBRARY_JSON).is_file():
        release, ciwd = SHARED_DATA / f"imgt-{RELEASE.replace('.', '')}", SHARED_DATA / "ciwd.3.0.0.csv"
        if not release.is_dir():
            raise LeftOut(f"needs release {RELEASE}: neither {folder} nor {release} is there; --library names one")
        tell(f"building the library of release {RELEASE} into {folder}; this is done once")
        build_library(material_of_path(release, RELEASE, ciwd if ciwd.is_file() else None), folder)
    return folder


def shared_folder(name: str) -> Path:
    """A folder of the shared data.

    Raises:
        LeftOut: it is not there.
    """
    folder = SHARED_DATA / name
    if not folder.is_dir():
        raise LeftOut(f"needs {folder}, which is not there")
    return folder


def tell(line: str) -> None:
    """Say something to whoever waits."""
    click.echo(line, err=True)
