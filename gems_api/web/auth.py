"""Who may ask: users and workers hold different credentials, and neither opens the other's doors."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import Response, current_app, g, request
from flask.typing import ResponseReturnValue

from gems_api.services.access.tokens import LOOK_AGAIN_SECONDS, Verdict
from gems_api.web.contexts import DOORS, Doors, context
from gems_api.web.problems import IS_USER, problem
from gems_api.web.visitors import SAFE_METHODS, is_from_another_site, led_to_sign_in, reads_by_cookie
from gems_core.errors import CloudRefused
from gems_core.identity import HEADER
from gems_core.session_key import SessionKey

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]
BASIC_USER = "gems"
_USER_CHALLENGE = 'Bearer realm="gems", Basic realm="gems"'


def user_only(view: View[P]) -> View[P]:
    """Let only users in: ``Authorization: Bearer <token>``, or Basic with user ``gems``; to read, a browser's session too.

    A browser that has none is led to the sign-in page and comes back from there.
    """

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        verdict = _judge_user()
        if _note(verdict):
            return view(*args, **kwargs)
        return led_to_sign_in() or _unauthenticated(_USER_CHALLENGE, "the user credential", verdict)

    return guarded


def readers_only(view: View[P]) -> View[P]:
    """Let everybody read where the deployment's status is public, only users where it is not."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        public = context().settings.public_status
        try:
            verdict = _judge_user()
        except CloudRefused:
            if not public:
                raise
            verdict = Verdict.UNSURE  # what is public is shown while CredStash is away
        if _note(verdict) or public:
            return view(*args, **kwargs)
        return led_to_sign_in() or _unauthenticated(_USER_CHALLENGE, "the user credential", verdict)

    return guarded


def is_user() -> bool:
    """Whether a user asks, behind ``user_only`` or ``readers_only``."""
    return bool(g.get(IS_USER))


def _note(verdict: Verdict) -> bool:
    """Note for the rest of the request whether a user asks."""
    found = verdict is Verdict.RIGHT
    setattr(g, IS_USER, found)
    return found


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


def _judge_user() -> Verdict:
    doors: Doors = current_app.extensions[DOORS]
    offered = _bearer() or _basic()
    if not offered and reads_by_cookie():
        return Verdict.RIGHT
    return _judge(doors.user_credential, offered)


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
