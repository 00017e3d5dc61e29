"""``gems report``: make reports of results that are there, turn one format into another, and compare typings."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import click

from gems_artefacts.files import write_atomically
from gems_cli.exits import ExitCode
from gems_cli.report.differences import differences_view
from gems_cli.report.folders import REPORT_JSON, load_report, load_review
from gems_cli.report.groups import with_groups
from gems_cli.report.lis import write_lis
from gems_cli.terminal import open_console
from gems_core.errors import UsageProblem
from gems_core.layout import REPORT_FORMATS
from gems_report.compare import ALL_FIELDS, are_same, compare_typings
from gems_report.formats import FORMATS, files_of
from gems_report.formats.hml_report import NO_SEQUENCES
from gems_report.model import Choices
from gems_report.naming import Level
from gems_report.typings import Typings, typings_of

_EXISTING = click.Path(exists=True, path_type=Path)
_DIFF_HELP = """\b
Exit codes:
  0  both say the same
  1  they differ
"""
Command = Callable[..., Any]
REVIEW = click.option(
    "--review",
    "review_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What people said of the results: the file of `gems review show KEY --json`.",
)


@click.group()
def report() -> None:
    """Make reports of results, turn one format into another, compare typings."""


def _choices(command: Command) -> Command:
    """The options that say how a laboratory reports."""
    levels = [level.value for level in Level]
    for option in (
        REVIEW,
        click.option(
            "--library",
            type=click.Path(exists=True, file_okay=False, path_type=Path),
            help="The library, for levels g and p: it tells the group of every allele.",
        ),
        click.option("--test-id", default="", help="Your test's number in NCBI's registry (GTR000000000.0), for HML."),
        click.option("--project", default="", help="What the run is called.  [default: the folder's name]"),
        click.option("--center", default="GeMS", show_default=True, help="Who reports, for HML."),
        click.option(
            "--level",
            type=click.Choice(levels),
            default=Level.TWO_FIELDS.value,
            show_default=True,
            help="How precise reporting names are.",
        ),
    ):
        command = option(command)
    return command


@report.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), help="A folder.  [default: FOLDER]")
@click.option("--date", type=click.DateTime(["%Y-%m-%d"]), help="Date of typing, if no report states it.")
@_choices
def build(
    folder: Path,
    output: Path | None,
    date: datetime | None,
    library: Path | None,
    review_file: Path | None,
    **options: str,
) -> None:
    """Write every format of the report of the results in FOLDER.

    FOLDER is the output of `gems run`, a job's results, or what the typer wrote.
    """
    if review_file and (output is None or output.resolve() == folder.resolve()):
        raise UsageProblem("--review: expected another folder for the output, found none. Name one with -o.")
    review = load_review(review_file)
    moment = date.replace(tzinfo=UTC) if date else None
    made = with_groups(load_report(folder, _chosen(options), moment, review), library)
    target = output or folder
    written = set()
    for file in files_of(made):
        _write(target / f"report.{file.extension}", file.data)
        written.add(file.extension)
    for extension in sorted(set(REPORT_FORMATS) - written):
        click.echo(f"report.{extension} could not be made", err=True)
    click.echo(str(target / "report.html"))


@report.command()
@click.argument("source", type=_EXISTING)
@click.option("-f", "--format", "extension", type=click.Choice(REPORT_FORMATS), required=True, help="The new format.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; else standard output.")
@_choices
def convert(
    source: Path, extension: str, output: Path | None, library: Path | None, review_file: Path | None, **options: str
) -> None:
    """Make another format of SOURCE, a report.json or a folder of results.

    Sequences for HML are taken from the folder samples beside report.json, where it is there.
    """
    made = with_groups(load_report(source, _chosen(options), review=load_review(review_file)), library)
    data = FORMATS[extension].render(made)
    if extension == "hml" and not any(call.exons for sample in made.samples for call in sample.loci):
        click.echo(f"no typing.json is beside the report: {NO_SEQUENCES}", err=True)
    if output is None:
        sys.stdout.buffer.write(data)
    else:
        _write(output, data)


@report.command()
@click.argument("source", type=_EXISTING)
@REVIEW
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; else standard output.")
@click.option("--center", default="GeMS", show_default=True, help="Who reports.")
@click.pass_context
def lis(context: click.Context, source: Path, review_file: Path | None, output: Path | None, center: str) -> None:
    """Write the approved results of SOURCE for a laboratory information system, as FHIR (R4B).

    SOURCE is a job's report.json, or a folder with one. Without --review, report.json must have its review in it. Exit code 1: a
    sample still waits for its approval; standard error names it.
    """
    made = load_report(source, Choices(center=center), review=load_review(review_file))
    if made.review is None:
        raise UsageProblem("expected a review, found none. Name the file of `gems review show KEY --json` by --review.")
    context.exit(write_lis(made, output))


@report.command(epilog=_DIFF_HELP)
@click.argument("first", type=_EXISTING)
@click.argument("second", type=_EXISTING)
@click.option(
    "--fields", type=click.IntRange(1, ALL_FIELDS), default=ALL_FIELDS, help="Compare names up to this many fields."
)
@click.option("--all", "shows_all", is_flag=True, help="List what is the same, too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def diff(context: click.Context, first: Path, second: Path, *, fields: int, shows_all: bool, as_json: bool) -> None:
    """Compare two typings: report.json, a folder with one, or another laboratory's CSV or HML."""
    found = compare_typings(_typings(first), _typings(second), fields=fields)
    if as_json:
        click.echo(json.dumps([{**vars(one), "relation": one.relation.value} for one in found], indent=1))
    else:
        open_console().print(differences_view(found, shows_all=shows_all))
    context.exit(ExitCode.DONE if are_same(found) else ExitCode.FAILED)


@report.command()
def schema() -> None:
    """Print the JSON Schema of report.json."""
    click.echo(files("gems_report").joinpath("data/report.schema.json").read_text(), nl=False)


def _write(path: Path, data: bytes) -> None:
    write_atomically(path, lambda stream: stream.write(data))


def _typings(path: Path) -> Typings:
    file = path / REPORT_JSON if path.is_dir() else path
    if not file.is_file():
        raise UsageProblem(f"{path}: expected a folder with {REPORT_JSON}, found none. `gems report build` makes one.")
    return typings_of(str(file), file.read_bytes())


def _chosen(options: dict[str, str]) -> Choices:
    return Choices(Level(options["level"]), options["center"], options["project"], options["test_id"])
