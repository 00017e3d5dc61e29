"""People who use a deployment: their names, their roles, and what each role may do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, StrEnum, auto

SHARED_USER = "gems"
"""Who holds the shared user credential. It is for machines, so no person may have this name."""
EXPECTED_NAME = "1 to 32 lower-case letters, digits and hyphens, a letter first, and not `gems`"
_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")


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


# An administrator decides who the people are, with the deployer's credentials in AWS, and so must not judge results too.
_RIGHTS = {
    Role.VIEWER: frozenset({Right.READ}),
    Role.REVIEWER: frozenset({Right.READ, Right.RUN, Right.REVIEW}),
    Role.APPROVER: frozenset({Right.READ, Right.RUN, Right.REVIEW, Right.APPROVE}),
    Role.ADMINISTRATOR: frozenset({Right.READ, Right.RUN}),
}
_OF_THE_SHARED_USER = frozenset({Right.READ, Right.RUN})


@dataclass(frozen=True)
class Caller:
    """Who asks.

    Attributes:
        name: of the person, or ``SHARED_USER``.
        role: None for the shared user, who has no name and so may judge nothing.
    """

    name: str
    role: Role | None = None

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
