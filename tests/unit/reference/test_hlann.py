"""The wheel of hlann: its tables, its cache, and what is refused."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from gems_core.errors import InvalidInput
from gems_reference import hlann
from gems_reference.hlann import assemble_table, read_tables, read_wheel
from gems_reference.sources import material_of_hlann

TABLE = ",utr5,exon_1,intron_1,exon_2,utr3\nA*01:01,AC,ACGT,GT,CC,TT\nA*02:01,**,AC.T,**,C*,**\nA*03:07Q,AC,ACGT,GT,CCTTT,*T\n"


def wheel_bytes(tables: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in tables.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_only_the_alignments_of_the_release_are_read() -> None:
    wheel = wheel_bytes(
        {
            "hlann/data/alignments_A_gen_3510.csv.gz": gzip.compress(TABLE.encode()),
            "hlann/data/alignments_A_gen_3500.csv.gz": b"rubbish",
            "hlann/data/alignments_A_prot_3510.csv.gz": b"rubbish",
        }
    )
    assert read_tables(wheel) == {"A": TABLE}


def test_rows_become_features_of_one_width() -> None:
    table = assemble_table("A", TABLE)
    assert table.features == ("5UTR", "exon1", "intron1", "exon2", "3UTR")
    assert table.reference_allele == "A*01:01"
    assert table.genomic_alleles == 2
    assert table.sequences[3] == ("CC...", "C****", "CCTTT")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TABLE.replace("exon_1", "exonx"), "line 1: expected exon_N"),
        (TABLE.replace("A*02:01", "A*01:01"), "line 3: expected a new allele"),
        (TABLE.replace("AC.T", "AC-T"), "line 3"),
        (TABLE.partition("\n")[0], "expected rows of alleles"),
    ],
)
def test_a_damaged_table_is_refused_with_its_line(text: str, expected: str) -> None:
    with pytest.raises(InvalidInput, match=expected):
        assemble_table("A", text)


def test_another_wheel_than_the_pinned_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.whl").write_bytes(wheel_bytes({}))
    with pytest.raises(InvalidInput, match=f"expected SHA-256 {hlann.WHEEL_SHA256}"):
        read_wheel(tmp_path / "other.whl")


def test_a_damaged_table_in_the_wheel_is_refused() -> None:
    with pytest.raises(InvalidInput, match="expected a whole wheel"):
        read_tables(wheel_bytes({"hlann/data/alignments_A_gen_3510.csv.gz": b"not gzip"}))


def test_a_cached_wheel_is_not_downloaded_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / hlann.WHEEL_NAME).write_bytes(b"x")
    monkeypatch.setattr(hlann.subprocess, "run", lambda *args, **kwargs: pytest.fail("pip was called"))
    assert hlann.fetch_wheel(tmp_path) == tmp_path / hlann.WHEEL_NAME


def test_another_release_than_the_wheels_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"expected release 3.52.0, found release 3.51.0"):
        material_of_hlann("3.52.0", None, tmp_path, None)
