"""``gems reference design-panel`` and ``check-panel``: for those who make or change a panel."""

from __future__ import annotations

from pathlib import Path

import click

from gems_reference.library import open_library
from gems_reference.panel import open_panel_path, panel_text, read_panel
from gems_reference.panel_design import conservation
from gems_reference.panel_design import design_panel as design

_LIBRARY = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command("design-panel", hidden=True)
@click.argument("libraries", nargs=-1, required=True, type=_LIBRARY)
@click.option("--version", "version", required=True, help="the panel's primer_mask_version.")
def design_panel(libraries: tuple[Path, ...], version: str) -> None:
    """Design the open panel from LIBRARIES (the first gives the coordinates) and print it."""
    opened = [open_library(directory) for directory in libraries]
    releases = ", ".join(library.release for library in opened)
    comments = (
        "The project's own open panel: amplicons of at most 480 bp around exons, primers where alleles differ least.",
        f"Designed on conservation alone (releases {releases}); not validated in a laboratory.",
    )
    click.echo(panel_text(design(opened, version), comments), nl=False)


@click.command("check-panel", hidden=True)
@click.argument("library", type=_LIBRARY)
@click.option("--panel", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="[default: the open panel]")
def check_panel(library: Path, panel: Path | None) -> None:
    """Print how well a panel's primers fit a library."""
    click.echo("locus\tamplicon\tforward_share\treverse_share\tknown_alleles\tshortest_bp\tlongest_bp")
    for fit in conservation(open_library(library), read_panel(panel or open_panel_path())):
        shares = f"{fit.forward_share:.3f}\t{fit.reverse_share:.3f}"
        sizes = f"{fit.known_alleles}\t{fit.shortest_bp}\t{fit.longest_bp}"
        click.echo(f"{fit.row.locus}\t{fit.row.amplicon}\t{shares}\t{sizes}")
