"""Where `gems job` finds the API and its token: the environment, then the system's keyring. Never an argument."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import keyring
from keyring.errors import KeyringError

from gems_cli.jobs.client import ApiClient
from gems_core.errors import UsageProblem

URL_VARIABLE = "GEMS_API_URL"
TOKEN_VARIABLE = "GEMS_API_TOKEN"  # noqa: S105 - the name of a variable
KEYRING_SERVICE = "gems"

Lookup = Callable[[str, str], str | None]


def api_client(
    environment: Mapping[str, str] = os.environ, lookup: Lookup = keyring.get_password, *, needs_token: bool = True
) -> ApiClient:
    """A client of the API that the environment names.

    Args:
        environment: holds ``GEMS_API_URL`` and, it may be, ``GEMS_API_TOKEN``.
        lookup: asks the keyring for a service's and user's password.
        needs_token: whether a missing token is an error. One that there is is sent in any case: it may show more.

    Raises:
        UsageProblem: the URL or the token is nowhere.
    """
    url = environment.get(URL_VARIABLE, "").rstrip("/")
    if not _is_address(url):
        raise UsageProblem(
            f"{URL_VARIABLE}: expected the URL of a GeMS, e.g. https://gems.example.org, found {url!r}. Set it."
        )
    token = environment.get(TOKEN_VARIABLE, "") or _from_keyring(url, lookup)
    if needs_token and not token:
        raise UsageProblem(
            f"expected the user token of {url}, found none. Set {TOKEN_VARIABLE}, or store the token once with "
            f"`keyring set {KEYRING_SERVICE} {url}`."
        )
    if not token.isascii() or not token.isprintable():
        raise UsageProblem(
            f"{TOKEN_VARIABLE}: expected the user token of {url}, found characters that no token has. Copy it again, whole."
        )
    return ApiClient(url, token)


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # an unclosed bracket, a port that is none
        return False


def _from_keyring(url: str, lookup: Lookup) -> str:
    try:
        return lookup(KEYRING_SERVICE, url) or ""
    except KeyringError:  # a machine without a keyring: the variable is the other way
        return ""
