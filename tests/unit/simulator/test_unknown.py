"""Unknown alleles: nothing that is left in the library explains their reads, and all else of a person is known."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from gems_reference.library import open_library
from gems_simulator.genotypes import Genotype, Products
from gems_simulator.releases.completed import CompletedProducts
from gems_simulator.releases.reduced import without_alleles
from gems_simulator.releases.unknown import UnknownAllele, alike, draw_carrier, draw_unknown


@pytest.fixture(scope="module")
def complete(products: Products) -> CompletedProducts:
    """The same products, and those of alleles that are stated in part."""
    return CompletedProducts(products.library, products.panel)


def test_alleles_with_the_same_exons_and_those_of_one_protein_are_alike(products: Products) -> None:
    # A*90:01 has no introns, A*91:01N is another name for A*02:01.
    assert alike(products, "A*01:01:01:01") == {"A*01:01:01:01", "A*90:01"}
    assert alike(products, "A*02:01:01:01") == {"A*02:01:01:01", "A*91:01N"}


@pytest.mark.parametrize("frequency", ["common", "rare"])
def test_an_unknown_allele_leaves_its_gene_a_reference_and_others_to_draw(products: Products, frequency: str) -> None:
    references = {about["reference_allele"] for about in products.library.summary["loci"].values()}
    for seed in range(20):
        unknown = draw_unknown(products, frequency, random.Random(seed))  # type: ignore[arg-type]
        assert unknown.name in unknown.taken_away
        assert not unknown.taken_away & references
        assert products.drawable(unknown.gene).keys() - unknown.taken_away


def test_what_is_taken_away_already_is_counted(products: Products) -> None:
    taken_away = frozenset(name for name in products.library.locus("A").alleles if not name.startswith("A*06"))
    for seed in range(20):
        assert draw_unknown(products, "common", random.Random(seed), taken_away).name != "A*06:01:01:01"


def test_a_carrier_has_the_allele_once_and_known_ones_elsewhere(products: Products) -> None:
    for seed in range(10):
        rng = random.Random(seed)
        unknown = draw_unknown(products, "rare", rng)
        genotypes = draw_carrier(products, unknown, unknown.taken_away, rng)
        alleles = [allele for genotype in genotypes for allele in genotype.alleles]
        assert alleles.count(unknown.name) == 1
        assert not (unknown.taken_away - {unknown.name}) & set(alleles)


def test_a_homozygous_carrier_has_it_twice(products: Products) -> None:
    unknown = UnknownAllele("DRB1*03:01:01:01", frozenset({"DRB1*03:01:01:01"}))
    genotypes = draw_carrier(products, unknown, unknown.taken_away, random.Random(1), "itself")
    assert Genotype("DRB1", ("DRB1*03:01:01:01",) * 2) in genotypes


def test_a_drb1_takes_the_place_of_one_that_stands_beside_the_same_gene(products: Products) -> None:
    unknown = UnknownAllele("DRB1*04:01:01:01", frozenset({"DRB1*04:01:01:01"}))
    for seed in range(10):
        genotypes = draw_carrier(products, unknown, unknown.taken_away, random.Random(seed))
        with pytest.raises(StopIteration):
            next(
                genotype for genotype in genotypes if genotype.locus == "DRB1" and unknown.name not in genotype.alleles
            )


def test_a_partly_stated_allele_is_completed_from_the_nearest_whole_one(complete: CompletedProducts) -> None:
    assert complete.partly_stated("A") == ("A*90:01",)
    whole = complete.of_allele("A*01:01:01:01")
    assert [product.sequence for product in complete.of_allele("A*90:01")] == [product.sequence for product in whole]
    assert "A*90:01" not in complete.whole("A")


def test_the_other_allele_can_be_partly_stated_too(complete: CompletedProducts) -> None:
    unknown = UnknownAllele("A*02:01:01:01", frozenset({"A*02:01:01:01", "A*91:01N"}))
    genotypes = draw_carrier(complete, unknown, unknown.taken_away, random.Random(1), "partly stated")
    assert Genotype("A", ("A*02:01:01:01", "A*90:01")) in genotypes


def test_a_reduced_library_has_nothing_alike(products: Products, tmp_path: Path) -> None:
    unknown = draw_unknown(products, "rare", random.Random(2))
    reduced = open_library(without_alleles(products.library, unknown.taken_away, tmp_path / "reduced"))
    assert not unknown.taken_away & reduced.locus(unknown.gene).alleles.keys()
