"""Signing in with an account of an identity provider: the way there, the way back, and signing out there.

Whatever goes wrong is told on the sign-in page, on which people with passwords sign in as always (docs/adr/0034).
"""

from __future__ import annotations

import logging

from flask import Response, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from gems_api.services.access.single_sign_on import CREDENTIAL, NotAdmitted, SignOn
from gems_api.services.access.sso_trips import LIFETIME, Trips
from gems_api.services.sign_on_ports import ProviderRefused, ProviderUnavailable
from gems_api.web.contexts import DOORS, Doors, context
from gems_api.web.ui.sign_in import begun, behind_tls, led_on, page, safe_next
from gems_api.web.visitors import named_sessions, signed_in_visitor

LOG = logging.getLogger(__name__)
COOKIE = "gems_sso"
LONGEST_CODE = 4000
_AWAY = "{name} does not answer as it should. Try again in a minute, or sign in with name and password."
_OTHER_BROWSER = "This answer of {name} belongs to another browser or another try, or it took too long. Sign in again."
_NOT_GOOD = "{name} could not let you in. Sign in again; if that does not help, tell an administrator the time."
_REFUSED = "{name} did not let you in: sign-in was cancelled or refused there. Nothing has changed."


def sso() -> ResponseReturnValue:
    """To the provider."""
    sign_on = _sign_on()
    back = safe_next(request.args.get("next", ""))
    if signed_in_visitor() is not None:
        return led_on(back)
    began = _trips().begin(back)
    try:
        answer = _to(sign_on.url(began.trip))
    except ProviderUnavailable as away:
        return _told(sign_on, back, 503, _AWAY, away)
    answer.set_cookie(
        COOKIE,
        began.cookie,
        max_age=round(LIFETIME.total_seconds()),
        path=_cookie_path(),
        secure=behind_tls(),
        httponly=True,
        samesite="Lax",
    )
    return answer


def sso_back() -> ResponseReturnValue:
    """Back from the provider. The cookie goes, whatever comes of it: an answer is good once."""
    answer = _answered(_sign_on())
    answer.delete_cookie(COOKIE, path=_cookie_path(), httponly=True, samesite="Lax")
    return answer


def sso_leave() -> ResponseReturnValue:
    """To where the provider signs people out; the session here has ended before."""
    sign_on = _sign_on()
    try:
        address = sign_on.sign_out_url(_api("ui.sign_in"))
    except ProviderUnavailable as away:
        return _told(sign_on, "", 503, _AWAY, away)
    return _to(address or url_for("ui.sign_in"))


def _answered(sign_on: SignOn) -> Response:
    trip = _trips().find(request.cookies.get(COOKIE, ""))
    if trip is None or not trip.is_state(request.args.get("state", "")):
        return _told(sign_on, trip.back if trip else "", 403, _OTHER_BROWSER)
    code = request.args.get("code", "")
    if not code or len(code) > LONGEST_CODE or not code.isprintable():
        return _told(sign_on, trip.back, 403, _REFUSED, f"error {request.args.get('error', '')[:100]!r}")
    try:
        person, grant = sign_on.admit(trip.trip, code, request.args.get("iss", ""))
    except NotAdmitted as refused:
        LOG.warning("single sign-on: %s", refused)
        return page(trip.back, 403, str(refused))
    except ProviderRefused as refused:
        return _told(sign_on, trip.back, 403, _NOT_GOOD, refused)
    except ProviderUnavailable as away:
        return _told(sign_on, trip.back, 503, _AWAY, away)
    return begun(trip.back, named_sessions().begin(person, grant))


def _told(sign_on: SignOn, back: str, status: int, words: str, why: object = "") -> Response:
    """The sign-in page with what went wrong; the log tells administrators why."""
    if why:
        LOG.warning("single sign-on with %s: %s", sign_on.settings.issuer, why)
    return page(back, status, words.format(name=sign_on.settings.name))


def _sign_on() -> SignOn:
    provider, settings = context().cloud.provider, context().sso.settings()
    if provider is None or settings is None:
        abort(404)
    return SignOn(
        settings,
        provider,
        context().sso.records,
        context().persons,
        lambda: context().cloud.credentials.secrets(CREDENTIAL),
        _api("ui.sso_back"),
    )


def _api(endpoint: str) -> str:
    """A page's address as the provider knows it: never by the host that a request happens to name."""
    return context().settings.api_url.rstrip("/") + url_for(endpoint).removeprefix(request.root_path)


def _trips() -> Trips:
    doors: Doors = current_app.extensions[DOORS]
    return Trips(doors.keeper, doors.user_credential, context().clock)


def _to(address: str) -> Response:
    answer: BaseResponse = redirect(address, 303, Response)
    assert isinstance(answer, Response)
    return answer


def _cookie_path() -> str:
    return f"{request.root_path}/sign-in/sso"
