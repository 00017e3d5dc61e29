"""``gems reference check``: every allele of a library, as perfect reads of a panel, is typed as itself."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import click

from gems_artefacts.java import find_java
from gems_artefacts.publish import BUILT_JAR, check_jar
from gems_cli.exits import ExitCode
from gems_reference.panel import open_panel_path

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_LIBRARY = click.Path(exists=True, file_okay=False, path_type=Path)
_COUNT = click.IntRange(min=1)

# Holds a library of 33,000 alleles and the work of a few threads.
MEMORY_MB = 1024


@click.command()
@click.argument("library", type=_LIBRARY)
@click.option("--panel", type=_FILE, help="Amplicon panel (TSV). [default: the open panel]")
@click.option(
    "--locus", "loci", multiple=True, help="Check this gene only; may be repeated. [default: all of the panel]"
)
@click.option("--sample", type=_COUNT, help="Check so many alleles of each gene. [default: all]")
@click.option("--seed", type=int, default=1, show_default=True, help="Draws the alleles of --sample.")
@click.option("--read-length", type=_COUNT, default=250, show_default=True, help="Bases of a read.")
@click.option("--threads", type=_COUNT, help="Alleles typed at once. [default: one a processor]")
@click.option("--typer-jar", type=_FILE, help="The typer. [default: hla-typer/target/hla-typer.jar of the sources]")
def check(
    *,
    library: Path,
    panel: Path | None,
    loci: tuple[str, ...],
    sample: int | None,
    seed: int,
    read_length: int,
    threads: int | None,
    typer_jar: Path | None,
) -> None:
    """Type every allele of LIBRARY from perfect reads of a panel.

    Each must come out as itself, or among names with the same bases between the primers. Ends with 1 where any does not.
    """
    jar = typer_jar or BUILT_JAR
    check_jar(jar)
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
