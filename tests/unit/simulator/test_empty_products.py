"""Null alleles without a product between two primers, their twins, and people homozygous for them."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from gems_formats.library_tables import Allele
from gems_reference.library import Locus
from gems_simulator.genotypes import Genotype, Products, draw_genotypes
from gems_simulator.releases.empty_products import twins_of_empty, with_twins

TWIN = "DQB1*04:01:01:01"
NULL = "DQB1*04:99N"


@pytest.fixture(scope="module")
def with_null(products: Products) -> Products:
    """The same products, and a null allele that is another one without exon 1 and all around it."""
    made = Products(products.library, products.panel)
    locus = made.locus("DQB1")
    twin = locus.alleles[TWIN]
    lost = ["." * len(row) for row in locus.aligned(TWIN)[:2]]
    lost.append("." * 150 + locus.aligned(TWIN)[2][150:])  # what is left of intron 1 is the next amplicon's
    rows = tuple((*own, lost[slot]) if slot < len(lost) else own for slot, own in enumerate(locus.rows))
    cells = tuple(len(locus.rows[slot]) if slot < len(lost) else cell for slot, cell in enumerate(twin.cells))
    null = Allele(NULL, "", "", "", cells)
    made._loci["DQB1"] = replace(locus, rows=rows, alleles={**locus.alleles, NULL: null})
    return made


def test_a_library_without_such_alleles_has_no_twins(products: Products) -> None:
    assert twins_of_empty(products) == {}


def test_the_twin_is_the_allele_that_is_the_same_everywhere_else(with_null: Products) -> None:
    assert twins_of_empty(with_null) == {"DQB1": (TWIN,)}


def test_an_allele_that_is_not_stated_is_not_empty(with_null: Products) -> None:
    locus: Locus = with_null.locus("A")
    assert "A*90:01" in locus.alleles
    assert "A" not in twins_of_empty(with_null)


def test_people_are_homozygous_for_the_twin_and_as_drawn_elsewhere(products: Products) -> None:
    genotypes = draw_genotypes(products, random.Random(1))
    changed = with_twins(genotypes, {"DQB1": (TWIN,)}, random.Random(1))
    assert Genotype("DQB1", (TWIN, TWIN)) in changed
    assert [one for one in changed if one.locus != "DQB1"] == [one for one in genotypes if one.locus != "DQB1"]


def test_of_drb345_only_the_twins_gene_is_changed() -> None:
    drawn = (Genotype("DRB345", ("DRB3*01:01:01:01", "DRB4*02:01:01:01")),)
    changed = with_twins(drawn, {"DRB4": ("DRB4*01:01:01:01",)}, random.Random(1))
    assert changed == (Genotype("DRB345", ("DRB3*01:01:01:01", "DRB4*01:01:01:01")),)
