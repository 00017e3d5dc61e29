"""What the use cases need of an identity provider; ``gems_api.oidc`` keeps it.

Nothing there stands in the way of people who sign in with a password: what is refused or away is told on the sign-in page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from gems_core.errors import CloudRefused, GemsError


class ProviderUnavailable(CloudRefused):
    """The identity provider does not answer, or not as one; trying again may help."""


class ProviderRefused(GemsError):
    """The identity provider lets nobody in with this answer, or what it answers cannot be believed."""


@dataclass(frozen=True)
class Client:
    """What GeMS is at a provider.

    Attributes:
        issuer: the provider's address.
        secrets: the client secrets in force, newest first; none where GeMS has none.
        redirect_uri: where the provider leads people back to.
        scopes: that are asked for.
    """

    issuer: str
    client_id: str
    secrets: Sequence[str]
    redirect_uri: str
    scopes: Sequence[str]


@dataclass(frozen=True)
class Trip:
    """What binds an answer of the provider to the browser that asked; all random.

    Attributes:
        state: the provider hands it back in the address.
        nonce: it stands in the ID token.
        verifier: of PKCE; the provider has its SHA-256, and is shown it for the code.
    """

    state: str
    nonce: str
    verifier: str


class IdentityProvider(Protocol):
    """An OpenID Connect provider. Every method raises ProviderUnavailable."""

    def sign_in_url(self, client: Client, trip: Trip) -> str:
        """Where a browser goes to sign in."""

    def claims(self, client: Client, trip: Trip, code: str) -> Mapping[str, Any]:
        """The claims of the ID token that a code brings, once all of it is verified.

        Raises:
            ProviderRefused: the code is not good, or the token is not.
        """

    def sign_out_url(self, client: Client, back: str) -> str:
        """Where a browser signs out of the provider too, and comes back from; '' where the provider has no such place."""
