"""What the pages of results show: the documents that the merge wrote for them, read back."""

from __future__ import annotations

from collections.abc import Callable

from gems_api.services.context import Context
from gems_api.services.shown.report_link import ReportMissing, reported_manifest
from gems_api.services.store_ports import Stored, TooLarge
from gems_core.manifest import Manifest
from gems_core.session_key import SessionKey
from gems_report.errors import UnreadableDocument, UnreadableReport
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
    if manifest is None:
        raise _not_yet(session_key)
    page = run_page_of(context, manifest)
    if page is None:
        raise _of_an_earlier_release(session_key)
    return page


def run_page_of(context: Context, manifest: Manifest) -> RunPage | None:
    """The summary that lies beside a job's reports, of whichever of its runs; None if there is none.

    Raises:
        UnreadableDocument: what was written cannot be read.
    """
    stored = _read(lambda: context.reports.run_page(manifest), "run.json")
    if stored is None:
        return None
    page = RunPage.from_bytes(stored.body)
    _demand("run.json", "session_key", str(manifest.session_key), page.session_key)
    return page


def run_typings(context: Context, session_key: SessionKey) -> Typings:
    """What was called in a run, with all that the reads leave open: as its report.csv has it, the shortest that does.

    Raises:
        JobNotFound, ReportMissing: as above.
        UnreadableReport: the report cannot be read.
    """
    manifest = reported_manifest(context, session_key)
    if manifest is None:
        raise _not_yet(session_key)
    try:
        stored = context.reports.read(manifest, "csv")
    except TooLarge as error:
        told = "use `gems report diff` on a machine of your own"
        raise UnreadableReport(f"report.csv of job {session_key} is too long for a page: {error}; {told}") from error
    if stored is None:
        raise ReportMissing(f"job {session_key} has no report.csv that could be compared")
    return typings_of("report.csv", stored.body)


def sample_page(context: Context, session_key: SessionKey, sample: str) -> SamplePage:
    """A sample's results.

    Raises:
        JobNotFound, ReportMissing, UnreadableDocument: as above; also of a sample that the job does not have.
    """
    manifest = reported_manifest(context, session_key)
    if manifest is None:
        raise _not_yet(session_key)
    return sample_page_of(context, manifest, sample)


def sample_page_of(context: Context, manifest: Manifest, sample: str) -> SamplePage:
    """The same of a job whose present run has written its results.

    Raises:
        ReportMissing, UnreadableDocument: as above.
    """
    session_key = manifest.session_key
    if all(sample != known.name for known in manifest.samples):
        raise ReportMissing(f"job {session_key} has no sample {sample[:100]!r}")
    stored = _read(lambda: context.reports.sample_page(manifest, sample), "page.json")
    if stored is None:
        raise _of_an_earlier_release(session_key)
    page = SamplePage.from_bytes(stored.body)
    _demand("page.json", "session_key", str(session_key), page.session_key)
    _demand("page.json", "sample", sample, page.sample)
    return page


def _read(read: Callable[[], Stored | None], name: str) -> Stored | None:
    """A document, if it is not one that somebody else has put in its place."""
    try:
        return read()
    except TooLarge as error:
        raise UnreadableDocument(name, "a document that GeMS wrote", error) from error


def _demand(name: str, what: str, expected: str, found: str) -> None:
    """See that a document is of the job and the sample that are asked for: anybody who may write the bucket may have moved it."""
    if found != expected:
        raise UnreadableDocument(f"{name}.{what}", expected, found)


def _not_yet(session_key: SessionKey) -> ReportMissing:
    return ReportMissing(
        f"this run of job {session_key} has not written its results; the job's page tells how far it is"
    )


def _of_an_earlier_release(session_key: SessionKey) -> ReportMissing:
    return ReportMissing(
        f"job {session_key} has no page of this. Either it was merged by an earlier release of GeMS, which wrote no pages: its "
        f"page has the reports. Or the results of the sample were forgotten: `gems review show` tells"
    )
