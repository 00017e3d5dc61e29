"""Who a person is: by password, by token, and by name for sessions. A record is looked at again after a few seconds."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gems_api.services.access.passwords import hashed, is_right
from gems_api.services.ports import Clock
from gems_api.services.state.person import Person, name_in_token
from gems_api.services.storage.people import People, PersonUnreadable, SignInTries
from gems_core.people import is_name

LOG = logging.getLogger(__name__)
# How long disabling, another password or revoking may take to be known everywhere.
REMEMBERED = timedelta(seconds=5)
# What does not fit may be newer than what is remembered, so it is looked for again; not for every forged cookie, though.
LOOKED_FOR_AGAIN = timedelta(seconds=1)
MOST_REMEMBERED = 1000


class MustWait(Exception):
    """Too many tries to sign in failed under a name.

    Attributes:
        seconds: until the next one is looked at.
    """

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"too many tries failed; wait {seconds} seconds")


@dataclass(frozen=True)
class Persons:
    """Knows people, and remembers for a while what their records say.

    Every method raises CloudRefused where S3 refuses. A record that cannot be read counts as missing.
    """

    people: People
    tries: SignInTries
    clock: Clock
    _held: OrderedDict[str, tuple[Person | None, datetime]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def fitting(self, name: str, fits: Callable[[Person], bool]) -> Person | None:
        """The person of a name, if the record fits what is shown; None otherwise, and for somebody who is disabled."""
        for oldest in (REMEMBERED, LOOKED_FOR_AGAIN):
            person = self._person(name, oldest)
            if person is not None and not person.disabled and fits(person):
                return person
        return None

    def by_token(self, token: str) -> Person | None:
        """Whose token it is; None for an unknown token, and for that of somebody who is disabled."""
        name = name_in_token(token)
        return self.fitting(name, lambda person: person.owns(token)) if name else None

    def by_password(self, name: str, password: str) -> Person | None:
        """Who signs in; None: no such person, disabled, no password, or another one. Nobody can tell which.

        Raises:
            MustWait: too many tries failed before.
        """
        now = self.clock()
        wait = self.tries.begin(name, now)
        if wait:
            raise MustWait(max(1, -int(-wait.total_seconds() // 1)))
        person = self.as_of_now(name)
        known = person.password_in_force if person is not None and not person.disabled else ""
        if not is_right(password, known):
            return None
        self.tries.take_back(name)
        return person

    def as_of_now(self, name: str) -> Person | None:
        """What the record of a name says at this moment, also of somebody who is disabled; None: there is none."""
        return self._look(name, self.clock()) if is_name(name) else None

    def set_password(self, person: Person, password: str) -> Person:
        """Change the own password of somebody who has just shown the one in force; all sessions before it end.

        Raises:
            Conflict: another one was set meanwhile.
        """
        now = self.clock()
        changed = self.people.set_own_password(person, hashed(password), now)
        self._hold(person.name, changed, now)
        LOG.info("%s has set another password", person.name)
        return changed

    def _person(self, name: str, oldest: timedelta) -> Person | None:
        now = self.clock()
        with self._lock:
            person, looked_at = self._held.get(name, (None, None))
        return person if looked_at is not None and now - looked_at < oldest else self._look(name, now)

    def _look(self, name: str, now: datetime) -> Person | None:
        try:
            person = self.people.find(name)
        except PersonUnreadable:
            # Told to those who run the deployment, and not to a stranger who asks under the name.
            LOG.exception("a user's record cannot be read, so the user is let in nowhere")
            person = None
        self._hold(name, person, now)
        return person

    def _hold(self, name: str, person: Person | None, now: datetime) -> None:
        with self._lock:
            self._held[name] = (person, now)
            self._held.move_to_end(name)
            while len(self._held) > MOST_REMEMBERED:
                self._held.popitem(last=False)
