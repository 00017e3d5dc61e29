"""The page that lays a run beside another typing of it: another job, or another laboratory's CSV or HML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Response, request
from flask.typing import ResponseReturnValue

from gems_api.services.shown.report_link import ReportMissing
from gems_api.services.shown.result_pages import run_typings
from gems_api.web.contexts import context
from gems_api.web.looks import noted
from gems_api.web.ui.frame import JOBS, for_users, form, shown
from gems_core.errors import InvalidInput, JobNotFound
from gems_core.session_key import SessionKey
from gems_report.compare import Comparison, Relation, compare_typings
from gems_report.errors import UnreadableReport
from gems_report.typings import Typings, typings_of

MOST_ROWS = 2000
# Of alleles, beside each other: these take some seconds, and Lambda ends a request after 29. `gems report diff` takes more.
MOST_PAIRS = 500_000
FIELDS = {"4": "all fields", "3": "three fields", "2": "two fields"}
_TONES = {
    Relation.SAME: "good",
    Relation.MORE_RESOLVED: "good",
    Relation.LESS_RESOLVED: "warn",
    Relation.OVERLAPPING: "warn",
    Relation.DIFFERENT: "bad",
    Relation.ONLY_IN_FIRST: "warn",
    Relation.ONLY_IN_SECOND: "warn",
    Relation.NOT_COMPARED: "bad",
}


@dataclass(frozen=True)
class _Beside:
    """A comparison as the page shows it.

    Attributes:
        name: of what is compared with the run.
        rows: those that the page shows; ``more`` are not shown.
    """

    name: str
    counts: Sequence[tuple[Relation, int]]
    rows: Sequence[Comparison]
    more: int

    @classmethod
    def of(cls, name: str, first: Typings, second: Typings, *, fields: int, everything: bool) -> _Beside:
        """Compare: the other typing is the first, the run the second."""
        found = compare_typings(first, second, fields=fields, most_pairs=MOST_PAIRS)
        counted = Counter(one.relation for one in found)
        rows = [one for one in found if everything or one.relation is not Relation.SAME]
        counts = [(relation, counted[relation]) for relation in Relation if counted[relation]]
        return cls(name, counts, rows[:MOST_ROWS], max(0, len(rows) - MOST_ROWS))


@for_users
@noted("page of a comparison", other="with")
def compare(session_key: str) -> ResponseReturnValue:
    """The page; with another job in the address the comparison too."""
    other = request.args.get("with", "").strip()[:300]
    if not other:
        return _page(session_key)
    try:
        second = run_typings(context(), SessionKey.parse(session_key))
        first = run_typings(context(), SessionKey.parse(other))
    except (InvalidInput, JobNotFound, ReportMissing, UnreadableReport) as error:
        return _page(session_key, 422, str(error), other=other)
    return _page(session_key, beside=_compared(other, first, second, request.args), other=other)


@form
@noted("page of a comparison")
def post_compare(session_key: str) -> ResponseReturnValue:
    """The page with the comparison of a file that was sent."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _page(session_key, 422, "Choose a file first: report.json, CSV or HML.")
    try:
        first = typings_of(sent.filename[-200:], sent.read())
        second = run_typings(context(), SessionKey.parse(session_key))
    except UnreadableReport as error:
        return _page(session_key, 422, str(error))
    return _page(session_key, beside=_compared(sent.filename[:200], first, second, request.form))


def _compared(name: str, first: Typings, second: Typings, asked: Mapping[str, str]) -> _Beside:
    fields = asked.get("fields", "")
    return _Beside.of(
        name, first, second, fields=int(fields) if fields in FIELDS else 4, everything=bool(asked.get("everything"))
    )


def _page(
    session_key: str, status: int = 200, complaint: str = "", *, beside: _Beside | None = None, other: str = ""
) -> Response:
    return shown(
        "ui/compare.html",
        status,
        here=JOBS,
        session_key=session_key,
        complaint=complaint,
        beside=beside,
        other=other,
        fields=FIELDS,
        tones=_TONES,
    )
