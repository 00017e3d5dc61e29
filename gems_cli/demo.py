"""``gems demo``: type the bundled example and show the calls beside the truth."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gems_artefacts.inputs import Tools, find_tools
from gems_cli.concordance import Comparison, compare, read_truth
from gems_cli.exits import EXIT_CODES_HELP, JobFailed
from gems_cli.offline.inputs import of_folder
from gems_cli.offline.shown import type_shown
from gems_cli.run.output import LOGS, demand_ours
from gems_cli.run.reads import plan_uploads
from gems_cli.terminal import open_console
from gems_simulator.example import SEED, build_example
from gems_simulator.run import TRUTH_NAME

PICTURE_COLUMNS = 88
_PATH = click.Path(path_type=Path)


@click.command(epilog=EXIT_CODES_HELP)
@click.option("-o", "--output", type=_PATH, default=Path("out/demo"), show_default=True, help="Folder for all of it.")
@click.option("--library", type=_PATH, help="Reference library. [default: $GEMS_LIBRARY, else 3.51.0 in the cache]")
@click.option("--seed", type=int, default=SEED, show_default=True, help="Another seed, other people.")
@click.option("--cloud", is_flag=True, help="Type in the whole cloud, in small: local AWS, API, instances and workers.")
@click.option("--picture", type=_PATH, hidden=True, help="Also draw the comparison as an SVG, for the README.")
def demo(*, output: Path, library: Path | None, seed: int, cloud: bool, picture: Path | None) -> None:
    """Make the reads of three people, type them, and show the calls beside the truth."""
    console = open_console()
    tools = find_tools(library, None, None, console.print)
    reads, results = output / "reads", output / "results"
    demand_ours(results)
    with console.status("making the example's reads"):
        build_example(tools.library, tools.panel, reads, seed)
    typed = (type_in_cloud if cloud else type_alone)(reads, tools, results, console)
    report = results / "report.json"
    if not report.exists():
        raise JobFailed(f"the example was not typed, and there is no report; {results / LOGS} tells why")
    comparisons = compare(read_truth(reads / TRUTH_NAME), json.loads(report.read_bytes()))
    console.print(truth_table(comparisons), summary(comparisons), sep="\n")
    if picture:
        draw(comparisons, picture)
    if not typed:
        raise JobFailed("not every sample of the example was typed")


def type_in_cloud(reads: Path, tools: Tools, results: Path, console: Console) -> bool:
    """Type the example as a job; whether every sample was typed."""
    # What it stands on is not there where the client alone is installed.
    from gems_cli.run.session import RunPlan, type_folder  # noqa: PLC0415

    return type_folder(RunPlan(folder=reads, reads=plan_uploads(reads, "*"), tools=tools, output=results), console)


def type_alone(reads: Path, tools: Tools, results: Path, console: Console) -> bool:
    """Type the example without a cloud; whether every sample was typed."""
    ended = type_shown(lambda _: of_folder(reads, "*", takes_single=False), tools, results, console)
    return ended.typed == ended.samples


def draw(comparisons: Sequence[Comparison], picture: Path) -> None:
    """Draw the table as an SVG."""
    with Path(os.devnull).open("w") as nowhere:
        canvas = Console(record=True, width=PICTURE_COLUMNS, file=nowhere)
        canvas.print(truth_table(comparisons), summary(comparisons), sep="\n")
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.write_text(canvas.export_svg(title="gems demo"))


def truth_table(comparisons: Sequence[Comparison]) -> Table:
    """One line for each true allele: the call, how many names it holds, and whether they agree."""
    table = Table(
        "sample", "locus", "truth", "call", "names", "agreement", title="The calls beside the truth", pad_edge=False
    )
    sample = ""
    for one in comparisons:
        if sample not in ("", one.sample):
            table.add_section()
        style = "" if one.same else ("yellow" if one.fields else "bold red")
        table.add_row(
            "" if one.sample == sample else one.sample,
            one.locus,
            one.truth,
            one.called or "-",
            str(one.ambiguities or "-"),
            Text(one.verdict, style=style),
        )
        sample = one.sample
    return table


def summary(comparisons: Sequence[Comparison]) -> str:
    """How many of the true alleles were found."""
    same = sum(one.same for one in comparisons)
    fields = sum(bool(one.fields) for one in comparisons)
    total = len(comparisons)
    return f"{same} of {total} alleles are among the call's names; {fields} of {total} agree to two fields or more."
