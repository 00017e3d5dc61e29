"""STS's GetCallerIdentity as AWS answers it: only to who has signed for it. moto believes whatever key a request names.

The rules are those of the IAM user guide, "AWS Signature Version 4 for API requests". Only credentials of assumed roles are
checked, for only they prove something to the API.
"""

from __future__ import annotations

import hmac
import io
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from moto.sts.models import AssumedRole, sts_backends

from gems_local.settings import ACCOUNT_ID

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

LIFE = timedelta(minutes=15)
_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>\w+)/(?P<day>[0-9]{8})/(?P<region>[a-z0-9-]+)/sts/aws4_request, "
    r"SignedHeaders=(?P<names>[a-z0-9;-]+), Signature=(?P<signature>[0-9a-f]{64})"
)
_MUST_BE_SIGNED = frozenset({"host", "x-amz-date"})
_ERROR = (
    '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>{}</Code>'
    "<Message>{}</Message></Error><RequestId>local</RequestId></ErrorResponse>"
)


class CallerIdentity:
    """Refuses GetCallerIdentity to a request that an assumed role's credentials have not signed, here and now.

    Args:
        application: moto.
        now: the time.
    """

    def __init__(self, application: WSGIApplication, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._application = application
        self._now = now

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Check a request of this kind; pass every other on."""
        if "/sts/aws4_request" not in environ.get("HTTP_AUTHORIZATION", "") or environ["REQUEST_METHOD"] != "POST":
            return self._application(environ, start_response)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        refusal = self._refusal(environ, body)
        if refusal is None:
            return self._application({**environ, "wsgi.input": io.BytesIO(body)}, start_response)
        content = _ERROR.format(*refusal).encode()
        start_response("403 Forbidden", [("Content-Type", "text/xml"), ("Content-Length", str(len(content)))])
        return [content]

    def _refusal(self, environ: WSGIEnvironment, body: bytes) -> tuple[str, str] | None:
        """Code and message of STS's refusal, or None."""
        if parse_qs(body).get(b"Action") != [b"GetCallerIdentity"]:
            return None
        match = _AUTHORIZATION.fullmatch(environ["HTTP_AUTHORIZATION"])
        if match is None or not set(match["names"].split(";")) >= _MUST_BE_SIGNED:
            return "IncompleteSignature", "the Authorization header is not one of Signature Version 4"
        role = _role(match["key"])
        if role is None:
            return None
        checks = [
            (
                _same(role.session_token, environ.get("HTTP_X_AMZ_SECURITY_TOKEN", "")),
                "InvalidClientTokenId",
                "security token",
            ),
            (role.expiration.replace(tzinfo=UTC) > self._now(), "ExpiredToken", "the security token has expired"),
            (self._is_fresh(environ.get("HTTP_X_AMZ_DATE", ""), match["day"]), "SignatureDoesNotMatch", "expired"),
            (_same(_signature(environ, body, match, role), match["signature"]), "SignatureDoesNotMatch", "signature"),
        ]
        return next(((code, message) for fits, code, message in checks if not fits), None)

    def _is_fresh(self, text: str, day: str) -> bool:
        try:
            signed_at = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        except ValueError:
            return False
        return text.startswith(day) and abs(self._now() - signed_at) <= LIFE


def _same(expected: str, found: str) -> bool:
    return hmac.compare_digest(expected.encode(), found.encode())


def _role(access_key: str) -> AssumedRole | None:
    return sts_backends[ACCOUNT_ID]["aws"].get_assumed_role_from_access_key(access_key)


def _signature(environ: WSGIEnvironment, body: bytes, match: re.Match[str], role: AssumedRole) -> str:
    headers = {name: _header(environ, name) for name in match["names"].split(";")}
    request = AWSRequest("POST", f"http://{environ['HTTP_HOST']}{environ['PATH_INFO']}", headers, body)
    request.context["timestamp"] = environ.get("HTTP_X_AMZ_DATE", "")
    credentials = ReadOnlyCredentials(role.access_key_id, role.secret_access_key, role.session_token)
    signer = SigV4Auth(credentials, "sts", match["region"])
    signature: str = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    return signature


def _header(environ: WSGIEnvironment, name: str) -> str:
    key = name.upper().replace("-", "_")
    return str(environ.get(key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}", ""))
