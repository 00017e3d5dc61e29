"""The two tables of a locus of a library: its alleles, and the aligned rows that they are made of.

Format: docs/contracts.md, section 1. A table is read line by line, for a worker has little memory beside the typer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gems_core.bases import GAP, UNKNOWN
from gems_formats.library_json import damaged

_NAME_COLUMNS = ("allele", "g_group", "p_group", "ciwd")
_SEQUENCE_COLUMNS = ("feature", "index", "sequence")
# Deletes what a row may hold: twenty times as fast as str.strip on rows of 600 columns, and most of the time went there.
_WITHOUT_ALIGNED = str.maketrans("", "", f"ACGT{GAP}{UNKNOWN}")


@dataclass(frozen=True)
class Allele:
    """One allele of a library.

    Attributes:
        name: full name, e.g. ``A*01:01:01:02N``.
        g_group: full name or ''.
        p_group: full name or ''.
        ciwd: ``C``, ``I``, ``WD``, ``R`` or ''.
        cells: for each feature of the locus, the index of its row.
    """

    name: str
    g_group: str
    p_group: str
    ciwd: str
    cells: tuple[int, ...]


@dataclass(frozen=True)
class LocusTables:
    """What the tables of a locus hold.

    Attributes:
        features: in the gene's order.
        alleles: by name, in the release's order.
        rows: for each feature its distinct aligned rows (``ACGT``, ``.`` gap, ``*`` unknown), all of one length.
    """

    features: tuple[str, ...]
    alleles: dict[str, Allele]
    rows: tuple[tuple[str, ...], ...]


def alleles_file(locus: str) -> str:
    """The name of a locus's table of alleles."""
    return f"{locus}.alleles.tsv"


def sequences_file(locus: str) -> str:
    """The name of a locus's table of aligned rows."""
    return f"{locus}.sequences.tsv"


def read_tables(directory: Path, locus: str) -> LocusTables:
    """Read a locus's tables.

    Args:
        directory: of the library.
        locus: its name.

    Raises:
        InvalidInput: a table is absent, or not as the contract has it; the message names the file and what is wrong.
        OSError: a file cannot be read.
    """
    path = directory / alleles_file(locus)
    lines = _lines(path, _NAME_COLUMNS)
    features = tuple(next(lines)[len(_NAME_COLUMNS) :])
    alleles = {fields[0]: _allele(path, fields) for fields in lines}
    rows = _rows(directory / sequences_file(locus), features)
    if not alleles:
        raise damaged(path, "alleles", "none")
    _check_cells(path, features, alleles, rows)
    return LocusTables(features, alleles, rows)


def write_tables(directory: Path, locus: str, tables: LocusTables) -> dict[str, str]:
    """Write a locus's tables.

    Returns:
        the SHA-256 of each file, by its name.
    """
    contents = {alleles_file(locus): _alleles_content(tables), sequences_file(locus): _sequences_content(tables)}
    for name, content in contents.items():
        (directory / name).write_bytes(content)
    return {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}


def _lines(path: Path, columns: tuple[str, ...]) -> Iterator[list[str]]:
    """A table's header, then its lines, each of as many fields.

    Args:
        path: of the table.
        columns: what the header begins with.
    """
    try:
        with path.open(encoding="utf-8", newline="\n") as file:
            line = next(file, "")
            header = line.removesuffix("\n").split("\t")
            if tuple(header[: len(columns)]) != columns:
                raise damaged(path, f"header {' '.join(columns)}", " ".join(header)[:80])
            yield header
            for number, line in enumerate(file, start=2):
                fields = line.removesuffix("\n").split("\t")
                if len(fields) != len(header):
                    raise damaged(path, f"{len(header)} fields in line {number}", str(len(fields)))
                yield fields
            if not line.endswith("\n"):
                raise damaged(path, "whole lines to its end", repr(line[-80:]))
    except FileNotFoundError:
        raise damaged(path, "the file", "none") from None
    except UnicodeDecodeError as error:
        raise damaged(path, "UTF-8", str(error)) from error


def _allele(path: Path, fields: list[str]) -> Allele:
    name, g_group, p_group, ciwd, *cells = fields
    try:
        return Allele(name, g_group, p_group, ciwd, tuple(map(int, cells)))
    except ValueError:
        raise damaged(path, f"the rows of {name}, by index", " ".join(cells)[:80]) from None


def _rows(path: Path, features: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    rows: dict[str, list[str]] = {feature: [] for feature in features}
    lines = _lines(path, _SEQUENCE_COLUMNS)
    next(lines)
    for feature, index, row in lines:
        own = rows.get(feature)
        if own is None or index != str(len(own)) or row.translate(_WITHOUT_ALIGNED):
            raise damaged(path, f"row {len(own or ())} of {feature}", index)
        if own and len(row) != len(own[0]):
            raise damaged(path, f"rows of {feature} of {len(own[0])} columns", f"{len(row)} in row {index}")
        own.append(row)
    return tuple(tuple(rows[feature]) for feature in features)


def _check_cells(
    path: Path, features: tuple[str, ...], alleles: Mapping[str, Allele], rows: tuple[tuple[str, ...], ...]
) -> None:
    used = zip(*(allele.cells for allele in alleles.values()), strict=True)
    for feature, cells, own in zip(features, used, rows, strict=True):
        if min(cells) < 0 or max(cells) >= len(own):
            raise damaged(path, f"rows of {feature} below {len(own)}", f"{min(cells)} to {max(cells)}")


def _alleles_content(tables: LocusTables) -> bytes:
    lines = ["\t".join((*_NAME_COLUMNS, *tables.features))]
    for allele in tables.alleles.values():
        names = (allele.name, allele.g_group, allele.p_group, allele.ciwd)
        lines.append("\t".join((*names, *map(str, allele.cells))))
    return "".join(f"{line}\n" for line in lines).encode()


def _sequences_content(tables: LocusTables) -> bytes:
    lines = ["\t".join(_SEQUENCE_COLUMNS)]
    for feature, rows in zip(tables.features, tables.rows, strict=True):
        lines += [f"{feature}\t{index}\t{row}" for index, row in enumerate(rows)]
    return "".join(f"{line}\n" for line in lines).encode()
