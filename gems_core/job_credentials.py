"""AWS credentials for one job and one instance, as the API hands them out (docs/contracts.md, section 4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gems_core.fields import NO_MOMENT, FieldReader, parse_moment

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

    def as_json(self) -> dict[str, str]:
        """The answer to ``POST /job/<session_key>/credentials``."""
        return {**vars(self), "expires_at": self.expires_at.isoformat()}

    @classmethod
    def from_json(cls, value: object) -> JobCredentials:
        """The inverse of ``as_json``.

        Raises:
            InvalidInput: it is no such object. Its message may quote what was found: tell nobody.
        """
        fields = FieldReader(value, "credentials of a job")
        key, secret, token = (
            fields.text(name, longest=_LONGEST) for name in ("access_key_id", "secret_access_key", "session_token")
        )
        expires_at = fields.parsed("expires_at", parse_moment, "a time with a zone", NO_MOMENT)
        fields.finish()
        return cls(key, secret, token, expires_at)
