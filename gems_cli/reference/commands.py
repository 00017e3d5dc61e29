"""``gems reference``: build a library, prove it, and say what one is."""

from __future__ import annotations

import json
from pathlib import Path

import click

from gems_cli.reference import ipd
from gems_cli.reference.build import build_library
from gems_cli.reference.cached import download_cache
from gems_cli.reference.check_command import check
from gems_cli.reference.library import Library, open_library
from gems_cli.reference.panel_commands import check_panel, design_panel
from gems_cli.reference.sources import material_of_hlann, material_of_ipd, material_of_path

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_DIRECTORY = click.Path(file_okay=False, path_type=Path)


@click.group()
def reference() -> None:
    """Build and inspect the reference library (IPD-IMGT/HLA)."""


reference.add_command(design_panel)
reference.add_command(check_panel)
reference.add_command(check)


@reference.command()
@click.option("--source", required=True, help="ipd, hlann, or the path of a copy of a release.")
@click.option("--release", help="e.g. 3.51.0; needed with ipd, checked otherwise.")
@click.option("--ciwd", type=_FILE, help="CIWD table (columns ALLELE and TOTAL).")
@click.option("--wheel", type=_FILE, help="with hlann: the wheel, instead of a download.")
@click.option("--ipd-url", default=ipd.DEFAULT_URL, show_default=True, help="with ipd: base address of a release.")
@click.option("--cache", type=_DIRECTORY, help="where downloads are kept.  [default: the user's cache folder]")
@click.option("--force", is_flag=True, help="replace another library in DIR.")
@click.option("-o", "--output", "directory", required=True, type=_DIRECTORY, help="the library's folder.")
def build(
    *,
    source: str,
    release: str | None,
    ciwd: Path | None,
    wheel: Path | None,
    ipd_url: str,
    cache: Path | None,
    directory: Path,
    force: bool,
) -> None:
    """Build a library from a release of IPD-IMGT/HLA."""
    cache = cache or download_cache()
    if source == "ipd":
        material = material_of_ipd(release, ciwd, cache, ipd.Site(ipd_url), _echo_progress)
    elif source == "hlann":
        material = material_of_hlann(release, ciwd, cache, wheel)
    else:
        material = material_of_path(Path(source), release, ciwd)
    summary = build_library(material, directory, force=force)
    alleles = sum(locus["alleles"] for locus in summary["loci"].values())
    click.echo(f"{directory}: release {material.release}, {len(material.tables)} loci, {alleles} alleles", err=True)
    unchecked = [file.file for file in material.built_from if file.checked == "not listed"]
    if unchecked:
        click.echo(f"not listed in md5checksum.txt, so not checked: {', '.join(unchecked)}", err=True)
    click.echo(summary["sha256"])


def _echo_progress(name: str, have: int, expected: int) -> None:
    """One line a finished file: chunks would flood a log."""
    if have >= expected:
        click.echo(f"{name}: {have} bytes", err=True)


@reference.command()
@click.argument("directory", type=_DIRECTORY)
@click.option("--json", "as_json", is_flag=True, help="library.json itself.")
def info(directory: Path, *, as_json: bool) -> None:
    """Say what a library is, after checking every file of it."""
    library = open_library(directory)
    for name in library.loci:
        library.locus(name)
    click.echo(json.dumps(library.summary, indent=1) if as_json else _describe(library))


def _describe(library: Library) -> str:
    about = library.summary
    lines = [f"release {library.release} from {about['source']}, sha256 {about['sha256']}"]
    lines += [f"  built from {one['file']}, MD5 {one['md5']} ({one['checked']})" for one in about["built_from"]]
    groups = [name for name, key in (("G groups", "has_g_groups"), ("P groups", "has_p_groups")) if about[key]]
    groups += [f"CIWD {about['ciwd_version']}"] if about["ciwd_version"] else []
    lines.append(f"  with {', '.join(groups) or 'no groups'}")
    for name, locus in about["loci"].items():
        lines.append(f"  {name}: {locus['alleles']} alleles, {locus['genomic_alleles']} of them genomic")
    return "\n".join(lines)
