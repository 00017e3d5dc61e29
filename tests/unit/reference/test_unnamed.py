"""What is told of a library whose source nobody named."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from gems_core.errors import InvalidInput
from gems_reference.assemble import LocusTable, table_of_rows
from gems_reference.build import Material
from gems_reference.ipd import Site
from gems_reference.nomenclature import Nomenclature
from gems_reference.unnamed import PSEUDOGENES, TYPED_GENES, account

HLANN = ("A", "B", "C", "DPB1", "DQA1", "DQB1", "DRB1")


def table(locus: str) -> LocusTable:
    allele = f"{locus}*01:01"
    return table_of_rows(locus, allele, ("exon1",), {allele: ["ACGT"]}, genomic_alleles=1)


def material(source: str, genes: Iterable[str], *, has_groups: bool) -> Material:
    groups: dict[str, str] | None = {} if has_groups else None
    nomenclature = Nomenclature(groups, groups, {}, None)
    return Material(source, "9.1.0", tuple(map(table, genes)), nomenclature, ())


def test_a_whole_release_lacks_nothing() -> None:
    whole = material("ipd", (*TYPED_GENES, *PSEUDOGENES), has_groups=True)
    assert account(whole) == ["taken: IPD-IMGT/HLA 9.1.0 from IPD's own site"]


def test_what_the_package_lacks_is_told_with_what_follows_from_it() -> None:
    taken, lacks, serves_not = account(material("hlann", HLANN, has_groups=False))
    assert taken == "taken: IPD-IMGT/HLA 9.1.0 from the package hlann==0.0.5"
    expected = "no pseudogenes (H and others), no DRB3, DRB4, DRB5, DPA1, no G groups, no P groups"
    assert lacks == f"this library has {expected}"
    assert "with --panel none no call is made of A, DRB1 where reads of H, DRB3, DRB4, DRB5" in serves_not


@pytest.mark.parametrize(
    ("genes", "lacks", "not_called"),
    [
        (TYPED_GENES, "this library has no pseudogenes (H and others)", "A where reads of H"),
        (
            ("H", *(gene for gene in TYPED_GENES if gene != "DRB4")),
            "this library has no DRB4",
            "DRB1 where reads of DRB4",
        ),
    ],
)
def test_a_library_without_a_genes_relatives_wants_a_panel(genes: tuple[str, ...], lacks: str, not_called: str) -> None:
    lines = account(material("ipd", genes, has_groups=True))
    assert lines[1] == lacks
    assert lines[2].startswith(f"so with --panel none no call is made of {not_called}")


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://a.example/IMGTHLA/{digits}", "https://a.example/IMGTHLA/3580/x.txt"),
        ("https://a.example/{release}/", "https://a.example/3.58.0/x.txt"),
        ("https://a.example/3.58.0", "https://a.example/3.58.0/x.txt"),
        ("https://a.example/{other}/{digits}", "https://a.example/{other}/3580/x.txt"),
    ],
)
def test_an_address_has_the_release_where_its_name_stands(url: str, address: str) -> None:
    assert Site(url).address("3.58.0", "x.txt") == address


@pytest.mark.parametrize("url", ["", "a.example/{digits}", "ftp://a.example/{digits}", "https:///{digits}"])
def test_what_is_no_address_is_refused_and_not_taken_for_a_site_out_of_reach(url: str) -> None:
    with pytest.raises(InvalidInput, match="option --ipd-url: expected an address such as https"):
        Site(url)


def test_who_has_another_source_waits_less() -> None:
    site = Site()
    short = site.impatient()
    assert short.url == site.url
    assert short.attempts < site.attempts
    assert short.connect_seconds < site.connect_seconds
    assert short.read_seconds < site.read_seconds
