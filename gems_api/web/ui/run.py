"""The page of a run: its verdict with reasons, all calls in one table, the plate, the quality of the reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from gems_api.services.review.exports import MADE_HERE
from gems_api.services.shown.result_pages import run_page
from gems_api.web.contexts import context
from gems_api.web.looks import noted
from gems_api.web.ui.frame import JOBS, for_users, shown
from gems_api.web.ui.plate import plate_of
from gems_core.layout import REPORT_FORMATS
from gems_core.session_key import SessionKey
from gems_report.flags import Severity, words_of
from gems_report.pages.run_page import LocusCell, RunPage, SampleRow
from gems_report.reported import allele_cells, short_name, state_told
from gems_report.verdict import NOT_LOOKED_AT, Verdict

VIEWS = {"calls": "Calls", "plate": "Plate", "quality": "Quality", "new": "New alleles"}
_TONES = {Verdict.PASS: "good", Verdict.REVIEW: "warn", Verdict.FAIL: "bad"}
_ORDERS: Mapping[str, Callable[[SampleRow], Any]] = {
    "name": lambda row: row.sample,
    "verdict": lambda row: (row.verdict.rank, row.sample),
    "well": lambda row: (row.well == "", row.well[:1], row.well[1:].zfill(2), row.sample),
    "pairs": lambda row: (row.used_pairs, row.sample),
}
ORDERS = {"name": "name", "verdict": "verdict, worst first", "well": "well", "pairs": "pairs used, fewest first"}


@dataclass(frozen=True)
class Choice:
    """What of the table is asked for; whatever makes no sense is as if it was not asked for."""

    verdict: str
    sample: str
    order: str

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Choice:
        """From the address."""
        verdict = query.get("verdict", "")
        order = query.get("order", "")
        return cls(
            verdict if verdict in list(Verdict) else "",
            query.get("sample", "")[:100],
            order if order in ORDERS else "name",
        )

    def rows(self, samples: Sequence[SampleRow]) -> list[SampleRow]:
        """The rows, in order."""
        kept = [
            row
            for row in samples
            if (not self.verdict or row.verdict == self.verdict) and self.sample.lower() in row.sample.lower()
        ]
        return sorted(kept, key=_ORDERS[self.order])


@for_users
@noted("page of the run")
def run(session_key: str) -> ResponseReturnValue:
    """The page."""
    page = run_page(context(), SessionKey.parse(session_key))
    view = request.args.get("view", "")
    choice = Choice.of(request.args)
    return shown(
        "ui/run.html",
        here=JOBS,
        session_key=session_key,
        run=page,
        view=view if view in VIEWS else "calls",
        views=VIEWS,
        choice=choice,
        rows=choice.rows(page.samples),
        orders=ORDERS,
        verdicts=list(Verdict),
        tone=tone,
        severities=list(Severity),
        cells_of=lambda row: _cells(page, row),
        sample_severity=lambda row: min((words_of(code).severity for code in row.flags), key=lambda one: one.rank),
        allele_cells=allele_cells,
        short=short_name,
        state_told=state_told,
        not_looked_at=NOT_LOOKED_AT,
        plates=plate_of(page.samples),
        contaminated=_contaminated(page),
        formats=REPORT_FORMATS,
        reviewed_formats=MADE_HERE,
    )


def tone(verdict: Verdict) -> str:
    """How a verdict looks: a class of the style sheet."""
    return _TONES[verdict]


def _cells(page: RunPage, row: SampleRow) -> list[LocusCell | None]:
    """A cell for each locus of the run, whatever loci a typer tells of, and in which order; None where it tells nothing."""
    found = {cell.locus: cell for cell in row.loci}
    return [found.get(locus) for locus in page.loci]


def _contaminated(page: RunPage) -> tuple[list[str], list[str], dict[tuple[str, str], Any]]:
    """The contamination matrix: samples that show alleles of others, these others, and what was found, by both."""
    traces = {(trace.sample, trace.source): trace for trace in page.quality.contamination}
    return sorted({sample for sample, _ in traces}), sorted({source for _, source in traces}), traces
