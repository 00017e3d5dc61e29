"""``gems run``: type a folder of reads on this machine."""

from __future__ import annotations

import signal
from pathlib import Path

import click

from gems_artefacts.inputs import find_tools, tools_told
from gems_cli.exits import EXIT_CODES_HELP, JobFailed
from gems_cli.local import ENGINE_HELP
from gems_cli.run.reads import plan_uploads, unread_told
from gems_cli.run.session import RunPlan, type_folder
from gems_cli.terminal import open_console
from gems_core.engines import ENGINES
from gems_core.hla import parse_hla_class

_PATH = click.Path(path_type=Path)


@click.command(epilog=EXIT_CODES_HELP)
@click.argument("fastq_dir", type=_PATH)
@click.option(
    "-o", "--output", type=_PATH, required=True, help="Folder for the results; new, empty or an earlier run's."
)
@click.option("--library", type=_PATH, help="Reference library. [default: $GEMS_LIBRARY, else 3.51.0 in the cache]")
@click.option("--panel", type=_PATH, help="Amplicon panel (TSV), or none. [default: the open panel]")
@click.option("--hla-class", default="all", show_default=True, help="1 (A, B, C), 2 (DR, DQ, DP) or all.")
@click.option("--workers", type=click.IntRange(min=1), help="Instances. [default: one for every four processors]")
@click.option("--samples", default="*", show_default=True, help="Only samples whose name matches this glob.")
@click.option(
    "--email", default="", help="Recipient of the report's mail; the local cloud records it and sends nothing."
)
@click.option("--typer-jar", type=_PATH, help="The typer. [default: the one of this installation]")
@click.option("--engine", type=click.Choice(ENGINES), default=ENGINES[0], show_default=True, help=ENGINE_HELP)
@click.option("--keep-cloud", is_flag=True, help="Keep the local cloud up after the job, until Ctrl-C.")
def run(
    *,
    fastq_dir: Path,
    output: Path,
    library: Path | None,
    panel: Path | None,
    hla_class: str,
    workers: int | None,
    samples: str,
    email: str,
    typer_jar: Path | None,
    engine: str,
    keep_cloud: bool,
) -> None:
    """Type the reads in FASTQ_DIR on this machine, with nothing but this package.

    A local cloud is started, the reads go into its S3, and a job types them, exactly as in AWS.
    """
    # A polite kill ends like Ctrl-C: the job is cancelled and the cloud stopped.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    console = open_console()
    tools = find_tools(library, panel, typer_jar, console.print)
    console.print(tools_told(tools), highlight=False, soft_wrap=True)
    plan = RunPlan(
        folder=fastq_dir,
        hla_class=parse_hla_class(hla_class),
        reads=plan_uploads(fastq_dir, samples, takes_single=tools.has_no_panel),
        tools=tools,
        output=output,
        email=email,
        workers=workers,
        engine=engine,
        keep_cloud=keep_cloud,
    )
    if not type_folder(plan, console):
        raise JobFailed(f"not every sample was typed; {output} tells which and why")
    if unread := plan.reads.unread:
        raise JobFailed(unread_told(unread))
