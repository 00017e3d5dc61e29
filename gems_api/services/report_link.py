"""Where a job's report can be read: ``GET /job/<session_key>/report.<ext>``."""

from __future__ import annotations

from gems_api.services.context import Context
from gems_core import layout
from gems_core.errors import GemsError, JobNotFound, one_problem
from gems_core.session_key import SessionKey

EXTENSIONS = ("csv", "html", "hml", "json", "pdf", "xml.gz")


class ReportMissing(GemsError):
    """The job exists, but its report (in this format) does not."""


def report_link(context: Context, session_key: SessionKey, extension: str) -> str:
    """A URL that reads the report, for a short time, without credentials.

    Raises:
        InvalidInput: no report has this extension.
        JobNotFound: no such job.
        ReportMissing: it is not written, or not in this format.
    """
    if extension not in EXTENSIONS:
        raise one_problem(
            "report_format", "report", f"one of {', '.join(EXTENSIONS)}", repr(extension[:40]), "Ask for one of those."
        )
    manifest = context.jobs.manifest(session_key)
    if manifest is None:
        raise JobNotFound(str(session_key))
    key = layout.report_key(manifest.prefix, session_key, extension)
    if not context.cloud.store.exists(manifest.bucket, key):
        raise ReportMissing(f"job {session_key} has no report.{extension}; GET /job tells how far the job is")
    return context.cloud.store.presigned_url(manifest.bucket, key, context.settings.report_link_seconds)
