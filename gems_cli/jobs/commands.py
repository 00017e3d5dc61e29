"""``gems job``: start, list, show, watch, report, cancel and retry jobs of a deployed GeMS."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from gems_artefacts.files import write_atomically
from gems_cli.jobs.credentials import api_client
from gems_cli.jobs.following import follow, raise_unless_complete, told_to_go_on
from gems_cli.jobs.logs import logs
from gems_cli.jobs.start import retype, start
from gems_cli.jobs.views import has_ended, job_view, jobs_table
from gems_cli.jobs.watch import watch_job
from gems_cli.terminal import open_console
from gems_core.layout import REPORT_FORMATS
from gems_core.statuses import JobStatus

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


@click.group()
def job() -> None:
    """Start and follow jobs of a deployed GeMS.

    GEMS_API_URL names the service. The user token is read from GEMS_API_TOKEN or from the system's keyring (store it once with
    `keyring set gems <GEMS_API_URL>`); it is never an argument.
    """


job.add_command(start)
job.add_command(retype)
job.add_command(logs)


@job.command("list")
@click.option("--bucket", help="Only jobs on this bucket.")
@click.option("--prefix", help="Only jobs on this prefix.")
@click.option("--hla-class", help="Only jobs of this class.")
@click.option("--status", type=click.Choice([status.value for status in JobStatus]), help="Only jobs with this status.")
@click.option("--since", help="Only jobs made since this day (YYYY-MM-DD).")
@click.option(
    "--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many to show, the newest first."
)
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
        follow(client, session_key)
        return
    with told_to_go_on(session_key):
        ended = watch_job(client, session_key, lambda job: None if has_ended(job) else _print_json(job))
    _print_json(ended)
    raise_unless_complete(ended)


@job.command()
@click.argument("session_key")
@click.option("--format", "extension", type=click.Choice(REPORT_FORMATS), default="csv", show_default=True)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; else standard output.")
@click.option("--reviewed", is_flag=True, help="With approvals, overrides and all that people said, as of now.")
def report(session_key: str, extension: str, output: Path | None, *, reviewed: bool) -> None:
    """Fetch a job's report."""
    client = api_client()
    if reviewed:
        from gems_cli.jobs.reviewed import reviewed_file  # noqa: PLC0415 - reports take as long to load as all else

        content = reviewed_file(client, session_key, extension)
    else:
        content = client.report(session_key, extension)
    if output is None:
        sys.stdout.buffer.write(content)
    else:
        write_atomically(output, lambda file: file.write(content))
        click.echo(f"{output}: {len(content)} bytes", err=True)


@job.command()
@click.argument("session_key")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; else standard output.")
@click.option("--center", default="GeMS", show_default=True, help="Who reports.")
@click.pass_context
def lis(context: click.Context, session_key: str, output: Path | None, center: str) -> None:
    """Write a job's approved results for a laboratory information system, as FHIR (R4B).

    Exit code 1: a sample still waits for its approval; standard error names it.
    """
    from gems_cli.jobs.reviewed import fetched_report  # noqa: PLC0415 - as above
    from gems_cli.report.lis import write_lis  # noqa: PLC0415
    from gems_report.model import Choices  # noqa: PLC0415

    context.exit(write_lis(fetched_report(api_client(), session_key, Choices(center=center)), output))


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
        follow(client, session_key)


def _print_json(document: object) -> None:
    click.echo(json.dumps(document, indent=1))
