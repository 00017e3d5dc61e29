"""People who use a deployment: their names, their roles, and what each role may do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, StrEnum, auto

SHARED_USER = "gems"
"""Who holds the shared user credential. It is for machines, so no person may have this name."""
EXPECTED_NAME = "1 to 32 lower-case letters, digits and hyphens, a letter first, and not `gems`"
_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
# OpenID Connect Core 1.0, section 2: a subject has at most 255 ASCII characters.
LONGEST_SUBJECT = 255
LONGEST_ISSUER = 500
EXPECTED_ISSUER = "an https address without `?` and `#`, such as https://login.example.org/realms/laboratory"
_ISSUER = re.compile(r"https://[A-Za-z0-9.-]{1,250}(:[0-9]{1,5})?(/[!-~]*)?|http://127\.0\.0\.1:[0-9]{1,5}(/[!-~]*)?")


class Right(Enum):
    """Something that a user may be allowed to do."""

    READ = auto()
    """See jobs, logs and results."""
    RUN = auto()
    """Start, cancel and retry jobs."""
    REVIEW = auto()
    """Accept and override calls, comment, ask for a repeat, assign."""
    APPROVE = auto()
    """Approve results, and open approved ones again."""


class Role(StrEnum):
    """What a person is in the laboratory."""

    VIEWER = "viewer"
    REVIEWER = "reviewer"
    APPROVER = "approver"
    ADMINISTRATOR = "administrator"

    @property
    def rights(self) -> frozenset[Right]:
        """What the role may do."""
        return _RIGHTS[self]


def narrower(one: Role, other: Role) -> Role:
    """The role with fewer rights; of any two roles one has all the rights of the other."""
    return one if one.rights <= other.rights else other


# An administrator decides who the people are, with the deployer's credentials in AWS, and so must not judge results too.
_RIGHTS = {
    Role.VIEWER: frozenset({Right.READ}),
    Role.REVIEWER: frozenset({Right.READ, Right.RUN, Right.REVIEW}),
    Role.APPROVER: frozenset({Right.READ, Right.RUN, Right.REVIEW, Right.APPROVE}),
    Role.ADMINISTRATOR: frozenset({Right.READ, Right.RUN}),
}
_OF_THE_SHARED_USER = frozenset({Right.READ, Right.RUN})


@dataclass(frozen=True)
class Account:
    """An account at an identity provider, which the two together name for ever.

    Attributes:
        issuer: the provider's address, exactly as it writes it.
        subject: what the provider calls the account.

    Raises:
        ValueError: one of the two cannot be.
    """

    issuer: str
    subject: str

    def __post_init__(self) -> None:
        if not is_issuer(self.issuer):
            raise ValueError(f"issuer: expected {EXPECTED_ISSUER}, found {self.issuer[:100]!r}")
        if not is_subject(self.subject):
            expected = f"1 to {LONGEST_SUBJECT} printable ASCII characters"
            raise ValueError(f"subject: expected {expected}, found {self.subject[:100]!r}")


@dataclass(frozen=True)
class Caller:
    """Who asks.

    Attributes:
        name: of the person, or ``SHARED_USER``.
        role: None for the shared user, who has no name and so may judge nothing.
        account: with which the person signs in; None for people with a password, and for the shared user.
    """

    name: str
    role: Role | None = None
    account: Account | None = None

    @property
    def is_person(self) -> bool:
        """Whether a named person asks."""
        return self.role is not None

    def may(self, right: Right) -> bool:
        """Whether the caller has a right."""
        return right in (self.role.rights if self.role else _OF_THE_SHARED_USER)


def is_name(text: str) -> bool:
    """Whether a text may be a person's name."""
    return text != SHARED_USER and _NAME.fullmatch(text) is not None


def parse_name(text: str) -> str:
    """A person's name.

    Raises:
        ValueError: it is not a name.
    """
    if not is_name(text):
        raise ValueError(f"expected {EXPECTED_NAME}, found {text[:100]!r}")
    return text


def is_issuer(text: str) -> bool:
    """Whether a text may be an identity provider's address: https, but for what runs on this machine."""
    fits = len(text) <= LONGEST_ISSUER and _ISSUER.fullmatch(text) is not None
    return fits and not set(text) & set("?#@")


def is_subject(text: str) -> bool:
    """Whether a text may be what a provider calls an account."""
    return 1 <= len(text) <= LONGEST_SUBJECT and text.isascii() and text.isprintable() and text == text.strip()
