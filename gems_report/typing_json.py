"""A sample's ``typing.json`` (docs/contracts.md, section 3): its one reader, and what a share's later steps keep of it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gems_core.json_input import ODD_CONTENT, parse_json
from gems_report.errors import UnreadableTyping

TYPING_JSON = "typing.json"
TYPING_SCHEMA_VERSION = 1
UNEXPLAINED = "unexplained"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class CalledAllele:
    """One allele as called.

    Attributes:
        ambiguities: the alleles that the reads cannot tell from it; they begin with ``name``.
        share: of its locus's pairs, 0 to 1.
    """

    name: str
    ambiguities: tuple[str, ...]
    share: float

    @property
    def gene(self) -> str:
        """E.g. ``DRB3``."""
        return self.name.split("*", 1)[0]


@dataclass(frozen=True)
class Typing:
    """What a share keeps of a ``typing.json``; the whole of hundreds of samples would take more memory than the typer.

    Attributes:
        called: alleles of all loci; None where they are not as the contract has them. Such a sample stays typed.
        is_explained: whether the file says already what the unexplained sequences are.
    """

    sample: str
    called: tuple[CalledAllele, ...] | None
    is_explained: bool

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Typing:
        """From a document that ``read_typing`` has read."""
        sample = str(document["sample"])
        try:
            called = called_alleles(document["loci"])
        except ODD_CONTENT as error:
            _log.warning("%s of %s: expected loci with called alleles, found %r", TYPING_JSON, sample, error)
            called = None
        return cls(sample, called, UNEXPLAINED in document)


def read_typing(data: bytes, sample: str) -> dict[str, Any]:
    """A ``typing.json``, of which the parts that GeMS relies on are checked.

    Raises:
        UnreadableTyping: it is not one, or of another sample.
    """
    try:
        document = parse_json(data)
    except ValueError as error:
        raise UnreadableTyping(f"typing.json of {sample}: expected JSON, found {data[:80]!r} ({error})") from error
    version = document.get("schema_version") if isinstance(document, dict) else None
    if version != TYPING_SCHEMA_VERSION:
        raise UnreadableTyping(
            f"typing.json of {sample}: expected schema_version {TYPING_SCHEMA_VERSION}, found {version!r}. "
            "Use a typer that follows docs/contracts.md, section 3."
        )
    if document.get("sample") != sample or not isinstance(document.get("loci"), list):
        raise UnreadableTyping(f"typing.json of {sample}: expected its own name and a list of loci, found otherwise")
    return dict(document)


def called_alleles(loci: Iterable[Mapping[str, Any]]) -> tuple[CalledAllele, ...]:
    """The alleles that are called at a document's loci.

    Raises:
        ODD_CONTENT: they are not as the contract has them.
    """
    return tuple(
        CalledAllele(str(call["name"]), tuple(map(str, call["ambiguities"])), float(call["share"]))
        for locus in loci
        for call in locus["alleles"]
    )


def with_unexplained(data: bytes, entries: Sequence[Mapping[str, Any]]) -> bytes:
    """The bytes of a ``typing.json`` that is not explained yet, with the entries as its last key.

    Args:
        data: what ``read_typing`` has read; every byte of it stays, and it is not parsed again.
        entries: of ``unexplained``.
    """
    added = f"{json.dumps(UNEXPLAINED)}: {json.dumps(list(entries), ensure_ascii=False)}".encode()
    return data.rstrip()[:-1].rstrip() + b", " + added + b"}\n"
