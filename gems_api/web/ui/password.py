"""A person's own password: changed by whoever is signed in with one and knows it (docs/adr/0034)."""

from __future__ import annotations

from flask import Response, abort, request
from flask.typing import ResponseReturnValue

from gems_api.services.access.passwords import LEAST_CHARACTERS, password_problem
from gems_api.services.access.persons import MustWait
from gems_api.services.access.sessions import Visitor
from gems_api.web.contexts import context
from gems_api.web.ui.frame import for_users, form, seen_other, shown, user
from gems_api.web.ui.sign_in import behind_tls
from gems_api.web.visitors import named_sessions, remember
from gems_core.errors import Conflict

HERE = "password"
_NOT_THE_ONE = "The password of now is another one. Check it and try again."
_WAIT = "Too many tries have failed. Wait {seconds} seconds, then try again."
_NOT_TWICE = "The new password was typed in two ways. Type it twice alike."
_NEW = "The new password: {problem}. Choose another one."
_THE_SAME = "The new password is the one that you have. Choose another one."


@for_users
def password() -> ResponseReturnValue:
    """The page."""
    _person()
    return _page()


@form
def post_password() -> ResponseReturnValue:
    """Change it, and begin a new session here; all others end with the old password."""
    visitor = _person()
    old, new = request.form.get("old", ""), request.form.get("new", "")
    complaint = _complaint(visitor.name, old, new)
    if complaint:
        return _page(422, complaint)
    try:
        # Counted as sign-in is, so that nobody guesses it at a browser that somebody left.
        person = context().persons.by_password(visitor.name, old)
        changed = context().persons.set_password(person, new) if person is not None else None
    except MustWait as wait:
        answer = _page(429, _WAIT.format(seconds=wait.seconds))
        answer.headers["Retry-After"] = str(wait.seconds)
        return answer
    except Conflict as conflict:
        return _page(409, f"{str(conflict).capitalize()}.")
    if changed is None:
        return _page(422, _NOT_THE_ONE)
    answer = seen_other("ui.password", done="yes")
    remember(answer, named_sessions().begin(changed), secure=behind_tls())
    return answer


def _complaint(name: str, old: str, new: str) -> str:
    """What is wrong with the new password as it was typed; '' if nothing is."""
    problem = password_problem(new, name)
    if problem:
        return _NEW.format(problem=problem)
    if new != request.form.get("again", ""):
        return _NOT_TWICE
    return _THE_SAME if new == old else ""


def _person() -> Visitor:
    """Who has signed in with a password. There is nothing here for all others."""
    visitor = user()
    if visitor is None or visitor.role is None or visitor.account is not None:
        abort(404)
    return visitor


def _page(status: int = 200, complaint: str = "") -> Response:
    is_done = request.method == "GET" and request.args.get("done") == "yes"
    return shown("ui/password.html", status, here=HERE, complaint=complaint, is_done=is_done, least=LEAST_CHARACTERS)
