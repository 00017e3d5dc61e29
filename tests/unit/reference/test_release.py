"""Copies of a release: what is read, and what is refused by name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from miniature import alignment_text, md5_line, small_release, write_release, zip_bytes

from gems_core.errors import InvalidInput
from gems_reference.loci import assemble_loci, read_alignments
from gems_reference.release import read_release, read_zip

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"
GROUPS = {"hla_nom_g.txt": "A*;01:01:01:01/01:02;01:01:01G\n", "hla_nom_p.txt": "A*;01:01:01:01/01:02;01:01P\n"}


def test_a_zip_is_checked_against_its_sum_and_unlisted_files_are_marked(tmp_path: Path) -> None:
    files = read_release(write_release(tmp_path / "r", small_release(), GROUPS), None)
    assert sorted(files.alignments) == ["A_gen.txt", "A_nuc.txt"]
    assert {source.file: source.checked for source in files.built_from} == {
        "Alignments_Rel_910.zip": "md5checksum.txt",
        "hla_nom_g.txt": "not listed",
        "hla_nom_p.txt": "not listed",
    }


def test_an_unpacked_copy_with_its_wmda_folder_gives_the_same_alignments(tmp_path: Path) -> None:
    zipped = read_release(write_release(tmp_path / "r", small_release()), None)
    (tmp_path / "u" / "alignments").mkdir(parents=True)
    (tmp_path / "u" / "wmda").mkdir()
    for name, text in small_release().items():
        (tmp_path / "u" / "alignments" / name).write_text(text)
    table = GROUPS["hla_nom_g.txt"]
    (tmp_path / "u" / "wmda" / "hla_nom_g.txt").write_text(table)
    (tmp_path / "u" / "wmda" / "md5checksum.txt").write_text(md5_line("hla_nom_g.txt", table.encode()))
    unpacked = read_release(tmp_path / "u", None)
    assert unpacked.alignments == zipped.alignments
    assert unpacked.built_from[-1].checked == "md5checksum.txt"
    assert list(unpacked.groups) == ["g"]


def test_a_wrong_sum_is_refused_by_name(tmp_path: Path) -> None:
    folder = write_release(tmp_path / "r", small_release())
    (folder / "md5checksum.txt").write_text(f"MD5 (Alignments_Rel_910.zip) = {'0' * 32}\n")
    with pytest.raises(InvalidInput, match=r"Alignments_Rel_910.zip: expected MD5 0{32}"):
        read_release(folder, None)


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("Alignments_Rel_910.zip", POINTER, "a Git-LFS pointer"),
        ("hla_nom_g.txt", POINTER, "a Git-LFS pointer"),
        ("hla_nom_g.txt", "<!DOCTYPE html><html>404</html>", "a web page"),
        ("md5checksum.txt", "<html>", "a web page"),
        ("Alignments_Rel_910.zip", "", "an empty file"),
    ],
)
def test_what_servers_and_git_leave_in_a_files_place_is_refused(
    tmp_path: Path, name: str, content: str, found: str
) -> None:
    folder = write_release(tmp_path / "r", small_release(), GROUPS)
    (folder / name).write_text(content)
    with pytest.raises(InvalidInput, match=re.escape(f"{name}: expected the file itself, found {found}")):
        read_release(folder, None)


@pytest.mark.parametrize("keep", [0.5, 0.97])
def test_a_truncated_zip_is_refused_by_name(tmp_path: Path, keep: float) -> None:
    folder = write_release(tmp_path / "r", small_release())
    archive = folder / "Alignments_Rel_910.zip"
    archive.write_bytes(archive.read_bytes()[: int(archive.stat().st_size * keep)])
    (folder / "md5checksum.txt").unlink()
    with pytest.raises(InvalidInput, match=r"Alignments_Rel_910.zip: expected a whole zip file"):
        read_release(folder, None)


def test_a_flipped_byte_in_a_zip_is_refused(tmp_path: Path) -> None:
    content = bytearray(zip_bytes(small_release()))
    content[content.index(b"A_gen.txt") + 40] ^= 0xFF
    with pytest.raises(InvalidInput, match="expected a whole zip file"):
        dict(read_zip("x.zip", bytes(content)))


def test_zip_rubbish_and_paths_that_climb_are_left_alone() -> None:
    names = {**small_release(), "../../B_gen.txt": "x", "sub/C_gen.txt": "x", "A_prot.txt": "x", "ClassI_nuc.txt": "x"}
    assert sorted(dict(read_zip("x.zip", zip_bytes(names)))) == ["A_gen.txt", "A_nuc.txt"]


def test_a_zip_without_alignments_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"alignments/X_gen\.txt"):
        dict(read_zip("x.zip", zip_bytes({})))


def test_the_release_chooses_among_zips(tmp_path: Path) -> None:
    folder = write_release(tmp_path / "r", small_release())
    (folder / "Alignments_Rel_920.zip").write_bytes(b"x")
    assert read_release(folder, "9.1.0").alignments
    with pytest.raises(InvalidInput, match="one Alignments_Rel"):
        read_release(folder, None)
    with pytest.raises(InvalidInput, match=r"expected Alignments_Rel_930.zip"):
        read_release(folder, "9.3.0")


def test_an_empty_folder_is_refused_with_what_to_download(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"Download Alignments_Rel_<release>.zip"):
        read_release(tmp_path, None)
    with pytest.raises(InvalidInput, match="no such folder"):
        read_release(tmp_path / "absent", None)


def test_loci_come_from_their_own_file_else_from_the_shared_one_and_only_hla_genes_are_kept() -> None:
    shared = {"DRB1*01:01": "AC.T", "DRB5*01:01": "ACG.", "DRB3*01:01": "AAAA"}
    texts = {
        "DRB_nuc.txt": alignment_text(shared, "DRB_nuc.txt"),
        "DRB3_nuc.txt": alignment_text({"DRB3*01:01": "CCCC"}, "DRB3_nuc.txt"),
        "MICA_gen.txt": alignment_text({"MICA*001": "A|C|G"}, "MICA_gen.txt"),
        "DRB1_gen.txt": alignment_text({"DRB1*01:01": "TT|AC.T|GG"}, "DRB1_gen.txt"),
    }
    alignments = read_alignments(texts)
    tables = {table.locus: table for table in assemble_loci(alignments)}
    assert sorted(tables) == ["DRB1", "DRB3", "DRB5"]
    assert tables["DRB3"].sequences[1] == ("CCCC",)
    assert tables["DRB5"].sequences[1] == ("ACG",)
    assert tables["DRB1"].sequences == (("TT",), ("ACT",), ("GG",))
