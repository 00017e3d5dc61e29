"""Whether a library's alleles that are not expressed as usual, or differ by inserted or deleted bases, are ever called in silence.

Each is simulated as long-range PCR of its whole gene beside an allele that is drawn by its frequency, and typed without a panel.
"""

from __future__ import annotations

import json
import random
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any

from gems_core.hla import AlleleName
from gems_report.flags import Severity, words_of
from gems_simulator.fragments import CompletedGenes, FragmentSettings, write_fragments
from gems_simulator.genotypes import Genotype
from gems_simulator.releases.gapped import gapped_alleles
from gems_simulator.run import Person
from worker.interruption import Interruption
from worker.typer import SheetRow, Typer

# People of one call of the typer: enough that reading the library costs little, few enough for a temporary folder.
CHUNK = 60
_GL_SEPARATORS = re.compile(r"[|+/~^]")
_TELLING = (Severity.ERROR, Severity.WARNING)


class Found(StrEnum):
    """What became of an allele."""

    CALLED = "called by name"
    LISTED = "among the names of the call"
    FLAGGED = "not named, and the call is flagged"
    MISSED = "missed in silence"
    NOT_COPIED = "not typed: the place of a primer is deleted, so nothing of it is copied"


@dataclass(frozen=True)
class NullCheck:
    """One allele that was typed.

    Attributes:
        beside: the other allele of the simulated person, '' for none.
        called: what was called at the locus.
    """

    allele: str
    beside: str
    found: Found
    called: tuple[str, ...]


def unusual_alleles(products: CompletedGenes, genes: Sequence[str]) -> list[str]:
    """The alleles of genes that have a suffix (N, L, S, ...) or an insertion or deletion in an exon, in the release's order."""
    found = []
    for gene in genes:
        locus = products.library.locus(gene)
        gapped = set(gapped_alleles(locus))
        found += [name for name in locus.alleles if name in gapped or AlleleName.parse(name).suffix]
    return found


def check_nulls(
    products: CompletedGenes, alleles: Sequence[str], typer: Typer, seed: int, tell: Callable[[int], None]
) -> Iterator[NullCheck]:
    """Simulate and type alleles, some at a time.

    Args:
        products: the library's genes.
        alleles: their names.
        typer: without a panel.
        seed: of partners and reads.
        tell: is told how many are done.

    Raises:
        ShareFailed, TyperBroke: the typer cannot type.
    """
    rng = random.Random(seed)  # noqa: S311 - simulation, and it must repeat
    rest, done = iter(alleles), 0
    while names := list(islice(rest, CHUNK)):
        copied = [name for name in names if products.of_allele(name)]
        yield from (NullCheck(name, "", Found.NOT_COPIED, ()) for name in names if name not in copied)
        if copied:
            yield from _typed(products, copied, typer, seed + done, rng)
        done += len(names)
        tell(done)


def _typed(
    products: CompletedGenes, names: Sequence[str], typer: Typer, seed: int, rng: random.Random
) -> Iterator[NullCheck]:
    people = [_person(products, name, f"N{number}", rng) for number, name in enumerate(names, start=1)]
    with tempfile.TemporaryDirectory(prefix="gems-nulls-") as folder:
        files = write_fragments(products, people, Path(folder, "reads"), FragmentSettings(), seed)
        out = Path(folder, "out")
        out.mkdir()
        rows = [SheetRow(sample, *paths) for sample, paths in files.items()]
        typer.type_sheet(rows, out, Interruption(), lambda _event: None)
        for name, person in zip(names, people, strict=True):
            yield judge(name, person, json.loads((out / person.sample / "typing.json").read_bytes()))


def _person(products: CompletedGenes, allele: str, sample: str, rng: random.Random) -> Person:
    gene = allele.partition("*")[0]
    locus = AlleleName.parse(allele).locus
    if locus != gene:  # a gene that a chromosome has or lacks
        return Person(sample, (Genotype(locus, (allele,)),))
    weights = {name: weight for name, weight in products.drawable(gene).items() if name != allele}
    other = rng.choices(list(weights), list(weights.values()))
    return Person(sample, (Genotype(locus, (allele, *other)),))


def judge(allele: str, person: Person, typing: dict[str, Any]) -> NullCheck:
    """What a ``typing.json`` says of the allele of a person who carries it."""
    (genotype,) = person.genotypes
    beside = next((name for name in genotype.alleles if name != allele), "")
    call = next(one for one in typing["loci"] if one["locus"] == genotype.locus)
    called = tuple(one["name"] for one in call["alleles"])
    named = {name for one in call["alleles"] for name in one["ambiguities"]}
    flagged = any(words_of(flag["code"]).severity in _TELLING for flag in [*call["flags"], *typing["flags"]])
    if allele in called:
        found = Found.CALLED
    elif allele in named or allele in _GL_SEPARATORS.split(call.get("gl_string", "")):
        found = Found.LISTED
    else:
        found = Found.FLAGGED if flagged else Found.MISSED
    return NullCheck(allele, beside, found, called)
