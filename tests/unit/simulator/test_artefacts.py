"""Artefacts of a sweep: as often as asked, and none unasked."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from test_run import HETEROZYGOUS, molecules_of, read_fastq

from gems_core.bases import reverse_complement
from gems_simulator.artefacts import ADAPTERS, slip
from gems_simulator.genotypes import Genotype, Products
from gems_simulator.molecules import fill_tubes
from gems_simulator.novelty import plant
from gems_simulator.run import Person, write_run
from gems_simulator.settings import FAULTLESS


@pytest.mark.parametrize("share", [0.5, 0.8, 0.95])
def test_one_allele_has_the_share_that_is_asked_for(products: Products, share: float) -> None:
    counts = Counter(molecules_of(products, replace(FAULTLESS, allele_share=share))).most_common()
    assert counts[0][1] / 4000 == pytest.approx(share, abs=0.03)


def test_an_early_error_is_shared_by_many_copies_of_one_product(products: Products) -> None:
    pure = set(molecules_of(products, FAULTLESS))
    counts = Counter(molecules_of(products, replace(FAULTLESS, early_error_share=0.2)))
    strange = {molecule: count for molecule, count in counts.items() if molecule not in pure}
    assert len(strange) == 2
    assert sum(strange.values()) / 4000 == pytest.approx(0.2, abs=0.03)


def test_a_dropped_allele_lacks_one_amplicon_and_no_other(products: Products) -> None:
    tubes = fill_tubes(products, HETEROZYGOUS, replace(FAULTLESS, dropout_share=1.0), random.Random(1))
    assert sorted(len(tube.products) for tube in tubes) == [1, 2, 2, 2, 2, 2, 2]


def test_a_missing_amplicon_has_no_tube(products: Products) -> None:
    tubes = fill_tubes(products, HETEROZYGOUS, replace(FAULTLESS, missing_share=1.0), random.Random(1))
    assert len(tubes) == 6


def test_only_runs_of_six_slip_and_by_one_base() -> None:
    copies = {slip("ACCCCCGAAAAAAT", 1.0, random.Random(seed)) for seed in range(20)}
    assert copies == {"ACCCCCGAAAAAT", "ACCCCCGAAAAAAAT"}


def test_truncated_reads_are_as_many_as_asked(products: Products, tmp_path: Path) -> None:
    settings = replace(FAULTLESS, truncated_share=0.3, read_length=150)
    written = write_run(products, [Person("S", HETEROZYGOUS)], tmp_path, settings, 1)
    lengths = [len(bases) for _, bases, _ in read_fastq(written["S"][0])]
    assert min(lengths) >= 40
    assert sum(length < 150 for length in lengths) / len(lengths) == pytest.approx(0.3, abs=0.06)


def test_a_read_longer_than_its_product_goes_on_into_the_adapter(products: Products, tmp_path: Path) -> None:
    settings = replace(FAULTLESS, read_length=500, adapters=True, reverse_share=0.0)
    written = write_run(products, [Person("S", HETEROZYGOUS)], tmp_path, settings, 1)
    ends = [reverse_complement(row.reverse_primer) + ADAPTERS[0][:8] for row in products.panel.of_locus("A")]
    found = [any(end in bases for end in ends) for _, bases, _ in read_fastq(written["S"][0])]
    assert sum(found) > 0.5 * len(found)


def test_a_new_allele_has_a_base_that_no_allele_has_and_stands_in_the_truth(products: Products, tmp_path: Path) -> None:
    (novelty,) = plant(products, HETEROZYGOUS, 1.0, random.Random(3))
    locus = products.locus("A")
    slot = locus.slot(novelty.exon)
    assert locus.sequence(novelty.allele, novelty.exon)[novelty.position - 1] == novelty.old
    offset = novelty.column - locus.feature_columns[slot]
    assert novelty.new not in {row[offset] for row in locus.rows[slot]}
    write_run(products, [Person("S", HETEROZYGOUS, (novelty,))], tmp_path, FAULTLESS, 1)
    assert (tmp_path / "truth.tsv").read_text().splitlines()[1].endswith(f"\t{novelty}")
    plain = fill_tubes(products, HETEROZYGOUS, FAULTLESS, random.Random(1))
    turned = fill_tubes(products, HETEROZYGOUS, FAULTLESS, random.Random(1), (novelty,))
    pairs = zip(plain, turned, strict=True)
    assert any(one.products != other.products for one, other in pairs)


def test_a_homozygous_locus_gets_no_new_allele(products: Products) -> None:
    twice = (Genotype("A", ("A*01:01:01:01",) * 2),)
    assert plant(products, twice, 1.0, random.Random(3)) == ()
