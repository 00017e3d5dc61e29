"""Which launch is meant. Of what an address says only an id is taken: nothing else of it is believed or fetched."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gems_api.services.context import Context
from gems_api.services.remote_ports import AppSession, Remote, RemoteRefused, Sealer
from gems_core.errors import InvalidInput, one_problem

_ID = re.compile(r"[0-9]{1,20}", re.ASCII)
_URI = re.compile(r"(?:https?://[A-Za-z0-9.-]{1,200})?/?(?:v1pre3|v2)/appsessions/([0-9]{1,20})", re.ASCII)
_TRIGGER = "trigger"
_LONGEST = 300


def named_session(query: Mapping[str, str]) -> str:
    """The id of the launch that BaseSpace calls us for.

    Args:
        query: of the address: ``action=trigger&appsessionuri=...`` as BaseSpace sends it, or ``appsessionid`` alone.

    Raises:
        InvalidInput: there is no such id in it.
    """
    action, address = query.get("action", _TRIGGER), query.get("appsessionuri", "")[: _LONGEST + 1]
    if action != _TRIGGER:
        raise _unreadable("action", _TRIGGER, action)
    found = _URI.fullmatch(address)
    if found is not None:
        return found[1]
    number = query.get("appsessionid", "")[:_LONGEST]
    if not address and _ID.fullmatch(number):
        return number
    raise _unreadable(
        "appsessionuri", "the address of an app session, such as /v1pre3/appsessions/123", address or number
    )


def open_session(context: Context, session_id: str) -> AppSession:
    """The launch as BaseSpace itself tells it, with our own key.

    Raises:
        RemoteRefused: it is not one of our app's, or it is over.
        RemoteUnavailable: BaseSpace does not answer.
    """
    session = remote_of(context).session(session_id)
    if session.is_over:
        raise RemoteRefused(f"The launch {session_id} is over ({session.status}). Launch the app again in BaseSpace.")
    return session


def remote_of(context: Context) -> Remote:
    """BaseSpace, where the deployment has it."""
    if context.cloud.remote is None:
        raise RemoteRefused("This installation of GeMS takes no jobs from BaseSpace.")
    return context.cloud.remote


def sealer_of(context: Context) -> Sealer:
    """What seals tokens, where the deployment has BaseSpace."""
    if context.cloud.sealer is None:
        raise RemoteRefused("This installation of GeMS takes no jobs from BaseSpace.")
    return context.cloud.sealer


def _unreadable(field: str, expected: str, found: str) -> InvalidInput:
    return one_problem("app_session", field, expected, repr(found)[:120], "Launch the app again in BaseSpace.")
