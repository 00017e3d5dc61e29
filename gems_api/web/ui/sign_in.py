"""Signing in and out, with a name and password or with the shared credential.

Who guesses passwords is made to wait by ``Persons``. API Gateway's throttle slows down who guesses the shared credential: it has
256 bits, and no try is counted here.
"""

from __future__ import annotations

import logging
import re

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from gems_api.services.access.persons import MustWait
from gems_api.services.access.sessions import Visitor
from gems_api.web.contexts import context
from gems_api.web.ui.frame import form, form_refused, form_session, is_ours, seen_other, shown
from gems_api.web.visitors import forget, named_sessions, remember, sessions, signed_in_visitor
from gems_core.errors import CloudRefused

LOG = logging.getLogger(__name__)
# An address below ours: one slash, then no other (nor a backslash, which browsers take for one) and nothing that is not printed.
_BELOW = re.compile(r"/(?![/\\])[!-\[\]-~]*")
_LONGEST_NEXT = 2000
_LONGEST_NAME = 100
_TOO_OLD = "The page had been open for too long. Please sign in again."
_NOT_FITTING = "Name or password is wrong. Check both; an administrator can set another password."
_WAIT = "Too many failed tries. Wait {seconds} seconds, then try again."
_WRONG = "This credential is not valid. Check for missing characters; after a rotation use the new one."


def sign_in() -> ResponseReturnValue:
    """The sign-in page; who has signed in is led on."""
    back = safe_next(request.args.get("next", ""))
    return led_on(back) if signed_in_visitor() is not None else page(back)


def post_sign_in() -> ResponseReturnValue:
    """Compare what was entered, and begin a session."""
    back = safe_next(request.form.get("next", ""))
    visitor = form_session()
    if visitor is None:
        return page(back, 422, _TOO_OLD)
    if not is_ours(visitor):
        return form_refused()
    if "password" in request.form:
        return _by_password(back)
    offered = request.form.get("credential", "").strip()
    found = sessions().sign_in(offered) if context().settings.shared_user else None
    return begun(back, found) if found is not None else page(back, 422, _WRONG)


def _by_password(back: str) -> Response:
    name = request.form.get("name", "").strip().lower()[:_LONGEST_NAME]
    try:
        person = context().persons.by_password(name, request.form["password"])
    except MustWait as wait:
        answer = page(back, 429, _WAIT.format(seconds=wait.seconds))
        answer.headers["Retry-After"] = str(wait.seconds)
        return answer
    if person is None:
        return page(back, 422, _NOT_FITTING)
    return begun(back, named_sessions().begin(person))


def begun(back: str, visitor: Visitor) -> Response:
    """Lead somebody on who has signed in."""
    answer = led_on(back)
    remember(answer, visitor, secure=behind_tls())
    return answer


@form
def post_sign_out() -> ResponseReturnValue:
    """End the session of this browser. The provider's own goes on, and the page says so."""
    visitor = signed_in_visitor()
    left = {"left": "sso"} if visitor is not None and visitor.account else {}
    answer = seen_other("ui.sign_in", **left)
    forget(answer)
    return answer


def safe_next(address: str) -> str:
    """Where to go after signing in: an address below ours, or '' when it is not one."""
    return address if len(address) <= _LONGEST_NEXT and _BELOW.fullmatch(address) else ""


def led_on(back: str) -> Response:
    """To where somebody wanted to go."""
    answer = redirect(request.root_path + back if back else url_for("ui.jobs"), 303, Response)
    assert isinstance(answer, Response)
    return answer


def page(back: str, status: int = 200, complaint: str = "") -> Response:
    """The page, with a session for the sake of its form."""
    visitor = form_session() or sessions().unsigned()
    answer = shown(
        "ui/sign_in.html",
        status,
        back=back,
        complaint=complaint,
        form_token=visitor.form_token,
        public=_public(),
        shared=context().settings.shared_user,
        provider=_provider_name(),
        left=request.args.get("left") == "sso",
    )
    remember(answer, visitor, secure=behind_tls())
    return answer


def _provider_name() -> str:
    """The identity provider's, '' where people sign in with passwords alone, or while nobody can tell."""
    try:
        settings = context().sso.settings() if context().cloud.provider else None
    except CloudRefused as refused:
        LOG.warning("whether there is single sign-on cannot be read: %s", refused)
        return ""
    return settings.name if settings else ""


def _public() -> bool:
    return context().settings.public_status


def behind_tls() -> bool:
    """Whether browsers may send cookies over TLS alone."""
    return context().settings.api_url.startswith("https://")
