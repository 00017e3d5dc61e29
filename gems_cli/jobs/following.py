"""Following a job until its end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from rich.text import Text

from gems_cli.exits import JobFailed
from gems_cli.jobs.client import ApiClient
from gems_cli.jobs.flags import sample_flag_lines
from gems_cli.jobs.unexplained import unexplained_lines
from gems_cli.jobs.views import succeeded
from gems_cli.jobs.watch import JobProgress, watch_job
from gems_cli.terminal import open_console
from gems_core.errors import GemsError
from gems_core.statuses import JobStatus

_WITH_REPORT = (JobStatus.COMPLETE, JobStatus.COMPLETE_WITH_FAILURES)


def follow(client: ApiClient, session_key: str) -> None:
    """Show a job's way until it ends, and then what its report has to say.

    Raises:
        JobFailed: not every sample was typed.
    """
    console = open_console()
    with told_to_go_on(session_key), JobProgress(console) as progress:
        ended = watch_job(client, session_key, progress.show)
    if ended["overall_status"] in _WITH_REPORT:
        for line in _news(client, session_key):
            console.print(line)
    raise_unless_complete(ended)


@contextmanager
def told_to_go_on(session_key: str) -> Iterator[None]:
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


def raise_unless_complete(ended: dict[str, Any]) -> None:
    """See that every sample of an ended job was typed.

    Raises:
        JobFailed: one was not.
    """
    if not succeeded(ended):
        raise JobFailed(
            f"{ended['session_key']}: expected every sample to be typed, the job ended {ended['overall_status']}. "
            "Its report says what failed and why."
        )
