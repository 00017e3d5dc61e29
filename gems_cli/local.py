"""``gems local up``: keep the local cloud up, for development and for the web pages."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from gems_artefacts.cache import cache_folder
from gems_artefacts.inputs import find_tools
from gems_artefacts.publish import collect_artefacts
from gems_core.engines import ENGINES
from gems_core.errors import UsageProblem
from gems_deploy.lambda_package.build import built_zip
from gems_local.cloud_logs import copy_logs
from gems_local.machine import usable_processors
from gems_local.stack import STAGE, CloudPlan, LocalCloud

KEPT_LOGS = 5
ENGINE_HELP = "Who launches the workers: the API itself (ec2), or AWS Batch."
_PATH = click.Path(path_type=Path)


@click.group()
def local() -> None:
    """The local cloud: AWS, the API and a fleet of instances on this machine."""


@local.command()
@click.option("--library", type=_PATH, help="Reference library. [default: $GEMS_LIBRARY, else 3.51.0 in the cache]")
@click.option("--panel", type=_PATH, help="Amplicon panel (TSV), or none. [default: the open panel]")
@click.option("--typer-jar", type=_PATH, help="The typer. [default: the one of this installation]")
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="The most instances a launch gets, or tasks that run at once. [default: one a processor]",
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Of the API. [default: any free one]")
@click.option(
    "--lambda", "as_lambda", is_flag=True, help="Run the API as it is deployed: the zip, on a stand-in for Lambda."
)
@click.option(
    "--basespace",
    type=_PATH,
    help="A folder of reads; a stand-in for BaseSpace has them, and a page to launch the app.",
)
@click.option("--engine", type=click.Choice(ENGINES), default=ENGINES[0], show_default=True, help=ENGINE_HELP)
def up(
    *,
    library: Path | None,
    panel: Path | None,
    typer_jar: Path | None,
    workers: int | None,
    port: int,
    as_lambda: bool,
    basespace: Path | None,
    engine: str,
) -> None:
    """Start the local cloud and keep it up until Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    check_port(port)
    check_reads(basespace)
    tools = find_tools(library, panel, typer_jar, click.echo)
    artefacts = collect_artefacts(tools.jar, tools.library, tools.panel, cache_folder() / "artefacts")
    # A program that the cloud had to kill may write there a moment longer; that is no failure of the cloud.
    with tempfile.TemporaryDirectory(prefix="gems-local-", ignore_cleanup_errors=True) as folder:
        package = built_zip(STAGE, cache_folder() / "lambda") if as_lambda else None
        plan = CloudPlan(
            Path(folder),
            artefacts,
            workers or usable_processors(),
            api_port=port,
            lambda_zip=package,
            basespace=basespace,
            engine=engine,
        )
        kept = logs_folder()
        try:
            with LocalCloud(plan) as cloud:
                token_file = write_token(Path(folder), cloud.user_token)
                click.echo(describe(cloud, token_file, kept))
                while True:
                    cloud.check()
                    time.sleep(1)
        finally:
            copy_logs(Path(folder), kept)
            click.echo(f"logs are kept in {kept}", err=True)


def logs_folder() -> Path:
    """A new folder for the logs of one local cloud, which outlive it; those of the last few are kept."""
    shelf = cache_folder() / "local-logs"
    shelf.mkdir(parents=True, exist_ok=True)
    for old in sorted(shelf.iterdir())[: 1 - KEPT_LOGS]:
        shutil.rmtree(old, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{datetime.now(UTC):%Y%m%d-%H%M%S}-", dir=shelf))


def check_port(port: int) -> None:
    """See that the API will be able to listen.

    Raises:
        UsageProblem: the port is somebody else's.
    """
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        raise UsageProblem(
            f"port {port} cannot be used ({os.strerror(error.errno or 0)}); choose another with --port."
        ) from None


def check_reads(folder: Path | None) -> None:
    """See that the stand-in for BaseSpace will have something.

    Raises:
        UsageProblem: there is no such folder.
    """
    if folder is not None and not folder.is_dir():
        raise UsageProblem(f"--basespace {folder}: expected a folder of fastq.gz files, found none.")


def write_token(folder: Path, token: str) -> Path:
    """Keep the user token in a file that nobody else can read."""
    path = folder / "user-token"
    path.touch(mode=0o600)
    path.write_text(token)
    return path


def describe(cloud: LocalCloud, token_file: Path, kept: Path) -> str:
    """What somebody needs to use the cloud."""
    return "\n".join(
        [
            f"API and web pages  {cloud.api_url}",
            f"AWS endpoint       {cloud.aws.endpoint}",
            f"data bucket        {cloud.data_bucket}",
            f"mail that was sent {cloud.aws.endpoint}/gems-local/mail",
            f"user token         {token_file}",
            *([f"BaseSpace stand-in {cloud.basespace_url}"] if cloud.basespace_url else []),
            f"logs               {cloud.plan.folder}, at the end kept in {kept}",
            "",
            f"export GEMS_API_URL={cloud.api_url} GEMS_API_TOKEN=$(cat {token_file})",
            "Ctrl-C stops it.",
        ]
    )
