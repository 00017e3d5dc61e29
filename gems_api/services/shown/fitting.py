"""A job's document, sure to fit into Lambda's answer however much the job has to tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import cache

from gems_api.services.shown.job_view import job_view
from gems_api.services.shown.publishable import publishable
from gems_api.services.shown.texts import ALL, Limits
from gems_api.services.state.document import JobDocument
from gems_api.services.state.snapshot import Snapshot
from gems_core.prices import PriceTable

# Lambda answers with at most 6 MB (AWS Lambda quotas), in which a body stands as a JSON text: each quote and each backslash of
# it takes one more byte there, so this doubles at worst.
LARGEST_BYTES = 2_500_000
# The more a job has to tell, the shorter is each text; worker for worker and sample for sample all are named.
LEVELS = (ALL, Limits(1000, 50), Limits(300, 10), Limits(60, 0, 1), Limits(16, 0, 0))


def document_of(
    snapshot: Snapshot, api_url: str, prices: PriceTable | None = None, seen_at: datetime | None = None
) -> JobDocument:
    """A job's document, with texts cut as far as its size asks for it."""
    # Its search is the most of the work, and a job of many failures is told at several levels.
    publish = cache(publishable)
    for level in LEVELS:
        limits = replace(level, publish=publish)
        document = JobDocument.of(job_view(snapshot, api_url, prices, limits=limits), seen_at)
        if len(document.whole) <= LARGEST_BYTES:
            break
    return document
