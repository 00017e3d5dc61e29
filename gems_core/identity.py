"""How an instance proves which one it is: a signed STS ``GetCallerIdentity`` request, carried in a header.

The worker signs the request with its role's credentials (AWS Signature Version 4) and does not send it; the API does, and
learns from STS's answer whose credentials signed it. A signed header binds the request to one job (docs/adr/0008).
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from gems_core.errors import InvalidInput
from gems_core.json_input import parse_json
from gems_core.session_key import SessionKey

HEADER = "GeMS-Identity"
SESSION_KEY_HEADER = "X-Gems-Session-Key"
PATH = "/"
BODY = "Action=GetCallerIdentity&Version=2011-06-15"
CONTENT_TYPE = "application/x-www-form-urlencoded; charset=utf-8"
# STS refuses a signature older than this (IAM user guide, "Signature Version 4 request elements").
LIFE_SECONDS = 900
# A role's security token has no documented limit; those seen have one to two kilobytes.
LONGEST_HEADER = 8192
_SIGNED_HEADERS = "content-type;host;x-amz-date;x-amz-security-token;x-gems-session-key"
_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=[A-Z0-9]{16,128}/(?P<day>[0-9]{8})/[a-z0-9-]{1,40}/sts/aws4_request, "
    rf"SignedHeaders={_SIGNED_HEADERS}, Signature=[0-9a-f]{{64}}"
)
_SECURITY_TOKEN = re.compile(r"[A-Za-z0-9+/=_-]{1,6000}")
_MOMENT = re.compile(r"[0-9]{8}T[0-9]{6}Z")
_MOMENT_FORMAT = "%Y%m%dT%H%M%SZ"
_KEYS = ("Authorization", "X-Amz-Date", "X-Amz-Security-Token", SESSION_KEY_HEADER)


@dataclass(frozen=True, repr=False)
class IdentityProof:
    """The headers of a signed request; everything else of it is fixed. Secret: it speaks for an instance while it lives.

    Attributes:
        authorization: algorithm, credential scope, names of the signed headers, signature.
        amz_date: when it was signed, as the header has it.
        security_token: of the role's credentials.
        session_key: the only job that it is good for.
    """

    authorization: str
    amz_date: str
    security_token: str
    session_key: SessionKey

    @property
    def signed_at(self) -> datetime:
        """When it was signed, by the worker's clock."""
        return datetime.strptime(self.amz_date, _MOMENT_FORMAT).replace(tzinfo=UTC)

    def headers(self) -> dict[str, str]:
        """All headers of the request but ``Host``."""
        values = (self.authorization, self.amz_date, self.security_token, str(self.session_key))
        return {"Content-Type": CONTENT_TYPE, **dict(zip(_KEYS, values, strict=True))}

    def encode(self) -> str:
        """The value of the header ``GeMS-Identity``: base64 of a JSON object of the headers that are not fixed."""
        headers = self.headers()
        return base64.b64encode(json.dumps({key: headers[key] for key in _KEYS}).encode()).decode()

    @classmethod
    def parse(cls, text: str) -> IdentityProof:
        """Read the header's value, as anybody outside may have sent it.

        Raises:
            ValueError: it is no such request; the message says why and quotes nothing of it.
        """
        headers = _headers(text)
        try:
            session_key = SessionKey.parse(headers[SESSION_KEY_HEADER])
        except InvalidInput:
            raise ValueError(f"expected a session key in {SESSION_KEY_HEADER}") from None
        proof = cls(headers["Authorization"], headers["X-Amz-Date"], headers["X-Amz-Security-Token"], session_key)
        _check(proof)
        return proof


def _headers(text: str) -> dict[str, str]:
    if len(text) > LONGEST_HEADER:
        raise ValueError(f"expected at most {LONGEST_HEADER} characters, found {len(text)}")
    try:
        found = parse_json(base64.b64decode(text, validate=True))
    except ValueError:
        raise ValueError("expected base64 of a JSON object") from None
    if not isinstance(found, dict) or sorted(found) != sorted(_KEYS):
        raise ValueError(f"expected a JSON object with {', '.join(_KEYS)} and nothing else")
    if not all(isinstance(value, str) for value in found.values()):
        raise ValueError("expected texts as its values")
    return found


def _check(proof: IdentityProof) -> None:
    match = _AUTHORIZATION.fullmatch(proof.authorization)
    if match is None:
        raise ValueError(f"expected a SigV4 authorization for sts with the signed headers {_SIGNED_HEADERS}")
    if not _SECURITY_TOKEN.fullmatch(proof.security_token):
        raise ValueError("expected the security token of a role's credentials in X-Amz-Security-Token")
    if not _is_moment(proof.amz_date) or not proof.amz_date.startswith(match["day"]):
        raise ValueError("expected a time such as 20161213T225807Z in X-Amz-Date, of the day in the authorization")


def _is_moment(text: str) -> bool:
    try:
        return bool(_MOMENT.fullmatch(text) and datetime.strptime(text, _MOMENT_FORMAT))  # noqa: DTZ007 - only looked at
    except ValueError:
        return False
