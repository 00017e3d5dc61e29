"""Who may ask: users and workers hold different credentials, and neither opens the other's doors."""

from __future__ import annotations

import hmac
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import ParamSpec

from flask import Response, current_app, request
from flask.typing import ResponseReturnValue

from gems_api.services.context import Context
from gems_api.services.ports import Clock, Credentials
from gems_api.web.problems import problem
from gems_core.identity import HEADER
from gems_core.session_key import SessionKey

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]
BASIC_USER = "gems"
CONTEXT = "gems"


def context() -> Context:
    """The collaborators of the app that serves this request."""
    found: Context = current_app.extensions[CONTEXT]
    return found


class TokenKeeper:
    """Holds tokens for a short time, so that not every request asks CredStash, and a rotation is soon seen."""

    def __init__(self, credentials: Credentials, clock: Clock, seconds: int) -> None:
        self._credentials = credentials
        self._clock = clock
        self._lifetime = timedelta(seconds=seconds)
        self._held: dict[str, tuple[str, datetime]] = {}
        self._lock = threading.Lock()

    def matches(self, name: str, offered: str) -> bool:
        """Whether a token is the named one, in time that does not depend on where they differ."""
        return hmac.compare_digest(self._token(name).encode(), offered.encode())

    def _token(self, name: str) -> str:
        now = self._clock()
        with self._lock:
            held = self._held.get(name)
            if held is None or held[1] <= now:
                held = (self._credentials.secret(name), now + self._lifetime)
                self._held[name] = held
            return held[0]


@dataclass(frozen=True)
class Doors:
    """Which credential opens which routes."""

    keeper: TokenKeeper
    user_credential: str
    worker_credential: str


DOORS = "gems_doors"


def user_only(view: View[P]) -> View[P]:
    """Let only users in: ``Authorization: Bearer <token>``, or Basic with user ``gems`` (for browsers)."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        doors: Doors = current_app.extensions[DOORS]
        offered = _bearer() or _basic()
        if offered and doors.keeper.matches(doors.user_credential, offered):
            return view(*args, **kwargs)
        return _unauthenticated('Bearer realm="gems", Basic realm="gems"', "the user credential")

    return guarded


def worker_only(view: View[P]) -> View[P]:
    """Let only workers in: ``Authorization: Bearer <token>``."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        doors: Doors = current_app.extensions[DOORS]
        offered = _bearer()
        if offered and doors.keeper.matches(doors.worker_credential, offered):
            return view(*args, **kwargs)
        return _unauthenticated('Bearer realm="gems-worker"', "the worker credential")

    return guarded


def require_instance(session_key: SessionKey, instance_id: str) -> None:
    """Refuse a worker's message unless its sender proves to be the instance that it names.

    Call this only behind ``worker_only``: a proof that is not remembered costs a call of STS.

    Raises:
        IdentityRefused: it does not.
        IdentityUnchecked: STS cannot be asked now.
    """
    context().identities.check(request.headers.get(HEADER), session_key, instance_id)


def _bearer() -> str:
    given = request.authorization
    return given.token or "" if given is not None and given.type == "bearer" else ""


def _basic() -> str:
    given = request.authorization
    if given is None or given.type != "basic" or given.username != BASIC_USER or _is_from_another_site():
        return ""
    return given.password or ""


def _is_from_another_site() -> bool:
    """Whether a page of another site made a browser, which sends Basic credentials unasked, change something."""
    changes = request.method not in ("GET", "HEAD", "OPTIONS")
    return changes and request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none")


def _unauthenticated(challenge: str, expected: str) -> Response:
    found = "none" if request.authorization is None else "another one"
    detail = f"expected {expected} in the Authorization header, found {found}"
    return problem(401, "unauthenticated", "Not authenticated", detail, {"WWW-Authenticate": challenge})
