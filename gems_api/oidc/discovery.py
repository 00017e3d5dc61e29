"""What a provider tells of itself: its addresses and its keys, fetched when they are needed and kept for an hour."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import requests
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet, import_key

from gems_api.oidc.http import bounded
from gems_api.services.sign_on_ports import ProviderUnavailable

PATH = "/.well-known/openid-configuration"
REMEMBERED = timedelta(hours=1)
# A token may be signed by a key that is new; nobody makes us fetch keys more often with tokens that are not.
LOOKED_FOR_AGAIN = timedelta(minutes=1)
# Anybody may make us ask; a provider that is away is not waited for by each of them.
AWAY = timedelta(seconds=10)
MOST_KEYS = 50
_ADDRESS = re.compile(r"(https://[A-Za-z0-9.-]{1,250}(:[0-9]{1,5})?|http://127\.0\.0\.1:[0-9]{1,5})/[!-~]{0,1000}")
_KINDS = frozenset({"RSA", "EC", "OKP"})


@dataclass(frozen=True)
class Metadata:
    """A provider's discovery document, as far as it is used.

    Attributes:
        sign_out: where people sign out there; '' where it has no such place.
        auth_methods: how GeMS may show its secret.
    """

    authorization: str
    token: str
    keys: str
    sign_out: str
    auth_methods: Sequence[str]


class Discovery:
    """Knows one provider, the one that was asked for last."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._metadata: tuple[str, Metadata, datetime] | None = None
        self._keys: tuple[str, KeySet, datetime] | None = None
        self._away: tuple[str, str, datetime] | None = None

    def metadata(self, issuer: str) -> Metadata:
        """The provider's addresses.

        Raises:
            ProviderUnavailable: it does not answer, or not as a provider of this address.
        """
        with self._lock:
            now, held, away = self._clock(), self._metadata, self._away
            if held is not None and held[0] == issuer and now - held[2] < REMEMBERED:
                return held[1]
            if away is not None and away[0] == issuer and now - away[2] < AWAY:
                raise ProviderUnavailable(away[1])
            try:
                found = _metadata(issuer)
            except ProviderUnavailable as error:
                self._away = issuer, str(error), now
                raise
            self._metadata = issuer, found, now
            return found

    def keys(self, address: str, key_id: str | None) -> KeySet:
        """The provider's keys; fetched again where none has this id.

        Raises:
            ProviderUnavailable: as above.
        """
        with self._lock:
            now, held = self._clock(), self._keys
            if held is not None and held[0] == address:
                age = now - held[2]
                is_known = key_id is None or any(key.kid in (None, key_id) for key in held[1].keys)
                if age < LOOKED_FOR_AGAIN or (is_known and age < REMEMBERED):
                    return held[1]
            held = address, _key_set(address), now
            self._keys = held
            return held[1]


def _metadata(issuer: str) -> Metadata:
    address = issuer.rstrip("/") + PATH
    found = _fetched(address)
    if found.get("issuer") != issuer:
        told = str(found.get("issuer"))[:200]
        raise ProviderUnavailable(
            f"{address}: expected the issuer {issuer}, found {told!r}. Set --issuer of `gems sso set` to what the provider calls itself."
        )
    methods = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    return Metadata(
        _address(found, "authorization_endpoint", address),
        _address(found, "token_endpoint", address),
        _address(found, "jwks_uri", address),
        _address(found, "end_session_endpoint", address) if found.get("end_session_endpoint") else "",
        [str(method) for method in methods] if isinstance(methods, list) else [],
    )


def _address(document: Mapping[str, Any], name: str, where: str) -> str:
    value = document.get(name)
    if not isinstance(value, str) or not _ADDRESS.fullmatch(value) or "#" in value:
        raise ProviderUnavailable(f"{where}, field {name}: expected an https address, found {str(value)[:200]!r}")
    return value


def _key_set(address: str) -> KeySet:
    """The keys with which a provider may sign. Shared secrets (``oct``) are left out: no token may be signed with one."""
    listed = _fetched(address).get("keys")
    keys = [_key(item) for item in listed[:MOST_KEYS]] if isinstance(listed, list) else []
    return KeySet([key for key in keys if key is not None])


def _key(item: Any) -> Key | None:  # noqa: ANN401 - JSON of the provider's
    if not isinstance(item, dict) or item.get("kty") not in _KINDS or item.get("use", "sig") != "sig":
        return None
    try:
        return import_key(item)
    except (JoseError, ValueError, TypeError, KeyError):
        return None  # one that we do not know; the others may be good


def _fetched(address: str) -> dict[str, Any]:
    """A JSON object."""
    try:
        with requests.Session() as session:
            answer = bounded(session).get(address, allow_redirects=False, headers={"Accept": "application/json"})
            if answer.status_code != requests.codes.ok:
                raise ProviderUnavailable(f"{address}: expected an answer with status 200, found {answer.status_code}")
            document = answer.json()
    except (requests.RequestException, RecursionError) as error:
        raise ProviderUnavailable(f"{address} does not answer ({type(error).__name__})") from error
    if not isinstance(document, dict):
        raise ProviderUnavailable(f"{address}: expected a JSON object, found another value")
    return document
