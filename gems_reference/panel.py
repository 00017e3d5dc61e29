"""The panel: which stretch of which locus each amplicon covers, and its primers. Format: docs/contracts.md, section 2."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, field, fields
from pathlib import Path

from gems_core.bases import IUPAC
from gems_core.errors import InvalidInput, one_problem

_VERSION = re.compile(r"#\s*primer_mask_version:\s*(\S+)\s*")
_COUNTED_ON = re.compile(r"#\s*counted_on:\s*(([A-Z0-9]+)\*\S+)\s*")
_OFFSET = re.compile(r"-?[0-9]+")
_PRIMER = re.compile(f"[{''.join(IUPAC)}]+")


def fits(primer: str, site: str) -> bool:
    """Whether each base of a site is one that the primer's letter stands for."""
    return len(primer) == len(site) and all(base in IUPAC[letter] for letter, base in zip(primer, site, strict=True))


@dataclass(frozen=True)
class PanelRow:
    """One amplicon, ``[start, end)`` in bases of the locus's reference allele.

    Attributes:
        locus: e.g. ``DRB1``.
        amplicon: its name, unique in the locus.
        start_feature: the feature that ``start_offset`` counts in.
        start_offset: 0-based from that feature's start; negative from its end.
        end_feature: the feature that ``end_offset`` counts in.
        end_offset: as ``start_offset``; the first base after the amplicon.
        forward_primer: the amplicon's first bases, in IUPAC letters.
        reverse_primer: the reverse complement of its last bases.
    """

    locus: str
    amplicon: str
    start_feature: str
    start_offset: int
    end_feature: str
    end_offset: int
    forward_primer: str
    reverse_primer: str


COLUMNS = tuple(column.name for column in fields(PanelRow))


@dataclass(frozen=True)
class Panel:
    """All amplicons of a kit, and the version of their primers.

    Attributes:
        primer_mask_version: one word.
        rows: the amplicons.
        counted_on: for a locus, the allele whose bases its offsets count, where that is not left to the library's reference
            allele (another release may have another one).
    """

    primer_mask_version: str
    rows: tuple[PanelRow, ...]
    counted_on: Mapping[str, str] = field(default_factory=dict)

    @property
    def loci(self) -> tuple[str, ...]:
        """Loci in the order of their first row."""
        return tuple(dict.fromkeys(row.locus for row in self.rows))

    def of_locus(self, locus: str) -> tuple[PanelRow, ...]:
        """A locus's amplicons."""
        return tuple(row for row in self.rows if row.locus == locus)


def open_panel_path() -> Path:
    """The project's own open panel."""
    return Path(__file__).parent / "data" / "panel-gems-open-1.tsv"


def no_panel_path() -> Path:
    """The file that stands in a panel's place where the reads come from none (a genome, an exome, fragments)."""
    return Path(__file__).parent / "data" / "panel-none.tsv"


def check_panel(path: Path) -> None:
    """See that a file is a panel, or says that there is none.

    Raises:
        InvalidInput: a line is not as the contract says, or this is no text file; the message names it.
    """
    text = _text_of(path)
    if text.strip() != "# panel: none":
        _parse_panel(path, text)


def read_panel(path: Path) -> Panel:
    """Read a panel file.

    Raises:
        InvalidInput: a line is not as the contract says, or this is no text file; the message names it.
    """
    return _parse_panel(path, _text_of(path))


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "bytes that are not UTF-8"
        raise one_problem(
            "panel", str(path), "a panel, a text file", str(reason), "Give the panel's path, or `none`."
        ) from error


def _parse_panel(path: Path, text: str) -> Panel:
    version, rows, header_seen = "unversioned", [], False
    counted_on: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("#"):
            match = _VERSION.fullmatch(line)
            version = match[1] if match else version
            counted = _COUNTED_ON.fullmatch(line)
            counted_on.update({counted[2]: counted[1]} if counted else {})
        elif line.strip() and not header_seen:
            header_seen = True
            if tuple(line.split("\t")) != COLUMNS:
                raise _bad_line(path, number, f"the header {' '.join(COLUMNS)}", line)
        elif line.strip():
            rows.append(_read_row(path, number, line.split("\t")))
    if not rows:
        raise _bad_line(path, 1, "a header and amplicons", "no amplicon")
    names = {(row.locus, row.amplicon) for row in rows}
    if len(names) != len(rows):
        raise _bad_line(path, 1, "each amplicon of a locus once", f"{len(rows) - len(names)} repeated")
    return Panel(version, tuple(rows), counted_on)


def _read_row(path: Path, number: int, cells: list[str]) -> PanelRow:
    if len(cells) != len(COLUMNS):
        raise _bad_line(path, number, f"{len(COLUMNS)} columns", f"{len(cells)}")
    row = dict(zip(COLUMNS, cells, strict=True))
    for column in ("start_offset", "end_offset"):
        if not _OFFSET.fullmatch(row[column]):
            raise _bad_line(path, number, f"a whole number as {column}", row[column])
    for column in ("forward_primer", "reverse_primer"):
        if not _PRIMER.fullmatch(row[column]):
            raise _bad_line(path, number, f"bases in IUPAC letters as {column}", row[column])
    return PanelRow(
        row["locus"],
        row["amplicon"],
        row["start_feature"],
        int(row["start_offset"]),
        row["end_feature"],
        int(row["end_offset"]),
        row["forward_primer"],
        row["reverse_primer"],
    )


def panel_text(panel: Panel, comments: Iterable[str] = ()) -> str:
    """A panel as its file holds it.

    Args:
        panel: what to write.
        comments: lines to put above, without ``#``.
    """
    lines = [f"# {comment}" for comment in comments]
    lines.append(f"# primer_mask_version: {panel.primer_mask_version}")
    lines += [f"# counted_on: {allele}" for allele in panel.counted_on.values()]
    lines.append("\t".join(COLUMNS))
    lines += ["\t".join(map(str, astuple(row))) for row in panel.rows]
    return "".join(f"{line}\n" for line in lines)


def _bad_line(path: Path, number: int, expected: str, found: str) -> InvalidInput:
    return one_problem("panel_line", f"{path} line {number}", expected, repr(found[:80]), "Correct the panel.")
