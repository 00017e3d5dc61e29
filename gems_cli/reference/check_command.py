"""``gems reference check``: every allele of a library, as perfect reads of a panel, is typed as itself."""

from __future__ import annotations

import os
import random
import subprocess
from collections import Counter
from pathlib import Path

import click

from gems_artefacts.checks import BUILT_JAR, check_jar
from gems_artefacts.java import find_java
from gems_cli.exits import ExitCode
from gems_cli.reference.nulls import Found, check_nulls, unusual_alleles
from gems_cli.terminal import open_console
from gems_core.errors import UsageProblem
from gems_reference.library import open_library
from gems_reference.panel import no_panel_path, open_panel_path
from gems_simulator.fragments import CompletedGenes
from worker.typer import Typer

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_LIBRARY = click.Path(exists=True, file_okay=False, path_type=Path)
_COUNT = click.IntRange(min=1)

# Holds a library of 33,000 alleles and the work of a few threads.
MEMORY_MB = 1024
SECONDS_PER_ALLELE = 120


@click.command()
@click.argument("library", type=_LIBRARY)
@click.option("--panel", type=_FILE, help="Amplicon panel (TSV). [default: the open panel]")
@click.option(
    "--locus", "loci", multiple=True, help="Check this gene only; may be repeated. [default: all of the panel]"
)
@click.option("--sample", type=_COUNT, help="Check this many alleles of each gene. [default: all]")
@click.option("--seed", type=int, default=1, show_default=True, help="Draws the alleles of --sample.")
@click.option("--read-length", type=_COUNT, default=250, show_default=True, help="Bases of a read.")
@click.option(
    "--all-nulls",
    is_flag=True,
    help="In place of this: type the alleles with a suffix (N, L, ...) or an exon's insertion or deletion, without a panel.",
)
@click.option("--threads", type=_COUNT, help="Alleles typed at once. [default: one a processor]")
@click.option("--typer-jar", type=_FILE, help="The typer. [default: the one of this installation]")
def check(
    *,
    library: Path,
    panel: Path | None,
    loci: tuple[str, ...],
    sample: int | None,
    seed: int,
    read_length: int,
    all_nulls: bool,
    threads: int | None,
    typer_jar: Path | None,
) -> None:
    """Type every allele of LIBRARY from perfect reads of a panel.

    Each must be called as itself, or be listed with names that have the same bases between the primers. Exit code 1: some are not.

    With --all-nulls whole genes are simulated, fragmented and read at depth 60, each such allele beside one that is common. It must
    be called, listed, or its call flagged: else the allele is missed in silence. Takes some minutes.
    """
    jar = typer_jar or BUILT_JAR
    check_jar(jar)
    if all_nulls:
        _check_nulls(library, jar, loci, sample, seed, threads or os.cpu_count() or 1)
        return
    command = [
        *(find_java(), f"-Xmx{MEMORY_MB}m", "-jar", str(jar), "check"),
        *("--library", str(library)),
        *("--panel", str(panel or open_panel_path())),
        *("--sample", str(sample or 0), "--seed", str(seed)),
        *("--read-length", str(read_length)),
        *("--threads", str(threads or os.cpu_count() or 1)),
        *(("--locus", ",".join(loci)) if loci else ()),
    ]
    code = subprocess.run(command, check=False).returncode
    if code != 0:
        raise click.exceptions.Exit(code if code in (ExitCode.USAGE, ExitCode.BAD_INPUT) else ExitCode.FAILED)


def _check_nulls(  # noqa: PLR0917 - one for each option
    library: Path, jar: Path, loci: tuple[str, ...], sample: int | None, seed: int, threads: int
) -> None:
    console = open_console()
    products = CompletedGenes(open_library(library))
    genes = [gene for gene in products.genes if not loci or gene in loci]
    alleles = [name for gene in genes for name in _some(unusual_alleles(products, [gene]), sample, seed)]
    if not alleles:
        raise UsageProblem(f"--locus: expected genes of {', '.join(products.genes)}, found {', '.join(loci)}.")
    typer = Typer(find_java(), jar, library.absolute(), no_panel_path(), "all", threads, MEMORY_MB, SECONDS_PER_ALLELE)
    with console.status(f"typing {len(alleles)} alleles") as status:
        found = list(
            check_nulls(products, alleles, typer, seed, lambda done: status.update(f"{done} of {len(alleles)} typed"))
        )
    counts = Counter(one.found for one in found)
    for outcome in Found:
        console.print(f"{counts[outcome]:5} of {len(found)} {outcome.value}", highlight=False)
    for one in found:
        if one.found in (Found.MISSED, Found.FLAGGED, Found.NOT_COPIED):
            beside = f" beside {one.beside}" if one.beside else ""
            console.print(
                f"{one.allele}{beside}: {', '.join(one.called) or 'no call'} ({one.found.value})", highlight=False
            )
    if counts[Found.MISSED]:
        raise click.exceptions.Exit(ExitCode.FAILED)


def _some(alleles: list[str], most: int | None, seed: int) -> list[str]:
    """All of them, or so many that are drawn."""
    if most is None or most >= len(alleles):
        return alleles
    return random.Random(seed).sample(alleles, most)  # noqa: S311 - a draw that repeats
