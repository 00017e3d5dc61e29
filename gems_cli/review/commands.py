"""``gems review``: show who said what of a job's results, and prove the log that keeps it."""

from __future__ import annotations

import click

from gems_cli.lazy import LazyGroup

_PARTS = {
    "show": ("gems_cli.review.show:show", "Show who reviewed and approved what of a job."),
    "seen": ("gems_cli.review.seen:seen", "Show who looked at which results."),
    "verify": ("gems_cli.review.verify:verify", "Prove that nothing in the log was forged, cut or dropped."),
}


@click.group(cls=LazyGroup, parts=_PARTS)
def review() -> None:
    """Show who reviewed and approved what, and prove the log of it.

    `show` asks the API, as `gems job` does. `verify` and `seen` read the control bucket: AWS credentials are found as every AWS tool
    finds them, and need to read and list review/ and seen/ there.
    """
