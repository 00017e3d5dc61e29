"""The page of the work list: what waits for whom across runs, and how long runs take."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from gems_api.services.review.work_list import MOST_RUNS, work_list
from gems_api.web.callers import caller
from gems_api.web.contexts import context
from gems_api.web.ui.frame import WORK, for_users, shown
from gems_api.web.ui.run import tone
from gems_api.web.work_filter import wanted_work
from gems_core.errors import InvalidInput, Problem
from gems_core.people import Right
from gems_core.review.waiting import Wait
from gems_report.flags import words_of
from gems_report.verdict import Verdict

ROWS = 100
WAITS = {
    Wait.REVIEW: "review",
    Wait.ASSIGNED: "the person asked",
    Wait.FIRST_APPROVAL: "first approval",
    Wait.SECOND_APPROVAL: "second approval",
    Wait.REPEAT: "a repeat",
}
_FILTERS = ("flag", "verdict", "run", "waits_for", "person", "skip")


@for_users
def worklist() -> ResponseReturnValue:
    """The page. Who reviews is first shown what waits for oneself."""
    asked = {name: text for name in _FILTERS if (text := request.args.get(name, "").strip())}
    reviews = caller().is_person and caller().may(Right.REVIEW)
    # An empty name is everybody; no name at all is whoever looks.
    asked.setdefault("person", caller().name if reviews and "person" not in request.args else "")
    problems, wanted = list[Problem](), None
    try:
        wanted = wanted_work(_query(asked))
    except InvalidInput as wrong:
        problems, wanted = wrong.problems, wanted_work(_query({}))
    found = work_list(context(), wanted)
    following = wanted.skip + ROWS
    return shown(
        "ui/worklist.html",
        422 if problems else 200,
        here=WORK,
        asked=asked,
        found=found,
        wanted=wanted,
        problems=problems,
        waits=WAITS,
        verdicts=list(Verdict),
        tone=tone,
        flag_words=lambda code: words_of(code).sentence,
        me=caller(),
        following=following if following < found.total else None,
        most_runs=MOST_RUNS,
    )


def _query(asked: dict[str, str]) -> MultiDict[str, str]:
    return MultiDict({**{name: text for name, text in asked.items() if text}, "limit": str(ROWS)})
