"""What people say of results: one event each. The table of fields is what the log, the API and the docs have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gems_core.fields import MOMENT, TEXT, Field, Shape, parsed, text, word
from gems_core.people import Role, parse_name

LONGEST_WORDS = 1000
LONGEST_CALL = 300
LONGEST_SAMPLE = 250
LONGEST_LOCUS = 20
_DIGITS = 64


class Kind(StrEnum):
    """What somebody does."""

    ACCEPT = "accept"
    OVERRIDE = "override"
    WITHDRAW = "withdraw"
    COMMENT = "comment"
    REPEAT = "repeat"
    ASSIGN = "assign"
    APPROVE = "approve"
    REOPEN = "reopen"


class Reason(StrEnum):
    """Why a call is overridden."""

    DROPOUT = "allele_dropout"
    ARTEFACT = "artefact"
    CONTAMINATION = "contamination"
    PHASE = "phase"
    AMBIGUITY = "ambiguity"
    NEW_ALLELE = "new_allele"
    OTHER_METHOD = "other_method"
    OTHER = "other"


@dataclass(frozen=True)
class Event:
    """One thing that somebody has done, as the log keeps it.

    Attributes:
        by: the person's name; ``role`` is the role at that time.
        locus, call, original, reason: of an override; ``original`` is what the typer called. A withdrawal has the locus alone.
        words: the person's own.
        assignee: the name of who is to look.
        results: what the person saw: the digest of the sample's results (``gems_report.result_digest``).
    """

    kind: Kind
    by: str
    role: Role
    at: datetime
    sample: str
    results: str
    locus: str = ""
    call: str = ""
    original: str = ""
    reason: Reason | None = None
    words: str = ""
    assignee: str = ""


def _name_or_nothing(value: str) -> str:
    return parse_name(value) if value else ""


def _digest(value: str) -> str:
    if len(value) != _DIGITS or not set(value) <= set("0123456789abcdef"):
        raise ValueError(value)
    return value


NAME = parsed(parse_name, "the name of a person")
NAME_OR_NOTHING = parsed(_name_or_nothing, "the name of a person, or ''")
DIGEST = parsed(_digest, "a SHA-256 in hexadecimal", {"pattern": "^[0-9a-f]{64}$"})
KIND = word(Kind)
REASON = word(Reason)
EVENT: Shape[Event] = Shape(
    "ReviewEvent",
    "review event",
    (
        Field("kind", KIND, "what was done"),
        Field("by", NAME, "who did it"),
        Field("role", word(Role), "the person's role at that time"),
        Field("at", MOMENT, "when"),
        Field("sample", text(LONGEST_SAMPLE), "whose results"),
        Field("results", DIGEST, "what the person saw: the SHA-256 of the sample's results"),
        Field("locus", text(LONGEST_LOCUS), "of an override or its withdrawal; else `''`"),
        Field("call", text(LONGEST_CALL), "of an override: the genotype that stands instead"),
        Field("original", TEXT, "of an override: what the typer called"),
        Field("reason", REASON, "why a call is overridden", nullable=True),
        Field("words", text(LONGEST_WORDS), "the person's own"),
        Field("assignee", NAME_OR_NOTHING, "who is to look; else `''`"),
    ),
)


def event_of(document: object) -> Event:
    """The event of a log's entry.

    Raises:
        InvalidInput: it is not an event.
    """
    return Event(**EVENT.read(document))
