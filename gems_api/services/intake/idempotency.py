"""Reading a user's ``Idempotency-Key``: repeating a request with it does nothing more."""

from __future__ import annotations

import hashlib

from gems_core.errors import InvalidInput, one_problem

LONGEST_IDEMPOTENCY_KEY = 255


def idempotency_digest(key: str | None) -> str:
    """The key's SHA-256 (hexadecimal), under which its request is remembered; '' without a key.

    Raises:
        InvalidInput: it is empty or too long.
    """
    if key is None:
        return ""
    if not 1 <= len(key) <= LONGEST_IDEMPOTENCY_KEY:
        raise one_problem(
            "idempotency_key",
            "header Idempotency-Key",
            f"1 to {LONGEST_IDEMPOTENCY_KEY} characters",
            f"{len(key)}",
            "Send a fresh UUID for each request, and the same one again with a repeat.",
        )
    return hashlib.sha256(key.encode()).hexdigest()


def key_reused(found: str) -> InvalidInput:
    """The key has been used for another request."""
    return one_problem(
        "idempotency_key_reused",
        "header Idempotency-Key",
        "the same request as before",
        f"another one; the key made {found}",
        "Send a fresh key with a new request.",
    )
