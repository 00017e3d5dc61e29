"""A log that nobody changes unseen: each entry has a number, and the SHA-256 of the entry before it.

An entry is the canonical JSON of ``format``, ``chain``, ``number``, ``before`` and ``content``; its hash is that of these bytes. A
chain alone cannot tell that its end, or all of it, is gone. So there is one chain of checkpoints, which says of each other chain how
long it was and what its last hash was (docs/adr/0030).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gems_core.digits import is_digits
from gems_core.json_input import ODD_CONTENT, parse_json

FORMAT = 1
CHECKPOINTS = "checkpoints"
"""Name of the chain of checkpoints; all others have the session key of their job."""
NOTHING_BEFORE = "0" * 64
_KEYS = {"format", "chain", "number", "before", "content"}


def canonical(value: object) -> bytes:
    """The one way to write a JSON value here: keys sorted, no spaces, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()


def sha256(data: bytes) -> str:
    """In hexadecimal."""
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True)
class Entry:
    """One entry of a chain.

    Attributes:
        number: from 1.
        before: the hash of the entry before it.
        content: JSON.
    """

    chain: str
    number: int
    before: str
    content: Mapping[str, Any]

    @property
    def body(self) -> bytes:
        """The bytes that are stored."""
        said = {"chain": self.chain, "number": self.number, "before": self.before, "content": self.content}
        return canonical({"format": FORMAT, **said})

    @property
    def sha256(self) -> str:
        """The hash of the bytes."""
        return sha256(self.body)

    @classmethod
    def following(cls, chain: str, last: Entry | None, content: Mapping[str, Any]) -> Entry:
        """The entry after the last one; None: the first."""
        if last is None:
            return cls(chain, 1, NOTHING_BEFORE, content)
        return cls(chain, last.number + 1, last.sha256, content)

    @classmethod
    def parse(cls, body: bytes) -> Entry:
        """The entry of stored bytes.

        Raises:
            ValueError: they are not as an entry is written.
        """
        try:
            document = parse_json(body)
            if set(document) != _KEYS or document["format"] != FORMAT or not isinstance(document["content"], dict):
                raise ValueError("its fields are not those of an entry")
            entry = cls(str(document["chain"]), int(document["number"]), str(document["before"]), document["content"])
            if entry.body != body:
                raise ValueError("it is not written as GeMS writes entries")
        except ODD_CONTENT as error:
            raise ValueError(str(error)[:200]) from error
        return entry


@dataclass(frozen=True)
class Fault:
    """Something that should not be.

    Attributes:
        number: of the entry at which it is seen.
        what: in words.
    """

    chain: str
    number: int
    what: str

    def __str__(self) -> str:
        return f"{self.chain}, entry {self.number}: {self.what}"


@dataclass(frozen=True)
class Proof:
    """What a chain proved to be.

    Attributes:
        entries: those before the first fault, in order.
        faults: none of a good chain. After the first one nothing is certain, so no more are looked for.
    """

    chain: str
    entries: tuple[Entry, ...]
    faults: tuple[Fault, ...] = ()

    @property
    def last(self) -> Entry | None:
        """The end of the chain."""
        return self.entries[-1] if self.entries else None

    @property
    def head(self) -> str:
        """How long the chain is and its last hash, in a word that can be kept elsewhere."""
        return f"{self.last.number}:{self.last.sha256}" if self.last else f"0:{NOTHING_BEFORE}"


def prove(chain: str, stored: Sequence[tuple[int, bytes]]) -> Proof:
    """Prove a chain.

    Args:
        chain: its name.
        stored: the number that each object's key has, and its bytes; in the order of the keys.
    """
    entries: list[Entry] = []
    for number, body in stored:
        last = entries[-1] if entries else None
        expected = last.number + 1 if last else 1
        if number != expected:
            return _broken(chain, entries, expected, f"expected this entry, found {number}: entries are missing")
        try:
            entry = Entry.parse(body)
        except ValueError as error:
            return _broken(chain, entries, number, f"cannot be read: {error}")
        if entry.chain != chain:
            return _broken(chain, entries, number, f"is an entry of {entry.chain[:100]}")
        if entry.number != number:
            return _broken(chain, entries, number, f"is entry {entry.number} at another place")
        if entry.before != (last.sha256 if last else NOTHING_BEFORE):
            return _broken(chain, entries, number, "does not follow the entry before it: one of the two was changed")
        entries.append(entry)
    return Proof(chain, tuple(entries))


def checkpoint_of(last: Entry) -> dict[str, object]:
    """The content of a checkpoint that says how far a chain is."""
    return {"chain": last.chain, "number": last.number, "sha256": last.sha256}


def against_checkpoints(checkpoints: Proof, chains: Mapping[str, Proof]) -> list[Fault]:
    """What the checkpoints say of chains and is not so: an end that is cut, a chain that is gone or was written again."""
    return [fault for entry in checkpoints.entries if (fault := _against(entry, chains)) is not None]


def unsealed(checkpoints: Proof, chains: Mapping[str, Proof]) -> dict[str, int]:
    """How many of the last entries of each chain no checkpoint covers yet; only chains that have such."""
    covered: dict[str, int] = {}
    for entry in checkpoints.entries:
        name, number = str(entry.content.get("chain")), entry.content.get("number")
        covered[name] = max(covered.get(name, 0), number if isinstance(number, int) else 0)
    open_ends = {name: len(proof.entries) - covered.get(name, 0) for name, proof in chains.items()}
    return {name: count for name, count in open_ends.items() if count > 0}


def has_head(proof: Proof, head: str) -> bool:
    """Whether a chain is, or goes on from, what ``Proof.head`` said of it before.

    Raises:
        ValueError: the text is not a head.
    """
    number, colon, digest = head.partition(":")
    if not colon or not is_digits(number) or len(digest) != len(NOTHING_BEFORE):
        raise ValueError(f"expected a number, a colon and a SHA-256, found {head[:100]!r}")
    if int(number) == 0:
        return digest == NOTHING_BEFORE
    return int(number) <= len(proof.entries) and proof.entries[int(number) - 1].sha256 == digest


def _against(checkpoint: Entry, chains: Mapping[str, Proof]) -> Fault | None:
    said = checkpoint.content
    name, number, digest = said.get("chain"), said.get("number"), said.get("sha256")
    if not isinstance(name, str) or not isinstance(number, int) or number < 1:
        return Fault(CHECKPOINTS, checkpoint.number, "is not a checkpoint")
    entries = chains[name].entries if name in chains else ()
    if chains.get(name) is not None and chains[name].faults:
        return None  # told already
    if len(entries) < number:
        return Fault(name, number, f"checkpoint {checkpoint.number} says it was written, and it is gone")
    if entries[number - 1].sha256 != digest:
        return Fault(name, number, f"is not what checkpoint {checkpoint.number} says it was")
    return None


def _broken(chain: str, entries: Sequence[Entry], number: int, what: str) -> Proof:
    return Proof(chain, tuple(entries), (Fault(chain, number, what),))
