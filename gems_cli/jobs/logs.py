"""``gems job logs``: what a job's machines logged, as text, once or as it goes on."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from gems_cli.jobs.client import ApiClient
from gems_cli.jobs.credentials import api_client
from gems_cli.jobs.views import has_ended
from gems_core.errors import CloudUnreachable

POLL_SECONDS = 5.0
PATIENCE_SECONDS = 180.0
# S3's clock counts whole seconds, and what is written in one second is not listed in order: a little is asked for again.
_ASKED_AGAIN = timedelta(seconds=5)
_AGO = re.compile(r"([0-9]{1,6})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class _Since(click.ParamType[datetime]):
    """``10m`` (ago), or a time in ISO 8601."""

    name = "AGO"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:  # noqa: ANN401
        found = _AGO.fullmatch(str(value))
        if found:
            return datetime.now(UTC) - timedelta(**{_UNITS[found[2]]: int(found[1])})
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"expected 30s, 10m, 2h, 1d or a time in ISO 8601, found {value!r}", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@click.command()
@click.argument("session_key")
@click.option(
    "--worker", type=click.IntRange(min=0), help="Only this worker, by the index that `gems job show` prints."
)
@click.option("--follow", is_flag=True, help="Go on until the job has ended.")
@click.option("--since", type=_Since(), help="Only what was logged then or later: 30s, 10m, 2h, 1d ago, or a time.")
@click.option("--raw", is_flag=True, help="Print the lines as they are: JSON objects, for programs.")
def logs(session_key: str, *, worker: int | None, follow: bool, since: datetime | None, raw: bool) -> None:
    """Show the logs of a job's workers and machines, as S3 has them: they are a minute old at most."""
    client = api_client()
    reader = LogReader(client, session_key, worker, since)
    for line in reader.until_the_end() if follow else reader.all_there_is():
        shown = line.text if raw else line.shown()
        if shown is not None:
            click.echo(shown)
    for what in reader.missing:
        click.echo(f"missing: {what}", err=True)


class Line:
    """A line of a machine's log.

    Attributes:
        text: as it is.
    """

    def __init__(self, worker: int, part: str, text: str) -> None:
        self._worker = worker
        self._part = part
        self.text = text

    def shown(self) -> str | None:
        """The line for people; None for one of a machine's own log that repeats the worker's."""
        facts = self._facts()
        if self._part == "bootstrap.log":
            return None if facts else f"worker {self._worker}: {self.text}"
        if facts is None:
            return f"worker {self._worker} {self._part}: {self.text}"
        where = " ".join(str(facts[name]) for name in ("step", "sample") if facts.get(name))
        told = f"{facts.get('at', '')} worker {self._worker}{f' [{where}]' if where else ''} {facts.get('level', '')}"
        error = f"\n{facts['error']}" if facts.get("error") else ""
        return f"{told} {facts.get('message', '')}{error}"

    def _facts(self) -> dict[str, Any] | None:
        try:
            found = json.loads(self.text)
        except ValueError:
            return None
        return found if isinstance(found, dict) and "message" in found else None


class LogReader:
    """Reads pages, and tells each line once.

    Attributes:
        missing: what the API said is missing, at the last look.
    """

    def __init__(self, client: ApiClient, session_key: str, worker: int | None, since: datetime | None) -> None:
        self._client = client
        self._session_key = session_key
        self._worker = worker
        self._since = since
        self._told: dict[tuple[str, str], str] = {}
        self.missing: list[str] = []

    def all_there_is(self) -> Iterator[Line]:
        """The lines that S3 has now."""
        after, more = "", True
        while more:
            page = self._client.logs(self._session_key, worker=self._worker, since=self._since, after=after)
            for part in page["parts"]:
                yield from self._new_lines(part)
                self._since = max(self._since or _EARLIEST, _moment(part["written_at"]) - _ASKED_AGAIN)
            self.missing = page["missing"]
            after, more = page["next"], page["more"]

    def until_the_end(self, sleep: Callable[[float], None] = time.sleep) -> Iterator[Line]:
        """The lines as they come, until the job has ended and its last ones are told.

        Raises:
            CloudUnreachable: the API has not answered for ``PATIENCE_SECONDS``.
        """
        heard_at = time.monotonic()
        while True:
            try:
                ended = has_ended(self._client.job(self._session_key))
                yield from self.all_there_is()
                heard_at = time.monotonic()
            except CloudUnreachable:
                if time.monotonic() - heard_at > PATIENCE_SECONDS:
                    raise
                ended = False
            if ended:
                return
            sleep(POLL_SECONDS)

    def _new_lines(self, part: dict[str, Any]) -> Iterator[Line]:
        name, text = str(part["name"]), str(part["text"])
        place = (str(part["instance_id"]), name)
        known = self._told.get(place, "")
        self._told[place] = text
        # The boot's log is written again as it grows.
        for line in text.removeprefix(known).splitlines():
            if line.strip():
                yield Line(int(part["worker"]), name, line)


_EARLIEST = datetime.min.replace(tzinfo=UTC)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
