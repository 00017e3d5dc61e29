"""Sessions of named people: signed under a seal of the person's own record, so that a change of the record ends them.

The shared user's sessions are signed under the shared token, whose holders could forge such a session. They cannot forge one
of these: the seal is known to the API and to administrators only (docs/adr/0031).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from gems_api.services.access.persons import Persons
from gems_api.services.access.sessions import CLOCKS_APART, LONGEST_COOKIE, Visitor, begun, opened
from gems_api.services.ports import Clock
from gems_api.services.state.person import Person
from gems_core.people import Role, is_name, narrower

_MARK = "u."


@dataclass(frozen=True)
class Grant:
    """What somebody may who has signed in with an account, until the session ends (docs/adr/0034).

    Attributes:
        role: that the account's groups give; None where no groups are asked for. The record's role stays the most.
        minutes: of the session.
    """

    role: Role | None
    minutes: int


def is_named(cookie: str) -> bool:
    """Whether a cookie says that it is of a named person's session."""
    return cookie.startswith(_MARK)


@dataclass(frozen=True)
class NamedSessions:
    """Begins the sessions of named people, and knows them again."""

    persons: Persons
    clock: Clock

    def begin(self, person: Person, grant: Grant | None = None) -> Visitor:
        """A session of somebody who has signed in; with a grant where that was with an account."""
        more = (grant.role.value if grant.role else "", grant.minutes) if grant else ()
        visitor = begun(person.name, person.session_key, self.clock(), *more)
        return _of(person, replace(visitor, cookie=f"{_MARK}{person.name}.{visitor.cookie}"))

    def find(self, cookie: str) -> Visitor | None:
        """The session that a cookie names; None if it is over, forged, or ended by a change of the person's record.

        Raises:
            CloudRefused: the record cannot be read now.
        """
        name, _, sealed = cookie.removeprefix(_MARK).partition(".")
        if not is_named(cookie) or len(cookie) > LONGEST_COOKIE or not is_name(name):
            return None
        found: list[Visitor] = []

        def fits(person: Person) -> bool:
            visitor = opened(sealed, person.session_key)
            found.extend([_of(person, replace(visitor, cookie=cookie))] if visitor is not None else [])
            return visitor is not None

        if self.persons.fitting(name, fits) is None:
            return None
        return found[-1] if found[-1].since - CLOCKS_APART <= self.clock() < found[-1].ends_at else None


def _of(person: Person, visitor: Visitor) -> Visitor:
    """A session with what the record says now, and no more than was granted when it began."""
    if not visitor.more:
        return replace(visitor, role=person.role)
    role, minutes = visitor.more
    granted = narrower(person.role, Role(str(role))) if role else person.role
    return replace(visitor, role=granted, account=person.account, life=timedelta(minutes=float(str(minutes))))
