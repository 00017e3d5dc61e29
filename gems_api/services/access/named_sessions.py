"""Sessions of named people: signed under a seal of the person's own record, so that a change of the record ends them.

The shared user's sessions are signed under the shared token, whose holders could forge such a session. They cannot forge one
of these: the seal is known to the API and to administrators only (docs/adr/0031).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from gems_api.services.access.persons import Persons
from gems_api.services.access.sessions import CLOCKS_APART, LONGEST_COOKIE, Visitor, begun, opened
from gems_api.services.ports import Clock
from gems_api.services.state.person import Person
from gems_core.people import is_name

_MARK = "u."


def is_named(cookie: str) -> bool:
    """Whether a cookie says that it is of a named person's session."""
    return cookie.startswith(_MARK)


@dataclass(frozen=True)
class NamedSessions:
    """Begins the sessions of named people, and knows them again."""

    persons: Persons
    clock: Clock

    def begin(self, person: Person) -> Visitor:
        """A session of somebody who has signed in."""
        visitor = begun(person.name, person.session_key, self.clock())
        return replace(visitor, cookie=f"{_MARK}{person.name}.{visitor.cookie}", role=person.role)

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
            found.extend([replace(visitor, cookie=cookie, role=person.role)] if visitor is not None else [])
            return visitor is not None

        if self.persons.fitting(name, fits) is None:
            return None
        return found[-1] if found[-1].since - CLOCKS_APART <= self.clock() < found[-1].ends_at else None
