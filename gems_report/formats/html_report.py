"""``report.html``: the whole run in one file that needs nothing else, for the screen and for paper."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.resources import files

import gems_core
from gems_core.protocol.done_marker import SampleOutcome
from gems_report.flags import Severity, gravest
from gems_report.formats.html_review import override_line, run_review, sample_review, standing_mark
from gems_report.formats.html_run import quality_section, verdict_section
from gems_report.formats.html_sample import sample_section
from gems_report.formats.html_words import MARKS, flag_marks, verdict_mark
from gems_report.formats.markup import Markup, el, join, trusted, void
from gems_report.model import LocusCall, Report, SampleResult
from gems_report.reported import CELLS_TOLD, cell_lines, facts_told, placement_told, project_of
from gems_report.verdict import Judgement, Verdict

# A plate of 384; beyond it the file would be too large to open, and samples that pass are in the table of calls only.
MOST_DETAILED = 384
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def render(report: Report) -> bytes:
    """The file's bytes."""
    judged = {sample.sample: report.judgement_of(sample) for sample in report.samples}
    title = f"HLA types of {project_of(report)}"
    head = el(
        "head",
        void("meta", charset="utf-8"),
        void("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        void("meta", name="viewport", content="width=device-width, initial-scale=1"),
        void("meta", name="color-scheme", content="light dark"),
        el("title", title),
        el("style", trusted(files("gems_report").joinpath("data/report.css").read_text())),
    )
    body = el(
        "body",
        el("header", el("h1", title), _facts(report)),
        el(
            "main",
            verdict_section(report),
            run_review(report),
            _overview(report, judged),
            quality_section(report),
            *_details(report, judged),
        ),
        el(
            "footer",
            el("p", f"Made by GeMS {report.made_by.get('gems', gems_core.__version__)}. Not for diagnostic use."),
        ),
    )
    return f"<!DOCTYPE html>\n{el('html', head, body, lang='en')}\n".encode()


def _facts(report: Report) -> Markup:
    """What the run is and was made with."""
    told = facts_told(report).items()
    return el("dl", *(el("div", el("dt", name), el("dd", value)) for name, value in told), class_="facts")


def _overview(report: Report, judged: Mapping[str, Judgement]) -> Markup:
    """The calls: a row a sample, a column a locus."""
    head = el(
        "tr",
        el("th", "Sample", scope="col"),
        el("th", "Verdict", scope="col"),
        *(el("th", locus, scope="col") for locus in report.loci),
    )
    rows = (
        _row(report, sample, judged[sample.sample], number) for number, sample in enumerate(report.samples, start=1)
    )
    table = el("table", el("thead", head), el("tbody", *rows), class_="calls")
    return el(
        "section",
        el("h2", "Calls", id="calls"),
        el("div", table, class_="wide", role="region", aria_label="Table of calls", tabindex="0"),
        _legend(),
        aria_labelledby="calls",
    )


def _row(report: Report, sample: SampleResult, judgement: Judgement, number: int) -> Markup:
    found = {call.locus: call for call in sample.loci}
    name = el(
        "th",
        el("a", sample.sample, href=f"#s{number}"),
        flag_marks(sample.flags),
        _placed(report, sample),
        standing_mark(report, sample),
        scope="row",
    )
    if sample.outcome is SampleOutcome.FAILED:
        reason = el("td", f"failed: {sample.reason}", colspan=str(len(report.loci)))
        return el("tr", name, el("td", verdict_mark(judgement.verdict)), reason)
    cells = (el("td", *_cell(report, sample, found.get(locus))) for locus in report.loci)
    return el("tr", name, el("td", verdict_mark(judgement.verdict)), *cells)


def _placed(report: Report, sample: SampleResult) -> Markup | None:
    told = placement_told(report, sample)
    return el("span", f" {told}", class_="muted") if told else None


def _cell(report: Report, sample: SampleResult, call: LocusCall | None) -> Iterator[Markup]:
    if call is None:
        yield join("–")
        return
    for line in cell_lines(call):
        yield el("span", line, class_="allele" if call.alleles else "muted")
    if gravest(call.flags) is not None:
        yield flag_marks(call.flags)
    overridden = override_line(report, sample, call)
    if overridden is not None:
        yield overridden


def _legend() -> Markup:
    marks = (join(MARKS[severity], f" {severity.meaning}; ") for severity in Severity)
    return el(
        "p",
        *marks,
        CELLS_TOLD,
        class_="legend",
    )


def _details(report: Report, judged: Mapping[str, Judgement]) -> Iterator[Markup]:
    """A section a sample."""
    is_large = len(report.samples) > MOST_DETAILED
    if is_large:
        yield el("p", f"Of {len(report.samples)} samples, those that do not pass are described below.")
    for number, sample in enumerate(report.samples, start=1):
        judgement = judged[sample.sample]
        if is_large and judgement.verdict is Verdict.PASS:
            yield el("p", f"{sample.sample}: passed; its calls are in the table.", id=f"s{number}", class_="muted")
            yield join(sample_review(report, sample))
        else:
            yield sample_section(report, sample, judgement, number)
