"""How a job's review stands, computed from its log, which is proven at each reading."""

from __future__ import annotations

from dataclasses import dataclass

from gems_api.services.context import Context
from gems_api.services.shown.report_link import ReportMissing
from gems_api.services.shown.result_pages import sample_page
from gems_api.services.storage.review_log import ReviewUnreadable
from gems_core.errors import JobNotFound
from gems_core.review.job import JobReview, ReviewFaulty
from gems_core.review.state import SampleReview
from gems_core.session_key import SessionKey
from gems_report.errors import UnreadableDocument
from gems_report.pages import SamplePage
from gems_report.result_digest import digest_of_page


@dataclass(frozen=True)
class ReviewedSample:
    """A sample's review with all that was said.

    Attributes:
        results: the digest of the results as they are now; '' where they cannot be read now.
    """

    job: JobReview
    review: SampleReview
    results: str


def job_review(context: Context, session_key: SessionKey) -> JobReview:
    """The review of a job; it is there as long as its log, though the job's own records may be gone.

    Raises:
        JobNotFound: no such job, and no log of one.
        ReviewUnreadable: the log is not as GeMS writes it.
        CloudRefused: S3 refuses.
    """
    proof = context.review_log.read(str(session_key))
    if not proof.entries and not proof.faults and context.jobs.manifest(session_key) is None:
        raise JobNotFound(str(session_key))
    try:
        return JobReview.of(proof)
    except ReviewFaulty as error:
        raise ReviewUnreadable(f"the review's log has a fault: {error}; `gems review verify` tells more") from error


def reviewed_page(context: Context, session_key: SessionKey, page: SamplePage) -> ReviewedSample:
    """The review of the sample whose results a page shows.

    Raises:
        JobNotFound, ReviewUnreadable, CloudRefused: as above.
    """
    job = job_review(context, session_key)
    return ReviewedSample(job, job.of_sample(page.sample), digest_of_page(page))


def reviewed_sample(context: Context, session_key: SessionKey, sample: str) -> ReviewedSample:
    """The review of one sample.

    Raises:
        ReportMissing: the job has no such sample, and nobody has said anything of one.
        JobNotFound, ReviewUnreadable, CloudRefused: as above.
    """
    job = job_review(context, session_key)
    try:
        results = digest_of_page(sample_page(context, session_key, sample))
    except (JobNotFound, ReportMissing, UnreadableDocument):
        if not job.said_of(sample):
            raise
        results = ""
    return ReviewedSample(job, job.of_sample(sample), results)
