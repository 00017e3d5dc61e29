"""``gems example``: make the bundled example."""

from __future__ import annotations

from pathlib import Path

import click

from gems_artefacts.cached_library import cached_library
from gems_simulator.example import SEED, build_example


@click.group()
def example() -> None:
    """The bundled example: reads of three people whose types are known."""


@example.command()
@click.option(
    "-o", "--output", required=True, type=click.Path(file_okay=False, path_type=Path), help="the reads' folder."
)
@click.option(
    "--library",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="a reference library.  [default: release 3.51.0 from hlann, built into the cache]",
)
@click.option("--panel", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="[default: the open panel]")
@click.option("--seed", default=SEED, show_default=True, help="another seed makes other people.")
def build(output: Path, library: Path | None, panel: Path | None, seed: int) -> None:
    """Make the example's FASTQ files and truth.tsv."""
    for sample, (read_1, read_2) in build_example(library or cached_library(_tell), panel, output, seed).items():
        click.echo(f"{sample}\t{read_1}\t{read_2}")


def _tell(line: str) -> None:
    click.echo(line, err=True)
