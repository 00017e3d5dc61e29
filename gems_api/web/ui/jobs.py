"""The list of jobs, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from gems_api.services.shown.list_jobs import list_jobs
from gems_api.web.contexts import context
from gems_api.web.query import parse_query
from gems_api.web.ui import live
from gems_api.web.ui.frame import JOBS, drawn, for_readers, shown
from gems_core.errors import InvalidInput, Problem
from gems_core.statuses import JobStatus

ROWS = 25
_FILTERS = ("overall_status", "bucket", "prefix", "hla_class", "since")


@dataclass(frozen=True)
class _List:
    """Rows of jobs, and what was asked for."""

    jobs: list[Any]
    asked: dict[str, str]
    next_before: str | None
    seen_at: datetime | None


@for_readers
def jobs() -> ResponseReturnValue:
    """The page."""
    asked, problems = _asked(), list[Problem]()
    try:
        found = _found(asked)
    except InvalidInput as wrong:
        found, problems = _List([], asked, None, None), wrong.problems
    rows, tag = _rows(found)
    return shown(
        "ui/jobs.html",
        422 if problems else 200,
        here=JOBS,
        found=found,
        rows=rows,
        tag=tag,
        problems=problems,
        statuses=list(JobStatus),
        filtered=any(asked.get(name) for name in _FILTERS),
    )


@for_readers
def job_rows() -> ResponseReturnValue:
    """The rows alone, as the page asks for them again and again."""
    found = _found(_asked())
    rows, tag = _rows(found)
    return live.answered(drawn("ui/jobs_live.html", rows=rows, tag=tag, found=found), tag, found.seen_at)


def _asked() -> dict[str, str]:
    """The filters that are filled in, and the place in the list."""
    return {name: value.strip() for name in (*_FILTERS, "before") if (value := request.args.get(name, "")).strip()}


def _found(asked: dict[str, str]) -> _List:
    page = list_jobs(context(), parse_query(MultiDict({**asked, "limit": str(ROWS)})))
    seen = [job.seen_at for job in page.jobs if job.seen_at is not None]
    return _List([job.content for job in page.jobs], asked, page.next_before, min(seen, default=None))


def _rows(found: _List) -> tuple[Markup, str]:
    return live.part("ui/jobs_rows.html", found=found)
