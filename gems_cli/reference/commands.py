"""``gems reference``: build a library, prove it, and say what one is."""

from __future__ import annotations

import json
import logging
import shlex
from collections.abc import Iterator
from pathlib import Path

import click

from gems_artefacts.cached_library import download_cache
from gems_cli.reference.check_command import check
from gems_cli.reference.panel_commands import check_panel, design_panel
from gems_reference import ipd
from gems_reference.build import build_library
from gems_reference.library import Library, open_library
from gems_reference.sources import material_of_hlann, material_of_ipd, material_of_path
from gems_reference.unnamed import FirstReachable, account, newest

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_DIRECTORY = click.Path(file_okay=False, path_type=Path)
_SOURCES_HELP = """\b
Sources:
  (none)          ipd; where its site cannot be reached within about half a
                  minute, hlann
  --source ipd    IPD's own site: every gene and pseudogene, G and P groups
  --source hlann  NMDP's package on PyPI: release 3.51.0 of A, B, C, DRB1,
                  DQA1, DQB1 and DPB1. No G or P groups, no DRB3/4/5 and DPA1,
                  no pseudogenes: not for reads without a panel
  --source PATH   a copy of a release on this machine

\b
Examples:
  gems reference build -o library
  gems reference build --source ipd --release 3.51.0 -o library-3.51.0
  gems reference build --source ../IMGTHLA --ciwd ciwd.csv -o library-3.33.0
"""


@click.group()
def reference() -> None:
    """Build and inspect the reference library (IPD-IMGT/HLA)."""


reference.add_command(design_panel)
reference.add_command(check_panel)
reference.add_command(check)


@reference.command(epilog=_SOURCES_HELP)
@click.option("--source", help="ipd, hlann, or the path of a copy of a release.  [default: ipd, else hlann]")
@click.option("--release", help="e.g. 3.51.0; hlann and PATH must have this one.  [default: the newest]")
@click.option("--ciwd", type=_FILE, help="CIWD table (columns ALLELE and TOTAL).")
@click.option("--wheel", type=_FILE, help="for hlann: its wheel, instead of a download.")
@click.option("--ipd-url", default=ipd.DEFAULT_URL, show_default=True, help="for ipd: base address of a release.")
@click.option("--cache", type=_DIRECTORY, help="where downloads are kept.  [default: the user's cache folder]")
@click.option("--force", is_flag=True, help="replace another library in DIR.")
@click.option("-o", "--output", "directory", required=True, type=_DIRECTORY, help="the library's folder.")
def build(
    *,
    source: str | None,
    release: str | None,
    ciwd: Path | None,
    wheel: Path | None,
    ipd_url: str,
    cache: Path | None,
    directory: Path,
    force: bool,
) -> None:
    """Build a library from a release of IPD-IMGT/HLA.

    Without --source it is made from IPD's newest release, or from --release. Where IPD's site cannot be reached it is made from the
    package hlann. Standard error says which was taken, what the library lacks, and how to build a better one.

    Standard output is the library's SHA-256, which every report names.
    """
    # It notes every try again by the name of the event alone; what it comes to is told.
    logging.getLogger("stamina").setLevel(logging.ERROR)
    kept, site = cache or download_cache(), ipd.Site(ipd_url)
    if source is None:
        material = FirstReachable(site, wheel, kept, _echo_progress, _tell).material(release, ciwd)
    elif source == "ipd":
        material = material_of_ipd(release or newest(site, _tell), ciwd, kept, site, _echo_progress)
    elif source == "hlann":
        material = material_of_hlann(release, ciwd, kept, wheel)
    else:
        material = material_of_path(Path(source), release, ciwd)
    summary = build_library(material, directory, force=force)
    alleles = sum(locus["alleles"] for locus in summary["loci"].values())
    _tell(f"{directory}: release {material.release}, {len(material.tables)} loci, {alleles} alleles")
    unchecked = [file.file for file in material.built_from if file.checked == "not listed"]
    if unchecked:
        _tell(f"not listed in md5checksum.txt, so not checked: {', '.join(unchecked)}")
    click.echo(summary["sha256"])
    if source is None:
        for line in account(material):
            _tell(line)
        if material.source != "ipd":
            _tell(
                "where IPD's site can be reached, this builds a better library; so does a copy of a release (--source PATH):"
            )
            _tell(f"  {_better_build(release, ciwd, ipd_url, cache, directory)}")


def _better_build(release: str | None, ciwd: Path | None, ipd_url: str, cache: Path | None, directory: Path) -> str:
    """The command that builds the library from IPD's site in place of the one just built."""

    def words() -> Iterator[str]:
        yield from ("gems", "reference", "build", "--source", "ipd")
        for option, value in (("--release", release), ("--ciwd", ciwd), ("--cache", cache)):
            if value is not None:
                yield from (option, str(value))
        if ipd_url != ipd.DEFAULT_URL:
            yield from ("--ipd-url", ipd_url)
        yield from ("--force", "-o", str(directory))

    return shlex.join(words())


def _tell(line: str) -> None:
    click.echo(line, err=True)


def _echo_progress(name: str, have: int, expected: int) -> None:
    """One line a finished file: chunks would flood a log."""
    if have >= expected:
        _tell(f"{name}: {have} bytes")


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
