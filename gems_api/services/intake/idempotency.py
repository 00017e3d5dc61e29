"""A user's ``Idempotency-Key``, and the note of what it was used for: repeating a request with it does nothing more."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from gems_api.services.store_ports import Store
from gems_core import layout
from gems_core.errors import InvalidInput, one_problem
from gems_core.json_input import parse_json
from gems_core.session_key import SessionKey

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


@dataclass(frozen=True)
class KeyUse:
    """What a key was used for (``idempotency/<digest>.json``).

    Attributes:
        request: whatever tells the request from any other one.
        run: which run of the job the request was to open; 0 for one that started the job.
    """

    session_key: SessionKey
    request: str
    run: int = 0

    def to_bytes(self) -> bytes:
        """The note's JSON document."""
        run = {"run": self.run} if self.run else {}
        return json.dumps({"session_key": str(self.session_key), "request": self.request, **run}).encode()

    @classmethod
    def from_bytes(cls, body: bytes) -> KeyUse:
        """Read what ``to_bytes`` wrote."""
        value = parse_json(body)
        return cls(SessionKey.parse(value["session_key"]), value["request"], int(value.get("run", 0)))


@dataclass(frozen=True)
class KeyUses:
    """The notes of the control bucket. A request without a key, whose digest is '', has none and leaves none."""

    store: Store
    bucket: str

    def find(self, digest: str, request: str) -> KeyUse | None:
        """What the key was used for; None if it never was.

        Raises:
            InvalidInput: it was used for another request.
        """
        stored = self.store.read(self.bucket, layout.idempotency_key(digest)) if digest else None
        if stored is None:
            return None
        use = KeyUse.from_bytes(stored.body)
        if use.request != request:
            raise _key_reused(use.session_key)
        return use

    def bind(self, digest: str, use: KeyUse) -> KeyUse:
        """Bind a key to its use, unless it is bound already; the use that counts. Of several at once the first one does.

        Raises:
            InvalidInput: it was used for another request.
        """
        if digest:
            self.store.create(self.bucket, layout.idempotency_key(digest), use.to_bytes())
        return self.find(digest, use.request) or use

    def free(self, digest: str) -> None:
        """Forget a key's use, so that a repeat tries again instead of being told of what never came to be."""
        if digest:
            self.store.delete(self.bucket, layout.idempotency_key(digest))


def _key_reused(session_key: SessionKey) -> InvalidInput:
    return one_problem(
        "idempotency_key_reused",
        "header Idempotency-Key",
        "the same request as before",
        f"another one; the key made {session_key}",
        "Send a fresh key with a new request.",
    )
