"""``gems job start`` and ``gems job retype``."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import click

from gems_cli.jobs.client import ApiClient, JobRequest
from gems_cli.jobs.credentials import api_client
from gems_cli.jobs.following import follow
from gems_cli.jobs.views import plan_view
from gems_cli.terminal import open_console
from gems_core.errors import GemsError
from gems_core.hla import parse_hla_class

F = TypeVar("F", bound=Callable[..., Any])
_CHOICES = (
    click.option(
        "--reference", default="", help="A published library: a release such as 3.58.0. [default: the current one]"
    ),
    click.option(
        "--typer", default="", help="A published typer: its commit, seven digits or more. [default: the current one]"
    ),
    click.option("--panel", default="", help="A published panel: its name. [default: the current one]"),
)
_REST = (
    click.option("--email", default="", help="Where the report is sent."),
    click.option("--workers", type=click.IntRange(min=1), help="The most instances to launch."),
    click.option("--samples-per-worker", type=click.IntRange(min=1), help="About how many samples make a share."),
    click.option("--budget", type=click.FloatRange(min=0, min_open=True), help="US dollars that the job may cost."),
    click.option("--time-limit", type=click.IntRange(min=1), help="Minutes after which the job is ended."),
    click.option("--dry-run", is_flag=True, help="Check the files and show the plan; launch nothing."),
    click.option("--idempotency-key", default="", help="A repeat with the same key starts no second job."),
    click.option("--watch", is_flag=True, help="Follow the job until its end."),
    click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs."),
)


def _with(*options: Callable[[F], F]) -> Callable[[F], F]:
    def add(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return add


@click.command()
@click.argument("bucket")
@click.argument("prefix")
@click.option("--hla-class", default="all", show_default=True, help="1 (A, B, C), 2 (DR, DQ, DP) or all.")
@_with(*_CHOICES, *_REST)
def start(*, bucket: str, prefix: str, hla_class: str, **options: Any) -> None:  # noqa: ANN401 - click's values
    """Start a job on the reads under s3://BUCKET/PREFIX.

    The job keeps the versions that it starts with, whatever is promoted later. `gems artefacts list` shows what is published.
    """
    _ask(api_client(), JobRequest(bucket, prefix, parse_hla_class(hla_class)), options)


@click.command()
@click.argument("session_key")
@click.option("--hla-class", help="1, 2 or all. [default: that of the job]")
@_with(*_CHOICES, *_REST)
def retype(*, session_key: str, hla_class: str | None, **options: Any) -> None:  # noqa: ANN401 - click's values
    """Type the reads of a job again, as a new job: with another library, typer or panel, or the current ones.

    It takes the files that the job took and no others. If one is gone or has changed since, it is refused by name.
    """
    client = api_client()
    old = client.job(session_key)
    chosen = parse_hla_class(hla_class or str(old["hla_class"]))
    _ask(client, JobRequest(old["bucket"], old["prefix"], chosen, retype_of=session_key), options)


def _ask(client: ApiClient, reads: JobRequest, options: dict[str, Any]) -> None:
    limit = options["time_limit"]
    request = replace(
        reads,
        email=options["email"],
        workers=options["workers"],
        samples_per_worker=options["samples_per_worker"],
        budget_usd=options["budget"],
        time_limit_seconds=None if limit is None else 60 * limit,
        reference=options["reference"],
        typer=options["typer"],
        panel=options["panel"],
    )
    dry_run: bool = options["dry_run"]
    answer = client.start(request, dry_run=dry_run, idempotency_key=options["idempotency_key"])
    _show(answer, dry_run=dry_run, as_json=options["as_json"])
    if dry_run and answer["problems"]:
        raise GemsError(f"{answer['problems_total']} to repair before this job can be started")
    if options["watch"] and not dry_run:
        follow(client, answer["session_key"])


def _show(answer: dict[str, Any], *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(answer, indent=1))
    elif dry_run:
        open_console().print(plan_view(answer), soft_wrap=True)
    else:
        click.echo(answer["session_key"])
