"""Launches from BaseSpace: the callback, the way back from its consent, and the page on which a person starts the job.

The launch is what lets a person in here, and nothing but this launch (docs/adr/0020). A cookie binds it to their browser.
"""

from __future__ import annotations

from flask import Response, abort, current_app, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from gems_api.services.access.launch_tickets import LIFETIMES, Stage, Ticket, Tickets
from gems_api.services.remote.launches import LaunchRefused, Look, admit, job_made, look, redirect_uri, start
from gems_api.services.remote.sessions import named_session, open_session, remote_of
from gems_api.services.remote_ports import RemoteRefused
from gems_api.web.contexts import DOORS, Doors, context
from gems_api.web.ui.file_table import file_table
from gems_api.web.ui.frame import TOKEN_FIELD, form_refused, seen_other, shown
from gems_api.web.visitors import is_from_another_site
from gems_core.errors import InvalidInput

COOKIE = "gems_launch"
_LONGEST_CODE = 500


def basespace() -> ResponseReturnValue:
    """BaseSpace's callback: look the launch up, and send its person to consent."""
    _only_where_it_is_on()
    session_id = named_session(request.args)
    open_session(context(), session_id)
    ticket = _tickets().give(Stage.CONSENT, session_id)
    answer = redirect(remote_of(context()).consent_url(ticket.number, redirect_uri(context())), 303, Response)
    _remember(answer, ticket)
    return answer


def basespace_oauth() -> ResponseReturnValue:
    """Back from BaseSpace's consent: take the code, then lead on, so that the address tells it no more."""
    _only_where_it_is_on()
    ticket = _ticket(Stage.CONSENT)
    if not ticket.is_number(request.args.get("state", "")):
        raise LaunchRefused("This answer of BaseSpace belongs to another browser or launch. Launch the app again.")
    code = request.args.get("code", "")
    if not code or len(code) > _LONGEST_CODE or not code.isprintable():
        raise RemoteRefused(
            "BaseSpace did not let GeMS in: consent was refused. Nothing was read and nothing was started."
        )
    following = _tickets().give(Stage.START, ticket.session_id)
    admit(context(), ticket.session_id, ticket.number, code, following.number)
    answer = seen_other("ui.basespace_launch")
    _remember(answer, following)
    return answer


def basespace_launch() -> ResponseReturnValue:
    """What the launch would start."""
    _only_where_it_is_on()
    ticket = _ticket(Stage.START)
    made = job_made(context(), ticket.session_id)
    if made is not None:
        return seen_other("ui.job", session_key=str(made))
    return _page(ticket, look(context(), ticket.session_id, ticket.number))


def post_basespace_launch() -> ResponseReturnValue:
    """Start it."""
    _only_where_it_is_on()
    ticket = _ticket(Stage.START)
    if is_from_another_site() or not ticket.sent(request.form.get(TOKEN_FIELD, "")):
        return form_refused()
    try:
        session_key = start(context(), ticket.session_id, ticket.number)
    except InvalidInput:
        return _page(ticket, look(context(), ticket.session_id, ticket.number))
    answer = seen_other("ui.job", session_key=str(session_key))
    answer.delete_cookie(COOKIE, path=_cookie_path(), httponly=True, samesite="Lax")
    return answer


def _only_where_it_is_on() -> None:
    if context().cloud.remote is None:
        abort(404)


def _tickets() -> Tickets:
    doors: Doors = current_app.extensions[DOORS]
    return Tickets(doors.keeper, doors.user_credential, context().clock)


def _ticket(stage: Stage) -> Ticket:
    ticket = _tickets().find(stage, request.cookies.get(COOKIE, ""))
    if ticket is None:
        raise LaunchRefused(
            "This browser has no launch to confirm, or it waited too long. Launch the app again in BaseSpace."
        )
    return ticket


def _page(ticket: Ticket, launch: Look) -> Response:
    files = file_table(launch.dry.plan, launch.dry.problems)
    return shown(
        "ui/basespace.html",
        422 if launch.dry.problems else 200,
        launch=launch,
        dry=launch.dry,
        files=files,
        form_token=ticket.form_token,
        spot=context().settings.spot,
    )


def _remember(answer: BaseResponse, ticket: Ticket) -> None:
    """Lax: the browser shows the cookie when BaseSpace leads it back, and never with another site's form."""
    answer.set_cookie(
        COOKIE,
        ticket.text,
        max_age=round(LIFETIMES[ticket.stage].total_seconds()),
        path=_cookie_path(),
        secure=context().settings.api_url.startswith("https://"),
        httponly=True,
        samesite="Lax",
    )


def _cookie_path() -> str:
    return f"{request.root_path}/basespace"
