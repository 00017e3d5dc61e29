"""``gems report lis`` and ``gems job lis``: approved results for a laboratory information system."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gems_artefacts.files import write_atomically
from gems_cli.exits import ExitCode
from gems_report.lis.export import left_out, render
from gems_report.model import Report


def write_lis(report: Report, output: Path | None) -> ExitCode:
    """Write what two people have approved, and name on standard error what is left out.

    Returns:
        ``FAILED`` where a sample still waits for its approval; where none is approved, nothing is written.
    """
    missing = left_out(report)
    for one in missing:
        click.echo(f"{one.sample}: left out: {one.why}", err=True)
    sent = len(report.samples) - len(missing)
    if sent:
        data = render(report)
        if output is None:
            sys.stdout.buffer.write(data)
        else:
            write_atomically(output, lambda stream: stream.write(data))
    else:
        click.echo("no sample is approved: nothing is written", err=True)
    click.echo(f"{sent} of {len(report.samples)} samples are sent", err=True)
    return ExitCode.FAILED if not sent or any(one.is_due for one in missing) else ExitCode.DONE
