"""Write a library: deterministic files in a temporary folder, renamed into place when all are whole."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gems_core.errors import Conflict, InvalidInput, one_problem
from gems_formats.library_json import LIBRARY_FORMAT, LIBRARY_JSON, write_library_json
from gems_formats.library_tables import Allele, LocusTables, write_tables
from gems_reference.assemble import LISTED_DISAGREEMENTS, LocusTable
from gems_reference.checks import BuiltFrom
from gems_reference.nomenclature import Nomenclature

TYPER_INDEX = "index"
"""A folder that the typer keeps in the library it was started with (docs/contracts.md, section 1)."""


@dataclass(frozen=True)
class Material:
    """All that a library is made of.

    Attributes:
        source: ``path``, ``hlann`` or ``ipd``.
        release: e.g. ``3.33.0``.
        tables: its loci.
        nomenclature: groups and categories.
        built_from: the files they came from.
    """

    source: str
    release: str
    tables: tuple[LocusTable, ...]
    nomenclature: Nomenclature
    built_from: tuple[BuiltFrom, ...]


def build_library(material: Material, directory: Path, *, force: bool = False) -> dict[str, Any]:
    """Write the library.

    Args:
        material: what to write.
        directory: where; made if absent. A library there with the same content is left as it is.
        force: replace a library with other content.

    Returns:
        what ``library.json`` holds.

    Raises:
        Conflict: another library is there and ``force`` is not given.
        InvalidInput: the directory holds something else than a library.
    """
    _refuse_foreign(directory)
    directory.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f".{directory.name}.", dir=directory.parent))
    try:
        summary = _write(material, building)
        building.chmod(0o755)
        _put_in_place(building, directory, force)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return summary


def _write(material: Material, directory: Path) -> dict[str, Any]:
    sums: dict[str, str] = {}
    for table in material.tables:
        sums |= write_tables(directory, table.locus, _tables(table, material.nomenclature))
    about = {
        "format": LIBRARY_FORMAT,
        "release": material.release,
        "source": material.source,
        "built_from": [source.as_json() for source in material.built_from],
        "loci": {table.locus: _locus_json(table) for table in material.tables},
        "has_g_groups": material.nomenclature.g_groups is not None,
        "has_p_groups": material.nomenclature.p_groups is not None,
        "ciwd_version": material.nomenclature.ciwd_version,
    }
    return write_library_json(directory, about, sums)


def _tables(table: LocusTable, nomenclature: Nomenclature) -> LocusTables:
    alleles = {
        name: Allele(name, nomenclature.g_group(name), nomenclature.p_group(name), nomenclature.category(name), cells)
        for name, cells in table.cells.items()
    }
    return LocusTables(table.features, alleles, table.sequences)


def _locus_json(table: LocusTable) -> dict[str, Any]:
    return {
        "reference_allele": table.reference_allele,
        "features": list(table.features),
        "alleles": len(table.cells),
        "genomic_alleles": table.genomic_alleles,
        "exons_from_genomic": list(table.exons_from_genomic),
        "disagreements": len(table.disagreements),
        "disagreeing": list(table.disagreements[:LISTED_DISAGREEMENTS]),
        "not_carried_over": list(table.not_carried_over[:LISTED_DISAGREEMENTS]),
    }


def _refuse_foreign(directory: Path) -> None:
    """Never replace what is not ours: only an absent folder, an empty one, or a library."""
    if (
        directory.exists()
        and not (directory / LIBRARY_JSON).is_file()
        and (not directory.is_dir() or any(directory.iterdir()))
    ):
        raise foreign_directory(directory)


def foreign_directory(directory: Path) -> InvalidInput:
    """The error for a folder that holds something else than a library."""
    return one_problem(
        "not_a_library",
        str(directory),
        "no folder, an empty one, or a library",
        "other files",
        "Give another folder with -o.",
    )


def _put_in_place(building: Path, directory: Path, force: bool) -> None:
    try:
        building.rename(directory)  # in place of an empty folder, too
    except OSError:
        if not (directory / LIBRARY_JSON).exists():
            raise
    else:
        return
    # A library is there: from before, or another process was faster.
    if _same_content(building, directory):
        return
    if not force:
        raise Conflict(f"{directory} holds another library; add --force to replace it, or give another folder with -o")
    aside = directory.with_name(f".{directory.name}.old.{os.getpid()}")
    directory.rename(aside)
    building.rename(directory)
    shutil.rmtree(aside)


def _same_content(one: Path, other: Path) -> bool:
    """Every file of ``one`` stands in ``other`` with the same bytes, and nothing else but the typer's index."""
    names = sorted(path.name for path in one.iterdir())
    return names == sorted(path.name for path in other.iterdir() if path.name != TYPER_INDEX) and all(
        (one / name).read_bytes() == (other / name).read_bytes() for name in names
    )
