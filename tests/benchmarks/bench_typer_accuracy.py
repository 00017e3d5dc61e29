"""Accuracy of the typer over simulated runs: a table by depth, balance, chimeras and every other artefact.

Run it with ``make bench-typer``, or ``python tests/benchmarks/bench_typer_accuracy.py --help``. The reported seed differs from
the one that thresholds are tuned on (``--tuning``), so that the table is of people nobody has looked at.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Protocol

import click
from accuracy_score import Judge, Verdict, counts
from accuracy_sweep import Condition, conditions

from gems_cli.reference.cached import cached_library
from gems_cli.reference.library import open_library
from gems_cli.reference.panel import open_panel_path, read_panel
from gems_cli.simulator.genotypes import Products, draw_genotypes
from gems_cli.simulator.novelty import plant
from gems_cli.simulator.run import Person, write_run

REPORTING_SEED, TUNING_SEED = 2026, 7
JAR = Path(__file__).parents[2] / "hla-typer" / "target" / "hla-typer.jar"
Task = tuple[Path, Path, Condition, int, float, Path]
"""Library, panel, condition, seed, scale and folder."""
HEADER = (
    "axis",
    "value",
    "loci",
    "2 fields",
    "G group",
    "no call",
    "flagged",
    "wrong",
    "WRONG, NO FLAG",
    "new alleles",
)


def main() -> int:
    """Make, type, judge, print; 1 where a wrong call has no flag."""
    options = _options()
    library = options.library or cached_library(_tell)
    seed = TUNING_SEED if options.tuning else REPORTING_SEED
    rows = [row for row in conditions() if not options.only or options.only in row.name]
    with tempfile.TemporaryDirectory() as temporary:
        work = options.keep or Path(temporary)
        with ProcessPoolExecutor(2) as pool:
            tasks = [(library, options.panel, row, seed, options.scale, work) for row in rows]
            people = list(pool.map(_simulate, tasks))
        _type(options, library, work, rows)
        judge = Judge(open_library(library))
        verdicts = [
            [verdict for person in made for verdict in judge.verdicts(person, typing_of(work, person))]
            for made in people
        ]
    return report(rows, verdicts)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--library", type=Path, help="default: release 3.51.0 from hlann, in the cache")
    parser.add_argument("--panel", type=Path, default=open_panel_path(), help="default: the open panel")
    parser.add_argument("--jar", type=Path, default=JAR)
    parser.add_argument("--scale", type=float, default=1.0, help="people per condition, against the quick sweep's")
    parser.add_argument("--tuning", action="store_true", help="the seed that thresholds are tuned on")
    parser.add_argument("--only", help="conditions whose name contains this")
    parser.add_argument("--keep", type=Path, help="keep reads and results here")
    return parser.parse_args()


def _tell(line: str) -> None:
    click.echo(line, err=True)


@cache
def _products(library: Path, panel: Path) -> Products:
    return Products(open_library(library), read_panel(panel))


def _simulate(task: Task) -> list[Person]:
    """One condition's reads; its people are its own."""
    library, panel, row, seed, scale, work = task
    products = _products(library, panel)
    rng = random.Random(f"{seed} {row.name}")
    people = []
    for number in range(1, row.people(scale) + 1):
        genotypes = draw_genotypes(products, rng)
        people.append(
            Person(f"{row.name}-{number}", genotypes, plant(products, genotypes, row.settings.novel_share, rng))
        )
    settings = row.settings.__class__(**{**vars(row.settings), "novel_share": 0.0})
    write_run(products, people, work / "reads" / row.name, settings, rng.randrange(2**32))
    return people


def _type(options: argparse.Namespace, library: Path, work: Path, rows: Sequence[Condition]) -> None:
    """Type everything in one run of the program."""
    lines = ["sample\tr1\tr2"]
    for row in rows:
        for r1 in sorted((work / "reads" / row.name).glob("*_R1_001.fastq.gz")):
            r2 = r1.with_name(r1.name.replace("_R1_001", "_R2_001"))
            lines.append(f"{r1.name.rsplit('_S', 1)[0]}\t{r1}\t{r2}")
    sheet = work / "sheet.tsv"
    sheet.write_text("".join(f"{line}\n" for line in lines))
    command = ["java", "-Xmx1g", "-jar", options.jar, "type", "--library", library, "--panel", options.panel]
    command += ["--hla-class", "all", "--samples", sheet, "--out", work / "typed", "--threads", "2"]
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)


def typing_of(work: Path, person: Person) -> dict[str, object]:
    """What the typer wrote of a person."""
    return dict(json.loads((work / "typed" / person.sample / "typing.json").read_text()))


class Row(Protocol):
    """A row of the table: what is swept, and where on it."""

    @property
    def axis(self) -> str: ...

    @property
    def value(self) -> str: ...


def report(rows: Sequence[Row], verdicts: Sequence[Sequence[Verdict]]) -> int:
    """Print the table, then every wrong call without a flag."""
    click.echo("| " + " | ".join(HEADER) + " |")
    click.echo("|" + "---|" * len(HEADER))
    for row, own in zip(rows, verdicts, strict=True):
        click.echo(table_row(row.axis, row.value, counts(own)))
    every = [verdict for own in verdicts for verdict in own]
    total = counts(every)
    click.echo(table_row("all", "", total))
    bad = [verdict for verdict in every if verdict.is_wrong_without_a_flag]
    for verdict in bad:
        click.echo(f"wrong without a flag: {verdict.story}")
    return 1 if bad else 0


def table_row(axis: str, value: str, total: Counter[str]) -> str:
    """One condition's figures; shares are of its loci, accuracies of its calls."""
    calls = max(1, total["loci"] - total["no_call"])
    cells = [axis, value, str(total["loci"])]
    cells += [f"{100 * total[key] / calls:.1f}%" for key in ("right", "right_in_g")]
    cells += [f"{100 * total[key] / max(1, total['loci']):.1f}%" for key in ("no_call", "flagged")]
    cells += [str(total["wrong"]), str(total["wrong_without_a_flag"])]
    cells.append(f"{total['found']} of {total['planted']}, {total['invented']} invented")
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    sys.exit(main())
