"""A password that a person has set: one object, beside the record that only administrators write. Pure."""

from __future__ import annotations

import hmac
import json
from dataclasses import asdict, dataclass
from datetime import datetime

from gems_core.fields import parse_moment
from gems_core.json_input import parse_json

FORMAT = 1


@dataclass(frozen=True)
class OwnPassword:
    """What the API writes when a person changes the own password (docs/adr/0034).

    Attributes:
        password: the hash, as ``access.passwords`` writes it.
        proof: that whoever wrote this knew the seal of the person's record as it was then (``Person.proof_of``).
    """

    password: str
    proof: str
    changed_at: datetime

    def __repr__(self) -> str:
        """Nothing secret, wherever it is logged."""
        return f"OwnPassword(changed_at={self.changed_at.isoformat()})"

    def is_proven(self, proof: str) -> bool:
        """Whether the proof is the one that is wanted."""
        return hmac.compare_digest(self.proof.encode(errors="surrogatepass"), proof.encode())

    def to_bytes(self) -> bytes:
        """The object."""
        return json.dumps({"format": FORMAT, **asdict(self)}, sort_keys=True, default=datetime.isoformat).encode()

    @classmethod
    def from_bytes(cls, body: bytes) -> OwnPassword:
        """Of an object.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: GeMS did not write it.
        """
        document = parse_json(body)
        if document["format"] != FORMAT:
            raise ValueError(f"expected format {FORMAT}, found {str(document['format'])[:20]}")
        return cls(str(document["password"]), str(document["proof"]), parse_moment(document["changed_at"]))
