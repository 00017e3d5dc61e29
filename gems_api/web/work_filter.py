"""What a query asks for of the work list; names become people with their roles."""

from __future__ import annotations

from typing import Any

from werkzeug.datastructures import MultiDict

from gems_api.services.review.work_list import WorkFilter
from gems_api.web.callers import caller
from gems_api.web.contexts import context
from gems_api.web.query import parse_work_query
from gems_core.errors import one_problem
from gems_core.people import Caller


def wanted_work(arguments: MultiDict[str, str]) -> WorkFilter:
    """The filter.

    Raises:
        InvalidInput: an argument is wrong, or nobody has the name.
        CloudRefused: it cannot be known now who has the name.
    """
    values: dict[str, Any] = parse_work_query(arguments)
    name = values["person"]
    return WorkFilter(**{**values, "asks": caller(), "person": _person(name) if name else None})


def _person(name: str) -> Caller:
    if name == caller().name:
        return caller()
    person = context().persons.fitting(name, lambda _: True)
    if person is None:
        repair = "An administrator sees all names with `gems users list`."
        raise one_problem("invalid_argument", "query, argument person", "somebody who may sign in", repr(name), repair)
    return person.caller
