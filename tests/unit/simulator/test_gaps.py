"""Insertions and deletions: planted ones where they are said to be, and a release's own."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from gems_reference.gene_level import bases
from gems_simulator.fragments import CompletedGenes, WholeGenes
from gems_simulator.genotypes import Products
from gems_simulator.novelty import changed, plant_gap, plant_splice_change
from gems_simulator.releases.gapped import gapped_alleles

ALLELE = "A*01:01:01:01"


@pytest.fixture(scope="module")
def genes(products: Products) -> WholeGenes:
    """The synthetic library's genes as wholes."""
    return WholeGenes(products.library)


@pytest.mark.parametrize("inserted", [True, False], ids=["inserted", "deleted"])
@pytest.mark.parametrize("size_bp", [1, 2, 3, 8, 20])
def test_a_planted_gap_is_in_its_exon_in_the_last_place_that_equal_bases_allow(
    genes: WholeGenes, size_bp: int, *, inserted: bool
) -> None:
    for seed in range(20):
        gap = plant_gap(genes, ALLELE, size_bp, random.Random(seed), inserted=inserted)
        assert gap is not None
        (product,) = genes.of_allele(ALLELE)
        made = changed(genes, product, [gap])
        exon = genes.library.locus("A").sequence(ALLELE, gap.exon)
        old, new = gap.old.strip("."), gap.new.strip(".")
        assert (len(old), len(new)) == ((0, size_bp) if inserted else (size_bp, 0))
        at = gap.position - 1
        assert exon[at : at + len(old)] == old
        wanted = exon[:at] + new + exon[at + len(old) :]
        assert wanted in bases(made.aligned)
        assert exon not in bases(made.aligned)
        turned = old or new
        assert exon[at + len(old)] != turned[0] or at + len(old) == len(exon) - 1


@pytest.mark.parametrize("inserted", [True, False], ids=["inserted", "deleted"])
def test_a_gap_is_planted_in_an_intron_where_one_is_stated(genes: WholeGenes, *, inserted: bool) -> None:
    gap = plant_gap(genes, ALLELE, 2, random.Random(5), inserted=inserted, kind="intron")
    assert gap is not None
    assert gap.exon.startswith("intron")


def test_a_splice_site_gets_a_base_that_no_allele_has_there(genes: WholeGenes) -> None:
    locus = genes.library.locus("A")
    for seed in range(10):
        change = plant_splice_change(genes, ALLELE, random.Random(seed))
        assert change is not None
        intron = locus.sequence(ALLELE, change.exon)
        assert intron[change.position - 1] == change.old
        assert change.position in (1, 2, len(intron) - 1, len(intron))
        offset = change.column - locus.feature_columns[locus.slot(change.exon)]
        assert change.new not in {row[offset] for row in locus.rows[locus.slot(change.exon)]}


def test_a_gap_of_another_allele_changes_nothing(genes: WholeGenes) -> None:
    planted = plant_gap(genes, ALLELE, 3, random.Random(1), inserted=False)
    assert planted is not None
    gap = replace(planted, allele="A*02:01:01:01")
    (product,) = genes.of_allele(ALLELE)
    assert changed(genes, product, [gap]) == product


def test_alleles_with_other_gaps_than_their_family_are_found(products: Products) -> None:
    locus = products.library.locus("A")
    slot = locus.slot("exon2")
    row = locus.aligned(ALLELE)[slot]
    at = row.index("A")
    rows = (*locus.rows[:slot], (*locus.rows[slot], row[:at] + "." + row[at + 1 :]), *locus.rows[slot + 1 :])
    cells = locus.alleles[ALLELE].cells
    short = replace(
        locus.alleles[ALLELE],
        name="A*01:99N",
        cells=(*cells[:slot], len(locus.rows[slot]), *cells[slot + 1 :]),
    )
    family = {f"A*01:0{number}": replace(locus.alleles[ALLELE], name=f"A*01:0{number}") for number in (1, 2, 3)}
    assert gapped_alleles(replace(locus, rows=rows, alleles={**family, "A*01:99N": short})) == ("A*01:99N",)


def test_a_partly_stated_allele_is_completed_as_a_whole_gene(products: Products) -> None:
    genes = CompletedGenes(products.library)
    (product,) = genes.of_allele("A*90:01")
    assert product.is_known
    for exon in (feature for feature in genes.locus("A").features if "exon" in feature):
        assert products.library.locus("A").sequence("A*90:01", exon) in bases(product.aligned)
