"""Accuracy of typing without a panel, over simulated people whose whole genes were read in fragments.

Run it with ``python tests/benchmarks/bench_shotgun_accuracy.py --library DIR``. Like the amplicons' benchmark it reports on
another seed than the one that thresholds are tuned on (``--tuning``). The library must state introns: alleles are drawn
that it states as a whole, the common ones where it knows which are.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from accuracy_score import Judge
from bench_typer_accuracy import JAR, report, typing_of

from gems_cli.reference.library import open_library
from gems_cli.simulator.fragments import FragmentSettings, WholeGenes, write_fragments
from gems_cli.simulator.genotypes import draw_genotypes
from gems_cli.simulator.novelty import plant
from gems_cli.simulator.run import Person
from gems_cli.simulator.settings import RunSettings

REPORTING_SEED, TUNING_SEED = 4052, 9
READS = RunSettings(read_length=150, last_quality=(30, 26))
USUAL = FragmentSettings(reads=READS)


@dataclass(frozen=True)
class Condition:
    """A row of the table.

    Attributes:
        axis: what is swept.
        value: where on it.
        settings: of the simulator.
        people: how many are made.
        single: whether only first reads are typed.
    """

    axis: str
    value: str
    settings: FragmentSettings
    people: int = 4
    single: bool = False

    @property
    def name(self) -> str:
        """As a part of a sample's name."""
        return f"{self.axis}-{self.value}".replace(" ", "-").replace(":", "-")


def conditions() -> tuple[Condition, ...]:
    """All rows of the table, in its order."""
    short = replace(READS, read_length=75)
    depths = [(15, 8), (30, 6), (60, 4), (120, 3), (500, 1)]
    balances = [0.4, 0.3, 0.2]
    return (
        *(Condition("depth", str(depth), replace(USUAL, depth=depth), people) for depth, people in depths),
        *(
            Condition(
                "balance",
                f"{100 * share:.0f}:{100 - 100 * share:.0f}",
                replace(USUAL, depth=100, reads=replace(READS, allele_share=share, allele_share_spread=0.02)),
                3,
            )
            for share in balances
        ),
        Condition("genome", "30", replace(USUAL, depth=30, genome=True)),
        Condition("genome 1x150", "30", replace(USUAL, depth=30, genome=True), single=True),
        Condition("genome 2x75", "40", replace(USUAL, depth=40, genome=True, fragment_bp=250, reads=short)),
        Condition("new alleles", "60", replace(USUAL, reads=replace(READS, novel_share=1.0))),
    )


def main() -> int:
    """Make, type, judge, print; 1 where a wrong call has no flag."""
    options = _options()
    seed = TUNING_SEED if options.tuning else REPORTING_SEED
    rows = [row for row in conditions() if not options.only or options.only in row.name]
    with tempfile.TemporaryDirectory() as temporary:
        work = options.keep or Path(temporary)
        with ProcessPoolExecutor(2) as pool:
            people = list(pool.map(_simulate, [(options.library, row, seed, work) for row in rows]))
        _type(options, work, rows)
        judge = Judge(open_library(options.library))
        verdicts = [
            [verdict for person in made for verdict in judge.verdicts(person, typing_of(work, person))]
            for made in people
        ]
    return report(rows, verdicts)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--library", type=Path, required=True, help="a library with introns")
    parser.add_argument("--jar", type=Path, default=JAR)
    parser.add_argument("--tuning", action="store_true", help="the seed that thresholds are tuned on")
    parser.add_argument("--only", help="conditions whose name contains this")
    parser.add_argument("--keep", type=Path, help="keep reads and results here")
    return parser.parse_args()


@cache
def _genes(library: Path) -> WholeGenes:
    return WholeGenes(open_library(library))


def _simulate(task: tuple[Path, Condition, int, Path]) -> list[Person]:
    """One condition's reads; its people are its own."""
    library, row, seed, work = task
    genes = _genes(library)
    rng = random.Random(f"{seed} fragments {row.name}")
    people = []
    for number in range(1, row.people + 1):
        genotypes = draw_genotypes(genes, rng)
        new = plant(genes, genotypes, row.settings.reads.novel_share, rng)
        people.append(Person(f"{row.name}-{number}".replace(" ", "-"), genotypes, new))
    write_fragments(genes, people, work / "reads" / row.name, row.settings, rng.randrange(2**32))
    return people


def _type(options: argparse.Namespace, work: Path, rows: Sequence[Condition]) -> None:
    """Type everything in one run of the program."""
    lines = ["sample\tr1\tr2"]
    for row in rows:
        for r1 in sorted((work / "reads" / row.name).glob("*_R1_001.fastq.gz")):
            r2 = "" if row.single else r1.with_name(r1.name.replace("_R1_001", "_R2_001"))
            lines.append(f"{r1.name.rsplit('_S', 1)[0]}\t{r1}\t{r2}")
    sheet = work / "sheet.tsv"
    sheet.write_text("".join(f"{line}\n" for line in lines))
    command = ["java", "-Xmx1g", "-jar", options.jar, "type", "--library", options.library, "--panel", "none"]
    command += ["--hla-class", "all", "--samples", sheet, "--out", work / "typed", "--threads", "2"]
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
