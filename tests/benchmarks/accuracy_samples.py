"""What is typed and what is right of it: samples, the truth of their loci, rows of a table and blocks of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gems_reference.library import Library
from gems_simulator.run import Person

Want = Literal["call", "name", "flag", "call and flag", "sample flag", "genes", "nothing"]
"""What is right of a locus.

``call``           each allele is named, or among the names that the reads cannot tell from the named one
``name``           each allele is named, at two fields
``flag``           a flag of the locus or of the sample, whatever is called: the library lacks an allele of the locus
``call and flag``  both: these reads cannot do without a warning
``sample flag``    a flag of the sample, or all alleles of all people in it are named
``genes``          the genes of the called alleles are these, whatever the alleles
``nothing``        no allele is called, or the sample is refused
"""


@dataclass(frozen=True)
class Truth:
    """What is in a sample at one locus.

    Attributes:
        locus: as reported, e.g. ``DRB345``.
        alleles: full names, or as many fields as are known; genes where genes are wanted.
        want: what is right.
        changes: of its new alleles, e.g. ``exon3 95T>G``.
        is_decided: whether what the release states decides the full names; None where they are not judged.
    """

    locus: str
    alleles: tuple[str, ...]
    want: Want = "call"
    changes: frozenset[str] = frozenset()
    is_decided: bool | None = None


@dataclass(frozen=True)
class Sample:
    """A sample with its reads, and what they are typed with.

    Attributes:
        name: on the sample sheet.
        r1: its first reads.
        r2: its second reads, if they are typed.
        library: the reference.
        panel: None types without one.
        truths: by locus.
        alone: whether it holds nothing of other loci, so that a call there is wrong.
    """

    name: str
    r1: Path
    r2: Path | None
    library: Path
    panel: Path | None
    truths: tuple[Truth, ...]
    alone: bool = False


@dataclass(frozen=True)
class Row:
    """A row of a table.

    Attributes:
        axis: what is swept.
        value: where on it.
        samples: of the row.
    """

    axis: str
    value: str
    samples: tuple[Sample, ...]


@dataclass(frozen=True)
class Block:
    """One printed table.

    Attributes:
        title: above it.
        rows: in order.
        names: the library that has all true alleles under their full names; None where the truth has two fields.
    """

    title: str
    rows: tuple[Row, ...]
    names: Library | None = None


class LeftOut(Exception):
    """A table that cannot be made here; says what it needs."""


def truths_of(
    people: Sequence[Person], unknown: frozenset[str] = frozenset(), *, of_gaps: bool = False
) -> tuple[Truth, ...]:
    """The truth of a sample of one person, or of a mixture of several.

    Args:
        people: who is in the sample.
        unknown: alleles that the library with which it is typed lacks.
        of_gaps: whether new insertions and deletions are looked for: a flag is right, whatever is called.
    """
    if len(people) > 1:
        return _truths_of_mixture(people)
    (person,) = people
    return tuple(
        Truth(
            genotype.locus,
            genotype.alleles,
            "flag" if of_gaps or unknown & set(genotype.alleles) else "call",
            frozenset(f"{new.exon} {new.position}{new.old}>{new.new}" for new in person.novelties if new.allele in genotype.alleles),
        )
        for genotype in person.genotypes
    )  # fmt: skip


def _truths_of_mixture(people: Sequence[Person]) -> tuple[Truth, ...]:
    alleles: dict[str, list[str]] = {}
    for person in people:
        for genotype in person.genotypes:
            alleles.setdefault(genotype.locus, []).extend(genotype.alleles)
    return tuple(Truth(locus, tuple(dict.fromkeys(own)), "sample flag") for locus, own in alleles.items())
