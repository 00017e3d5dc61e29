"""Which views show results, and so are noted in the access log once they have shown them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import make_response, request
from flask.typing import ResponseReturnValue

from gems_api.services.review.looking import note_look
from gems_api.web.callers import caller
from gems_api.web.contexts import context

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]
_FIRST_ERROR = 400


def noted(what: str, other: str = "") -> Callable[[View[P]], View[P]]:
    """Note who has seen what a view shows, behind a guard that lets only users in.

    Args:
        what: the page or the file; ``{extension}`` is that of the address.
        other: the argument of the query that names another job whose results are shown too; '' for none.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def looked(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            answer = make_response(view(*args, **kwargs))
            if answer.status_code < _FIRST_ERROR:
                named = {name: str(value) for name, value in kwargs.items()}
                told = what.format(**named)
                for session_key in (named["session_key"], request.args.get(other, "").strip() if other else ""):
                    if session_key:
                        note_look(context(), caller(), session_key, named.get("sample", ""), told)
            return answer

        return looked

    return decorate
