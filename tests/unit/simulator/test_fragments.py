"""Fragments of whole genes: reads that lie in them, depth and shares as asked, bytes that repeat."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import pytest

from gems_core.bases import reverse_complement
from gems_simulator.fragments import FragmentSettings, WholeGenes, write_fragments
from gems_simulator.genotypes import Genotype, Products
from gems_simulator.run import Person
from gems_simulator.settings import FAULTLESS

HETEROZYGOUS = (Genotype("A", ("A*01:01:01:01", "A*03:01:01:01")),)
SHORT = replace(FAULTLESS, read_length=50)
EVEN = FragmentSettings(reads=SHORT, depth=40, fragment_bp=90, fragment_spread_bp=5, unevenness=0.0, foreign_share=0.0)


@pytest.fixture(scope="module")
def genes(products: Products) -> WholeGenes:
    """The synthetic library's genes as wholes."""
    return WholeGenes(products.library)


def bases_of(path: Path) -> list[str]:
    return gzip.decompress(path.read_bytes()).decode().splitlines()[1::4]


def test_reads_are_pieces_of_the_genes_at_the_depth_asked_for(genes: WholeGenes, tmp_path: Path) -> None:
    written = write_fragments(genes, [Person("S", HETEROZYGOUS)], tmp_path, EVEN, 1)
    wholes = [genes.of_allele(allele)[0].sequence for allele in HETEROZYGOUS[0].alleles]
    texts = [*wholes, *(reverse_complement(whole) for whole in wholes)]
    reads = [read for path in written["S"] for read in bases_of(path)]
    assert len(reads) == 2 * round(40 * len(wholes[0]) / 100)
    inside = sum(any(read in text for text in texts) for read in reads)
    assert inside > 0.97 * len(reads)


def test_foreign_pairs_come_from_nowhere_in_the_library(genes: WholeGenes, tmp_path: Path) -> None:
    foreign = replace(EVEN, foreign_share=1.0)
    written = write_fragments(genes, [Person("S", HETEROZYGOUS)], tmp_path, foreign, 1)
    wholes = "".join(genes.of_allele(allele)[0].sequence for allele in HETEROZYGOUS[0].alleles)
    assert not any(read in wholes for read in bases_of(written["S"][0]))


def test_a_genome_has_the_reads_of_other_genes_too(genes: WholeGenes, tmp_path: Path) -> None:
    alone, genome = (
        write_fragments(genes, [Person("S", HETEROZYGOUS)], tmp_path / str(flag), replace(EVEN, genome=flag), 1)
        for flag in (False, True)
    )
    others = set(genes.library.loci) - set(genes.genes)
    assert bool(others) == (len(bases_of(genome["S"][0])) > len(bases_of(alone["S"][0])))


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(genes: WholeGenes, tmp_path: Path) -> None:
    runs = [
        write_fragments(genes, [Person("S", HETEROZYGOUS)], tmp_path / str(number), EVEN, seed)
        for number, seed in enumerate((1, 1, 2))
    ]
    first, again, other = (run["S"][0].read_bytes() for run in runs)
    assert first == again != other


def test_a_kit_may_end_in_an_intron(genes: WholeGenes) -> None:
    allele = HETEROZYGOUS[0].alleles[0]
    whole = genes.of_allele(allele)[0].sequence
    names = genes.locus("A").features
    last = max(number for number in range(1, 8) if f"intron{number}" in names)
    cut = WholeGenes(genes.library, last).of_allele(allele)[0].sequence
    assert whole.startswith(cut)
    assert len(cut) < len(whole)
    assert WholeGenes(genes.library, 70).of_allele(allele)[0].sequence == whole
