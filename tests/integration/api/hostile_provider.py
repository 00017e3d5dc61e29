"""An OpenID Connect provider that keeps the protocol, checks what GeMS sends, and forges tokens and answers at will."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

CLIENT_ID, SECRET = "gems", "s3cret+%/with=signs"
Claims = dict[str, Any]
Sign = Callable[["Provider", Claims], str]


@cache
def rsa_key(name: str) -> RSAKey:
    """A key; making one takes its time."""
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig"})


def signed(provider: Provider, claims: Claims) -> str:
    """As an honest provider signs."""
    return jwt.encode({"alg": "RS256", "kid": provider.key.kid}, claims, provider.key)


@dataclass
class Provider:
    """One provider, and what it is made to do.

    Attributes:
        change: makes the token's claims of those that are right.
        sign: makes the token.
        answers: by path, a status, headers and a body that are given instead.
        secrets: the client secrets that it knows.
        asked: the paths that were asked for.
        used: codes that were exchanged.
    """

    url: str = ""
    change: Callable[[Claims], Claims] = lambda claims: claims
    sign: Sign = signed
    key: RSAKey = field(default_factory=lambda: rsa_key("one"))
    keys: list[dict[str, Any]] | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    secrets: tuple[str, ...] = (SECRET,)
    drip_seconds: float = 0
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    used: list[str] = field(default_factory=list)

    def code_for(self, address: str) -> tuple[str, str]:
        """What a person brings back who has signed in at an address of ours: code and state."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert asked["client_id"] == CLIENT_ID
        assert "openid" in asked["scope"].split()
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return code, asked["state"]

    def answer(self, method: str, path: str, form: dict[str, str], headers: Any) -> tuple[int, dict[str, str], bytes]:
        self.asked.append(path)
        if path in self.answers:
            return self.answers[path]
        found: Any
        status = 200
        if path == "/.well-known/openid-configuration":
            names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
            found = {
                "issuer": self.url,
                **{name: f"{self.url}/{part}" for name, part in names.items()},
                **self.metadata,
            }
        elif path == "/keys":
            found = {"keys": self.keys if self.keys is not None else [self.key.as_dict(private=False)]}
        elif (method, path) == ("POST", "/token"):
            status, found = self._exchange(form, headers)
        else:
            status, found = 404, {}
        return status, {"Content-Type": "application/json"}, json.dumps(found).encode()

    def _exchange(self, form: dict[str, str], headers: Any) -> tuple[int, Any]:
        given = form.get("client_secret", "")
        if "Authorization" in headers:
            given = base64.b64decode(headers["Authorization"].partition(" ")[2]).decode().partition(":")[2]
        if self.secrets and given not in self.secrets:
            return 401, {"error": "invalid_client"}
        asked = self.codes.get(form.get("code", ""))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        is_good = (
            asked is not None
            and form["code"] not in self.used
            and asked["code_challenge"] == challenge.decode().rstrip("=")
            and asked["redirect_uri"] == form["redirect_uri"]
        )
        if asked is None or not is_good:
            return 400, {"error": "invalid_grant", "error_description": "used, or another's"}
        self.used.append(form["code"])
        now = int(time.time())
        claims = {
            "iss": self.url, "aud": CLIENT_ID, "sub": "7f-anna", "iat": now, "exp": now + 300, "nonce": asked["nonce"],
        }  # fmt: skip
        token = self.sign(self, self.change(claims))
        return 200, {"access_token": "of no use", "token_type": "Bearer", "id_token": token}


@contextmanager
def serving_provider() -> Iterator[Provider]:
    """A provider that listens."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._serve("GET")

        def do_POST(self) -> None:
            self._serve("POST")

        def log_message(self, *args: Any) -> None:
            pass

        def _serve(self, method: str) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            status, headers, answer = provider.answer(method, urlsplit(self.path).path, form, self.headers)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            try:
                for place in range(0, len(answer), 1 if provider.drip_seconds else len(answer) or 1):
                    self.wfile.write(answer[place : place + 1] if provider.drip_seconds else answer)
                    time.sleep(provider.drip_seconds)
            except OSError:
                pass  # whoever asked has had enough

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    provider.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def part(value: dict[str, Any]) -> bytes:
    """A part of a JWT."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")


def unsigned(alg: str) -> Sign:
    """A token that says it needs no signature."""
    return lambda _, claims: (part({"alg": alg, "typ": "JWT"}) + b"." + part(claims) + b".").decode()


def hmac_signed(secret: Callable[[Provider], bytes]) -> Sign:
    """A token signed with something that others know, as if it were a shared secret."""
    import hmac  # noqa: PLC0415

    def sign(provider: Provider, claims: Claims) -> str:
        text = part({"alg": "HS256", "typ": "JWT", "kid": provider.key.kid}) + b"." + part(claims)
        return (
            text + b"." + base64.urlsafe_b64encode(hmac.digest(secret(provider), text, "sha256")).rstrip(b"=")
        ).decode()

    return sign


def signed_by(key: RSAKey | ECKey, alg: str = "RS256", **header: Any) -> Sign:
    """A token signed with another key."""
    return lambda _, claims: jwt.encode({"alg": alg, **header}, claims, key, algorithms=[alg])
