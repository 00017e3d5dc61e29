"""Who somebody is whom an identity provider has let in, and what the account's groups allow (docs/adr/0034).

The provider says which account it is; only a record that an administrator made says which person that is. So no account, and
no name that somebody has chosen there, makes anybody a person here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from shlex import quote
from typing import Any

from gems_api.services.access.named_sessions import Grant
from gems_api.services.access.persons import Persons
from gems_api.services.ports import Clock
from gems_api.services.sign_on_ports import Client, IdentityProvider, ProviderRefused, Trip
from gems_api.services.state.person import Person
from gems_api.services.state.sso_settings import EMAIL, SsoSettings
from gems_api.services.storage.sso import SsoRecords, SsoUnreadable
from gems_core.people import Account, Role

LOG = logging.getLogger(__name__)
CREDENTIAL = "gems.sso.client"
"""The name of the client secret in CredStash."""
# How long a change by `gems sso` may take to be known everywhere.
REMEMBERED = timedelta(seconds=60)
MOST_GROUPS = 5000


class NotAdmitted(ProviderRefused):
    """The provider has let somebody in whom this deployment does not; the message says what to ask an administrator for."""


@dataclass
class SsoMemory:
    """The settings, remembered for a minute in each process."""

    records: SsoRecords
    clock: Clock
    _held: list[tuple[SsoSettings | None, datetime]] = field(default_factory=list)

    def settings(self) -> SsoSettings | None:
        """The settings; None where it is off, and where they cannot be read, which the log then tells.

        Raises:
            CloudRefused: S3 refuses.
        """
        now = self.clock()
        if self._held and now - self._held[0][1] < REMEMBERED:
            return self._held[0][0]
        try:
            found = self.records.settings()
        except SsoUnreadable:
            LOG.exception("the settings of single sign-on cannot be read, so it is off")
            found = None
        self._held[:] = [(found, now)]
        return found


@dataclass(frozen=True)
class SignOn:
    """Signs people in with accounts of one provider.

    Attributes:
        secrets: the client secrets in force, newest first.
        redirect_uri: where the provider leads people back to.
    """

    settings: SsoSettings
    provider: IdentityProvider
    records: SsoRecords
    persons: Persons
    secrets: Callable[[], tuple[str, ...]]
    redirect_uri: str

    def url(self, trip: Trip) -> str:
        """Where a browser goes.

        Raises:
            ProviderUnavailable: the provider does not answer.
        """
        return self.provider.sign_in_url(self._client(()), trip)

    def sign_out_url(self, back: str) -> str:
        """Where a browser signs out of the provider, '' where it has no such place. Raises ProviderUnavailable as above."""
        return self.provider.sign_out_url(self._client(()), back)

    def admit(self, trip: Trip, code: str, issuer: str) -> tuple[Person, Grant]:
        """Who comes back with a code, and with what rights.

        Args:
            trip: that the browser began.
            code: that it brings.
            issuer: of which provider the answer is, '' where it does not say (RFC 9207).

        Raises:
            NotAdmitted: nobody whom this deployment lets in.
            ProviderRefused: the code, or the token that it brings, is not good.
            ProviderUnavailable: as above.
            CloudRefused: S3 or CredStash refuses.
        """
        if issuer not in ("", self.settings.issuer):
            raise ProviderRefused(f"expected an answer of {self.settings.issuer}, found one of {issuer[:200]!r}")
        secrets = self.secrets() if self.settings.has_secret else ()
        claims = self.provider.claims(self._client(secrets), trip, code)
        account = self._account(claims)
        # The role first: who has no group that counts learns nothing of records.
        grant = Grant(self._role(claims), self.settings.session_minutes)
        person = self._person(account)
        LOG.info("%s has signed in as account %s of %s", person.name, account.subject, account.issuer)
        return person, grant

    def _client(self, secrets: tuple[str, ...]) -> Client:
        wanted = self.settings
        return Client(wanted.issuer, wanted.client_id, secrets, self.redirect_uri, wanted.scopes)

    def _account(self, claims: Mapping[str, Any]) -> Account:
        name = self.settings.subject_claim
        subject = claims.get(name)
        if name == EMAIL and claims.get("email_verified") is not True:
            raise ProviderRefused(
                f"{self.settings.name} has not verified the e-mail address of this account (claim email_verified). "
                "Ask whoever runs it, or have another claim name the person."
            )
        try:
            return Account(self.settings.issuer, subject if isinstance(subject, str) else "")
        except ValueError as error:
            raise ProviderRefused(f"the claim {name} of {self.settings.name} names no account ({error})") from error

    def _role(self, claims: Mapping[str, Any]) -> Role | None:
        if not self.settings.groups:
            return None
        found = claims.get(self.settings.groups_claim)
        groups = [found] if isinstance(found, str) else found if isinstance(found, list) else []
        role = self.settings.role_of(group for group in groups[:MOST_GROUPS] if isinstance(group, str))
        if role is None:
            raise NotAdmitted(_no_role(self.settings, len(groups), too_many="_claim_names" in claims))
        return role

    def _person(self, account: Account) -> Person:
        name = self.records.owner(account)
        known = self.persons.as_of_now(name) if name else None
        if known is None or known.account != account:
            raise NotAdmitted(
                f"You have signed in at {self.settings.name}, and no user of GeMS has this account yet. Ask an administrator "
                f"of GeMS to run: gems users add NAME --role ROLE --sso {quote(account.subject)}"
            )
        if known.disabled:
            raise NotAdmitted(
                f"The user {known.name} of GeMS is disabled. Ask an administrator of GeMS: gems users enable {known.name}"
            )
        return known


def _no_role(settings: SsoSettings, found: int, *, too_many: bool) -> str:
    claim = settings.groups_claim
    if too_many:
        return (
            f"{settings.name} did not send your groups, because they are too many. Ask whoever runs it to send only the groups "
            f"of this application in the claim {claim}."
        )
    told = f"found {found} others" if found else f"found no claim {claim}"
    return (
        f"None of your groups at {settings.name} gives a role in GeMS: {told}. Ask whoever runs {settings.name} to add you to one "
        f"of these: {', '.join(sorted(settings.groups))}"
    )
