"""What people say of results: one event each. The table of fields is what the log, the API and the docs have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gems_core.fields import MOMENT, TEXT, Field, Shape, optional, parsed, text, word
from gems_core.people import LONGEST_ISSUER, LONGEST_SUBJECT, Role, parse_name

LONGEST_WORDS = 1000
LONGEST_CALL = 300
LONGEST_SAMPLE = 250
LONGEST_LOCUS = 20
_DIGITS = 64
_OF_ACCOUNT = frozenset({"issuer", "subject"})


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
    FORGET = "forget"
    """Nobody sends it to the API: ``gems forget`` writes it, and removes the sample's results."""


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
        issuer, subject: the account with which the person signs in; '' for people with a password.
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
    issuer: str = ""
    subject: str = ""


class _EventShape(Shape[Event]):
    """Without an account its fields are left out, so that entries without one stay the same bytes."""

    def write(self, source: Event) -> dict[str, object]:
        return {name: value for name, value in super().write(source).items() if name not in _OF_ACCOUNT or value}


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
EVENT: Shape[Event] = _EventShape(
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
        optional("issuer", text(LONGEST_ISSUER), "the identity provider of who signs in by single sign-on", ""),
        optional("subject", text(LONGEST_SUBJECT), "what that provider calls the person's account", ""),
    ),
)


def event_of(document: object) -> Event:
    """The event of a log's entry.

    Raises:
        InvalidInput: it is not an event.
    """
    return Event(**EVENT.read(document))
