"""``gems review seen``: who looked at whose results."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import click

from gems_api.services.storage.access_log import AccessLog
from gems_cli.deployment import Deployment, of_a_deployment
from gems_core.errors import UsageProblem
from gems_core.people import SHARED_USER, is_name
from gems_core.review.looks import LOOK, Look

DAYS = 30
# Each day is a listing: ten years of them, which is how long entries are kept.
MOST_DAYS = 3660


@click.command()
@click.option("--sample", help="Only of this sample; looks at its whole run are told too.")
@click.option("--person", help="Only by this person; `gems` is the shared user.")
@click.option("--job", "session_key", metavar="KEY", help="Only of this job.")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), help=f"From this day (UTC) on; default: the last {DAYS} days."
)
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line.")
@of_a_deployment
def seen(
    *,
    deployment: Deployment,
    sample: str | None,
    person: str | None,
    session_key: str | None,
    since: datetime | None,
    as_json: bool,
) -> None:
    """Show who looked at which results, the oldest look first, as tab-separated lines.

    A look at the page of a run, or a fetched report, is of all samples of the run.
    """
    if person is not None and person != SHARED_USER and not is_name(person):
        raise UsageProblem(f"--person: expected the name of a person, found {person[:100]!r}.")
    today = datetime.now(UTC).date()
    first = since.date() if since is not None else today - timedelta(days=DAYS - 1)
    if not 0 <= (today - first).days < MOST_DAYS:
        raise UsageProblem(f"--since: expected a day of the last {MOST_DAYS}, found {first}.")
    log, count = AccessLog(deployment.store, deployment.bucket), 0
    for look in _looks(log, first, today, person or ""):
        if (session_key in (None, look.session_key)) and (sample is None or look.sample in ("", sample)):
            click.echo(json.dumps(LOOK.write(look)) if as_json else _line(look))
            count += 1
    click.echo(f"{count} looks from {first} to {today}", err=True)


def _looks(log: AccessLog, first: date, last: date, person: str) -> Iterator[Look]:
    for number in range((last - first).days + 1):
        yield from sorted(log.of_day(first + timedelta(days=number), person), key=lambda look: look.at)


def _line(look: Look) -> str:
    """One line, whatever a sample is called."""
    cells = (f"{look.at:%Y-%m-%dT%H:%M:%SZ}", look.by, look.role, look.what, look.sample, look.session_key)
    line = io.StringIO()
    csv.writer(line, delimiter="\t", lineterminator="").writerow(
        "".join(sign if sign.isprintable() else "\ufffd" for sign in cell) for cell in cells
    )
    return line.getvalue()
