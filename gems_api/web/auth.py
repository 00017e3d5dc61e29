"""Who may ask: users and workers hold different credentials, and neither opens the other's doors."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import Response, current_app, g, request
from flask.typing import ResponseReturnValue

from gems_api.services.access.tokens import LOOK_AGAIN_SECONDS, Verdict
from gems_api.services.state.person import name_in_token
from gems_api.web.callers import demand, note_caller
from gems_api.web.contexts import DOORS, Doors, context
from gems_api.web.problems import IS_USER, problem
from gems_api.web.visitors import SAFE_METHODS, is_from_another_site, led_to_sign_in, reader_by_cookie
from gems_core.errors import CloudRefused
from gems_core.identity import HEADER
from gems_core.people import SHARED_USER, Caller, Right
from gems_core.session_key import SessionKey

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]
BASIC_USER = "gems"
_USER_CHALLENGE = 'Bearer realm="gems", Basic realm="gems"'


def user_only(view: View[P]) -> View[P]:
    """Let only users in: ``Authorization: Bearer <token>``, or Basic with user ``gems``; to read, a browser's session too.

    Whoever changes something must have the right to run jobs. A browser that has no session is led to the sign-in page and comes
    back from there.
    """
    return _only(view, lambda: Right.READ if request.method in SAFE_METHODS else Right.RUN)


def reviewers_only(view: View[P]) -> View[P]:
    """As ``user_only``, for what the use case itself allows or refuses by role."""
    return _only(view, lambda: Right.READ)


def _only(view: View[P], right: Callable[[], Right]) -> View[P]:
    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        verdict, caller = _judge_user()
        if not _note(caller):
            return led_to_sign_in() or _unauthenticated(_USER_CHALLENGE, "the user credential", verdict)
        demand(right())
        return view(*args, **kwargs)

    return guarded


def readers_only(view: View[P]) -> View[P]:
    """Let everybody read where the deployment's status is public, only users where it is not."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        public = context().settings.public_status
        verdict, found = Verdict.UNSURE, None
        try:
            verdict, found = _judge_user()
        except CloudRefused:
            if not public:
                raise  # what is public is shown while CredStash is away
        if _note(found) or public:
            return view(*args, **kwargs)
        return led_to_sign_in() or _unauthenticated(_USER_CHALLENGE, "the user credential", verdict)

    return guarded


def is_user() -> bool:
    """Whether a user asks, behind ``user_only`` or ``readers_only``."""
    return bool(g.get(IS_USER))


def _note(found: Caller | None) -> bool:
    """Note for the rest of the request who asks."""
    setattr(g, IS_USER, found is not None)
    if found is not None:
        note_caller(found)
    return found is not None


def worker_only(view: View[P]) -> View[P]:
    """Let only workers in: ``Authorization: Bearer <token>``."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        doors: Doors = current_app.extensions[DOORS]
        verdict = _judge(doors.worker_credential, _bearer())
        if verdict is Verdict.RIGHT:
            return view(*args, **kwargs)
        return _unauthenticated('Bearer realm="gems-worker"', "the worker credential", verdict)

    return guarded


def require_instance(session_key: SessionKey, instance_id: str) -> None:
    """Refuse a worker's message unless its sender proves to be the instance that it names.

    Call this only behind ``worker_only``: a proof that is not remembered costs a call of STS.

    Raises:
        IdentityRefused: it does not.
        IdentityUnchecked: STS cannot be asked now.
    """
    context().identities.check(request.headers.get(HEADER), session_key, instance_id)


def _judge_user() -> tuple[Verdict, Caller | None]:
    doors: Doors = current_app.extensions[DOORS]
    offered = _bearer() or _basic()
    if not offered:
        visitor = reader_by_cookie()
        return (Verdict.RIGHT, visitor.caller) if visitor is not None else (Verdict.WRONG, None)
    if name_in_token(offered):
        person = context().persons.by_token(offered)
        return (Verdict.RIGHT, person.caller) if person is not None else (Verdict.WRONG, None)
    if not context().settings.shared_user:
        return Verdict.WRONG, None
    verdict = _judge(doors.user_credential, offered)
    return verdict, Caller(SHARED_USER) if verdict is Verdict.RIGHT else None


def _judge(name: str, offered: str) -> Verdict:
    doors: Doors = current_app.extensions[DOORS]
    return doors.keeper.judge(name, offered) if offered else Verdict.WRONG


def _bearer() -> str:
    given = request.authorization
    return given.token or "" if given is not None and given.type == "bearer" else ""


def _basic() -> str:
    given = request.authorization
    if given is None or given.type != "basic" or given.username != BASIC_USER:
        return ""
    # Browsers send Basic credentials unasked, also when a page of another site makes them change something.
    forged = request.method not in SAFE_METHODS and is_from_another_site()
    return "" if forged else given.password or ""


def _unauthenticated(challenge: str, expected: str, verdict: Verdict) -> Response:
    found = "none" if request.authorization is None else "another one"
    detail = f"expected {expected} in the Authorization header, found {found}"
    headers = {"WWW-Authenticate": challenge}
    if verdict is Verdict.UNSURE:
        headers["Retry-After"] = str(LOOK_AGAIN_SECONDS)
        detail += f"; if it is new, send it again in {LOOK_AGAIN_SECONDS} seconds"
    return problem("unauthenticated", detail, headers)
