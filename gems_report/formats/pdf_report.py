"""``report.pdf``: an overview of the run, then a page or more a sample, for the file and for signing.

reportlab writes it: 2 MB beside Pillow, loaded in 0.3 s, where WeasyPrint wants Pango on the machine and fpdf2 and typst
bring 34 to 55 MB. It is imported here alone and when a PDF is made, so that the Lambda's zip does without it.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from gems_core.protocol.done_marker import SampleOutcome
from gems_report.flags import SIGNS_TOLD, sign_of
from gems_report.formats.pdf_review import override_lines, run_review, sample_review
from gems_report.formats.pdf_sample import sample_story
from gems_report.formats.pdf_style import Style, latin
from gems_report.model import LocusCall, Report, SampleResult
from gems_report.reported import CELLS_TOLD, cell_lines, facts_told, placement_told, project_of, reason_told
from gems_report.verdict import Verdict

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

# A sample takes 43 ms of a processor, most of it for the pairs: a plate of 384 takes 17 s, while the job's end waits.
MOST_DETAILED = 384


def render(report: Report) -> bytes:
    """The file's bytes; the same report gives the same bytes, for nothing in it tells the time.

    Raises:
        ImportError: reportlab is not installed.
    """
    from reportlab.lib.pagesizes import A4  # noqa: PLC0415 - workers and the command line have it, the Lambda has not
    from reportlab.platypus import SimpleDocTemplate  # noqa: PLC0415

    style = Style.make()
    title = f"HLA types of {project_of(report)}"
    out = io.BytesIO()
    margin = style.millimetres(14)
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        invariant=1,
        title=title,
        author=report.choices.center,
        lang="en",
        leftMargin=margin,
        rightMargin=margin,
        topMargin=margin,
        bottomMargin=margin,
    )
    story = [*_overview(report, style, title), *_samples(report, style)]
    document.build(story, onFirstPage=_numbered(title), onLaterPages=_numbered(title))
    return out.getvalue()


def _numbered(title: str) -> Any:  # noqa: ANN401 - reportlab has no types
    """What stands at the foot of each page."""

    def draw(canvas: Canvas, document: Any) -> None:  # noqa: ANN401
        canvas.saveState()
        canvas.setFont("Helvetica", 7)
        canvas.drawString(
            document.leftMargin, document.bottomMargin * 0.6, latin(f"{title} - GeMS, not for diagnostic use")
        )
        right = document.pagesize[0] - document.rightMargin
        canvas.drawRightString(right, document.bottomMargin * 0.6, f"page {canvas.getPageNumber()}")
        canvas.restoreState()

    return draw


def _samples(report: Report, style: Style) -> Iterator[Any]:
    """Each sample on pages of its own; of a large run those that do not pass, without the pairs of candidates."""
    is_large = len(report.samples) > MOST_DETAILED
    if is_large:
        yield style.text("Below are the samples that do not pass, without pairs of candidates: report.html has them.")
    for sample in report.samples:
        if not is_large or report.judgement_of(sample).verdict is not Verdict.PASS:
            yield style.page_break()
            yield from sample_story(report, sample, style, with_pairs=not is_large)
        elif report.review is not None:
            yield style.text(f"{escape(sample.sample)}: PASS, its calls are in the table", "heading")
            yield from sample_review(report, sample, style)


def _overview(report: Report, style: Style, title: str) -> Iterator[Any]:
    judged = [report.judgement_of(sample).verdict for sample in report.samples]
    counts = Counter(judged)
    told = ", ".join(f"{counts[verdict]} {verdict.value}" for verdict in Verdict if counts[verdict])
    yield style.text(escape(title), "title")
    yield style.text("<br/>".join(f"<b>{name}:</b> {escape(value)}" for name, value in facts_told(report).items()))
    yield style.text(f"Verdict of the run: {report.judgement.verdict.value}", "heading")
    yield style.text(f"{len(judged)} samples: {told or 'none'}.")
    for reason in report.judgement.reasons:
        yield style.text(f"<b>{reason.verdict.value}</b> {escape(reason_told(reason))} <i>{escape(reason.advice)}</i>")
    yield from run_review(report, style)
    yield style.text("Calls", "heading")
    rows = [_row(report, sample, verdict, style) for sample, verdict in zip(report.samples, judged, strict=True)]
    widths = [28, 15, *[139 / max(len(report.loci), 1)] * len(report.loci)]
    yield style.table([["Sample", "Verdict", *report.loci], *rows], widths, font_size=5.6)
    yield style.text(escape(f"{SIGNS_TOLD}. {CELLS_TOLD}"), "small")


def _row(report: Report, sample: SampleResult, verdict: Verdict, style: Style) -> list[Any]:
    signed = report.signed(sample)
    standing = signed.standing.value.replace("_", " ") if signed is not None else ""
    told = (sample.sample, sign_of(sample.flags), placement_told(report, sample), standing)
    name = style.text(escape(" ".join(filter(None, told))), "cell")
    if sample.outcome is SampleOutcome.FAILED:
        return [name, verdict.value, "failed", *[""] * (len(report.loci) - 1)]
    found = {call.locus: call for call in sample.loci}
    return [name, verdict.value, *(_cell(report, sample, found.get(locus), style) for locus in report.loci)]


def _cell(report: Report, sample: SampleResult, call: LocusCall | None, style: Style) -> Any:  # noqa: ANN401 - reportlab has no types
    if call is None:
        return "-"
    lines = [*_with_sign(cell_lines(call), sign_of(call.flags)), *override_lines(report, sample, call)]
    return style.text("<br/>".join(map(escape, lines)), "dense")


def _with_sign(lines: Sequence[str], sign: str) -> list[str]:
    """The lines with a sign behind the last."""
    return [*lines[:-1], f"{lines[-1]} {sign}".rstrip()]
