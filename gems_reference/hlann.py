"""Release 3.51.0 out of NMDP's package hlann 0.0.5, for a machine that reaches nothing but a package registry.

Only the wheel's data files are read; the package is never installed or imported. Each
``alignments_<LOCUS>_gen_3510.csv.gz`` has a row an allele (the coding-only ones too) and a column a feature. It has seven
loci and no G or P groups. Where an allele is spliced oddly its exon cells are those of the message, not of the gene; see
``gene_level``.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import re
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from gems_core.bases import GAP, UNKNOWN
from gems_core.errors import GemsError, one_problem
from gems_reference.assemble import LocusTable, Rows, table_of_rows
from gems_reference.checks import BuiltFrom, refuse_impostor
from gems_reference.gene_level import unspliced
from gems_reference.release import decode

RELEASE = "3.51.0"
REQUIREMENT = "hlann==0.0.5"
WHEEL_NAME = "hlann-0.0.5-py3-none-any.whl"
WHEEL_SHA256 = "fca5d4a7b4fdea1d6c7a4a82edcbad5f320585cd84bb0a30b36fa68d4fe09358"
DOWNLOAD_TIMEOUT_SECONDS = 300

_DATA = re.compile(r"hlann/data/alignments_(?P<locus>[A-Z0-9]+)_gen_3510\.csv\.gz")
_FEATURE = re.compile(r"(?P<kind>exon|intron)_(?P<number>[0-9]+)|utr(?P<utr>[35])")
_ALLELE = re.compile(r"[A-Z0-9]+\*[0-9]+(?::[0-9]+)+[A-Z]?")
_CELL = re.compile(r"[ACGT.*]*")


def fetch_wheel(cache: Path) -> Path:
    """The wheel, from the cache or else downloaded into it with pip.

    Raises:
        GemsError: pip could not download it.
    """
    cached = cache / WHEEL_NAME
    if cached.is_file():
        return cached
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--only-binary=:all:", "--dest", folder, REQUIREMENT]
        try:
            subprocess.run(command, check=True, capture_output=True, text=True, timeout=DOWNLOAD_TIMEOUT_SECONDS)
        except subprocess.CalledProcessError as error:
            raise _no_download(error.stderr.strip()[-500:]) from error
        except subprocess.TimeoutExpired as error:
            raise _no_download(f"no end within {DOWNLOAD_TIMEOUT_SECONDS} s") from error
        downloaded = Path(folder) / WHEEL_NAME
        if not downloaded.is_file():
            raise _no_download(f"pip left no {WHEEL_NAME}")
        _check_wheel(WHEEL_NAME, downloaded.read_bytes())
        downloaded.replace(cached)
    return cached


def _no_download(reason: str) -> GemsError:
    return GemsError(
        f"pip could not download {REQUIREMENT}: {reason}. Download {WHEEL_NAME} elsewhere and give it with --wheel."
    )


def _check_wheel(name: str, content: bytes) -> BuiltFrom:
    refuse_impostor(name, content)
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 != WHEEL_SHA256:
        raise one_problem(
            "wheel_sha256",
            name,
            f"SHA-256 {WHEEL_SHA256} of {WHEEL_NAME}",
            sha256,
            "Delete the file and download it again.",
        )
    return BuiltFrom(WHEEL_NAME, hashlib.md5(content, usedforsecurity=False).hexdigest(), sha256, "pinned sha256")


def read_wheel(wheel: Path) -> tuple[dict[str, str], BuiltFrom]:
    """The wheel's alignments of release 3.51.0, read in memory.

    Returns:
        CSV text by locus, and the wheel's sums.

    Raises:
        InvalidInput: it is not the pinned wheel.
    """
    if not wheel.is_file():
        raise one_problem("no_wheel", str(wheel), WHEEL_NAME, "no such file", "Give the wheel's path with --wheel.")
    content = wheel.read_bytes()
    source = _check_wheel(wheel.name, content)
    return read_tables(content), source


def read_tables(wheel: bytes) -> dict[str, str]:
    """CSV text of each locus in a wheel's bytes.

    Raises:
        InvalidInput: the wheel's zip or a table in it is damaged.
    """
    tables = {}
    try:
        with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
            for name in sorted(archive.namelist()):
                match = _DATA.fullmatch(name)
                if match is not None:
                    tables[match["locus"]] = decode(gzip.decompress(archive.read(name)), name)
    except (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise one_problem("bad_wheel", WHEEL_NAME, "a whole wheel", str(error), "Download the wheel again.") from error
    return tables


def assemble_tables(tables: Mapping[str, str]) -> Iterator[LocusTable]:
    """Every locus of the wheel, in name order."""
    for locus in sorted(tables):
        yield assemble_table(locus, tables[locus])


def assemble_table(locus: str, text: str) -> LocusTable:
    """One locus.

    Args:
        locus: its name.
        text: CSV, header ``,utr5,exon_1,…,utr3``, then an allele and its features a row; the first is the reference.

    Raises:
        InvalidInput: a row or the header is not as described; the message names the line.
    """
    names, rows = _read_rows(locus, text)
    introns = [slot for slot, name in enumerate(names) if not name.startswith("exon")]
    genomic = sum(1 for row in rows.values() if any(row[slot].strip(UNKNOWN + GAP) for slot in introns))
    reference = next(iter(rows.values()))
    rows = {allele: unspliced(row, reference) for allele, row in rows.items()}
    return table_of_rows(locus, next(iter(rows)), names, _equal_widths(rows), genomic_alleles=genomic)


def _read_rows(locus: str, text: str) -> tuple[tuple[str, ...], Rows]:
    csv.field_size_limit(max(csv.field_size_limit(), 1_000_000))
    reader = csv.reader(io.StringIO(text))
    header = next(reader, [])
    names = tuple(_feature(column, locus) for column in header[1:])
    rows: dict[str, tuple[str, ...]] = {}
    for row in reader:
        cells = tuple(row[1:])
        well = len(cells) == len(names) and all(map(_CELL.fullmatch, cells))
        if not well or not _ALLELE.fullmatch(row[0]) or row[0] in rows:
            raise one_problem(
                "hlann_row",
                f"hlann {locus} line {reader.line_num}",
                f"a new allele and {len(names)} features in ACGT.*",
                f"{row[0]!r} and {len(cells)} cells",
                "Download the wheel again.",
            )
        rows[row[0]] = cells
    if not rows:
        raise one_problem("hlann_row", f"hlann {locus}", "rows of alleles", "none", "Download the wheel again.")
    return names, rows


def _feature(column: str, locus: str) -> str:
    match = _FEATURE.fullmatch(column)
    if match is None:
        raise one_problem(
            "hlann_header",
            f"hlann {locus} line 1",
            "exon_N, intron_N, utr5 or utr3",
            repr(column),
            "Download the wheel again.",
        )
    return f"{match['utr']}UTR" if match["utr"] else f"{match['kind']}{match['number']}"


def _equal_widths(rows: Rows) -> dict[str, list[str]]:
    """A few last exons run longer than the reference's; the others get gaps there, or unknown if they end unknown."""
    widths = [max(map(len, column)) for column in zip(*rows.values(), strict=True)]
    return {
        allele: [
            cell.ljust(width, UNKNOWN if cell.endswith(UNKNOWN) else GAP)
            for cell, width in zip(row, widths, strict=True)
        ]
        for allele, row in rows.items()
    }
