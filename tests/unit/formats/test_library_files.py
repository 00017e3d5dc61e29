"""The files of a library: what is written is read back, and nothing else is read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gems_core.errors import InvalidInput
from gems_formats.library_json import check_sum, read_library_json, write_library_json
from gems_formats.library_tables import Allele, LocusTables, read_tables, write_tables

TABLES = LocusTables(
    ("5UTR", "exon1", "3UTR"),
    {
        "A*91:01": Allele("A*91:01", "A*91:01G", "A*91:01P", "C", (0, 0, 0)),
        "A*92:01N": Allele("A*92:01N", "", "", "", (1, 1, 0)),
    },
    (("AC.G", "****"), ("ACGT", "AC.T"), ("",)),
)
LOCI = {"A": {"reference_allele": "A*91:01", "features": ["5UTR", "exon1", "3UTR"]}}


def test_tables_are_read_as_they_were_written(tmp_path: Path) -> None:
    sums = write_tables(tmp_path, "A", TABLES)
    assert read_tables(tmp_path, "A") == TABLES
    assert list(sums) == ["A.alleles.tsv", "A.sequences.tsv"]
    for name, sha256 in sums.items():
        check_sum(tmp_path / name, sha256)


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("alleles", "ciwd", "cwd", "header allele g_group p_group ciwd"),
        ("alleles", "\t0\t0\t0\n", "\t0\t0\n", "7 fields in line 2, found 6"),
        ("alleles", "\t1\t1\t0\n", "\t1\tone\t0\n", "the rows of A*92:01N, by index"),
        ("alleles", "\t1\t1\t0\n", "\t1\t2\t0\n", "rows of exon1 below 2, found 0 to 2"),
        ("alleles", "\t1\t1\t0\n", "\t1\t-1\t0\n", "rows of exon1 below 2, found -1 to 0"),
        ("alleles", "\t1\t1\t0\n", "\t1\t1\t0", "whole lines to its end"),
        ("alleles", "exon1", "exon2", "row 0 of exon1"),
        ("sequences", "index", "row", "header feature index sequence"),
        ("sequences", "exon1\t1\t", "exon1\t2\t", "row 1 of exon1, found 2"),
        ("sequences", "AC.T", "AC-T", "row 1 of exon1"),
        ("sequences", "AC.T", "AC.", "rows of exon1 of 4 columns, found 3 in row 1"),
        ("sequences", "3UTR\t0\t\n", "", "rows of 3UTR below 0"),
    ],
)
def test_a_damaged_table_is_refused_by_file_and_reason(
    file: str, old: str, new: str, expected: str, tmp_path: Path
) -> None:
    write_tables(tmp_path, "A", TABLES)
    path = tmp_path / f"A.{file}.tsv"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(InvalidInput) as refused:
        read_tables(tmp_path, "A")
    assert expected in str(refused.value)
    assert "Build the library again" in str(refused.value)


def test_tables_that_are_absent_empty_or_no_text_are_refused(tmp_path: Path) -> None:
    write_tables(tmp_path, "A", TABLES)
    path = tmp_path / "A.alleles.tsv"
    header = path.read_bytes().split(b"\n")[0]
    for content, expected in (
        (b"", "header"),
        (header + b"\n", "alleles, found none"),
        (header + b"\n\xff\n", "UTF-8"),
    ):
        path.write_bytes(content)
        with pytest.raises(InvalidInput, match=expected):
            read_tables(tmp_path, "A")
    path.unlink()
    with pytest.raises(InvalidInput, match=r"A.alleles.tsv: expected the file, found none"):
        read_tables(tmp_path, "A")


def test_library_json_names_the_files_and_their_content(tmp_path: Path) -> None:
    sums = write_tables(tmp_path, "A", TABLES)
    written = write_library_json(tmp_path, {"format": 1, "loci": LOCI}, sums)
    assert read_library_json(tmp_path) == written
    assert written["files"] == sums


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("{", "expected JSON"),
        ("[]", "format 1, found list"),
        ("[" * 200 + "]" * 200, "at most 100 levels"),
        (json.dumps({"format": 2, "loci": LOCI}), "format 1, found 2"),
        (json.dumps({"format": 1}), "loci, each with a reference allele and features"),
        (json.dumps({"format": 1, "loci": {"A": {"reference_allele": "A*91:01"}}}), "loci, each with"),
    ],
)
def test_a_damaged_library_json_is_refused(content: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / "library.json").write_text(content)
    with pytest.raises(InvalidInput, match=expected):
        read_library_json(tmp_path)


def test_a_folder_without_library_json_is_no_library(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="gems reference build"):
        read_library_json(tmp_path)
