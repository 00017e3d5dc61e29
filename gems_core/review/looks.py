"""Who looked at whose results, and how: one entry of the access log each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gems_core.fields import MOMENT, TEXT, Field, Shape


@dataclass(frozen=True)
class Look:
    """Somebody has opened or fetched results.

    Attributes:
        by: the person's name, or ``gems`` for the shared user.
        role: at that time; '' for the shared user.
        sample: whose results; '' for those of the whole run.
        what: the page, or the file.
    """

    by: str
    role: str
    at: datetime
    session_key: str
    sample: str
    what: str


LOOK: Shape[Look] = Shape(
    "Look",
    "look",
    (
        Field("by", TEXT, "who"),
        Field("role", TEXT, "the person's role at that time; `''` for the shared user"),
        Field("at", MOMENT, "when"),
        Field("session_key", TEXT, "the job"),
        Field("sample", TEXT, "whose results; `''` for the whole run"),
        Field("what", TEXT, "the page, or the file"),
    ),
)
