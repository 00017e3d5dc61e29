"""Transcripts: exons alone, joined; from their 5' ends where that is asked for."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import pytest

from gems_core.bases import reverse_complement
from gems_simulator.fragments import FragmentSettings, write_fragments
from gems_simulator.genotypes import Genotype, Products
from gems_simulator.run import Person
from gems_simulator.settings import FAULTLESS
from gems_simulator.transcripts import Transcripts

ALLELES = ("A*01:01:01:01", "A*03:01:01:01")
HETEROZYGOUS = (Genotype("A", ALLELES),)
READS = replace(FAULTLESS, read_length=50)
EVEN = FragmentSettings(READS, depth=40, fragment_bp=90, fragment_spread_bp=5, unevenness=0.0, foreign_share=0.0)


@pytest.fixture(scope="module")
def transcripts(products: Products) -> Transcripts:
    """The synthetic library's genes as messages."""
    return Transcripts(products.library)


def bases_of(path: Path) -> list[str]:
    return gzip.decompress(path.read_bytes()).decode().splitlines()[1::4]


def message(transcripts: Transcripts, allele: str) -> str:
    locus = transcripts.library.locus(allele.partition("*")[0])
    return "".join(locus.sequence(allele, feature) for feature in locus.features if "exon" in feature)


@pytest.mark.parametrize("allele", ["A*01:01:01:01", "A*03:01:01:01", "DQB1*02:01:01:01", "DRB5*03:01:01:01"])
def test_a_transcript_is_an_alleles_exons_joined(transcripts: Transcripts, allele: str) -> None:
    (product,) = transcripts.of_allele(allele)
    assert product.sequence == message(transcripts, allele)


def test_an_allele_without_introns_can_be_drawn(transcripts: Transcripts) -> None:
    assert "A*90:01" in transcripts.drawable("A")


def test_reads_are_pieces_of_the_messages(transcripts: Transcripts, tmp_path: Path) -> None:
    written = write_fragments(transcripts, [Person("S", HETEROZYGOUS)], tmp_path, EVEN, 1)
    wholes = [message(transcripts, allele) for allele in ALLELES]
    texts = [*wholes, *(reverse_complement(whole) for whole in wholes)]
    reads = [read for path in written["S"] for read in bases_of(path)]
    assert len(reads) == pytest.approx(40 * len(wholes[0]) / 50, abs=2)
    assert sum(any(read in text for text in texts) for read in reads) > 0.97 * len(reads)


def test_other_genes_are_spliced_too(transcripts: Transcripts) -> None:
    locus = transcripts.library.locus("H")
    exons = [locus.sequence(locus.reference_allele, feature) for feature in locus.features if "exon" in feature]
    assert list(transcripts.others()) == ["".join(exons)]


def test_five_prime_fragments_start_near_the_messages_start(transcripts: Transcripts, tmp_path: Path) -> None:
    settings = replace(EVEN, five_prime_bp=60, reads=replace(READS, reverse_share=0.0))
    written = write_fragments(transcripts, [Person("S", HETEROZYGOUS)], tmp_path, settings, 1)
    wholes = [message(transcripts, allele) for allele in ALLELES]
    starts = [max(whole.find(read) for whole in wholes) for read in bases_of(written["S"][0])]
    found = [start for start in starts if start >= 0]
    assert len(found) > 0.9 * len(starts)
    assert sum(found) / len(found) == pytest.approx(60, rel=0.25)


def test_the_same_seed_gives_the_same_bytes(transcripts: Transcripts, tmp_path: Path) -> None:
    settings = replace(EVEN, five_prime_bp=60, genome=True)
    runs = [
        write_fragments(transcripts, [Person("S", HETEROZYGOUS)], tmp_path / str(number), settings, seed)["S"]
        for number, seed in enumerate((1, 1, 2))
    ]
    first, again, other = ([path.read_bytes() for path in run] for run in runs)
    assert first == again
    assert first != other
