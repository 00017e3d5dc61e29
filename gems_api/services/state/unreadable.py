"""Records that cannot be read: which object it is, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gems_core.errors import GemsError, InvalidInput
from gems_core.session_key import SessionKey

# What parsing a document may raise that is not as GeMS writes it; so does the reading of one that is too long.
DAMAGE = (ValueError, KeyError, TypeError, AttributeError)
_LONGEST = 300


class JobUnreadable(GemsError):
    """A job's folder holds something that GeMS did not write, or that was damaged.

    Attributes:
        address: the object's, as ``s3://bucket/key``.
        reason: what is wrong with it.
    """

    def __init__(self, session_key: SessionKey, address: str, reason: str, consequence: str = "") -> None:
        self.address, self.reason = address, reason
        super().__init__(
            f"job {session_key}: its records in the control bucket cannot be read: {address}: {reason}{consequence}"
        )


@contextmanager
def reading(session_key: SessionKey, address: str) -> Iterator[None]:
    """Raise JobUnreadable for whatever the object that is read and parsed inside lacks."""
    try:
        yield
    except (*DAMAGE, InvalidInput) as error:
        raise JobUnreadable(session_key, address, told(error)) from error


def told(error: Exception) -> str:
    """What is wrong with a document, as its reading or parsing raised it."""
    text = f"it lacks the field {error}" if isinstance(error, KeyError) else f"{error} ({type(error).__name__})"
    return text[:_LONGEST]
