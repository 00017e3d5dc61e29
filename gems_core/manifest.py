"""The immutable manifest of a job, ``job.json``: what was asked for, with which versions, in which shares."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from gems_core.fastq_names import Sample
from gems_core.json_input import parse_json
from gems_core.layout import ARTEFACT_KINDS, OPTIONAL_ARTEFACT_KINDS
from gems_core.plate import UNPLACED, Placement
from gems_core.session_key import SessionKey
from gems_core.shares import Share

SCHEMA_VERSION = 1
# Counts up when workers of an older release can no longer work for this one. 2: they read and write with their job's credentials.
WORKER_GENERATION = 2
BASESPACE = "basespace"
SOURCES = (BASESPACE,)


@dataclass(frozen=True)
class Artefact:
    """One versioned file that workers fetch: its version, key in the control bucket and SHA-256 (hexadecimal)."""

    version: str
    key: str
    sha256: str

    def as_json(self) -> dict[str, str]:
        """``{"version", "key", "sha256"}``."""
        return {"version": self.version, "key": self.key, "sha256": self.sha256}

    @classmethod
    def from_json(cls, value: Mapping[str, str]) -> Artefact:
        """The inverse of ``as_json``."""
        return cls(value["version"], value["key"], value["sha256"])


def artefacts_from_json(document: Mapping[str, Any]) -> dict[str, Artefact]:
    """The artefacts of ``artefacts/current.json`` by kind, the optional ones where there are any.

    Raises:
        KeyError, TypeError: a kind that every job needs is missing, or an entry is none.
    """
    optional = [kind for kind in OPTIONAL_ARTEFACT_KINDS if kind in document]
    return {kind: Artefact.from_json(document[kind]) for kind in (*ARTEFACT_KINDS, *optional)}


@dataclass(frozen=True)
class Manifest:
    """What a job is. Written once and never changed.

    Attributes:
        email: where the report goes; '' means nowhere.
        workers: how many instances the job asked for.
        artefacts: by kind (``worker``, ``hla-typer``, ``reference``, ``panel``, and ``cross_match`` where a site has it).
        time_limit_seconds: after this the reaper ends the job.
        budget_usd: so much a run of the job may cost in US dollars; None for no limit.
        worker_generation: which workers the job was made with; its artefacts never change.
        source: where workers copy the reads from (``SOURCES``); '' where they lie in the bucket before the start.
        retype_of: session key of the job whose reads are typed again; '' where they are not.
    """

    session_key: SessionKey
    bucket: str
    prefix: str
    hla_class: str
    created_at: datetime
    email: str
    workers: int
    shares: tuple[Share, ...]
    artefacts: Mapping[str, Artefact]
    time_limit_seconds: int
    budget_usd: float | None = None
    worker_generation: int = WORKER_GENERATION
    source: str = ""
    retype_of: str = ""

    @cached_property
    def samples(self) -> tuple[Sample, ...]:
        """All samples, share by share."""
        return tuple(sample for share in self.shares for sample in share.samples)

    @cached_property
    def plate(self) -> Mapping[str, Placement]:
        """What the sample sheet says, by sample; those of which it says nothing are left out."""
        return {sample.name: sample.placed for sample in self.samples if sample.placed != UNPLACED}

    @cached_property
    def sample_names(self) -> frozenset[str]:
        """The names of all samples."""
        return frozenset(sample.name for sample in self.samples)

    @cached_property
    def names_in_order(self) -> tuple[str, ...]:
        """The names of all samples, sorted."""
        return tuple(sorted(self.sample_names))

    @cached_property
    def _shares_by_index(self) -> Mapping[int, Share]:
        return {share.index: share for share in self.shares}

    def share(self, index: int) -> Share:
        """The share with this index, which counts from 1.

        Raises:
            KeyError: the job has no such share.
        """
        return self._shares_by_index[index]

    def share_of(self, sample: str) -> Share:
        """The share that a sample is in.

        Raises:
            KeyError: the job has no such sample.
        """
        for share in self.shares:
            if any(item.name == sample for item in share.samples):
                return share
        raise KeyError(sample)

    def to_bytes(self) -> bytes:
        """``job.json``."""
        document = {
            "schema_version": SCHEMA_VERSION,
            "session_key": str(self.session_key),
            "bucket": self.bucket,
            "prefix": self.prefix,
            "hla_class": self.hla_class,
            "created_at": self.created_at.isoformat(),
            "email": self.email,
            "workers": self.workers,
            "time_limit_seconds": self.time_limit_seconds,
            "budget_usd": self.budget_usd,
            "worker_generation": self.worker_generation,
            **({"source": self.source} if self.source else {}),
            **({"retype_of": self.retype_of} if self.retype_of else {}),
            "artefacts": {kind: artefact.as_json() for kind, artefact in sorted(self.artefacts.items())},
            "shares": [share.as_json() for share in self.shares],
        }
        return json.dumps(document, indent=1, sort_keys=True).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Manifest:
        """Read ``job.json``, which GeMS wrote itself.

        Raises:
            ValueError, KeyError: it is not a manifest of this schema version.
        """
        document: dict[str, Any] = parse_json(data)
        if document["schema_version"] != SCHEMA_VERSION:
            raise ValueError(
                f"expected job.json of schema_version {SCHEMA_VERSION}, found {document['schema_version']}"
            )
        return cls(
            SessionKey.parse(document["session_key"]),
            document["bucket"],
            document["prefix"],
            document["hla_class"],
            datetime.fromisoformat(document["created_at"]),
            document["email"],
            document["workers"],
            tuple(_share(value) for value in document["shares"]),
            {kind: Artefact.from_json(value) for kind, value in document["artefacts"].items()},
            document["time_limit_seconds"],
            document.get("budget_usd"),
            document.get("worker_generation", 1),
            document.get("source", ""),
            document.get("retype_of", ""),
        )


def _share(value: dict[str, Any]) -> Share:
    return Share(value["index"], tuple(Sample.from_json(sample) for sample in value["samples"]))
