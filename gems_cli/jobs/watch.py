"""Following a job until its end."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.live import Live

from gems_cli.jobs.client import ApiClient
from gems_cli.jobs.views import has_ended, job_lines, job_view
from gems_core.errors import CloudUnreachable

# A look makes the API read a dozen objects; twice as often cost the local cloud a quarter of a processor.
POLL_SECONDS = 1.0
# A gateway's passing trouble is not the job's. Pauses that it asks for come on top.
PATIENCE_SECONDS = 180.0
LONGEST_PAUSE_SECONDS = 600.0


def watch_job(
    client: ApiClient,
    session_key: str,
    show: Callable[[dict[str, Any]], None],
    *,
    each_time: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Follow a job.

    Args:
        client: of the API.
        session_key: the job.
        show: gets the job at every look.
        each_time: called at every look; may raise to give up.

    Returns:
        the job as it ended.

    Raises:
        CloudUnreachable: the API has not answered for ``PATIENCE_SECONDS``, nor after the pauses that it asked for; the job may
            well go on.
    """
    patience_ends = time.monotonic() + PATIENCE_SECONDS
    while True:
        each_time()
        try:
            job = client.job(session_key)
        except CloudUnreachable as error:
            if time.monotonic() > patience_ends:
                raise CloudUnreachable(f"{error} The job may go on: `gems job watch {session_key}`.") from error
            asked_for = min(error.retry_after_seconds or 0.0, LONGEST_PAUSE_SECONDS)
            patience_ends += asked_for
            time.sleep(max(POLL_SECONDS, asked_for))
            continue
        patience_ends = time.monotonic() + PATIENCE_SECONDS
        show(job)
        if has_ended(job):
            return job
        time.sleep(POLL_SECONDS)


class JobProgress(AbstractContextManager["JobProgress"]):
    """Shows a job as it goes: a live table on a terminal, else a line with the time for every change."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, refresh_per_second=4) if console.is_terminal else None
        self._shown: dict[str, str] = {}

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, job: dict[str, Any]) -> None:
        """Bring what is shown up to date."""
        if self._live is not None:
            self._live.update(job_view(job))
            return
        lines = job_lines(job)
        for who, state in lines.items():
            if self._shown.get(who) != state:
                self._console.print(f"{time.strftime('%H:%M:%S')} {who}: {state}", markup=False, highlight=False)
        self._shown = lines
