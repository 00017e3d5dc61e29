"""An OpenID Connect provider, as ``services.sign_on_ports.IdentityProvider`` asks for it.

Authlib makes the requests and knows what an ID token must say; joserfc, by the same authors, verifies signatures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import requests
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import Key, KeySet
from joserfc.jws import extract_compact

from gems_api.oidc.discovery import Discovery, Metadata
from gems_api.oidc.http import bounded
from gems_api.services.sign_on_ports import Client, ProviderRefused, ProviderUnavailable, Trip

# Signatures by a private key. `none` and the HMACs (for which a provider's public key could be taken) are not among them.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
# How far the provider's clock and ours may be apart.
LEEWAY_SECONDS = 60
LONGEST_TOKEN = 100_000


class OidcProvider:
    """Speaks to whichever provider it is asked about, and remembers the last one's addresses and keys."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._discovery = Discovery(clock)

    def sign_in_url(self, client: Client, trip: Trip) -> str:
        """See IdentityProvider."""
        metadata = self._discovery.metadata(client.issuer)
        with _session(client, metadata, "") as session:
            url, _ = session.create_authorization_url(
                metadata.authorization, state=trip.state, nonce=trip.nonce, code_verifier=trip.verifier
            )
        return str(url)

    def claims(self, client: Client, trip: Trip, code: str) -> Mapping[str, Any]:
        """See IdentityProvider. After a rotation the provider may still know the secret before."""
        metadata = self._discovery.metadata(client.issuer)
        for secret in client.secrets[:-1]:
            try:
                return self._verified(client, trip, self._exchanged(client, metadata, secret, trip, code), metadata)
            except _SecretRefused:
                continue
        last = client.secrets[-1] if client.secrets else ""
        return self._verified(client, trip, self._exchanged(client, metadata, last, trip, code), metadata)

    def sign_out_url(self, client: Client, back: str) -> str:
        """See IdentityProvider."""
        address = self._discovery.metadata(client.issuer).sign_out
        asked = urlencode({"client_id": client.client_id, "post_logout_redirect_uri": back})
        return f"{address}{'&' if '?' in address else '?'}{asked}" if address else ""

    def _exchanged(self, client: Client, metadata: Metadata, secret: str, trip: Trip, code: str) -> Mapping[str, Any]:
        """What the provider gives for a code."""
        try:
            with _session(client, metadata, secret) as session:
                answer: Mapping[str, Any] = session.fetch_token(
                    metadata.token,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=trip.verifier,
                    redirect_uri=client.redirect_uri,
                    allow_redirects=False,
                )
        except OAuthError as error:
            kind = _SecretRefused if error.error == "invalid_client" else ProviderRefused
            raise kind(f"the provider refuses the code: {_plain(error.error)} {_plain(error.description)}") from error
        except requests.RequestException as error:
            raise ProviderUnavailable(f"{metadata.token} does not answer ({type(error).__name__})") from error
        except (ValueError, RecursionError) as error:
            raise ProviderUnavailable(f"{metadata.token}: expected a JSON object, found another value") from error
        return answer

    def _verified(self, client: Client, trip: Trip, answer: Mapping[str, Any], metadata: Metadata) -> Mapping[str, Any]:
        """The claims of an answer's ID token."""
        text = answer.get("id_token")
        if not isinstance(text, str) or len(text) > LONGEST_TOKEN:
            raise ProviderRefused("expected an ID token from the provider, found none; is the scope `openid` granted?")
        wanted = {
            "iss": {"essential": True, "value": client.issuer},
            "aud": {"essential": True, "value": client.client_id},
        }
        known = {"nonce": trip.nonce, "client_id": client.client_id, "access_token": answer.get("access_token")}
        try:
            key_id = extract_compact(text.encode()).headers().get("kid")
            keys = self._discovery.keys(metadata.keys, key_id if isinstance(key_id, str) else None)
            token = jwt.decode(text, lambda signed: _key_for(keys, signed.headers()), algorithms=ALGORITHMS)
            claims = CodeIDToken(token.claims, token.header, wanted, known)
            claims.validate(now=int(self._clock().timestamp()), leeway=LEEWAY_SECONDS)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise ProviderRefused(f"the provider's ID token is not good: {_plain(error)}") from error
        return token.claims


class _SecretRefused(ProviderRefused):
    """The provider does not know our client secret."""


def _session(client: Client, metadata: Metadata, secret: str) -> OAuth2Session:
    # In the body where that is taken: providers differ in how they read signs such as `+` in the header.
    in_body = "client_secret_post" in metadata.auth_methods
    method = ("client_secret_post" if in_body else "client_secret_basic") if secret else "none"
    session = OAuth2Session(
        client.client_id,
        secret or None,
        token_endpoint_auth_method=method,
        scope=" ".join(client.scopes),
        redirect_uri=client.redirect_uri,
        code_challenge_method="S256",
    )
    bounded(session)
    return session


def _key_for(keys: KeySet, header: Mapping[str, Any]) -> Key:
    """The key with a header's id. Where the header or the only key has none, it is the only one."""
    key_id = header.get("kid")
    named = [key for key in keys.keys if key_id is not None and key.kid == key_id]
    fitting = named or [key for key in keys.keys if key_id is None or key.kid is None]
    if len(fitting) != 1:
        raise InvalidKeyIdError(
            f"expected one key of the provider's with the id {str(key_id)[:100]!r}, found {len(fitting)}"
        )
    return fitting[0]


def _plain(text: object) -> str:
    """A text of somebody else's, cut, and without what steers a terminal."""
    return "".join(sign for sign in str(text or "") if sign.isprintable())[:200]
