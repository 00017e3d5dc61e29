"""Where a job's report can be read: ``GET /job/<session_key>/report.<ext>``."""

from __future__ import annotations

from gems_api.services.context import Context
from gems_api.services.state.records import Lease
from gems_core import layout
from gems_core.errors import GemsError, JobNotFound, one_problem
from gems_core.manifest import Manifest
from gems_core.session_key import SessionKey


class ReportMissing(GemsError):
    """The job exists, but its report (in this format) does not."""


def reported_manifest(context: Context, session_key: SessionKey) -> Manifest | None:
    """The manifest of a job whose present run has written its report, else None.

    After a retry the last run's report lies there until the new one replaces it: it is not this run's.

    Raises:
        JobNotFound: no such job.
    """
    manifest = context.jobs.manifest(session_key)
    if manifest is None:
        raise JobNotFound(str(session_key))
    lease = context.jobs.record(session_key, layout.merge_lease_key(session_key), Lease.from_json)
    return manifest if lease is not None and lease.value.report_written_at is not None else None


def report_link(context: Context, session_key: SessionKey, extension: str) -> str:
    """A URL that reads the report, for a short time, without credentials.

    Raises:
        InvalidInput: no report has this extension.
        JobNotFound: no such job.
        ReportMissing: this run of the job has not written it, or not in this format.
    """
    if extension not in layout.REPORT_FORMATS:
        expected = f"one of {', '.join(layout.REPORT_FORMATS)}"
        raise one_problem("report_format", "report", expected, repr(extension[:40]), "Ask for one of those.")
    manifest = reported_manifest(context, session_key)
    url = context.reports.url(manifest, extension, context.settings.report_link_seconds) if manifest else None
    if url is None:
        raise ReportMissing(f"job {session_key} has no report.{extension}; GET /job tells how far the job is")
    return url
