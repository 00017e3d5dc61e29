"""Single sign-on in the control bucket: its settings, and whose each account is. Only administrators write them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from gems_api.services.state.sso_settings import SsoSettings
from gems_api.services.state.unreadable import DAMAGE, told
from gems_api.services.storage.conditional import write_over
from gems_api.services.store_ports import Store, TooLarge
from gems_core import layout
from gems_core.errors import Conflict, GemsError
from gems_core.json_input import parse_json
from gems_core.people import Account, parse_name

OFF = b"{}"
"""The settings of a deployment where it was on once."""


class SsoUnreadable(GemsError):
    """The settings, or the note of an account, are not as GeMS writes them."""


@dataclass(frozen=True)
class SsoRecords:
    """What a deployment knows of single sign-on."""

    store: Store
    bucket: str

    def settings(self) -> SsoSettings | None:
        """The settings; None where it is off.

        Raises:
            SsoUnreadable: they cannot be read.
            CloudRefused: S3 refuses.
        """
        body, _ = self._read(layout.SSO_SETTINGS_KEY)
        try:
            return SsoSettings.from_bytes(body) if body and body != OFF else None
        except DAMAGE as error:
            raise self._unreadable(layout.SSO_SETTINGS_KEY, error) from error

    def set(self, settings: SsoSettings | None) -> None:
        """Write the settings; None turns it off.

        Raises:
            Conflict: others write them at the same time.
            SsoUnreadable, CloudRefused: as above.
        """
        _, etag = self._read(layout.SSO_SETTINGS_KEY)
        body = settings.to_bytes() if settings else OFF
        if write_over(self.store, self.bucket, layout.SSO_SETTINGS_KEY, body, etag) is None:
            raise Conflict("others change single sign-on at the same time; try again")

    def owner(self, account: Account) -> str | None:
        """The name of the person whom an account was given to last; the person's own record says whether that still holds.

        Raises:
            SsoUnreadable, CloudRefused: as above.
        """
        key = _key(account)
        body, _ = self._read(key)
        if body is None:
            return None
        try:
            document = parse_json(body)
            if (document["issuer"], document["subject"]) != (account.issuer, account.subject):
                raise ValueError("it is of another account")
            return parse_name(document["name"])
        except DAMAGE as error:
            raise self._unreadable(key, error) from error

    def give(self, account: Account, name: str) -> None:
        """Note whose an account is, whoever had it before.

        Raises:
            Conflict: others note it at the same time.
            SsoUnreadable, CloudRefused: as above.
        """
        note = {"issuer": account.issuer, "subject": account.subject, "name": parse_name(name)}
        key, body = _key(account), json.dumps(note, sort_keys=True).encode()
        _, etag = self._read(key)
        if write_over(self.store, self.bucket, key, body, etag) is None:
            raise Conflict("others give the same account at the same time; try again")

    def _read(self, key: str) -> tuple[bytes | None, str | None]:
        try:
            stored = self.store.read(self.bucket, key)
        except TooLarge as error:
            raise self._unreadable(key, error) from error
        return (stored.body, stored.etag) if stored else (None, None)

    def _unreadable(self, key: str, error: Exception) -> SsoUnreadable:
        return SsoUnreadable(f"s3://{self.bucket}/{key}: {told(error)}")


def _key(account: Account) -> str:
    names = json.dumps([account.issuer, account.subject])
    return layout.account_key(hashlib.sha256(names.encode()).hexdigest())
