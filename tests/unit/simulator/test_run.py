"""Runs: reads that come back to their alleles, shares as asked, bytes that repeat."""

from __future__ import annotations

import gzip
import random
from dataclasses import replace
from pathlib import Path

import pytest

from gems_core.bases import reverse_complement
from gems_core.errors import InvalidInput
from gems_core.fastq_names import StoredFile, pair_files
from gems_reference.panel import panel_text
from gems_simulator.example import build_example
from gems_simulator.genotypes import Genotype, Products, draw_genotypes, weight
from gems_simulator.molecules import draw_molecule, fill_tubes
from gems_simulator.run import Person, write_run
from gems_simulator.settings import FAULTLESS, RunSettings

HETEROZYGOUS = (Genotype("A", ("A*01:01:01:01", "A*03:01:01:01")),)


def read_fastq(path: Path) -> list[tuple[str, str, str]]:
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    assert len(lines) % 4 == 0
    assert all(line == "+" for line in lines[2::4])
    return list(zip(lines[0::4], lines[1::4], lines[3::4], strict=True))


def test_a_faultless_pair_is_the_two_ends_of_its_alleles_product(products: Products, tmp_path: Path) -> None:
    faultless = replace(FAULTLESS, first_quality=(41, 41), last_quality=(41, 41), pairs_per_amplicon=20)
    written = write_run(products, [Person("S", HETEROZYGOUS)], tmp_path, faultless, 1)
    sequences = [product.sequence for allele in HETEROZYGOUS[0].alleles for product in products.of_allele(allele)]
    ends = {(one[:250], reverse_complement(one)[:250]) for one in sequences}
    ends |= {(end, start) for start, end in ends}
    pairs = list(zip(*(read_fastq(path) for path in written["S"]), strict=True))
    whole = [(one[1], other[1]) in ends for one, other in pairs]
    assert len(pairs) == 20 * 7
    # 500 bases at quality 41 err in 4 pairs of 100.
    assert sum(whole) > 0.85 * len(whole)


def test_names_pair_up_as_a_miseqs(products: Products, tmp_path: Path) -> None:
    people = [Person(name, HETEROZYGOUS) for name in ("K1", "K2")]
    write_run(products, people, tmp_path, replace(FAULTLESS, pairs_per_amplicon=5), 1)
    files = [StoredFile(path.name, path.stat().st_size) for path in tmp_path.iterdir() if path.suffix == ".gz"]
    samples, problems = pair_files(files)
    assert problems == []
    assert [sample.file_names[0] for sample in samples] == ["K1_S1_L001_R1_001.fastq.gz", "K2_S2_L001_R1_001.fastq.gz"]
    one, other = (read_fastq(tmp_path / name) for name in samples[1].file_names)
    assert [name.split()[0] for name, _, _ in one] == [name.split()[0] for name, _, _ in other]
    assert all(len(bases) == len(qualities) for _, bases, qualities in one)


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(products: Products, tmp_path: Path) -> None:
    settings = RunSettings(pairs_per_amplicon=10)
    runs = [
        write_run(products, [Person("S", HETEROZYGOUS)], tmp_path / str(number), settings, seed)
        for number, seed in enumerate((1, 1, 2))
    ]
    one, same, other = ([path.read_bytes() for path in run["S"]] for run in runs)
    assert one == same
    assert one != other


def test_the_truth_lists_every_genotype(products: Products, tmp_path: Path) -> None:
    genotypes = (*HETEROZYGOUS, Genotype("DRB345", ("DRB3*01:01:01:01",)), Genotype("DRB345", ()))
    write_run(products, [Person("S", genotypes)], tmp_path, replace(FAULTLESS, pairs_per_amplicon=1), 1)
    assert (tmp_path / "truth.tsv").read_text().splitlines() == [
        "sample\tperson\tlocus\tallele_1\tallele_2\tnovel",
        "S\tsimulated\tA\tA*01:01:01:01\tA*03:01:01:01\t",
        "S\tsimulated\tDRB345\tDRB3*01:01:01:01\t\t",
        "S\tsimulated\tDRB345\t\t\t",
    ]


def molecules_of(products: Products, settings: RunSettings, count: int = 4000) -> list[str]:
    rng = random.Random(5)
    tube = fill_tubes(products, HETEROZYGOUS, settings, rng)[1]
    return [draw_molecule(tube, settings, rng) for _ in range(count)]


def test_chimeras_are_as_many_as_asked(products: Products) -> None:
    pure = set(molecules_of(products, FAULTLESS))
    assert len(pure) == 2
    mixed = molecules_of(products, replace(FAULTLESS, chimera_share=0.5))
    # A crossing-over outside the differences makes no new sequence.
    assert 0.2 < sum(molecule not in pure for molecule in mixed) / len(mixed) < 0.5


def test_the_pseudogene_comes_with_the_class_1_primers(products: Products) -> None:
    pure = set(molecules_of(products, FAULTLESS))
    row = products.panel.of_locus("A")[1]
    mixed = molecules_of(products, replace(FAULTLESS, pseudogene_share=0.1))
    strange = [molecule for molecule in mixed if molecule not in pure]
    assert len(strange) / len(mixed) == pytest.approx(0.1, abs=0.02)
    assert all(molecule.startswith(row.forward_primer) for molecule in strange)


def test_cross_talk_brings_other_samples_reads(products: Products, tmp_path: Path) -> None:
    people = [Person("S1", HETEROZYGOUS), Person("S2", (Genotype("DQA1", ("DQA1*01:01:01:01",) * 2),))]
    settings = replace(FAULTLESS, pairs_per_amplicon=100, cross_talk_share=0.2, reverse_share=0.0)
    written = write_run(products, people, tmp_path, settings, 1)
    primers = tuple(row.forward_primer[:10] for row in products.panel.of_locus("DQA1"))
    reads = read_fastq(written["S1"][0])
    assert sum(bases.startswith(primers) for _, bases, _ in reads) / len(reads) == pytest.approx(0.2, abs=0.06)


def test_only_alleles_known_under_the_whole_panel_are_drawn_and_no_nulls(products: Products) -> None:
    drawable = products.drawable("A")
    assert set(drawable) == {f"A*{number:02}:01:01:01" for number in range(1, 7)}


def test_reads_of_an_allele_with_unknown_bases_are_refused(products: Products) -> None:
    with pytest.raises(InvalidInput, match=r"A\*90:01: expected an allele known under the whole panel"):
        products.of_allele("A*90:01")


def test_a_locus_without_introns_is_amplified_with_those_of_the_most_similar(products: Products) -> None:
    own, lender = products.of_allele("DRB5*03:01:01:01"), products.of_allele("DRB1*03:01:01:01")
    assert [product.sequence for product in own] == [product.sequence for product in lender]


def test_drb345_stands_beside_its_drb1(products: Products) -> None:
    seen = set()
    for seed in range(30):
        genotypes = {genotype.locus: genotype.alleles for genotype in draw_genotypes(products, random.Random(seed))}
        beside = {"15": "DRB5", "03": "DRB3", "04": "DRB4"}
        expected = sorted(beside[allele[5:7]] for allele in genotypes["DRB1"] if allele[5:7] in beside)
        assert sorted(allele[:4] for allele in genotypes["DRB345"]) == expected
        seen.update(expected)
    assert seen


def test_low_numbers_are_drawn_more() -> None:
    assert weight("A*68:01:01:01") > weight("A*02:07") > weight("A*02:66")
    assert weight("DPB1*04:01") > weight("DPB1*671:01")


@pytest.mark.parametrize("change", [{"chimera_share": 1.2}, {"read_length": 0}, {"last_quality": (50, 20)}])
def test_a_setting_out_of_range_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(InvalidInput, match=next(iter(change))):
        replace(FAULTLESS, **change)  # type: ignore[arg-type]


def test_the_example_has_three_samples_of_about_2500_pairs(products: Products, tmp_path: Path) -> None:
    (tmp_path / "panel.tsv").write_text(panel_text(products.panel))
    written = build_example(products.library.directory, tmp_path / "panel.tsv", tmp_path / "out", 3)
    counts = [len(read_fastq(read_1)) for read_1, _ in written.values()]
    assert list(written) == ["EXAMPLE-1", "EXAMPLE-2", "EXAMPLE-3"]
    assert all(1800 < count < 3200 for count in counts)


@pytest.mark.parametrize("stranger", ["truth.tsv", "PATIENT-1_S1_L001_R1_001.fastq.gz"])
def test_the_example_overwrites_nobodys_files(products: Products, tmp_path: Path, stranger: str) -> None:
    (tmp_path / stranger).write_text("years of work")
    with pytest.raises(InvalidInput, match=f"an earlier example's reads, found {stranger}"):
        build_example(products.library.directory, None, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [stranger]
    assert (tmp_path / stranger).read_text() == "years of work"


def test_an_earlier_example_is_made_anew(products: Products, tmp_path: Path) -> None:
    (tmp_path / "panel.tsv").write_text(panel_text(products.panel))
    first, second = (
        build_example(products.library.directory, tmp_path / "panel.tsv", tmp_path / "reads", seed) for seed in (3, 4)
    )
    assert first == second


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_homozygous_loci_are_as_many_as_asked(products: Products, share: float) -> None:
    people = [draw_genotypes(products, random.Random(seed), share) for seed in range(60)]
    loci = [genotype for person in people for genotype in person if genotype.locus not in {"DRB345", "DPA1", "DPB1"}]
    homozygous = sum(len(set(genotype.alleles)) == 1 for genotype in loci) / len(loci)
    by_chance = 1 / 4  # six alleles, the first of which are drawn most
    assert homozygous == pytest.approx(share + (1 - share) * by_chance, abs=0.1)


def test_people_drawn_without_a_homozygous_share_are_those_that_were_always_drawn(products: Products) -> None:
    assert draw_genotypes(products, random.Random(3), 0.0) == draw_genotypes(products, random.Random(3))
