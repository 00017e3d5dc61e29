"""By-products and dark tails: as often as asked, of the amplicon's own primers, and none unasked."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from test_run import HETEROZYGOUS, read_fastq

from gems_core.bases import reverse_complement
from gems_reference.panel import PanelRow
from gems_simulator.artefacts import ADAPTERS
from gems_simulator.byproducts import MISPRIMED_BP, byproduct_strands, darkened, draw_byproduct
from gems_simulator.genotypes import Products
from gems_simulator.run import Person, write_run
from gems_simulator.settings import FAULTLESS, RunSettings

FORWARD, REVERSE = "ACGTACGTACGTAAGG", "TTGCATGCATGCATCC"
ROW = PanelRow("A", "Exon 2", "intron1", -45, "intron2", 45, FORWARD, REVERSE)


def drawn(settings: RunSettings, count: int = 4000) -> list[str | None]:
    rng = random.Random(1)
    return [draw_byproduct(ROW, settings, rng) for _ in range(count)]


def test_a_dimer_is_the_two_primers_and_nothing_between_them() -> None:
    dimers = [molecule for molecule in drawn(replace(FAULTLESS, dimer_share=0.2)) if molecule is not None]
    assert len(dimers) / 4000 == pytest.approx(0.2, abs=0.02)
    assert set(dimers) == {FORWARD + reverse_complement(REVERSE)}


def test_mispriming_puts_a_random_insert_between_the_primers() -> None:
    molecules = [molecule for molecule in drawn(replace(FAULTLESS, mispriming_share=0.1)) if molecule is not None]
    assert len(molecules) / 4000 == pytest.approx(0.1, abs=0.02)
    inserts = {molecule[len(FORWARD) : -len(REVERSE)] for molecule in molecules}
    assert all(molecule.startswith(FORWARD) for molecule in molecules)
    assert all(molecule.endswith(reverse_complement(REVERSE)) for molecule in molecules)
    assert (min(map(len, inserts)), max(map(len, inserts))) == MISPRIMED_BP
    assert len(inserts) == len(molecules)


def test_dimers_and_mispriming_come_together_at_their_own_shares() -> None:
    both = drawn(replace(FAULTLESS, dimer_share=0.1, mispriming_share=0.3))
    dimer = FORWARD + reverse_complement(REVERSE)
    assert both.count(dimer) / 4000 == pytest.approx(0.1, abs=0.02)
    assert both.count(None) / 4000 == pytest.approx(0.6, abs=0.03)


def test_a_run_without_byproducts_asks_for_no_chance() -> None:
    rng = random.Random(1)
    before = rng.getstate()
    assert draw_byproduct(ROW, FAULTLESS, rng) is None
    assert rng.getstate() == before


def test_a_mixed_primer_is_spelled_in_plain_bases() -> None:
    mixed = replace(ROW, forward_primer="ACGTACGTACGTAARY")
    rng = random.Random(1)
    settings = replace(FAULTLESS, dimer_share=1.0)
    ends = {str(draw_byproduct(mixed, settings, rng))[14:16] for _ in range(100)}
    assert ends == {"AC", "AT", "GC", "GT"}


def test_a_read_of_a_byproduct_goes_on_into_the_adapter_and_beyond() -> None:
    first, second = byproduct_strands("ACCGT", 60)
    assert first == "ACCGT" + ADAPTERS[0] + "A" * (55 - len(ADAPTERS[0]))
    assert second == "ACGGT" + ADAPTERS[1] + "A" * (55 - len(ADAPTERS[1]))


def test_the_dimers_of_a_run_are_in_its_files(products: Products, tmp_path: Path) -> None:
    settings = replace(FAULTLESS, dimer_share=0.3, reverse_share=0.0)
    written = write_run(products, [Person("S", HETEROZYGOUS)], tmp_path, settings, 1)
    rows = products.panel.of_locus("A")
    starts = tuple((row.forward_primer + reverse_complement(row.reverse_primer))[:-5] for row in rows)
    reads = [bases for _, bases, _ in read_fastq(written["S"][0])]
    assert sum(bases.startswith(starts) for bases in reads) / len(reads) == pytest.approx(0.3, abs=0.05)
    assert {len(bases) for bases in reads if bases.startswith(starts)} == {250}


@pytest.mark.parametrize("seed", range(5))
def test_a_darkened_read_is_g_of_high_quality_from_somewhere_on(seed: int) -> None:
    bases, qualities = darkened("ACATCATTAC", "5555555555", random.Random(seed))
    start = len(bases.rstrip("G"))
    assert bases == "ACATCATTAC"[:start] + "G" * (10 - start)
    assert qualities == "5" * start + "F" * (10 - start)


def test_dark_tails_are_as_many_as_asked(products: Products, tmp_path: Path) -> None:
    settings = replace(FAULTLESS, poly_g_share=0.2, reverse_share=0.0)
    written = write_run(products, [Person("S", HETEROZYGOUS)], tmp_path, settings, 1)
    pairs = zip(*(read_fastq(path) for path in written["S"]), strict=True)
    dark = [any(bases.endswith("G" * 15) for _, bases, _ in pair) for pair in pairs]
    assert sum(dark) / len(dark) == pytest.approx(0.2, abs=0.04)


def test_trimmed_reads_begin_behind_their_primers(products: Products, tmp_path: Path) -> None:
    settings = replace(FAULTLESS, pairs_per_amplicon=20)
    whole, trimmed = (
        write_run(products, [Person("S", HETEROZYGOUS)], tmp_path / str(flag), replace(settings, primers_trimmed=flag), 1)
        for flag in (False, True)
    )  # fmt: skip
    primers = [primer for row in products.panel.of_locus("A") for primer in (row.forward_primer, row.reverse_primer)]
    for before, after in zip(whole["S"], trimmed["S"], strict=True):
        for (_, bases, qualities), (_, cut, cut_qualities) in zip(read_fastq(before), read_fastq(after), strict=True):
            assert any(
                (bases[len(primer) :], qualities[len(primer) :]) == (cut, cut_qualities)
                for primer in primers
                if sum(one != other for one, other in zip(primer, bases, strict=False)) <= 2
            )


def test_reads_in_order_of_allele_are_one_alleles_after_the_others(products: Products, tmp_path: Path) -> None:
    settings = replace(FAULTLESS, in_order_of_allele=True, reverse_share=0.0, pairs_per_amplicon=30)
    written = write_run(products, [Person("S", HETEROZYGOUS)], tmp_path, settings, 1)
    first, second = (
        {product.sequence[:200] for product in products.of_allele(allele)} for allele in HETEROZYGOUS[0].alleles
    )
    of_first = [bases[:200] in first for _, bases, _ in read_fastq(written["S"][0]) if bases[:200] in first ^ second]
    assert of_first == sorted(of_first, reverse=True)
    assert 0.4 < sum(of_first) / len(of_first) < 0.6


@pytest.mark.parametrize("change", [{"dimer_share": 1.5}, {"poly_g_share": -0.1}])
def test_a_share_out_of_range_is_refused(change: dict[str, float]) -> None:
    with pytest.raises(Exception, match=next(iter(change))):
        replace(FAULTLESS, **change)  # type: ignore[arg-type]


def test_the_same_seed_gives_the_same_bytes_with_every_byproduct(products: Products, tmp_path: Path) -> None:
    settings = replace(FAULTLESS, dimer_share=0.1, mispriming_share=0.1, poly_g_share=0.1, primers_trimmed=True)
    runs = [
        write_run(products, [Person("S", HETEROZYGOUS)], tmp_path / str(number), settings, seed)["S"]
        for number, seed in enumerate((1, 1, 2))
    ]
    first, again, other = ([path.read_bytes() for path in run] for run in runs)
    assert first == again
    assert first != other
