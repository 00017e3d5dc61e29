"""What all pages share: the frame around them, who may see them, and the proof that a form is ours."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from flask import Response, current_app, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gems_api.services.access.sessions import Visitor
from gems_api.web.callers import demand, note_caller
from gems_api.web.contexts import context
from gems_api.web.problems import IS_USER, problem
from gems_api.web.ui import assets, words
from gems_api.web.visitors import SAFE_METHODS, is_from_another_site, session_of_cookie, signed_in_visitor, to_sign_in
from gems_core import __version__
from gems_core.errors import CloudRefused
from gems_core.people import Right

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]
TOKEN_FIELD = "form_token"  # noqa: S105 - the name of a form's field
JOBS, NEW_JOB, WORK, ENDPOINTS = "jobs", "new", "work", "docs"
"""Which part of the site a page belongs to."""


def shown(template: str, status: int = 200, *, here: str = "", **values: object) -> Response:
    """A page.

    Args:
        template: below ``templates``; it extends ``ui/base.html``.
        status: of the answer.
        here: the part of the site.
        values: what the template shows.
    """
    return make_response(drawn(template, here=here, **values), status)


def drawn(template: str, *, here: str = "", **values: object) -> str:
    """A page's or a part's HTML."""
    visitor = _visitor_or_nobody()
    frame = {
        "visitor": visitor,
        "token_field": TOKEN_FIELD,
        "version": __version__,
        "here": here,
        "static_url": assets.static_url,
        "has_htmx": assets.has_htmx(),
        "words": words,
        "now": context().clock(),
        "may_run": visitor is not None and visitor.caller.may(Right.RUN),
        "may_review": visitor is not None and visitor.caller.may(Right.REVIEW),
        "has_page": lambda endpoint: f"ui.{endpoint}" in current_app.view_functions,
    }
    return render_template(template, **frame, **values)


def seen_other(endpoint: str, **values: Any) -> Response:  # noqa: ANN401 - as url_for
    """To another page, after a form was carried out: to load that again does nothing twice."""
    answer = redirect(url_for(endpoint, **values), 303, Response)
    assert isinstance(answer, Response)
    return answer


def for_users(view: View[P]) -> View[P]:
    """Let only people in who have signed in; others are led to sign in, and come back."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        visitor = signed_in_visitor()
        if visitor is None:
            return _here_after_sign_in(**kwargs)
        _note(visitor)
        return view(*args, **kwargs)

    return guarded


def for_readers(view: View[P]) -> View[P]:
    """Let everybody in where the deployment's status is public, and only people who have signed in where it is not.

    The view asks ``frame.user`` whether it may show samples.
    """
    inside = for_users(view)

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if context().settings.public_status and _visitor_or_nobody() is None:
            return view(*args, **kwargs)
        return inside(*args, **kwargs)

    return guarded


def user() -> Visitor | None:
    """Who has signed in, behind ``for_users`` or ``for_readers``."""
    return _visitor_or_nobody()


def form(view: View[P]) -> View[P]:
    """Take a form only of somebody who has signed in, and only from a page of that session."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        visitor = signed_in_visitor()
        if visitor is None:
            return _here_after_sign_in(**kwargs)
        if not is_ours(visitor):
            return form_refused()
        _note(visitor)
        return view(*args, **kwargs)

    return guarded


def form_to_run(view: View[P]) -> View[P]:
    """As ``form``, of somebody who may start, cancel and retry jobs."""

    @form
    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        demand(Right.RUN)
        return view(*args, **kwargs)

    return guarded


def _note(visitor: Visitor) -> None:
    setattr(g, IS_USER, True)
    note_caller(visitor.caller)


def is_ours(visitor: Visitor | None) -> bool:
    """Whether the form of this request stood in a page of the visitor's session."""
    return visitor is not None and not is_from_another_site() and visitor.sent(request.form.get(TOKEN_FIELD, ""))


def form_refused() -> Response:
    """What is answered to a form that is not ours."""
    detail = "expected a form of a page of this session, found another one. Open the page again and send its form."
    return problem("form_refused", detail)


def form_session() -> Visitor | None:
    """The session that a form's token belongs to, signed in or not."""
    return session_of_cookie()


def _visitor_or_nobody() -> Visitor | None:
    """Who has signed in. Nobody, while CredStash is away: an error's page must be drawn then, too."""
    try:
        return signed_in_visitor()
    except CloudRefused:
        return None


def _here_after_sign_in(**arguments: Any) -> Response:  # noqa: ANN401 - as the rule names them
    """To the sign-in page, and back to what was asked for; after a form, to the page that it stood in."""
    if request.method in SAFE_METHODS:
        query = request.query_string.decode("latin-1")
        return to_sign_in(_below(request.endpoint or "", arguments) + (f"?{query}" if query else ""))
    endpoint = "ui.job" if "session_key" in arguments else "ui.new_job" if request.path == "/jobs/new" else "ui.jobs"
    of_job = {name: value for name, value in arguments.items() if name == "session_key"}
    return to_sign_in(_below(endpoint, of_job))


def _below(endpoint: str, arguments: dict[str, Any]) -> str:
    """A page's address below the API's own path."""
    address = url_for(endpoint, **arguments)
    return address.removeprefix(request.root_path)
