"""What the pages of results show: the documents that the merge wrote for them, read back."""

from __future__ import annotations

from gems_api.services.context import Context
from gems_api.services.shown.report_link import ReportMissing, reported_manifest
from gems_core.manifest import Manifest
from gems_core.session_key import SessionKey
from gems_report.pages import RunPage, SamplePage
from gems_report.typings import Typings, typings_of


def run_page(context: Context, session_key: SessionKey) -> RunPage:
    """The summary of a run.

    Raises:
        JobNotFound: no such job.
        ReportMissing: this run of the job has not written its results.
        UnreadableDocument: what was written cannot be read.
    """
    manifest = reported_manifest(context, session_key)
    page = run_page_of(context, manifest) if manifest is not None else None
    if page is None:
        raise ReportMissing(f"job {session_key} has no results to show; its page tells how far it is")
    return page


def run_page_of(context: Context, manifest: Manifest) -> RunPage | None:
    """The summary that lies beside a job's reports, of whichever of its runs; None if there is none.

    Raises:
        UnreadableDocument: what was written cannot be read.
    """
    stored = context.reports.run_page(manifest)
    return RunPage.from_bytes(stored.body) if stored is not None else None


def run_typings(context: Context, session_key: SessionKey) -> Typings:
    """What was called in a run, with all that the reads leave open: as its report.csv has it, the shortest that does.

    Raises:
        JobNotFound, ReportMissing: as above.
        UnreadableReport: the report cannot be read.
    """
    manifest = reported_manifest(context, session_key)
    stored = context.reports.read(manifest, "csv") if manifest is not None else None
    if stored is None:
        raise ReportMissing(f"job {session_key} has no report.csv to compare; its page tells how far it is")
    return typings_of("report.csv", stored.body)


def sample_page(context: Context, session_key: SessionKey, sample: str) -> SamplePage:
    """A sample's results.

    Raises:
        JobNotFound, ReportMissing, UnreadableDocument: as above; also of a sample that the job does not have.
    """
    manifest = reported_manifest(context, session_key)
    is_known = manifest is not None and any(sample == known.name for known in manifest.samples)
    stored = context.reports.sample_page(manifest, sample) if manifest is not None and is_known else None
    if stored is None:
        raise ReportMissing(f"job {session_key} has no results of a sample {sample[:100]!r}")
    return SamplePage.from_bytes(stored.body)
