"""A job's results with what people said of them: made when somebody asks, because the report is written before anybody reviews.

docs/adr/0032 tells why they are made here, and what is left to the command line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from gems_api.services.context import Context
from gems_api.services.review.reading import job_review
from gems_api.services.review.refusals import MadeElsewhere
from gems_api.services.shown.fitting import LARGEST_BYTES
from gems_api.services.shown.report_link import ReportMissing, reported_manifest
from gems_api.services.shown.result_pages import sample_page_of
from gems_api.services.storage.read_cache import in_parallel
from gems_core import layout
from gems_core.errors import one_problem
from gems_core.json_input import ODD_CONTENT, parse_json
from gems_core.manifest import Manifest
from gems_core.review.chain import Entry
from gems_core.review.document import Part
from gems_core.session_key import SessionKey
from gems_report.errors import UnreadableDocument, UnreadableReport
from gems_report.model import Exon, Report, SampleResult
from gems_report.reading import reviewed_report

# Some 180 samples at all loci. The slowest format of so many takes 2.7 s of a processor, and the process 250 MB; a Lambda of 512 MB
# has 0.29 of a processor and is ended after 29 s.
LARGEST_REPORT_BYTES = 16 * 2**20
# A PDF wants reportlab, which the Lambda's zip does without.
MADE_HERE = tuple(extension for extension in layout.REPORT_FORMATS if extension != "pdf")


@dataclass(frozen=True)
class Export:
    """A file for somebody to take along."""

    name: str
    data: bytes
    content_type: str


def reviewed_export(context: Context, session_key: SessionKey, extension: str) -> Export:
    """A job's report in one of its formats, with the review as it stands now.

    Raises:
        InvalidInput: no report has this extension.
        MadeElsewhere: the format, or a run of this size, is made by the command line.
        ReportMissing: this run of the job has not written its report.
        UnreadableReport: its report.json is none, or another job's.
        JobNotFound, ReviewUnreadable, CloudRefused: as ``reading``.
    """
    if extension not in layout.REPORT_FORMATS:
        expected = f"one of {', '.join(MADE_HERE)}"
        raise one_problem("report_format", "report", expected, repr(extension[:40]), "Ask for one of those.")
    if extension not in MADE_HERE:
        raise MadeElsewhere(session_key, extension, f"expected one of {', '.join(MADE_HERE)}, found {extension}")
    manifest = reported_manifest(context, session_key)
    if manifest is None:
        raise ReportMissing(f"job {session_key} has no report yet; GET /job tells how far the job is")
    review = job_review(context, session_key)
    report = reviewed_report(_document(context, manifest, extension), review)
    if extension == "hml":
        report = _with_exons(context, manifest, report)
    from gems_report.formats import FORMATS  # noqa: PLC0415 - most starts of the Lambda make no report

    return Export(
        f"report-reviewed.{extension}", FORMATS[extension].render(report), layout.REPORT_CONTENT_TYPES[extension]
    )


def review_part(context: Context, session_key: SessionKey, after: int) -> Part:
    """The job's log after an entry, as much of it as one answer holds.

    Raises:
        JobNotFound, ReviewUnreadable, CloudRefused: as ``reading``.
    """
    review = job_review(context, session_key)
    entries: list[Entry] = []
    size_bytes = 0
    for entry in review.proof.entries[after:]:
        size_bytes += len(entry.body)
        if entries and size_bytes > LARGEST_BYTES:
            break
        entries.append(entry)
    shown = after + len(entries)
    return Part(review, entries, shown if shown < review.last else None)


def _document(context: Context, manifest: Manifest, extension: str) -> object:
    size_bytes = context.reports.size_bytes(manifest, "json")
    if size_bytes is None:
        raise ReportMissing(f"job {manifest.session_key} has no report.json")
    if size_bytes > LARGEST_REPORT_BYTES:
        why = f"expected a report.json of at most {LARGEST_REPORT_BYTES} bytes, found {size_bytes}"
        raise MadeElsewhere(manifest.session_key, extension, why)
    stored = context.reports.read(manifest, "json")
    if stored is None:
        raise ReportMissing(f"job {manifest.session_key} has no report.json")
    try:
        return parse_json(stored.body)
    except ODD_CONTENT as error:
        raise UnreadableReport(f"report.json of job {manifest.session_key}: {error}") from error


def _with_exons(context: Context, manifest: Manifest, report: Report) -> Report:
    def with_own(sample: SampleResult) -> SampleResult:
        return sample.with_exons(_exons(context, manifest, sample.sample)) if sample.loci else sample

    return replace(report, samples=tuple(in_parallel(with_own, report.samples)))


def _exons(context: Context, manifest: Manifest, sample: str) -> Mapping[str, tuple[Exon, ...]]:
    """By locus; none of a sample whose page cannot be read: its HML then has its typings, without sequences."""
    try:
        return sample_page_of(context, manifest, sample).exons
    except (ReportMissing, UnreadableDocument):
        return {}
