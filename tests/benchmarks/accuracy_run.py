"""Run accuracy tables: make their samples, type them, judge the calls, print."""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import click
from accuracy_conditions import Condition
from accuracy_grounds import Ground
from accuracy_make import Task, make_row
from accuracy_samples import Block, LeftOut, Row, Sample
from accuracy_score import Judge, Judged
from accuracy_table import print_table

from gems_reference.library import open_library

JAR = Path(__file__).parents[2] / "hla-typer" / "target" / "hla-typer.jar"
CORES = 2
SOME_REFUSED = 3
"""The typer's exit code where a sample is refused and the others are typed (docs/contracts.md, section 3)."""


@dataclass(frozen=True)
class Seeds:
    """Of chance.

    Attributes:
        reporting: of the tables as they are reported.
        tuning: the one that thresholds are tuned on.
    """

    reporting: int
    tuning: int


@dataclass(frozen=True)
class Setting:
    """What all tables of a run have in common.

    Attributes:
        options: of the command line.
        seed: of chance.
        work: a folder for what is made.
    """

    options: argparse.Namespace
    seed: int
    work: Path


class Table(Protocol):
    """A table that can be asked for by its name or by a part of a row's name."""

    @property
    def name(self) -> str: ...

    def selected(self, only: str) -> Table | None:
        """The table, or its rows of that name; None where it has none."""

    def blocks(self, setting: Setting) -> Iterator[Block]:
        """What is to be typed.

        Raises:
            LeftOut: something that it needs is not there.
        """


@dataclass(frozen=True)
class Simulated:
    """A table of simulated people.

    Attributes:
        name: for the command line.
        title: above it.
        ground: where library and panel are from.
        conditions: its rows.
    """

    name: str
    title: str
    ground: Callable[[argparse.Namespace], Ground]
    conditions: tuple[Condition, ...]

    def selected(self, only: str) -> Simulated | None:
        """All rows by the table's name, else those whose own name contains the word."""
        if only in self.name:
            return self
        rows = tuple(condition for condition in self.conditions if only in condition.name)
        return replace(self, conditions=rows) if rows else None

    def blocks(self, setting: Setting) -> Iterator[Block]:
        """The one block, made on both cores."""
        ground = self.ground(setting.options)
        tasks = [
            Task(condition, ground.library, ground.panel, setting.seed, setting.options.scale, setting.work)
            for condition in self.conditions
        ]
        with ProcessPoolExecutor(CORES) as pool:
            rows = tuple(pool.map(make_row, tasks))
        library = open_library(ground.library)
        yield Block(f"{self.name}: {self.title}; release {library.release}", rows, library)


def main(tables: Sequence[Table], about: str | None, seeds: Seeds) -> int:
    """The program of a benchmark of accuracy; 1 where a wrong call has no flag.

    Args:
        tables: all that it has.
        about: its help text.
        seeds: of chance.
    """
    options = _parse_options(about)
    return _run(tables, options, seeds.tuning if options.tuning else seeds.reporting)


def _parse_options(about: str | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--library", type=Path, help="for all tables, in the place of each one's own")
    parser.add_argument("--panel", type=Path, help="for all amplicons, in the place of each table's own")
    parser.add_argument("--jar", type=Path, default=JAR)
    parser.add_argument("--scale", type=float, default=1.0, help="samples per row, against the quick sweep's")
    parser.add_argument("--tuning", action="store_true", help="the seed that thresholds are tuned on")
    parser.add_argument("--only", default="", help="the table of this name, or rows whose name contains this")
    parser.add_argument("--keep", type=Path, help="keep reads and results here")
    return parser.parse_args()


def _run(tables: Sequence[Table], options: argparse.Namespace, seed: int) -> int:
    chosen = [found for table in tables if (found := table.selected(options.only))]
    if not chosen:
        raise SystemExit(
            f"no table or row is named {options.only}; tables: {', '.join(table.name for table in tables)}"
        )
    silent = 0
    for table in chosen:
        with tempfile.TemporaryDirectory() as temporary:
            setting = Setting(options, seed, _new_folder((options.keep or Path(temporary)) / table.name))
            try:
                for block in table.blocks(setting):
                    silent += _print(block, setting)
            except LeftOut as reason:
                click.echo(f"\n## {table.name}: left out: {reason}")
    return 1 if silent else 0


def _new_folder(folder: Path) -> Path:
    if folder.exists():
        raise SystemExit(f"{folder} is there already; keep this run's files in another folder")
    folder.mkdir(parents=True)
    return folder


def _print(block: Block, setting: Setting) -> int:
    typings = type_samples(block.rows, setting.options.jar, setting.work / "typed")
    judge = Judge(block.names)
    judged: list[list[Judged]] = [
        [judge.judge(sample, typings[sample.name]) for sample in row.samples] for row in block.rows
    ]
    return print_table(block.title, block.rows, judged)


Typings = dict[str, dict[str, Any] | None]
"""What the typer wrote, by sample; None of a refused one."""


def type_samples(rows: Sequence[Row], jar: Path, out: Path) -> Typings:
    """Type everything, in one run of the program for each library and panel."""
    groups: dict[tuple[Path, Path | None], list[Sample]] = {}
    for sample in (sample for row in rows for sample in row.samples):
        groups.setdefault((sample.library, sample.panel), []).append(sample)
    typings: Typings = {}
    for (library, panel), samples in groups.items():
        folder = out / library.name
        _call_typer(jar, library, panel, samples, folder)
        typings |= {sample.name: _typing_of(folder, sample) for sample in samples}
    return typings


def _call_typer(jar: Path, library: Path, panel: Path | None, samples: Sequence[Sample], out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    sheet = out / "sheet.tsv"
    lines = ["sample\tr1\tr2", *(f"{sample.name}\t{sample.r1}\t{sample.r2 or ''}" for sample in samples)]
    sheet.write_text("".join(f"{line}\n" for line in lines))
    words: list[object] = ["java", "-Xmx1g", "-jar", jar, "type", "--library", library, "--panel", panel or "none"]
    words += ["--hla-class", "all", "--samples", sheet, "--out", out, "--threads", CORES]
    command = [str(word) for word in words]
    ran = subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
    if ran.returncode not in {0, SOME_REFUSED}:
        raise subprocess.CalledProcessError(ran.returncode, command)


def _typing_of(out: Path, sample: Sample) -> dict[str, Any] | None:
    folder = out / sample.name
    if (folder / "error.json").is_file():
        return None
    return dict(json.loads((folder / "typing.json").read_text()))
