"""Which release a copy is, and copies that are not whole."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from miniature import FOOTER, alignment_text, small_locus, small_release, write_release

from gems_core.errors import InvalidInput
from gems_reference.checks import parse_md5sums
from gems_reference.loci import read_alignments
from gems_reference.release_version import one_release, release_of_digits
from gems_reference.sources import material_of_path

MD5 = "0123456789abcdef0123456789abcdef"


def texts(nuc: str = "9.1.0", gen: str = "9.1.0", **more: str) -> dict[str, str]:
    coding, genomic = small_locus()
    found = {
        "A_nuc.txt": alignment_text(coding, "A_nuc.txt", nuc),
        "A_gen.txt": alignment_text(genomic, "A_gen.txt", gen),
    }
    return found | {f"{name}.txt": f"# version: IPD-IMGT/HLA {stated}\nA*;01:01;\n" for name, stated in more.items()}


@pytest.mark.parametrize(
    ("digits", "release"),
    [("3330", "3.33.0"), ("3412", "3.41.2"), ("910", "9.1.0"), ("31000", "3.100.0"), ("33", ""), ("", "")],
)
def test_a_releases_number_is_read_from_its_digits(digits: str, release: str) -> None:
    assert release_of_digits(digits) == release


def test_files_of_one_release_are_that_release() -> None:
    assert one_release(texts(hla_nom_g="9.1.0"), "") == "9.1.0"
    assert one_release(texts(hla_nom_g="9.1.0"), "9.1.0") == "9.1.0"


@pytest.mark.parametrize("named", ["9.1.1", "9.1.2"])
def test_a_point_release_is_told_by_the_name_of_its_copy(named: str) -> None:
    assert one_release(texts(), named) == named


@pytest.mark.parametrize(
    ("found", "named", "said"),
    [
        (texts(gen="9.2.0"), "", "9.1.0 in A_nuc.txt, 9.2.0 in A_gen.txt"),
        (texts(hla_nom_g="9.2.0"), "", "9.2.0 in hla_nom_g.txt"),
        (texts(nuc="9.1.1"), "9.1.1", "9.1.1 in A_nuc.txt, 9.1.0 in A_gen.txt"),
        (texts(), "9.2.0", "expected release 9.2.0, as the copy is named, found 9.1.0"),
        (texts("9.1.1", "9.1.1"), "9.1.0", "expected release 9.1.0, as the copy is named, found 9.1.1"),
    ],
)
def test_a_mixed_copy_is_refused_by_name(found: dict[str, str], named: str, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        one_release(found, named)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    "head",
    [
        "# version: IPD-IMGT/HLA 3.31.0\n",
        "HLA-A Genomic Sequence Alignments\nIPD-IMGT/HLA Release: 3.31.0\n",
        "IMGT/HLA Release: 3.8.0\n",
    ],
)
def test_a_release_of_the_older_layout_is_told_as_such(head: str) -> None:
    with pytest.raises(InvalidInput, match=r"A_nuc.txt: expected release 3.32.0 or newer, found release 3"):
        one_release({"A_nuc.txt": f"{head}\n A*01:01 ACG\n"}, "")


def test_a_cut_alignment_is_refused_by_name() -> None:
    found = texts()
    assert found["A_gen.txt"].endswith(FOOTER)
    found["A_gen.txt"] = found["A_gen.txt"][: -len(FOOTER) - 60]
    with pytest.raises(
        InvalidInput, match=r"A_gen.txt: expected a last line 'Please see ...', as in A_nuc.txt, found none"
    ):
        read_alignments(found)


def test_a_typed_gene_without_its_coding_alignment_is_refused_by_name() -> None:
    found = texts()
    del found["A_nuc.txt"]
    with pytest.raises(
        InvalidInput, match=r"A_nuc.txt: expected the gene's coding alignment, found only the genomic one of A"
    ):
        read_alignments(found)


@pytest.mark.parametrize(
    "line",
    [f"MD5 (wmda/x.txt) = {MD5}", f"{MD5}  wmda/x.txt", f"{MD5} *wmda/x.txt", f"{MD5}  ./wmda/x.txt"],
    ids=["BSD", "GNU", "GNU binary", "GNU find"],
)
def test_sums_are_read_in_every_form_that_releases_have(line: str) -> None:
    assert parse_md5sums(f"MD5 (Icon\r) = {MD5}\n\n{line}\n", "md5checksum.txt")["wmda/x.txt"] == MD5


def test_sums_of_files_below_the_release_are_used(tmp_path: Path) -> None:
    table = "# version: IPD-IMGT/HLA 9.1.0\nA*;01:01:01:01/01:02;01:01:01G\n"
    folder = write_release(tmp_path / "r", small_release(), {})
    (folder / "wmda").mkdir()
    (folder / "wmda" / "hla_nom_g.txt").write_text(table)
    sums = folder / "md5checksum.txt"
    sums.write_text(
        f"{sums.read_text()}{hashlib.md5(table.encode(), usedforsecurity=False).hexdigest()}  wmda/hla_nom_g.txt\n"
    )
    (source,) = [file for file in material_of_path(folder, None, None).built_from if file.file == "hla_nom_g.txt"]
    assert source.checked == "md5checksum.txt"
    (folder / "wmda" / "hla_nom_g.txt").write_text(f"{table}more\n")
    with pytest.raises(InvalidInput, match=r"hla_nom_g.txt: expected MD5"):
        material_of_path(folder, None, None)
