"""Who makes this request, once that is known, and what the caller may do."""

from __future__ import annotations

from flask import g

from gems_core.errors import NotAllowed
from gems_core.people import SHARED_USER, Caller, Right

_TOLD = {
    Right.READ: "read",
    Right.RUN: "start, cancel or retry jobs",
    Right.REVIEW: "review results",
    Right.APPROVE: "approve results",
}


def note_caller(found: Caller) -> None:
    """Note for the rest of the request who asks."""
    g.caller = found


def caller() -> Caller:
    """Who asks, behind a guard that lets only users in."""
    found: Caller = g.caller
    return found


def demand(right: Right) -> None:
    """Refuse a caller who lacks a right.

    Raises:
        NotAllowed: the caller's role does not have it.
    """
    asks = caller()
    if not asks.may(right):
        who = f"a {asks.role}" if asks.role else f"the shared user {SHARED_USER!r}"
        raise NotAllowed(f"{who} may not {_TOLD[right]}; an administrator gives roles with `gems users role`")
