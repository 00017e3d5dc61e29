"""A job's name: ``{bucket}-{prefix}-class-{1|2|all}-{yymmdd}-{HH:MM}:{10 random digits}``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

from gems_core.errors import one_problem

_SESSION_KEY = re.compile(
    r"(?P<label>[A-Za-z0-9._-]{1,220})-class-(?P<hla_class>1|2|all)"
    r"-(?P<day>[0-9]{6})-(?P<hour>[0-9]{2}:[0-9]{2}):(?P<digits>[0-9]{10})"
)
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
RANDOM_DIGITS = 10
LONGEST_LABEL = 220


@dataclass(frozen=True)
class SessionKey:
    """A valid session key.

    Attributes:
        text: the whole key.
        hla_class: ``1``, ``2`` or ``all``.
        day: the UTC day on which the job was made; it is part of the job's place in S3.
    """

    text: str
    hla_class: str
    day: date

    @classmethod
    def parse(cls, text: str) -> SessionKey:
        """Read a key.

        Raises:
            InvalidInput: it has not the shape of a session key.
        """
        match = _SESSION_KEY.fullmatch(text)
        day = _day(match) if match else None
        if match is None or day is None:
            raise one_problem(
                "session_key",
                "session_key",
                "bucket-prefix-class-N-yymmdd-HH:MM:digits",
                repr(text[:300]),
                "Copy the key from GET /job or from the answer of POST /job.",
            )
        return cls(text, match["hla_class"], day)

    @classmethod
    def make(cls, bucket: str, prefix: str, hla_class: str, moment: datetime, digits: str) -> SessionKey:
        """Name a job.

        Args:
            bucket: the data bucket.
            prefix: the folder of the FASTQ files; ``/`` and anything unusual is written ``_``.
            hla_class: ``1``, ``2`` or ``all``.
            moment: when the job was asked for, with a time zone.
            digits: ten random decimal digits.
        """
        label = f"{bucket}-{safe_prefix(prefix)}"[:LONGEST_LABEL]
        return cls.parse(f"{label}-class-{hla_class}-{moment.astimezone(UTC):%y%m%d-%H:%M}:{digits}")

    @property
    def minute(self) -> datetime:
        """The UTC minute in which the job was made."""
        return datetime.strptime(self.text.rpartition(":")[0][-len("yymmdd-HH:MM") :], "%y%m%d-%H:%M").replace(
            tzinfo=UTC
        )

    @property
    def label(self) -> str:
        """``{bucket}-{prefix}``, cut to ``LONGEST_LABEL`` characters, the prefix as ``safe_prefix`` writes it."""
        return self.text.rpartition(f"-class-{self.hla_class}-")[0]

    def __str__(self) -> str:
        return self.text


def safe_prefix(prefix: str) -> str:
    """A prefix as a session key writes it."""
    return _UNSAFE.sub("_", prefix.strip("/"))


def _day(match: re.Match[str]) -> date | None:
    try:
        return datetime.strptime(f"{match['day']} {match['hour']}", "%y%m%d %H:%M").replace(tzinfo=UTC).date()
    except ValueError:
        return None
