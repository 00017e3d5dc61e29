"""Passwords: argon2id, with the parameters that OWASP names first, and the same work for a name that nobody has.

``cryptography`` is in the Lambda's zip already, because credstash needs it; it is loaded when somebody signs in.
"""

from __future__ import annotations

import os
from functools import cache

# OWASP Password Storage Cheat Sheet, Argon2id: m=19456 (19 MiB), t=2, p=1. Measured: 25 ms of processor time; a Lambda of
# 512 MB has 0.29 of a processor, so some 90 ms there.
MEMORY_KIB, ITERATIONS, LANES = 19_456, 2, 1
LEAST_CHARACTERS = 12
LONGEST_BYTES = 1000
_SALT_BYTES, _HASH_BYTES = 16, 32


def password_problem(password: str, name: str) -> str:
    """What is wrong with a new password, '' if nothing is; it is never part of the answer."""
    if len(password) < LEAST_CHARACTERS:
        return f"expected at least {LEAST_CHARACTERS} characters, found {len(password)}"
    if len(_bytes(password)) > LONGEST_BYTES:
        return f"expected at most {LONGEST_BYTES} bytes, found more"
    if len(set(password)) <= LEAST_CHARACTERS // 3 or name in password.lower():
        return "expected neither the user's name nor few different characters, found one of the two"
    return ""


def hashed(password: str) -> str:
    """What is kept of a password, in PHC's form."""
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id  # noqa: PLC0415 - most starts see no password

    work = Argon2id(
        salt=os.urandom(_SALT_BYTES), length=_HASH_BYTES, iterations=ITERATIONS, lanes=LANES, memory_cost=MEMORY_KIB
    )
    return work.derive_phc_encoded(_bytes(password))


def is_right(password: str, known: str) -> bool:
    """Whether a password is the one of a hash; where there is none (''), the same time passes and it is not."""
    from cryptography.exceptions import InvalidKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id  # noqa: PLC0415

    if len(_bytes(password)) > LONGEST_BYTES:
        return False
    try:
        Argon2id.verify_phc_encoded(_bytes(password), known or _nobodys())
    except (InvalidKey, ValueError):
        return False
    return bool(known)


@cache
def _nobodys() -> str:
    """A hash of a password that nobody knows."""
    return hashed(os.urandom(_SALT_BYTES).hex())


def _bytes(password: str) -> bytes:
    return password.encode(errors="surrogatepass")
