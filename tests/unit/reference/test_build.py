"""Libraries on disk: what the contract says of them, and what never happens to a folder."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from miniature import small_locus, small_release, write_release

from gems_cli.reference.commands import reference
from gems_core.errors import Conflict, InvalidInput
from gems_reference.build import Material, build_library
from gems_reference.library import open_library
from gems_reference.sources import material_of_path

GROUPS = {
    "hla_nom_g.txt": "# file\nA*;01:01:01:01/01:02;01:01:01G\nA*;02:01;\n",
    "hla_nom_p.txt": "A*;01:01:01:01;01:01P\n",
}
CIWD = "ALLELE,TOTAL,EURO\nA*01:01:01G,C,C\nA*02:01,WD,R\nA*02:03N,R,\n"


@pytest.fixture
def release(tmp_path: Path) -> Path:
    return write_release(tmp_path / "release", small_release(), GROUPS)


@pytest.fixture
def material(release: Path, tmp_path: Path) -> Material:
    ciwd = tmp_path / "ciwd.3.0.0.csv"
    ciwd.write_text(CIWD)
    return material_of_path(release, "9.1.0", ciwd)


def test_a_library_is_as_the_contract_says(material: Material, tmp_path: Path) -> None:
    build_library(material, tmp_path / "library")
    about = json.loads((tmp_path / "library" / "library.json").read_text())
    assert (about["format"], about["release"], about["source"]) == (1, "9.1.0", "path")
    assert about["loci"]["A"]["reference_allele"] == "A*01:01:01:01"
    assert (about["loci"]["A"]["alleles"], about["loci"]["A"]["genomic_alleles"]) == (5, 3)
    assert (about["has_g_groups"], about["has_p_groups"], about["ciwd_version"]) == (True, True, "3.0.0")
    lines = "".join(f"{about['files'][name]}  {name}\n" for name in sorted(about["files"]))
    assert about["sha256"] == hashlib.sha256(lines.encode()).hexdigest()
    alleles = (tmp_path / "library" / "A.alleles.tsv").read_text().splitlines()
    assert alleles[0] == "allele\tg_group\tp_group\tciwd\t5UTR\texon1\tintron1\texon2\t3UTR"
    assert alleles[1] == "A*01:01:01:01\tA*01:01:01G\tA*01:01P\tC\t0\t0\t0\t0\t0"
    assert [line.split("\t")[:4] for line in alleles[2:]] == [
        ["A*01:02", "A*01:01:01G", "", ""],
        ["A*02:01", "", "", "WD"],
        ["A*02:02", "", "", ""],
        ["A*02:03N", "", "", "R"],
    ]


def test_two_builds_of_a_library_into_one_folder_at_once_both_succeed(
    material: Material, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def rename_too_late(path: Path, target: Path) -> Path:
        monkeypatch.undo()
        build_library(material, tmp_path / "library")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", rename_too_late)
    build_library(material, tmp_path / "library")
    assert open_library(tmp_path / "library").release == "9.1.0"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_the_same_release_gives_the_same_bytes(material: Material, tmp_path: Path) -> None:
    for name in ("one", "two"):
        build_library(material, tmp_path / name)
    files = {path.name: path.read_bytes() for path in (tmp_path / "one").iterdir()}
    assert files == {path.name: path.read_bytes() for path in (tmp_path / "two").iterdir()}
    build_library(material, tmp_path / "one")


def test_a_library_that_was_typed_with_is_the_same_library_still(material: Material, tmp_path: Path) -> None:
    build_library(material, tmp_path / "library")
    (tmp_path / "library" / "index").mkdir()
    (tmp_path / "library" / "index" / "0123456789abcdef.idx").write_bytes(b"the typer's own")
    build_library(material, tmp_path / "library")
    assert (tmp_path / "library" / "index" / "0123456789abcdef.idx").exists()


def test_every_allele_is_read_back_as_the_release_has_it(material: Material, tmp_path: Path) -> None:
    build_library(material, tmp_path / "library")
    locus = open_library(tmp_path / "library").locus("A")
    coding, genomic = small_locus()
    for allele, row in coding.items():
        assert "|".join(locus.aligned(allele)[1::2]) == row
    for allele, row in genomic.items():
        assert "|".join(locus.aligned(allele)) == row
    assert locus.sequence("A*01:02", "exon1") == coding["A*01:02"].split("|")[0].replace(".", "")
    assert locus.slot("intron2") == locus.slot("3UTR")


def test_another_library_is_replaced_only_by_force(material: Material, tmp_path: Path) -> None:
    build_library(material, tmp_path / "library")
    other = Material("path", "9.2.0", material.tables, material.nomenclature, material.built_from)
    with pytest.raises(Conflict, match="--force"):
        build_library(other, tmp_path / "library")
    assert open_library(tmp_path / "library").release == "9.1.0"
    build_library(other, tmp_path / "library", force=True)
    assert open_library(tmp_path / "library").release == "9.2.0"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ciwd.3.0.0.csv", "library", "release"]


def test_a_folder_of_something_else_is_never_replaced(material: Material, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "one.jpg").write_bytes(b"x")
    with pytest.raises(InvalidInput, match="expected no folder, an empty one, or a library"):
        build_library(material, tmp_path / "photos", force=True)
    assert (tmp_path / "photos" / "one.jpg").exists()


def test_an_empty_folder_is_filled(material: Material, tmp_path: Path) -> None:
    (tmp_path / "library").mkdir()
    build_library(material, tmp_path / "library")
    assert open_library(tmp_path / "library").loci == ("A",)


def test_a_changed_file_is_noticed(material: Material, tmp_path: Path) -> None:
    build_library(material, tmp_path / "library")
    path = tmp_path / "library" / "A.sequences.tsv"
    path.write_text(path.read_text().replace("A", "C", 1))
    with pytest.raises(InvalidInput, match=r"A.sequences.tsv: expected SHA-256"):
        open_library(tmp_path / "library").locus("A")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"format": 2}, "expected format 1, found 2"),
        ({"sha256": "0"}, "files whose sum is 0"),
        ({"files": {}}, "whose sum is"),
    ],
)
def test_a_changed_library_json_is_noticed(
    material: Material, tmp_path: Path, change: dict[str, object], expected: str
) -> None:
    build_library(material, tmp_path / "library")
    path = tmp_path / "library" / "library.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(InvalidInput, match=expected):
        open_library(tmp_path / "library")


def test_the_release_asked_for_must_be_the_one_found(release: Path) -> None:
    (release / "Alignments_Rel_910.zip").rename(release / "Alignments_Rel_920.zip")
    with pytest.raises(InvalidInput, match=r"expected release 9.2.0, as the copy is named, found 9.1.0"):
        material_of_path(release, "9.2.0", None)


def test_the_command_builds_and_says_what_it_built(release: Path, tmp_path: Path) -> None:
    runner = CliRunner()
    built = runner.invoke(reference, ["build", "--source", str(release), "-o", str(tmp_path / "library")])
    assert built.exit_code == 0, built.output
    assert "not listed in md5checksum.txt, so not checked: hla_nom_g.txt, hla_nom_p.txt" in built.stderr
    told = runner.invoke(reference, ["info", str(tmp_path / "library")])
    assert "A: 5 alleles, 3 of them genomic" in told.stdout
    as_json = runner.invoke(reference, ["info", str(tmp_path / "library"), "--json"])
    assert json.loads(as_json.stdout)["sha256"] == built.stdout.strip()
