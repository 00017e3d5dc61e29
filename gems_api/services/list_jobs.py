"""Listing jobs, newest first: ``GET /job``."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from itertools import groupby
from typing import TypeVar

from gems_api.services.context import Context
from gems_api.services.job_store import JobUnreadable
from gems_api.services.job_view import job_view
from gems_api.services.read_cache import in_parallel
from gems_api.services.snapshot import Snapshot
from gems_core import layout
from gems_core.errors import InvalidInput, JobNotFound
from gems_core.manifest import Manifest
from gems_core.session_key import SessionKey
from gems_core.statuses import JobStatus

T = TypeVar("T")
LOG = logging.getLogger(__name__)
DEFAULT_LIMIT = 50
LARGEST_LIMIT = 200


@dataclass(frozen=True)
class JobFilter:
    """Which jobs are asked for; None asks for all.

    Attributes:
        since: no jobs made before this.
        before: only jobs that come after this one in the list: the cursor of the next page.
    """

    session_key: SessionKey | None = None
    bucket: str | None = None
    prefix: str | None = None
    hla_class: str | None = None
    overall_status: JobStatus | None = None
    since: datetime | None = None
    before: SessionKey | None = None
    limit: int = DEFAULT_LIMIT

    def admits(self, manifest: Manifest) -> bool:
        """Whether a job passes all but the filter on its status."""
        return (
            self.bucket in (None, manifest.bucket)
            and (self.prefix is None or self.prefix.strip("/") == manifest.prefix)
            and self.hla_class in (None, manifest.hla_class)
            and (self.since is None or manifest.created_at >= self.since)
        )


@dataclass(frozen=True)
class Page:
    """Some jobs as JSON objects, and the cursor of the next page if there may be one."""

    jobs: list[dict[str, object]]
    next_before: SessionKey | None


def list_jobs(context: Context, wanted: JobFilter) -> Page:
    """The jobs that pass a filter, newest first.

    Only as many days and jobs are read as the page needs.
    """
    if wanted.session_key is not None:
        return Page(
            [job_view(item, context.settings.api_url, context.prices.table()) for item in _one(context, wanted)], None
        )
    found: list[Snapshot] = []
    for manifests in _batches(_manifests(context, wanted), wanted.limit):
        snapshots = in_parallel(partial(_readable, context.jobs.load), [item.session_key for item in manifests])
        found += [item for item in snapshots if item and wanted.overall_status in (None, item.overall_status)]
        if len(found) > wanted.limit:
            break
    page = found[: wanted.limit]
    last = page[-1].manifest.session_key if len(found) > wanted.limit else None
    return Page([job_view(item, context.settings.api_url) for item in page], last)


def _readable(read: Callable[[SessionKey], T | None], session_key: SessionKey) -> T | None:
    """One damaged job must not hide all the others."""
    try:
        return read(session_key)
    except (JobUnreadable, JobNotFound):
        LOG.warning("job left out of the list", exc_info=True, extra={"facts": {"session_key": str(session_key)}})
        return None


def _one(context: Context, wanted: JobFilter) -> list[Snapshot]:
    assert wanted.session_key is not None  # the caller has looked
    try:
        snapshot = context.jobs.load(wanted.session_key)
    except JobNotFound:
        return []
    passes = wanted.admits(snapshot.manifest) and wanted.overall_status in (None, snapshot.overall_status)
    return [snapshot] if passes else []


def _batches(manifests: Iterator[Manifest], limit: int) -> Iterator[list[Manifest]]:
    """Batches of one more than a page, so that the first one usually settles whether there is a next page."""
    batch: list[Manifest] = []
    for manifest in manifests:
        batch.append(manifest)
        if len(batch) > limit:
            yield batch
            batch = []
    if batch:
        yield batch


def _manifests(context: Context, wanted: JobFilter) -> Iterator[Manifest]:
    """All manifests from the cursor on, newest first."""
    cursor = None if wanted.before is None else context.jobs.manifest(wanted.before)
    for day in days(context):
        if (wanted.since and day < wanted.since.date()) or (wanted.before and day > wanted.before.day):
            continue
        # Keys tell the minute; within one, the manifests' own times decide.
        for _, keys in groupby(jobs_of_day(context, day), key=_minute):
            read = in_parallel(partial(_readable, context.jobs.manifest), list(keys))
            for manifest in sorted((item for item in read if item is not None), key=_age, reverse=True):
                if (cursor is None or _age(manifest) < _age(cursor)) and wanted.admits(manifest):
                    yield manifest


def _age(manifest: Manifest) -> tuple[datetime, str]:
    return manifest.created_at, str(manifest.session_key)


def _minute(session_key: SessionKey) -> str:
    """``yymmdd-HH:MM``, the part of a key before its digits."""
    return str(session_key).rsplit(":", 1)[0][-len("yymmdd-HH:MM") :]


def days(context: Context) -> list[date]:
    """The days on which jobs were made, newest first."""
    names = context.cloud.store.folders(context.settings.control_bucket, layout.JOBS_PREFIX)
    return sorted((day for name in names if (day := _day(name)) is not None), reverse=True)


def jobs_of_day(context: Context, day: date) -> list[SessionKey]:
    """The jobs made on a day, newest minute first."""
    folder = f"{layout.JOBS_PREFIX}{day:%Y-%m-%d}/"
    names = context.cloud.store.folders(context.settings.control_bucket, folder)
    keys = [key for name in names if (key := _session_key(name)) is not None]
    return sorted(keys, key=lambda key: (_minute(key), str(key)), reverse=True)


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(name)
    except ValueError:
        return None


def _session_key(name: str) -> SessionKey | None:
    try:
        return SessionKey.parse(name)
    except InvalidInput:
        return None
