"""Libraries of any size, made of one release at run time: a drawn part of its alleles, or all and simulated ones."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from gems_reference.assemble import LocusTable
from gems_reference.build import Material, build_library
from gems_reference.library import Library, Locus
from gems_reference.nomenclature import Nomenclature

SEED = 17
BASES = "ACGT"
MOST_CHANGES = 3
"""Bases in which a simulated allele differs from the one that it is made from."""


@dataclass
class Rows:
    """The alleles that a library is given at one locus, as their aligned features."""

    locus: Locus
    alleles: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def table(self) -> LocusTable:
        """As a library stores it: rows that no allele has are not kept."""
        sequences: list[dict[str, int]] = [{} for _ in self.locus.features]
        cells = {
            name: tuple(known.setdefault(row, len(known)) for known, row in zip(sequences, rows, strict=True))
            for name, rows in self.alleles.items()
        }
        return LocusTable(
            self.locus.name,
            self.locus.reference_allele,
            self.locus.features,
            tuple(tuple(known) for known in sequences),
            cells,
            genomic_alleles=0,
        )


def library_of(base: Library, size: int, keep: Iterable[str], out: Path) -> Path:
    """Write a library of so many alleles; a larger one of the same base has all alleles of a smaller one.

    Args:
        base: where they are from.
        size: alleles over all loci.
        keep: full names that are taken first, beside the loci's reference alleles.
        out: its folder.
    """
    rng = random.Random(SEED)
    loci = {name: base.locus(name) for name in base.loci}
    chosen = _chosen(loci, size, set(keep), rng)
    rows = {
        name: Rows(locus, {allele: locus.aligned(allele) for allele in locus.alleles if allele in chosen})
        for name, locus in loci.items()
    }
    _add_simulated(rows, size - len(chosen), rng)
    groups = [allele for locus in loci.values() for allele in locus.alleles.values()]
    names = Nomenclature(
        {allele.name: allele.g_group for allele in groups},
        {allele.name: allele.p_group for allele in groups},
        {allele.name: allele.ciwd for allele in groups},
    )
    build_library(Material("path", base.release, tuple(r.table() for r in rows.values()), names, ()), out)
    return out


def _chosen(loci: dict[str, Locus], size: int, keep: set[str], rng: random.Random) -> set[str]:
    """Names of the alleles to take: those that must be there, then others in an order that the seed gives."""
    first = keep | {locus.reference_allele for locus in loci.values()}
    others = [allele for locus in loci.values() for allele in locus.alleles if allele not in first]
    rng.shuffle(others)
    return first | set(others[: max(0, size - len(first))])


def _add_simulated(rows: dict[str, Rows], count: int, rng: random.Random) -> None:
    """Add alleles with one base to three of another one's exons changed, each locus its share."""
    parents = [(name, allele) for name, own in rows.items() for allele in own.alleles]
    numbers: dict[str, int] = defaultdict(int)
    for _ in range(count):
        name, parent = rng.choice(parents)
        own = rows[name]
        family = parent.split(":")[0]
        numbers[family] += 1
        own.alleles[f"{family}:{9000 + numbers[family]}"] = _changed(own, parent, rng)


def _changed(own: Rows, parent: str, rng: random.Random) -> tuple[str, ...]:
    features = list(own.alleles[parent])
    exons = [f for f, name in enumerate(own.locus.features) if name.startswith("exon")]
    places = [(f, place) for f in exons for place, base in enumerate(features[f]) if base in BASES]
    for f, place in rng.sample(places, min(len(places), rng.randint(1, MOST_CHANGES))):
        other = rng.choice([base for base in BASES if base != features[f][place]])
        features[f] = features[f][:place] + other + features[f][place + 1 :]
    return tuple(features)
