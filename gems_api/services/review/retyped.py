"""Reads that were typed again: what people approved of the earlier job beside the later one's results."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from gems_api.services.context import Context
from gems_api.services.review.reading import ReviewedSample, reviewed_page
from gems_api.services.shown.report_link import ReportMissing
from gems_api.services.shown.result_pages import sample_page
from gems_api.services.storage.review_log import ReviewUnreadable
from gems_core.errors import InvalidInput, JobNotFound
from gems_core.session_key import SessionKey
from gems_report.errors import UnreadableDocument
from gems_report.pages import SamplePage
from gems_report.pages.typing_parts import Locus
from gems_report.result_digest import call_of, digest_of_page

LOG = logging.getLogger(__name__)
# A job may type again what itself was typed again. So far back an approval is looked for.
MOST_EARLIER = 5
MOST_LATER = 20


class Difference(StrEnum):
    """How a locus differs from what was approved."""

    NONE = "none"
    CALL = "call"
    """Another call."""
    FITS = "fits"
    """The same call, and other genotypes fit beside it."""


@dataclass(frozen=True)
class LocusBeside:
    """A locus as it was approved, and as it is called now.

    Attributes:
        before: the call that stands in the approved results; '' where they lack the locus.
        overridden: the typer's call, where a person set another one.
        now: what the typer calls now; '' where the results lack the locus.
    """

    locus: str
    before: str
    overridden: str
    now: str
    difference: Difference


@dataclass(frozen=True)
class Beside:
    """The approved results of the earlier job.

    Attributes:
        trouble: why nothing can be shown of them; '' where it can.
        found: their review.
        same: whether the digests are the same.
        changed: whether the earlier job's results are no longer those that were approved.
    """

    session_key: SessionKey
    trouble: str = ""
    found: ReviewedSample | None = None
    loci: tuple[LocusBeside, ...] = ()
    same: bool = False
    changed: bool = False


def approved_beside(context: Context, session_key: SessionKey, page: SamplePage) -> Beside | None:
    """What was approved of a sample in the job whose reads this one types again, or in those before it.

    Returns:
        None where this job types nothing again, or nobody has approved the sample there.

    Raises:
        CloudRefused: S3 refuses.
    """
    for earlier in _earlier(context, session_key):
        try:
            before = sample_page(context, earlier, page.sample)
            found = reviewed_page(context, earlier, before)
        except (JobNotFound, ReportMissing):
            continue
        except (ReviewUnreadable, UnreadableDocument) as error:
            return Beside(earlier, str(error))
        if found.review.approvals:
            changed = found.review.approved_results != found.results
            same = found.review.approved_results == digest_of_page(page)
            return Beside(earlier, "", found, tuple(_loci(before, found, page)), same, changed)
    return None


def later_jobs(context: Context, session_key: SessionKey) -> list[SessionKey]:
    """The jobs that type this one's reads again.

    Raises:
        CloudRefused: S3 refuses.
    """
    try:
        later = context.jobs.retyped(session_key, MOST_LATER)
    except InvalidInput:  # somebody has put another object there
        LOG.warning("not a job among those that type again", extra={"facts": {"session_key": str(session_key)}})
        return []
    return [key for key in later if context.jobs.manifest(key) is not None]


def _earlier(context: Context, session_key: SessionKey) -> Iterator[SessionKey]:
    for _ in range(MOST_EARLIER):
        manifest = context.jobs.manifest(session_key)
        if manifest is None or not manifest.retype_of:
            return
        session_key = SessionKey.parse(manifest.retype_of)
        yield session_key


def _loci(before: SamplePage, found: ReviewedSample, now: SamplePage) -> Iterator[LocusBeside]:
    then, new = {one.locus: one for one in before.loci}, {one.locus: one for one in now.loci}
    for name in dict.fromkeys((*then, *new)):
        override = found.review.overrides.get(name)
        called = call_of(then[name]) if name in then else ""
        stands = override.call if override else called
        present = call_of(new[name]) if name in new else ""
        difference = Difference.CALL if stands != present else _fits(then.get(name), new.get(name))
        yield LocusBeside(name, stands, called if override else "", present, difference)


def _fits(then: Locus | None, new: Locus | None) -> Difference:
    if then is None or new is None:
        return Difference.NONE
    names = [[(allele.name, allele.ambiguities) for allele in one.alleles] for one in (then, new)]
    return Difference.NONE if names[0] == names[1] and then.gl_string == new.gl_string else Difference.FITS
