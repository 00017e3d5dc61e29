"""Reduced libraries: whole libraries of their own, without what was to go and with all else as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from gems_core.errors import InvalidInput
from gems_reference.library import open_library
from gems_simulator.genotypes import Products
from gems_simulator.releases.reduced import of_loci, without_alleles

GONE = ("A*03:01:01:01", "A*90:01", "B*02:01:01:01")


def test_a_library_without_alleles_opens_and_lacks_them(products: Products, tmp_path: Path) -> None:
    reduced = open_library(without_alleles(products.library, GONE, tmp_path / "reduced"))
    assert reduced.loci == products.library.loci
    for name in reduced.loci:
        own, whole = reduced.locus(name), products.library.locus(name)
        assert list(own.alleles) == [allele for allele in whole.alleles if allele not in GONE]
        for allele in own.alleles:
            assert own.aligned(allele) == whole.aligned(allele)
            assert own.alleles[allele].g_group == whole.alleles[allele].g_group


def test_sequences_that_nobody_has_any_more_go_too(products: Products, tmp_path: Path) -> None:
    reduced = open_library(without_alleles(products.library, GONE, tmp_path / "reduced")).locus("A")
    for slot, rows in enumerate(reduced.rows):
        assert {allele.cells[slot] for allele in reduced.alleles.values()} == set(range(len(rows)))


def test_the_summary_counts_what_is_left(products: Products, tmp_path: Path) -> None:
    before = products.library.summary
    reduced = open_library(without_alleles(products.library, GONE, tmp_path / "reduced")).summary
    assert reduced["loci"]["A"]["alleles"] == before["loci"]["A"]["alleles"] - 2
    assert reduced["loci"]["A"]["genomic_alleles"] == before["loci"]["A"]["genomic_alleles"] - 1
    assert reduced["loci"]["C"] == before["loci"]["C"]
    assert reduced["files"]["C.alleles.tsv"] == before["files"]["C.alleles.tsv"]
    assert reduced["files"]["A.alleles.tsv"] != before["files"]["A.alleles.tsv"]
    assert reduced["sha256"] != before["sha256"]


def test_a_library_without_nothing_is_the_same_library(products: Products, tmp_path: Path) -> None:
    copy = without_alleles(products.library, ["A*77:77"], tmp_path / "reduced")
    names = sorted(path.name for path in copy.iterdir())
    assert all((copy / name).read_bytes() == (products.library.directory / name).read_bytes() for name in names)


def test_a_reference_allele_is_kept(products: Products, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"found A\*01:01:01:01"):
        without_alleles(products.library, ["A*01:01:01:01"], tmp_path / "reduced")


def test_a_library_of_some_loci_has_them_in_their_order(products: Products, tmp_path: Path) -> None:
    reduced = open_library(of_loci(products.library, ("DQB1", "A"), tmp_path / "reduced"))
    assert reduced.loci == ("A", "DQB1")
    assert reduced.locus("DQB1").alleles == products.library.locus("DQB1").alleles
    assert not (reduced.directory / "B.alleles.tsv").exists()
