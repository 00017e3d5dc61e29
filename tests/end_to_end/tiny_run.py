"""A library of made-up genes, a panel for it, and reads of people who carry them: small, whole, and without a download."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from gems_core.bases import reverse_complement
from gems_reference.assemble import assemble_locus
from gems_reference.build import Material, build_library
from gems_reference.library import open_library
from gems_reference.nomenclature import Nomenclature
from gems_reference.panel import read_panel
from gems_simulator.genotypes import Genotype, Products
from gems_simulator.run import Person, write_run
from gems_simulator.settings import RunSettings

# Lengths in bp of UTR, exon 1, intron 1, ... of a short gene with two exons of evidence.
FEATURES = (150, 73, 130, 270, 240, 276, 200)
LOCI = ("A", "B", "DRB1")
ALLELES = 4
SAMPLES = 9
PAIRS_PER_AMPLICON = 40.0
# Each amplicon is an exon and so many bases of the introns beside it, where the primers lie.
MARGIN, PRIMER = 45, 20
HEADER = "locus amplicon start_feature start_offset end_feature end_offset forward_primer reverse_primer"


@dataclass(frozen=True)
class TinyRun:
    """A run of people whose types are known.

    Attributes:
        truth: sample to locus to its two alleles, in name order.
    """

    library: Path
    panel: Path
    reads: Path
    truth: dict[str, dict[str, tuple[str, ...]]]


def make_tiny_run(folder: Path, samples: int = SAMPLES) -> TinyRun:
    """Make library, panel and reads below ``folder``; the same call gives the same bytes."""
    tables = [assemble_locus(locus, _coding(locus), _genomic(locus)) for locus in LOCI]
    build_library(Material("path", "9.1.0", tuple(tables), Nomenclature(), ()), folder / "library")
    (folder / "panel.tsv").write_text(_panel_text())
    products = Products(open_library(folder / "library"), read_panel(folder / "panel.tsv"))
    people = [_person(number) for number in range(1, samples + 1)]
    settings = RunSettings(pairs_per_amplicon=PAIRS_PER_AMPLICON, pseudogene_share=0.0)
    write_run(products, people, folder / "reads", settings, seed=1)
    truth = {person.sample: {one.locus: tuple(sorted(one.alleles)) for one in person.genotypes} for person in people}
    return TinyRun(folder / "library", folder / "panel.tsv", folder / "reads", truth)


def _person(number: int) -> Person:
    rng = random.Random(number)
    genotypes = [Genotype(locus, tuple(sorted(rng.sample(_names(locus), 2)))) for locus in LOCI]
    return Person(f"TINY-{number:02}", tuple(genotypes))


def _names(locus: str) -> list[str]:
    return [f"{locus}*{number:02}:01:01:01" for number in range(1, ALLELES + 1)]


def _panel_text() -> str:
    rows = ["# primer_mask_version: tiny-1", HEADER.replace(" ", "\t")]
    for locus in LOCI:
        features = next(iter(_genomic(locus).values()))
        for exon in (2, 3):
            before, after = features[2 * exon - 2], features[2 * exon]
            names = [f"intron{exon - 1}", str(-MARGIN), f"intron{exon}" if exon == 2 else "3UTR", str(MARGIN)]
            reverse = reverse_complement(after[:MARGIN][-PRIMER:])
            rows.append("\t".join([locus, f"Exon {exon}", *names, before[-MARGIN:][:PRIMER], reverse]))
    return "\n".join(rows) + "\n"


def _genomic(locus: str) -> dict[str, tuple[str, ...]]:
    rng = random.Random(f"genes of {locus}")
    first = tuple("".join(rng.choices("ACGT", k=length)) for length in FEATURES)
    rows = dict.fromkeys(_names(locus)[:1], first)
    for name in _names(locus)[1:]:
        rows[name] = tuple(_changed(text, rng) if slot % 2 else text for slot, text in enumerate(first))
    return rows


def _coding(locus: str) -> dict[str, tuple[str, ...]]:
    return {name: row[1::2] for name, row in _genomic(locus).items()}


def _changed(text: str, rng: random.Random) -> str:
    for place in rng.sample(range(len(text)), k=max(1, len(text) // 40)):
        text = text[:place] + rng.choice([base for base in "ACGT" if base != text[place]]) + text[place + 1 :]
    return text
