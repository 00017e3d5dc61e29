"""Which person's browser asks: the session's cookie, and what it opens and does not open."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from flask import Response, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from gems_api.web.contexts import DOORS, Doors, context

if TYPE_CHECKING:
    from gems_api.services.access.named_sessions import NamedSessions
    from gems_api.services.access.sessions import Sessions, Visitor

COOKIE = "gems_session"
SAFE_METHODS = frozenset({"GET", "HEAD"})
_VISITOR = "visitor"
_OF_PATHS = "/:@!$&'()*+,;=~"


def sessions() -> Sessions:
    """What knows this app's sessions; programs and workers have none, so it is made when a browser asks."""
    from gems_api.services.access.sessions import Sessions  # noqa: PLC0415 - see above

    doors: Doors = current_app.extensions[DOORS]
    return Sessions(doors.keeper, doors.user_credential, context().clock)


def named_sessions() -> NamedSessions:
    """What knows the sessions of named people."""
    from gems_api.services.access.named_sessions import NamedSessions  # noqa: PLC0415 - as above

    return NamedSessions(context().persons, context().clock)


def session_of_cookie() -> Visitor | None:
    """The session that the request's cookie names, signed in or not; None without a good one.

    Raises:
        CloudRefused: the credential cannot be read now.
    """
    if _VISITOR not in g:
        cookie = request.cookies.get(COOKIE, "")
        setattr(g, _VISITOR, _found(cookie) if cookie else None)
    found: Visitor | None = g.get(_VISITOR)
    return found


def _found(cookie: str) -> Visitor | None:
    from gems_api.services.access.named_sessions import is_named  # noqa: PLC0415 - as above

    if is_named(cookie):
        return named_sessions().find(cookie)
    visitor = sessions().find(cookie)
    shut_out = visitor is not None and visitor.signed_in and not context().settings.shared_user
    return None if shut_out else visitor


def signed_in_visitor() -> Visitor | None:
    """The person who has signed in; None if nobody has.

    Raises:
        CloudRefused: the credential cannot be read now.
    """
    visitor = session_of_cookie()
    return visitor if visitor is not None and visitor.signed_in else None


def reader_by_cookie() -> Visitor | None:
    """Whose session lets this request read. What changes something is never let in by a cookie alone.

    Raises:
        CloudRefused: the credential cannot be read now.
    """
    return signed_in_visitor() if request.method in SAFE_METHODS else None


def remember(response: BaseResponse, visitor: Visitor, *, secure: bool) -> None:
    """Give the browser a session's cookie; scripts cannot read it, and other sites' forms do not send it."""
    setattr(g, _VISITOR, visitor)
    age = round((visitor.ends_at - visitor.since).total_seconds())
    response.set_cookie(
        COOKIE, visitor.cookie, max_age=age, path=_cookie_path(), secure=secure, httponly=True, samesite="Lax"
    )


def forget(response: BaseResponse) -> None:
    """Take the cookie away."""
    response.delete_cookie(COOKIE, path=_cookie_path(), httponly=True, samesite="Lax")


def is_from_another_site() -> bool:
    """Whether a page of another site, as the browser says, made this request. A program says nothing of the kind."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    ours = (request.host, urlsplit(context().settings.api_url).netloc)
    return origin is not None and urlsplit(origin).netloc not in ours


def wants_page() -> bool:
    """Whether a person's browser asks, and not a program: HTML is what it likes best."""
    return request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"


def led_to_sign_in() -> Response | None:
    """For a browser that wants to read something: to the sign-in page, and from there back here; None for all others."""
    if request.method not in SAFE_METHODS or not wants_page():
        return None
    query = request.query_string.decode("latin-1")
    return to_sign_in(quote(request.path, safe=_OF_PATHS) + (f"?{query}" if query else ""))


def to_sign_in(back: str) -> Response:
    """To the sign-in page, and from there to an address below the API's own path."""
    answer = redirect(url_for("ui.sign_in", next=back), 303, Response)
    assert isinstance(answer, Response)
    return answer


def _cookie_path() -> str:
    return request.root_path + "/" if request.root_path else "/"
