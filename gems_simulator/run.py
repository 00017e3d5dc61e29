"""Write a run: two FASTQ files a sample, named as a MiSeq names them, and the truth."""

from __future__ import annotations

import gzip
import io
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gems_core.bases import reverse_complement
from gems_simulator.artefacts import truncated, with_adapters
from gems_simulator.byproducts import byproduct_strands, darkened, draw_byproduct
from gems_simulator.errors import Profile, blank, make_profiles, read_through
from gems_simulator.genotypes import Genotype, Products
from gems_simulator.molecules import Tube, draw_molecule, fill_tubes, one_allele_each
from gems_simulator.novelty import Novelty, plant
from gems_simulator.settings import RunSettings

TRUTH_NAME = "truth.tsv"
TRUTH_COLUMNS = ("sample", "person", "locus", "allele_1", "allele_2", "novel")
# Higher levels take twice as long for 3% fewer bytes.
GZIP_LEVEL = 4
READ_NAME = "M00001:1:000000000-GEMS1:1:1101:{x}:{y} {read}:N:0:{sample}"


@dataclass(frozen=True)
class Person:
    """A sample to be made.

    Attributes:
        sample: its name.
        genotypes: by locus.
        novelties: what its alleles have and the library's do not.
    """

    sample: str
    genotypes: tuple[Genotype, ...]
    novelties: tuple[Novelty, ...] = ()


def write_run(
    products: Products, people: Sequence[Person], directory: Path, settings: RunSettings, seed: int
) -> dict[str, tuple[Path, Path]]:
    """Write a run's FASTQ files and its truth.

    Args:
        products: of the library and the panel.
        people: the samples, in sample sheet order.
        directory: where; made if absent.
        settings: yields and faults.
        seed: the same seed, library and panel give the same bytes.

    Returns:
        R1 and R2 of each sample.

    Raises:
        InvalidInput: an allele is unknown or has unknown bases under the panel.
    """
    directory.mkdir(parents=True, exist_ok=True)
    rng = random.Random(seed)  # noqa: S311 - simulation, and it must repeat
    profiles = [
        make_profiles(first, last, settings.read_length, rng)
        for first, last in zip(settings.first_quality, settings.last_quality, strict=True)
    ]
    people = [
        replace(person, novelties=person.novelties + plant(products, person.genotypes, settings.novel_share, rng))
        for person in people
    ]
    tubes = {
        person.sample: fill_tubes(products, person.genotypes, settings, rng, person.novelties) for person in people
    }
    written = {}
    for number, person in enumerate(people, start=1):
        pairs = _read_pairs(tubes, person.sample, profiles, settings, rng)
        paths = [directory / name for name in read_names(person.sample, number)]
        write_pairs(paths, pairs, number)
        written[person.sample] = (paths[0], paths[1])
    (directory / TRUTH_NAME).write_text(truth_text(people), encoding="utf-8")
    return written


def read_names(sample: str, number: int) -> tuple[str, str]:
    """What a MiSeq calls R1 and R2 of the sample that is so many on the sample sheet."""
    first, second = (f"{sample}_S{number}_L001_R{read}_001.fastq.gz" for read in (1, 2))
    return first, second


def truth_text(people: Sequence[Person]) -> str:
    """The truth as a table. A DRB345 gene without a second allele leaves ``allele_2`` empty."""
    lines = ["\t".join(TRUTH_COLUMNS)]
    for person in people:
        for genotype in person.genotypes:
            first, second = (*genotype.alleles, "", "")[:2]
            new = "; ".join(str(novelty) for novelty in person.novelties if novelty.allele in genotype.alleles)
            lines.append("\t".join((person.sample, "simulated", genotype.locus, first, second, new)))
    return "".join(f"{line}\n" for line in lines)


Read = tuple[str, str]
"""Bases and qualities."""


def _read_pairs(
    tubes: Mapping[str, Sequence[Tube]],
    sample: str,
    profiles: Sequence[Sequence[Profile]],
    settings: RunSettings,
    rng: random.Random,
) -> Iterator[tuple[Read, Read]]:
    """A sample's pairs in the order of a flow cell, that is in none, or in order of allele."""
    full = one_allele_each(tubes[sample]) if settings.in_order_of_allele else tubes[sample]
    own = [tube for tube in full for _ in range(tube.pairs)]
    if not settings.in_order_of_allele:
        rng.shuffle(own)
    others = [tube for name, made in tubes.items() if name != sample for tube in made]
    for tube in own:
        crossed = bool(others) and rng.random() < settings.cross_talk_share
        yield _read_pair(rng.choice(others) if crossed else tube, profiles, settings, rng)


def _read_pair(
    tube: Tube, profiles: Sequence[Sequence[Profile]], settings: RunSettings, rng: random.Random
) -> tuple[Read, Read]:
    """A pair of a tube: of a product nearly always."""
    row = tube.products[0].row
    trimmed = (len(row.forward_primer), len(row.reverse_primer)) if settings.primers_trimmed else (0, 0)
    byproduct = draw_byproduct(row, settings, rng)
    if byproduct is None:
        return read_both_ends(draw_molecule(tube, settings, rng), profiles, settings, rng, trimmed)
    return read_strands(byproduct_strands(byproduct, settings.read_length), profiles, settings, rng, trimmed)


def read_both_ends(
    molecule: str,
    profiles: Sequence[Sequence[Profile]],
    settings: RunSettings,
    rng: random.Random,
    trimmed: tuple[int, int] = (0, 0),
) -> tuple[Read, Read]:
    """What a sequencer reads of a molecule from its two ends, either strand first."""
    strands = with_adapters(molecule) if settings.adapters else (molecule, reverse_complement(molecule))
    return read_strands(strands, profiles, settings, rng, trimmed)


def read_strands(
    strands: tuple[str, str],
    profiles: Sequence[Sequence[Profile]],
    settings: RunSettings,
    rng: random.Random,
    trimmed: tuple[int, int] = (0, 0),
) -> tuple[Read, Read]:
    """What a sequencer reads along two strands, either one first.

    Args:
        strands: of the coding strand and of the other one.
        profiles: of R1 and of R2.
        settings: length and faults.
        rng: the only source of chance.
        trimmed: how many bases are cut off the start of each strand's read.
    """
    ends = list(zip(strands, trimmed, strict=True))
    if rng.random() < settings.reverse_share:
        ends.reverse()
    reads = []
    for (strand, _), courses in zip(ends, profiles, strict=True):
        profile = rng.choice(courses)
        length = truncated(min(settings.read_length, len(strand)), settings.truncated_share, rng)
        bases = read_through(strand[:length], profile, rng)
        reads.append(blank(bases, profile.qualities[: len(bases)], settings.unread_rate, rng))
    if settings.poly_g_share > 0 and rng.random() < settings.poly_g_share:
        reads = [darkened(*read, rng) for read in reads]
    first, second = ((bases[cut:], qualities[cut:]) for (bases, qualities), (_, cut) in zip(reads, ends, strict=True))
    return first, second


def write_pairs(paths: Sequence[Path], pairs: Iterator[tuple[Read, Read]], sample_number: int) -> None:
    """Write R1 and R2, their reads named as a MiSeq names them."""
    texts = (io.StringIO(), io.StringIO())
    for number, pair in enumerate(pairs):
        for read, ((bases, qualities), text) in enumerate(zip(pair, texts, strict=True), start=1):
            name = READ_NAME.format(x=1000 + number // 20000, y=1000 + number % 20000, read=read, sample=sample_number)
            text.write(f"@{name}\n{bases}\n+\n{qualities}\n")
    for path, text in zip(paths, texts, strict=True):
        path.write_bytes(gzip.compress(text.getvalue().encode("ascii"), GZIP_LEVEL, mtime=0))
