"""``gems review verify``: prove the log of who reviewed and approved what."""

from __future__ import annotations

import click

from gems_api.services.storage.read_cache import ReadCache
from gems_api.services.storage.review_log import ReviewLog
from gems_cli.deployment import Deployment, of_a_deployment
from gems_cli.exits import ExitCode
from gems_core.errors import UsageProblem
from gems_core.review.verify import verified


@click.command()
@click.option(
    "--since", metavar="HEAD", help="Prove that the log continues from this head, which an earlier run printed."
)
@of_a_deployment
def verify(*, deployment: Deployment, since: str | None) -> None:
    """Read the whole log and prove that nothing in it was forged, replayed, reordered, cut or dropped.

    Prints the head of the log, to be kept elsewhere for --since. Exit code 1: something is wrong, and each fault is told.
    """
    proofs = ReviewLog(deployment.store, deployment.bucket, ReadCache()).read_all()
    try:
        found = verified(proofs, since)
    except ValueError as error:
        raise UsageProblem(f"--since: {error}.") from error
    for fault in found.faults:
        click.echo(f"FAULT {fault}", err=True)
    for name, count in sorted(found.unsealed.items()):
        click.echo(
            f"{name}: the last {count} entries have no checkpoint yet, so their loss would not be seen", err=True
        )
    click.echo(f"{found.entries} entries of {found.jobs} jobs, {len(found.faults)} faults", err=True)
    click.echo(found.head)
    if found.faults:
        click.get_current_context().exit(ExitCode.FAILED)
