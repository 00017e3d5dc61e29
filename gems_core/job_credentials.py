"""AWS credentials for one job and one instance, as the API hands them out (docs/contracts.md, section 4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gems_core.fields import Field, Shape, moment, text

# AWS asks that nobody assume a size; security tokens seen have one to two kilobytes.
_LONGEST = 8192


@dataclass(frozen=True, repr=False)
class JobCredentials:
    """Temporary credentials. Secret: they speak for the job in S3 until they expire.

    Attributes:
        expires_at: when AWS stops accepting them, with its zone.
    """

    access_key_id: str
    secret_access_key: str
    session_token: str
    expires_at: datetime

    def as_json(self) -> dict[str, object]:
        """The answer to ``POST /job/<session_key>/credentials``."""
        return CREDENTIALS.write(self)

    @classmethod
    def from_json(cls, value: object) -> JobCredentials:
        """The inverse of ``as_json``.

        Raises:
            InvalidInput: it is no such object. Its message may quote what was found: tell nobody.
        """
        return cls(**CREDENTIALS.read(value))


_SECRET = text(_LONGEST)
CREDENTIALS: Shape[JobCredentials] = Shape(
    "CredentialsAnswer",
    "credentials of a job",
    (
        Field("access_key_id", _SECRET, "as AWS's SDKs take it"),
        Field("secret_access_key", _SECRET, "as AWS's SDKs take it"),
        Field("session_token", _SECRET, "as AWS's SDKs take it"),
        Field("expires_at", moment("a time with a zone"), "when AWS stops accepting them"),
    ),
)
