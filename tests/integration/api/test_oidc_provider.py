"""What GeMS asks an OpenID Connect provider over HTTP, and what it believes: forged tokens, odd answers, other keys and secrets."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hostile_provider import (
    CLIENT_ID,
    SECRET,
    Claims,
    Provider,
    Sign,
    hmac_signed,
    part,
    rsa_key,
    serving_provider,
    signed_by,
    unsigned,
)
from joserfc.jwk import ECKey

from gems_api.oidc import http
from gems_api.oidc.discovery import AWAY, LOOKED_FOR_AGAIN, REMEMBERED
from gems_api.oidc.provider import LEEWAY_SECONDS, OidcProvider
from gems_api.services.sign_on_ports import Client, ProviderRefused, ProviderUnavailable, Trip

TRIP = Trip("state-" * 6, "nonce-" * 6, "verifier-" * 5)


@pytest.fixture
def provider() -> Iterator[Provider]:
    with serving_provider() as found:
        yield found


def client_of(provider: Provider, *secrets: str) -> Client:
    return Client(
        provider.url, CLIENT_ID, secrets or (SECRET,), "https://gems.example.org/sign-in/sso/back", ("openid",)
    )


def brought(provider: Provider, ours: OidcProvider | None = None, trip: Trip = TRIP, **changes: Any) -> Any:
    """The claims of somebody who has gone there and come back."""
    ours, client = ours or OidcProvider(lambda: datetime.now(UTC)), replace(client_of(provider), **changes)
    code, state = provider.code_for(ours.sign_in_url(client, TRIP))
    assert state == TRIP.state
    return ours.claims(client, trip, code)


def test_a_code_brings_the_claims_of_whoever_has_signed_in(provider: Provider) -> None:
    claims = brought(provider)
    assert (claims["iss"], claims["sub"]) == (provider.url, "7f-anna")
    assert provider.asked == ["/.well-known/openid-configuration", "/token", "/keys"]


def test_the_address_asks_for_a_code_with_pkce_state_and_nonce_and_tells_no_secret(provider: Provider) -> None:
    address = OidcProvider(lambda: datetime.now(UTC)).sign_in_url(client_of(provider), TRIP)
    asked = parse_qs(urlsplit(address).query)
    assert address.startswith(f"{provider.url}/authorize?")
    assert (asked["state"], asked["nonce"], asked["scope"]) == ([TRIP.state], [TRIP.nonce], ["openid"])
    assert TRIP.verifier not in address
    assert SECRET not in address


EVIL = "https://evil.example.org"
OTHER = rsa_key("other")
FORGED: dict[str, Callable[[Claims], Claims]] = {
    "another audience": lambda claims: claims | {"aud": "another-app"},
    "no audience": lambda claims: {name: value for name, value in claims.items() if name != "aud"},
    "several audiences and no party": lambda claims: claims | {"aud": [CLIENT_ID, "another-app"]},
    "another party": lambda claims: claims | {"aud": [CLIENT_ID, "another-app"], "azp": "another-app"},
    "an audience that begins alike": lambda claims: claims | {"aud": f"{CLIENT_ID}-other"},
    "another issuer": lambda claims: claims | {"iss": EVIL},
    "an issuer with a slash more": lambda claims: claims | {"iss": claims["iss"] + "/"},
    "no issuer": lambda claims: {name: value for name, value in claims.items() if name != "iss"},
    "another nonce": lambda claims: claims | {"nonce": "another"},
    "no nonce": lambda claims: {name: value for name, value in claims.items() if name != "nonce"},
    "an empty nonce": lambda claims: claims | {"nonce": ""},
    "expired": lambda claims: claims | {"exp": claims["iat"] - LEEWAY_SECONDS - 5},
    "no end": lambda claims: {name: value for name, value in claims.items() if name != "exp"},
    "an end that is no number": lambda claims: claims | {"exp": "tomorrow"},
    "not yet good": lambda claims: claims | {"nbf": claims["iat"] + 600},
    "issued in the future": lambda claims: claims | {"iat": claims["iat"] + 600},
    "no subject": lambda claims: {name: value for name, value in claims.items() if name != "sub"},
    "the hash of another access token": lambda claims: claims | {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}  # fmt: skip


@pytest.mark.parametrize("change", FORGED.values(), ids=FORGED)
def test_a_token_that_is_not_for_us_of_it_and_of_now_is_refused(
    provider: Provider, change: Callable[[Claims], Claims]
) -> None:
    provider.change = change
    with pytest.raises(ProviderRefused, match="ID token is not good"):
        brought(provider)


def _cut(provider: Provider, claims: Claims) -> str:
    return signed_by(provider.key, kid=provider.key.kid)(provider, claims).rpartition(".")[0] + "."


def _swapped(provider: Provider, claims: Claims) -> str:
    header, _, signature = signed_by(provider.key, kid=provider.key.kid)(provider, claims).split(".")
    return f"{header}.{part(claims | {'sub': 'director'}).decode()}.{signature}"


SIGNED: dict[str, Sign] = {
    "none": unsigned("none"),
    "None": unsigned("None"),
    "no algorithm": lambda _, claims: (part({"typ": "JWT"}) + b"." + part(claims) + b".").decode(),
    "RS256 without a signature": unsigned("RS256"),
    "HS256 with the public key": hmac_signed(lambda provider: provider.key.as_pem(private=False)),
    "HS256 with the public key's JSON": hmac_signed(lambda provider: json.dumps(provider.key.as_dict(private=False)).encode()),
    "HS256 with the client secret": hmac_signed(lambda _: SECRET.encode()),
    "HS256 with nothing": hmac_signed(lambda _: b""),
    "another key under the same id": signed_by(OTHER, kid="one"),
    "another key under its own id": signed_by(OTHER, kid="other"),
    "another key without an id": signed_by(OTHER),
    "a key that the token brings": signed_by(OTHER, kid="one", jwk=OTHER.as_dict(private=False)),
    "a key at an address of the token's": signed_by(OTHER, kid="one", jku=f"{EVIL}/keys"),
    "a key of another kind": signed_by(ECKey.generate_key("P-256"), "ES256", kid="one"),
    "the signature cut off": _cut,
    "other claims under the signature": _swapped,
    "not a token": lambda _, __: "garbage",
    "empty": lambda _, __: "",
    "very long": lambda _, __: "a." * 60_000,
}  # fmt: skip


@pytest.mark.parametrize("sign", SIGNED.values(), ids=SIGNED)
def test_a_token_that_the_provider_has_not_signed_is_refused(provider: Provider, sign: Sign) -> None:
    provider.sign = sign
    with pytest.raises(ProviderRefused):
        brought(provider)


def test_a_shared_secret_among_the_keys_signs_nothing(provider: Provider) -> None:
    secret = {"kty": "oct", "kid": "shared", "k": "c2VjcmV0LW9mLXRoZS1hdHRhY2tlcg"}
    provider.keys = [secret, provider.key.as_dict(private=False)]
    assert brought(provider)["sub"] == "7f-anna"
    provider.sign = lambda _, claims: hmac_signed(lambda __: b"secret-of-the-attacker")(provider, claims)
    with pytest.raises(ProviderRefused):
        brought(provider)


def test_keys_that_cannot_be_read_or_are_for_another_use_are_passed_over(provider: Provider) -> None:
    good = provider.key.as_dict(private=False)
    provider.keys = [
        {"kty": "RSA"},
        {"kty": "new"},
        {"kty": "RSA", "n": 7, "e": []},
        good | {"use": "enc", "kid": "x"},
        good,
    ]  # type: ignore[list-item]
    assert brought(provider)["sub"] == "7f-anna"


@pytest.mark.parametrize(("curve", "alg"), [("P-256", "ES256"), ("P-384", "ES384"), ("P-521", "ES512")])
def test_other_algorithms_of_the_list_are_good_too(provider: Provider, curve: str, alg: str) -> None:
    key = ECKey.generate_key(curve, {"kid": "ec"})
    provider.keys = [key.as_dict(private=False)]
    provider.sign = signed_by(key, alg, kid="ec")
    assert brought(provider)["sub"] == "7f-anna"


def test_several_audiences_are_good_where_the_party_is_us(provider: Provider) -> None:
    provider.change = lambda claims: claims | {"aud": [CLIENT_ID, "another-app"], "azp": CLIENT_ID}
    assert brought(provider)["sub"] == "7f-anna"


def test_a_code_is_good_once_and_with_the_verifier_of_its_browser_alone(provider: Provider) -> None:
    ours, client = OidcProvider(lambda: datetime.now(UTC)), client_of(provider)
    code, _ = provider.code_for(ours.sign_in_url(client, TRIP))
    with pytest.raises(ProviderRefused, match="refuses the code: invalid_grant"):
        ours.claims(client, replace(TRIP, verifier="of-another-browser" * 3), code)
    assert ours.claims(client, TRIP, code)["sub"] == "7f-anna"
    with pytest.raises(ProviderRefused, match="refuses the code: invalid_grant"):
        ours.claims(client, TRIP, code)


METHODS: dict[str, dict[str, Any]] = {
    "in the body": {"token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"]},
    "in the header": {"token_endpoint_auth_methods_supported": ["client_secret_basic"]},
    "not told": {},
    "told oddly": {"token_endpoint_auth_methods_supported": "all"},
}


@pytest.mark.parametrize("metadata", METHODS.values(), ids=METHODS)
def test_the_secret_is_shown_as_the_provider_takes_it(provider: Provider, metadata: dict[str, Any]) -> None:
    provider.metadata = metadata
    assert brought(provider)["sub"] == "7f-anna"


def test_after_a_rotation_both_secrets_are_tried_and_without_one_none_is_shown(provider: Provider) -> None:
    assert brought(provider, secrets=("new-secret", SECRET))["sub"] == "7f-anna"
    with pytest.raises(ProviderRefused, match="invalid_client") as refused:
        brought(provider, secrets=("new-secret", "newer-secret"))
    assert "new" not in str(refused.value)
    provider.secrets = ()
    assert brought(provider, secrets=())["sub"] == "7f-anna"


def test_addresses_and_keys_are_asked_for_once_an_hour(provider: Provider) -> None:
    now = [datetime.now(UTC)]
    ours = OidcProvider(lambda: now[0])
    provider.change = lambda claims: claims | {"exp": claims["exp"] + 86_400}
    for _ in range(3):
        brought(provider, ours)
    assert (provider.asked.count("/keys"), provider.asked.count("/.well-known/openid-configuration")) == (1, 1)
    now[0] += REMEMBERED
    brought(provider, ours)
    assert (provider.asked.count("/keys"), provider.asked.count("/.well-known/openid-configuration")) == (2, 2)


def test_a_key_that_is_new_is_looked_for_and_forged_ids_make_us_look_once_a_minute(provider: Provider) -> None:
    now = [datetime.now(UTC)]
    ours = OidcProvider(lambda: now[0])
    brought(provider, ours)
    now[0] += LOOKED_FOR_AGAIN
    provider.key = OTHER
    assert brought(provider, ours)["sub"] == "7f-anna"
    provider.sign = signed_by(OTHER, kid="forged")
    for _ in range(5):
        with pytest.raises(ProviderRefused):
            brought(provider, ours)
    assert provider.asked.count("/keys") == 2


JSON = {"Content-Type": "application/json"}
DISCOVERY = "/.well-known/openid-configuration"
ODD: dict[str, tuple[str, int, dict[str, str], bytes]] = {
    "discovery: an error": (DISCOVERY, 500, {}, b""),
    "discovery: nothing there": (DISCOVERY, 404, {}, b""),
    "discovery: elsewhere": (DISCOVERY, 302, {"Location": "http://169.254.169.254/latest/meta-data/"}, b""),
    "discovery: a page": (DISCOVERY, 200, {}, b"<html>"),
    "discovery: a list": (DISCOVERY, 200, JSON, b"[]"),
    "discovery: nested deeply": (DISCOVERY, 200, JSON, b"[" * 100_000),
    "discovery: too long": (DISCOVERY, 200, JSON, b" " * (http.LARGEST_ANSWER_BYTES + 1)),
    "discovery: another issuer": (DISCOVERY, 200, JSON, b'{"issuer": "https://evil.example.org"}'),
    "token: an error": ("/token", 500, {}, b""),
    "token: elsewhere": ("/token", 307, {"Location": "http://169.254.169.254/"}, b""),
    "token: a page": ("/token", 200, {}, b"<html>"),
    "token: a list": ("/token", 200, JSON, b"[]"),
    "token: too long": ("/token", 200, JSON, b" " * (http.LARGEST_ANSWER_BYTES + 1)),
    "keys: an error": ("/keys", 503, {}, b""),
    "keys: a page": ("/keys", 200, {}, b"<html>"),
}  # fmt: skip


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_an_answer_that_is_none_is_told_as_such(
    provider: Provider, odd: tuple[str, int, dict[str, str], bytes]
) -> None:
    path, *answer = odd
    provider.answers[path] = (answer[0], answer[1], answer[2])  # type: ignore[assignment]
    with pytest.raises(ProviderUnavailable) as told:
        brought(provider)
    assert provider.url in str(told.value)


ENDPOINTS = [
    "http://login.example.org/token",
    "ftp://x/",
    "https://x/#y",
    "",
    7,
    "https:///token",
    "/token",
    "https://a@b/",
]


@pytest.mark.parametrize("address", ENDPOINTS)
def test_an_address_that_is_none_or_without_tls_is_not_gone_to(provider: Provider, address: object) -> None:
    provider.metadata = {"token_endpoint": address}
    with pytest.raises(ProviderUnavailable, match="field token_endpoint: expected an https address"):
        brought(provider)


def test_a_provider_that_is_gone_is_told_at_once(provider: Provider) -> None:
    gone = client_of(provider)
    with serving_provider() as other:
        address = other.url
    with pytest.raises(ProviderUnavailable, match="does not answer"):
        OidcProvider(lambda: datetime.now(UTC)).sign_in_url(replace(gone, issuer=address), TRIP)


def test_a_provider_that_is_away_is_asked_again_after_some_seconds_alone(provider: Provider) -> None:
    now = [datetime.now(UTC)]
    ours, client = OidcProvider(lambda: now[0]), client_of(provider)
    provider.answers[DISCOVERY] = (500, {}, b"")
    for _ in range(5):
        with pytest.raises(ProviderUnavailable, match="found 500"):
            ours.sign_in_url(client, TRIP)
    assert provider.asked == [DISCOVERY]
    provider.answers.clear()
    now[0] += AWAY
    assert ours.sign_in_url(client, TRIP)


def test_an_answer_that_drips_is_not_waited_for(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "PATIENCE_SECONDS", 0.2)
    provider.drip_seconds = 0.05
    with pytest.raises(ProviderUnavailable, match="ReadTimeout"):
        OidcProvider(lambda: datetime.now(UTC)).sign_in_url(client_of(provider), TRIP)


def test_an_answer_without_a_token_says_what_may_be_missing(provider: Provider) -> None:
    provider.answers["/token"] = (200, JSON, b'{"access_token": "x", "token_type": "Bearer"}')
    with pytest.raises(ProviderRefused, match="is the scope `openid` granted"):
        brought(provider)


def test_what_the_provider_says_is_cut_and_made_plain(provider: Provider) -> None:
    body = json.dumps({"error": "x\x1b[31m", "error_description": "y" * 5000}).encode()
    provider.answers["/token"] = (400, JSON, body)
    with pytest.raises(ProviderRefused) as told:
        brought(provider)
    assert "\x1b" not in str(told.value)
    assert len(str(told.value)) < 500


def test_a_clock_that_is_a_little_off_is_no_matter(provider: Provider) -> None:
    for minutes, is_good in ((0.9, True), (-0.9, True), (-10, False)):
        ours = OidcProvider(lambda minutes=minutes: datetime.now(UTC) + timedelta(minutes=minutes))  # type: ignore[misc]
        if is_good:
            assert brought(provider, ours)["sub"] == "7f-anna"
        else:
            with pytest.raises(ProviderRefused):
                brought(provider, ours)


def test_neither_secret_nor_code_nor_token_is_logged(provider: Provider, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    brought(provider)
    provider.change = lambda claims: claims | {"aud": "x"}
    with pytest.raises(ProviderRefused) as told:
        brought(provider)
    for secret in (SECRET, TRIP.verifier, "code-0", "code-1", "eyJ"):
        assert secret not in caplog.text + str(told.value)


def test_signing_out_there_leads_back_here(provider: Provider) -> None:
    ours, client = OidcProvider(lambda: datetime.now(UTC)), client_of(provider)
    assert ours.sign_out_url(client, "https://gems.example.org/sign-in") == ""
    provider.metadata = {"end_session_endpoint": f"{provider.url}/out?tenant=1"}
    address = OidcProvider(lambda: datetime.now(UTC)).sign_out_url(client, "https://gems.example.org/sign-in")
    asked = parse_qs(urlsplit(address).query)
    assert asked == {
        "tenant": ["1"],
        "client_id": [CLIENT_ID],
        "post_logout_redirect_uri": ["https://gems.example.org/sign-in"],
    }
