"""Named users and failed tries to sign in, in the control bucket. Every change is a conditional write."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from gems_api.services.state.own_password import OwnPassword
from gems_api.services.state.person import Person
from gems_api.services.state.tries import Tries
from gems_api.services.state.unreadable import DAMAGE, told
from gems_api.services.storage.conditional import read_unless_damaged, write_over
from gems_api.services.store_ports import Store, TooLarge
from gems_core import layout
from gems_core.errors import Conflict, GemsError

_TURNS = 5
# A stranger may try any name. Names share 65,536 places, so that no more objects than these come of it.
_PLACE_DIGITS = 4


class PersonUnreadable(GemsError):
    """The record of a person is not as GeMS writes it."""


@dataclass(frozen=True)
class People:
    """The people of a deployment."""

    store: Store
    bucket: str

    def find(self, name: str) -> Person | None:
        """A person, with the password that is in force; None if nobody has the name.

        Raises:
            PersonUnreadable: the record cannot be read.
            CloudRefused: S3 refuses.
        """
        found = self._read(name)
        if found is None or not found[0].password:
            return found[0] if found else None
        return found[0].with_own(self._own(name)[0])

    def set_own_password(self, person: Person, password: str, now: datetime) -> Person:
        """Write the password that a person has chosen, instead of the one that the person is known with.

        Args:
            person: as ``find`` told.
            password: its hash.
            now: the time.

        Raises:
            Conflict: another one was set meanwhile.
            CloudRefused: S3 refuses.
        """
        own = OwnPassword(password, person.proof_of(password), now)
        before, etag = self._own(person.name)
        is_known = person.with_own(before).own == person.own
        key = layout.own_password_key(person.name)
        if not is_known or write_over(self.store, self.bucket, key, own.to_bytes(), etag) is None:
            raise Conflict("the password was changed at the same time; sign in again")
        return person.with_own(own)

    def all(self) -> list[Person]:
        """Everybody, by name.

        Raises:
            PersonUnreadable, CloudRefused: as above.
        """
        entries = self.store.entries(self.bucket, layout.PEOPLE_PREFIX)
        names = [entry.key.removeprefix(layout.PEOPLE_PREFIX).removesuffix(".json") for entry in entries]
        return [person for name in names if (person := self.find(name)) is not None]

    def add(self, person: Person) -> None:
        """Write a new person.

        Raises:
            Conflict: the name is taken.
            CloudRefused: S3 refuses.
        """
        if self.store.create(self.bucket, layout.person_key(person.name), person.to_bytes()) is None:
            raise Conflict(f"there is a user {person.name} already; `gems users list` shows all")

    def change(self, name: str, change: Callable[[Person], Person]) -> Person:
        """Change a person as the record is now; whoever loses against another change reads again.

        Args:
            name: of the person.
            change: makes the new record of the old one.

        Raises:
            Conflict: nobody has the name, or others change the record all the time.
            PersonUnreadable, CloudRefused: as above.
        """
        for _ in range(_TURNS):
            found = self._read(name)
            if found is None:
                raise Conflict(f"there is no user {name}; `gems users list` shows all")
            changed = change(found[0])
            if self.store.replace(self.bucket, layout.person_key(name), changed.to_bytes(), found[1]) is not None:
                return changed
        raise Conflict(f"somebody else changed the user {name} at the same time; try again")

    def _read(self, name: str) -> tuple[Person, str] | None:
        key = layout.person_key(name)
        try:
            stored = self.store.read(self.bucket, key)
            if stored is None:
                return None
            person = Person.from_bytes(stored.body)
            if person.name != name:
                raise ValueError(f"expected the user {name}, found {person.name}")
        except (*DAMAGE, TooLarge) as error:
            raise PersonUnreadable(f"s3://{self.bucket}/{key}: {told(error)}") from error
        return person, stored.etag

    def _own(self, name: str) -> tuple[OwnPassword | None, str | None]:
        """The password that a person has set, and its entity tag. Where it is damaged, the administrator's is in force."""
        return read_unless_damaged(self.store, self.bucket, layout.own_password_key(name), OwnPassword.from_bytes)


@dataclass(frozen=True)
class SignInTries:
    """Counts the failed tries to sign in, and makes those wait who fail often."""

    store: Store
    bucket: str

    def begin(self, name: str, now: datetime) -> timedelta:
        """Count a try under a name before it is looked at, so that no two at once pass for one.

        Returns:
            how long to wait; zero: the try is counted and may be looked at.

        Raises:
            CloudRefused: S3 refuses.
        """
        key = layout.tries_key(_place(name))
        for _ in range(_TURNS):
            known, etag = read_unless_damaged(self.store, self.bucket, key, Tries.from_bytes)
            wait = known.wait(now) if known else timedelta()
            if wait:
                return wait
            more = known.one_more(now) if known else Tries(1, now)
            if write_over(self.store, self.bucket, key, more.to_bytes(), etag) is not None:
                return timedelta()
        return timedelta(seconds=1)

    def take_back(self, name: str) -> None:
        """Take a try back that was right. Who loses against another try leaves it counted; it is forgotten in an hour.

        Raises:
            CloudRefused: S3 refuses.
        """
        key = layout.tries_key(_place(name))
        known, etag = read_unless_damaged(self.store, self.bucket, key, Tries.from_bytes)
        if known is not None:
            write_over(self.store, self.bucket, key, known.one_less().to_bytes(), etag)


def _place(name: str) -> str:
    return hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:_PLACE_DIGITS]
