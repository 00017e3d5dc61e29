"""``gems job``: start, list, show, watch, report, cancel and retry jobs of a deployed GeMS."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from gems_artefacts.files import write_atomically
from gems_cli.exits import JobFailed
from gems_cli.jobs.client import ApiClient, JobRequest
from gems_cli.jobs.credentials import api_client
from gems_cli.jobs.flags import sample_flag_lines
from gems_cli.jobs.unexplained import unexplained_lines
from gems_cli.jobs.views import has_ended, job_view, jobs_table, plan_view, succeeded
from gems_cli.jobs.watch import JobProgress, watch_job
from gems_cli.terminal import open_console
from gems_core.errors import GemsError
from gems_core.hla import parse_hla_class
from gems_core.layout import REPORT_FORMATS
from gems_core.statuses import JobStatus

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


@click.group()
def job() -> None:
    """Start and follow jobs of a deployed GeMS.

    GEMS_API_URL names the service. The user token is read from GEMS_API_TOKEN or from the system's keyring (store it once with
    `keyring set gems <GEMS_API_URL>`); it is never an argument.
    """


@job.command()
@click.argument("bucket")
@click.argument("prefix")
@click.option("--hla-class", default="all", show_default=True, help="1 (A, B, C), 2 (DR, DQ, DP) or all.")
@click.option("--email", default="", help="Where the report is sent.")
@click.option("--workers", type=click.IntRange(min=1), help="The most instances to launch.")
@click.option("--samples-per-worker", type=click.IntRange(min=1), help="About how many samples make a share.")
@click.option("--budget", type=click.FloatRange(min=0, min_open=True), help="US dollars that the job may cost.")
@click.option("--time-limit", type=click.IntRange(min=1), help="Minutes after which the job is ended.")
@click.option("--dry-run", is_flag=True, help="Check the files and show the plan; launch nothing.")
@click.option("--idempotency-key", default="", help="A repeat with the same key starts no second job.")
@click.option("--watch", is_flag=True, help="Follow the job until its end.")
@_json
def start(
    *,
    bucket: str,
    prefix: str,
    hla_class: str,
    email: str,
    workers: int | None,
    samples_per_worker: int | None,
    budget: float | None,
    time_limit: int | None,
    idempotency_key: str,
    dry_run: bool,
    watch: bool,
    as_json: bool,
) -> None:
    """Start a job on the reads under s3://BUCKET/PREFIX."""
    client = api_client()
    limit_seconds = None if time_limit is None else 60 * time_limit
    hla_class = parse_hla_class(hla_class)
    request = JobRequest(bucket, prefix, hla_class, email, workers, samples_per_worker, budget, limit_seconds)
    answer = client.start(request, dry_run=dry_run, idempotency_key=idempotency_key)
    if as_json:
        _print_json(answer)
    elif dry_run:
        open_console().print(plan_view(answer), soft_wrap=True)
    else:
        click.echo(answer["session_key"])
    if dry_run and answer["problems"]:
        raise GemsError(f"{answer['problems_total']} to repair before this job can be started")
    if watch and not dry_run:
        _follow(client, answer["session_key"])


@job.command("list")
@click.option("--bucket", help="Only jobs on this bucket.")
@click.option("--prefix", help="Only jobs on this prefix.")
@click.option("--hla-class", help="Only jobs of this class.")
@click.option("--status", type=click.Choice([status.value for status in JobStatus]), help="Only jobs that stand so.")
@click.option("--since", help="Only jobs made since this day (YYYY-MM-DD).")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="The newest so many.")
@_json
def list_jobs(
    *,
    bucket: str | None,
    prefix: str | None,
    hla_class: str | None,
    status: str | None,
    since: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List jobs, newest first."""
    asked = {
        "bucket": bucket,
        "prefix": prefix,
        "hla_class": hla_class,
        "overall_status": status,
        "since": since,
        "limit": str(limit),
    }
    jobs = api_client(needs_token=False).jobs({name: value for name, value in asked.items() if value is not None})
    if as_json:
        _print_json(jobs)
    else:
        open_console().print(jobs_table(jobs), soft_wrap=True)


@job.command()
@click.argument("session_key")
@_json
def show(session_key: str, *, as_json: bool) -> None:
    """Show one job and its workers."""
    found = api_client(needs_token=False).job(session_key)
    if as_json:
        _print_json(found)
    else:
        open_console().print(job_view(found), soft_wrap=True)


@job.command()
@click.argument("session_key")
@_json
def watch(session_key: str, *, as_json: bool) -> None:
    """Follow a job until its end; the exit code says whether every sample was typed."""
    client = api_client(needs_token=False)
    if not as_json:
        _follow(client, session_key)
        return
    with _told_to_go_on(session_key):
        ended = watch_job(client, session_key, lambda job: None if has_ended(job) else _print_json(job))
    _print_json(ended)
    _raise_unless_complete(ended)


@job.command()
@click.argument("session_key")
@click.option("--format", "extension", type=click.Choice(REPORT_FORMATS), default="csv", show_default=True)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; else standard output.")
def report(session_key: str, extension: str, output: Path | None) -> None:
    """Fetch a job's report."""
    content = api_client().report(session_key, extension)
    if output is None:
        sys.stdout.buffer.write(content)
    else:
        write_atomically(output, lambda file: file.write(content))
        click.echo(f"{output}: {len(content)} bytes", err=True)


@job.command()
@click.argument("session_key")
def cancel(session_key: str) -> None:
    """Stop a job and terminate its instances."""
    told = api_client().cancel(session_key)
    click.echo(
        f"{session_key}: cancelled, {len(told['terminated'])} instances terminated. {told['samples_kept']} of "
        f"{told['samples_total']} samples were typed; their results stay in {told['results']}, and `gems job retry` "
        "goes on from there.",
        err=True,
    )


@job.command()
@click.argument("session_key")
@click.option("--idempotency-key", default="", help="A repeat with the same key opens no further run.")
@click.option("--watch", is_flag=True, help="Follow the job until its end.")
@_json
def retry(session_key: str, idempotency_key: str, *, watch: bool, as_json: bool) -> None:
    """Run again what failed of an ended job; what was typed stays, and the report covers all."""
    client = api_client()
    answer = client.retry(
        session_key, idempotency_key=idempotency_key, waiting=lambda reason: click.echo(f"waiting: {reason}", err=True)
    )
    if as_json:
        _print_json(answer)
    else:
        click.echo(f"{session_key}: run {answer['run']}, {answer['samples']} samples to type", err=True)
    if watch:
        _follow(client, session_key)


_WITH_REPORT = (JobStatus.COMPLETE, JobStatus.COMPLETE_WITH_FAILURES)


def _follow(client: ApiClient, session_key: str) -> None:
    console = open_console()
    with _told_to_go_on(session_key), JobProgress(console) as progress:
        ended = watch_job(client, session_key, progress.show)
    if ended["overall_status"] in _WITH_REPORT:
        for line in _news(client, session_key):
            console.print(line)
    _raise_unless_complete(ended)


@contextmanager
def _told_to_go_on(session_key: str) -> Iterator[None]:
    """Say to who stops watching that the job does not stop with it: it goes on, and costs."""
    try:
        yield
    except KeyboardInterrupt:
        click.echo(
            f"the job goes on: `gems job watch {session_key}`; stop it with `gems job cancel {session_key}`", err=True
        )
        raise


def _news(client: ApiClient, session_key: str) -> list[Text]:
    """What the report says of flagged samples, new alleles and the like; nothing where it cannot be had, for the job's end is the news."""
    try:
        report = json.loads(client.report(session_key, "json"))
        return [*sample_flag_lines(report), *unexplained_lines(report)]
    except (GemsError, OSError, ValueError, KeyError, TypeError):
        return []


def _raise_unless_complete(ended: dict[str, Any]) -> None:
    if not succeeded(ended):
        raise JobFailed(
            f"{ended['session_key']}: expected every sample to be typed, the job ended {ended['overall_status']}. "
            "Its report says what failed and why."
        )


def _print_json(document: object) -> None:
    click.echo(json.dumps(document, indent=1))
