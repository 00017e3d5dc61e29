"""What report.pdf says of the review: whether results stand, who overrode what, and all that was said."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from gems_report.formats.pdf_style import Style
from gems_report.model import LocusCall, Report, SampleResult
from gems_report.review import counted, override_told, told_moment


def run_review(report: Report, style: Style) -> Iterator[Any]:
    """How many samples stand, and up to where this report knows the log; nothing in a report without a review."""
    review = report.review
    if review is None:
        return
    counts = ", ".join(f"{count} {standing.value.replace('_', ' ')}" for standing, count in counted(review))
    yield style.text("Review", "heading")
    yield style.text(f"{len(report.samples)} samples: {counts or 'none'}.")
    if review.strangers:
        names = escape(", ".join(review.strangers))
        yield style.text(f"The log also tells of samples that are not in this report: {names}.")
    yield style.text(escape(f"As of the {review.head_told}."), "small")


def sample_review(report: Report, sample: SampleResult, style: Style) -> Iterator[Any]:
    """The whole review of a sample."""
    signed = report.signed(sample)
    if signed is None:
        return
    yield style.text(f"<b>{escape(signed.headline)}</b>")
    yield style.text(f"Results {signed.results}", "small")
    for approval in signed.review.approvals:
        told = f"Approved by {approval.by}, {told_moment(approval.at)}: results {approval.results}"
        yield style.text(escape(told), "small")
    for override in signed.overrides:
        yield style.text(f"<b>{escape(override.locus)}</b> {escape(override_told(override))}")
    for said in signed.said:
        yield style.text(escape(f"{said.number}. {said.words}"), "small")


def override_lines(report: Report, sample: SampleResult, call: LocusCall | None) -> list[str]:
    """The call that a person set beside the typer's, for a table of all calls; none where nobody did."""
    signed = report.signed(sample)
    override = signed.review.overrides.get(call.locus) if signed is not None and call is not None else None
    return [f"overridden: {override.call}"] if override is not None else []
