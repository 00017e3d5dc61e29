"""Make the samples of a simulated row: draw people, write their reads, and the library that they are typed with."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from accuracy_conditions import Condition
from accuracy_decided import Decider
from accuracy_samples import Row, Sample, Truth, truths_of

from gems_reference.library import open_library
from gems_reference.panel import read_panel
from gems_simulator.fragments import CompletedGenes, FragmentSettings, WholeGenes, write_fragments
from gems_simulator.genotypes import Genotype, Products, draw_genotypes
from gems_simulator.mixtures import mix
from gems_simulator.novelty import plant, plant_gap, plant_splice_change
from gems_simulator.releases.completed import CompletedProducts
from gems_simulator.releases.empty_products import twins_of_empty, with_twins
from gems_simulator.releases.fourth_fields import with_any_fourth_field
from gems_simulator.releases.gapped import gapped_alleles
from gems_simulator.releases.reduced import of_loci, without_alleles
from gems_simulator.releases.unknown import draw_carrier, draw_unknown
from gems_simulator.run import Person, read_names, write_run
from gems_simulator.settings import RunSettings
from gems_simulator.transcripts import Transcripts

# More unknown alleles in one library leave too few known ones to draw people from; fewer take more runs of the typer.
CARRIERS_OF_A_LIBRARY = 6
Files = dict[str, tuple[Path, Path]]
"""R1 and R2 by sample."""


@dataclass(frozen=True)
class Task:
    """A row that is to be made.

    Attributes:
        condition: what it is.
        library: where its alleles are.
        panel: what is amplified.
        seed: of the benchmark.
        scale: samples, against the quick sweep's.
        work: a folder for reads and libraries.
    """

    condition: Condition
    library: Path
    panel: Path
    seed: int
    scale: float
    work: Path


@cache
def _products(library: Path, panel: Path) -> CompletedProducts:
    return CompletedProducts(open_library(library), read_panel(panel))


@cache
def _genes(library: Path, last_intron: int) -> WholeGenes:
    return WholeGenes(open_library(library), last_intron)


@cache
def _completed(library: Path) -> CompletedGenes:
    return CompletedGenes(open_library(library))


@cache
def _transcripts(library: Path) -> Transcripts:
    return Transcripts(open_library(library))


@cache
def _twins(products: Products) -> dict[str, tuple[str, ...]]:
    return twins_of_empty(products)


def _products_of(task: Task) -> Products:
    if task.condition.is_of_amplicons:
        return _products(task.library, task.panel)
    if task.condition.gapped:
        return _completed(task.library)
    return _transcripts(task.library) if task.condition.spliced else _genes(task.library, task.condition.last_intron)


def make_row(task: Task) -> Row:
    """One condition's samples; its people are its own."""
    row, products = task.condition, _products_of(task)
    rng = random.Random(f"{task.seed} {row.seed_words}")
    parts, lacking = _draw_people(row, products, row.count(task.scale), rng)
    files = _write(row, products, parts, task.work, rng)
    panel = task.panel if row.is_of_amplicons and row.with_panel else None
    libraries = {
        taken_away: _library_of(task, products, taken_away, number)
        for number, taken_away in enumerate(dict.fromkeys(lacking), start=1)
    }
    samples = [
        Sample(
            name,
            r1,
            None if row.single else r2,
            libraries[taken_away],
            panel,
            _judged_at_four_fields(row, products, truths_of(people, taken_away, of_gaps=row.is_new)),
            alone=bool(row.loci) or row.is_new or row.gapped,
        )
        for (name, (r1, r2)), people, taken_away in zip(files.items(), zip(*parts, strict=True), lacking, strict=True)
    ]
    return Row(row.axis, row.value, tuple(samples))


def _judged_at_four_fields(row: Condition, products: Products, truths: tuple[Truth, ...]) -> tuple[Truth, ...]:
    """Truths with what can be decided of their full names, where these are asked for."""
    if not row.fourth_fields:
        return truths
    assert isinstance(products, WholeGenes)
    decider = Decider(products)
    return tuple(replace(truth, is_decided=decider.is_decided(truth.alleles)) for truth in truths)


def _draw_people(
    row: Condition, products: Products, count: int, rng: random.Random
) -> tuple[list[list[Person]], list[frozenset[str]]]:
    """For each part of the samples its people; for each sample the alleles that its library is to lack."""
    if row.unknown is not None:
        carriers, lacking = _draw_carriers(row, products, count, rng)
        return [carriers], lacking
    if row.is_new or row.gapped:
        people = _draw_changed(row, products, count, rng) if row.is_new else _draw_gapped(row, products, rng, count)
        return [people], [frozenset()] * len(people)
    parts: list[list[Person]] = [[] for _ in row.parts]
    for number in range(1, count + 1):
        for place, people in enumerate(parts, start=1):
            drawn = draw_genotypes(products, rng, row.homozygous_share)
            drawn = with_any_fourth_field(products, drawn, rng) if row.fourth_fields else drawn
            if row.beside_empty:
                drawn = with_twins(drawn, _twins(products), rng)
            genotypes = tuple(genotype for genotype in drawn if not row.loci or genotype.locus in row.loci)
            name = f"{row.name}-{number}" + (f"-part-{place}" if len(parts) > 1 else "")
            people.append(Person(name, genotypes, plant(products, genotypes, _reads(row).novel_share, rng)))
    return parts, [frozenset()] * count


def _draw_changed(row: Condition, products: Products, count: int, rng: random.Random) -> list[Person]:
    """People of one locus each, of whose two alleles one is another than the library's."""
    people: list[Person] = []
    while len(people) < count:
        genotype = rng.choice(draw_genotypes(products, rng))
        if len(set(genotype.alleles)) > 1:
            allele = rng.choice(genotype.alleles)
            change = (
                plant_splice_change(products, allele, rng)
                if row.new_in == "splice site"
                else plant_gap(products, allele, row.new_gap_bp, rng, inserted=row.inserted, kind=row.new_in)
            )
            if change is not None:
                people.append(Person(f"{row.name}-{len(people) + 1}", (genotype,), (change,)))
    return people


def _draw_gapped(row: Condition, products: Products, rng: random.Random, count: int) -> list[Person]:
    """The release's alleles with an exon gap, each beside one that is drawn; every so many of them where fewer are asked for."""
    alleles = [name for gene in products.genes for name in gapped_alleles(products.library.locus(gene))]
    people = []
    for name in rng.sample(alleles, min(count, len(alleles))):
        if not products.of_allele(name):  # its primers' places are deleted, so nothing of it is in the tube
            continue
        gene = name.partition("*")[0]
        weights = products.drawable(gene)
        others = (
            (name,)
            if gene.startswith("DRB") and gene != "DRB1"
            else (name, *rng.choices(list(weights), list(weights.values())))
        )
        locus = "DRB345" if len(others) == 1 else gene
        people.append(Person(f"{row.name}-{len(people) + 1}", (Genotype(locus, others),)))
    return people


def _draw_carriers(
    row: Condition, products: Products, count: int, rng: random.Random
) -> tuple[list[Person], list[frozenset[str]]]:
    """People with one allele each that is not in what is left of the library; some share such a library."""
    assert row.unknown is not None
    people: list[Person] = []
    lacking: list[frozenset[str]] = []
    while len(people) < count:
        unknown, taken_away = [], frozenset[str]()
        for _ in range(min(CARRIERS_OF_A_LIBRARY, count - len(people))):
            unknown.append(draw_unknown(products, row.unknown, rng, taken_away))
            taken_away |= unknown[-1].taken_away
        for allele in unknown:
            genotypes = draw_carrier(products, allele, taken_away, rng, row.beside)
            people.append(Person(f"{row.name}-{len(people) + 1}", genotypes))
            lacking.append(taken_away)
    return people, lacking


def _reads(row: Condition) -> RunSettings:
    return row.reads if isinstance(row.reads, RunSettings) else row.reads.reads


def _write(
    row: Condition, products: Products, parts: Sequence[Sequence[Person]], work: Path, rng: random.Random
) -> Files:
    """Each part of the samples is read by itself, as deep as its share, and then they are mixed."""
    folder = work / "reads" / row.name
    if len(parts) == 1:
        return _write_part(row.reads, products, parts[0], folder, rng.randrange(2**32))
    written = [
        list(
            _write_part(
                _shallower(row.reads, share),
                products,
                people,
                work / "parts" / row.name / str(place),
                rng.randrange(2**32),
            ).values()
        )
        for place, (people, share) in enumerate(zip(parts, row.parts, strict=True), start=1)
    ]
    folder.mkdir(parents=True)
    files = {}
    for number, of_sample in enumerate(zip(*written, strict=True), start=1):
        name = f"{row.name}-{number}"
        r1, r2 = (folder / file_name for file_name in read_names(name, number))
        mix(of_sample, (r1, r2), number, rng)
        files[name] = (r1, r2)
    return files


def _shallower(reads: RunSettings | FragmentSettings, share: float) -> RunSettings | FragmentSettings:
    """The same reads, fewer of them."""
    if isinstance(reads, FragmentSettings):
        return replace(reads, depth=reads.depth * share)
    return replace(reads, pairs_per_amplicon=max(1.0, reads.pairs_per_amplicon * share))


def _write_part(
    reads: RunSettings | FragmentSettings, products: Products, people: Sequence[Person], folder: Path, seed: int
) -> Files:
    if isinstance(reads, FragmentSettings):
        assert isinstance(products, WholeGenes)
        return write_fragments(products, people, folder, reads, seed)
    # New alleles are planted already.
    return write_run(products, people, folder, replace(reads, novel_share=0.0), seed)


def _library_of(task: Task, products: Products, taken_away: frozenset[str], number: int) -> Path:
    """The library that the typer gets."""
    folder = task.work / "libraries" / f"{task.condition.name}-{number}"
    if taken_away:
        return without_alleles(products.library, taken_away, folder)
    if task.condition.library_loci:
        return of_loci(products.library, task.condition.library_loci, folder)
    return task.library
