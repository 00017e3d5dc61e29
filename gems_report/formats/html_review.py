"""What report.html says of the review: whether results stand, who overrode what, and all that was said."""

from __future__ import annotations

from collections.abc import Iterator

from gems_core.review.state import Approval, Override
from gems_report.formats.html_run import table
from gems_report.formats.html_words import listed
from gems_report.formats.markup import Markup, el
from gems_report.model import LocusCall, Report, SampleResult
from gems_report.review import REASONS, SignedSample, Standing, counted, told_moment

_SIGNS = {
    Standing.APPROVED: ("✔", "approved"),
    Standing.APPROVED_ONCE: ("▲", "not approved yet"),
    Standing.NOT_APPROVED: ("▲", "not approved"),
    Standing.CHANGED: ("✖", "not the results that were judged"),
}


def run_review(report: Report) -> Markup | None:
    """How many samples stand, and up to where this report knows the log; nothing in a report without a review."""
    review = report.review
    if review is None:
        return None
    counts = ", ".join(f"{count} {_SIGNS[standing][1]}" for standing, count in counted(review))
    strangers = f"The log also tells of samples that are not in this report: {listed(review.strangers)}."
    return el(
        "section",
        el("h2", "Review", id="review"),
        el("p", f"{len(report.samples)} samples: {counts or 'none'}."),
        el("p", strangers) if review.strangers else None,
        el("p", f"As of the {review.head_told}.", class_="muted digest"),
        aria_labelledby="review",
    )


def standing_mark(report: Report, sample: SampleResult) -> Markup | None:
    """Whether a sample's results stand, as words with a shape."""
    signed = report.signed(sample)
    return el("span", " ", _mark(signed.standing), class_="allele") if signed is not None else None


def override_line(report: Report, sample: SampleResult, call: LocusCall) -> Markup | None:
    """The call that a person set beside the typer's, for a table of all calls."""
    signed = report.signed(sample)
    override = signed.review.overrides.get(call.locus) if signed is not None else None
    return el("span", f"overridden: {override.call}", class_="allele overridden") if override is not None else None


def sample_review(report: Report, sample: SampleResult) -> Markup | None:
    """The whole review of a sample."""
    signed = report.signed(sample)
    if signed is None:
        return None
    return el("div", *_parts(sample, signed), class_=f"signed {signed.standing.value.replace('_', '-')}")


def _parts(sample: SampleResult, signed: SignedSample) -> Iterator[Markup]:
    yield el("p", _mark(signed.standing), " ", el("b", signed.headline))
    yield el("p", f"Results {signed.results}", class_="muted digest")
    if signed.review.approvals:
        yield el("ol", *map(_approval, signed.review.approvals))
    if signed.overrides:
        columns = ("Gene", "Stands", "The typer called", "Why", "Who and when")
        yield table(f"Overridden calls of {sample.sample}", columns, [_override(one) for one in signed.overrides])
    if signed.said:
        yield el("p", el("b", "What was said"))
        yield el("ul", *(el("li", f"{said.number}. {said.words}") for said in signed.said))


def _mark(standing: Standing) -> Markup:
    sign, words = _SIGNS[standing]
    return el("strong", f"{sign} {words}", class_=f"standing {standing.value.replace('_', '-')}")


def _approval(approval: Approval) -> Markup:
    told = el("span", f"results {approval.results}", class_="muted digest")
    return el("li", f"{approval.by}, {told_moment(approval.at)}: ", told)


def _override(override: Override) -> Markup:
    why = f"{REASONS[override.reason]}: {override.words}"
    who = f"{override.by}, {told_moment(override.at)}"
    cells = (el("b", override.call), override.original, why, who)
    return el("tr", el("th", override.locus, scope="row"), *(el("td", cell) for cell in cells))
