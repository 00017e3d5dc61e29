"""What S3's refusal of a conditional write says (S3 API reference, PutObject, and user guide, "Conditional writes").

Every decision between writers is such a write, so both sides must read its answer alike.
"""

from __future__ import annotations

from enum import Enum, auto

# The tries of one write wait for less than a second together, which a request to the API (29 s at most) can spare.
COLLISION_TRIES = 8
COLLISION_PAUSE_SECONDS = 0.1


class Refusal(Enum):
    """Why a conditional write was not made."""

    LOST = auto()
    """412, or 404 of a write that was to replace: somebody was faster. What is there now must be read."""

    COLLIDED = auto()
    """409: another write of the same key is under way and may yet fail, so nothing is decided. Write again.

    After ``COLLISION_TRIES`` writes it counts as lost.
    """

    OTHER = auto()
    """It says nothing of other writers."""


_REFUSALS = {
    "PreconditionFailed": Refusal.LOST,
    "412": Refusal.LOST,
    "NoSuchKey": Refusal.LOST,
    "404": Refusal.LOST,
    "NotFound": Refusal.LOST,
    "ConditionalRequestConflict": Refusal.COLLIDED,
    "409": Refusal.COLLIDED,
}


def refusal_of(code: str) -> Refusal:
    """What an error code of S3 says when it answers a conditional write."""
    return _REFUSALS.get(code, Refusal.OTHER)
