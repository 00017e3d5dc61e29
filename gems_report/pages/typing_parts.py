"""The parts of a ``typing.json`` that a sample's page shows (docs/contracts.md, section 3), each as a record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gems_report.errors import UnreadableDocument
from gems_report.flags import Severity
from gems_report.records import from_json
from gems_report.verdict import Reason, Verdict


@dataclass(frozen=True)
class FlagInWords:
    """A flag with what is to be said of it."""

    code: str
    severity: Severity
    words: str
    advice: str
    message: str = ""
    evidence: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Allele:
    """A called allele; ``ambiguities`` begins with ``name``."""

    name: str
    ambiguities: tuple[str, ...]
    g_group: str = ""
    p_group: str = ""
    ciwd: str = ""
    documentation: str = ""
    pairs: float = 0.0
    share: float = 0.0


@dataclass(frozen=True)
class Candidate:
    """A ranked genotype."""

    rank: int
    alleles: tuple[str, ...]
    log_likelihood: float
    mismatches: float = 0
    unknown_bp: int = 0


@dataclass(frozen=True)
class CandidateRow:
    """Pairs of one candidate allele by place: 0 where it has another base than its pairs, None where it is unknown."""

    allele: str
    called: bool
    pairs: tuple[float | None, ...]


@dataclass(frozen=True)
class CandidatePairs:
    """The coverage table."""

    places: tuple[str, ...]
    rows: tuple[CandidateRow, ...]


@dataclass(frozen=True)
class DepthRun:
    """Where some bases of a depth track lie; ``position`` counts from 1 in the allele's own feature."""

    feature: str
    position: int
    bases: int


@dataclass(frozen=True)
class Coverage:
    """A called allele in a place, with its depth by base where it is drawn."""

    amplicon: str
    allele: str
    pairs: float
    known_bp: int = 0
    unknown_bp: int = 0
    mean_depth: float = 0.0
    minimum_depth: float = 0
    runs: tuple[DepthRun, ...] = ()
    depth: tuple[int, ...] = ()


@dataclass(frozen=True)
class Exon:
    """A called allele's exon; ``?`` where nobody knows or saw the base."""

    allele: str
    feature: str
    bases: str


@dataclass(frozen=True)
class Link:
    """Two exons that the same pairs show: ``start`` and ``end`` are ``from`` and ``to`` of typing.json."""

    gene: str
    start: str
    end: str
    amplicons: tuple[str, ...]
    pairs: int
    phasing_pairs: int


@dataclass(frozen=True)
class DecidingPosition:
    """A base in which the first two candidates differ."""

    gene: str
    feature: str
    column: int
    position: int
    first: str
    second: str


@dataclass(frozen=True)
class Change:
    """In what an unexplained sequence differs from its nearest allele."""

    change: str = ""
    cdna: str | None = None
    codon: int | None = None
    protein: str | None = None
    effect: str | None = None
    feature: str = ""
    position: int | None = None
    old: str = ""
    new: str = ""
    cdna_position: int | None = None


@dataclass(frozen=True)
class Found:
    """A sequence that no called allele explains: what pages show of an entry of ``unexplained``."""

    gene: str = ""
    amplicon: str = ""
    verdict: str = ""
    message: str = ""
    reads: float = 0
    share: float = 0.0
    sequence: str = ""
    may_be_pcr_error: bool | None = None
    pcr_error_reason: str | None = None
    differences: tuple[Change, ...] = ()

    @classmethod
    def of(cls, entry: object) -> Found:
        """Of an entry; of one that another typer tells in its own way only that it is there."""
        try:
            return from_json(cls, entry, "unexplained")
        except UnreadableDocument:
            return cls(
                message="The typer describes a sequence in a form that this release does not know; see its typing.json."
            )


@dataclass(frozen=True)
class Locus:
    """What a page shows of a locus.

    Attributes:
        drawn: whether all that the typer wrote is here; without it there are state, alleles and flags only, for the rest
            could not be read or was too long.
    """

    locus: str
    state: str
    verdict: Verdict
    reasons: tuple[Reason, ...]
    flags: tuple[FlagInWords, ...]
    alleles: tuple[Allele, ...]
    gl_string: str = ""
    genotypes_listed: int = 0
    genotypes_cut: bool = False
    candidates: tuple[Candidate, ...] = ()
    candidate_pairs: CandidatePairs | None = None
    coverage: tuple[Coverage, ...] = ()
    exons: tuple[Exon, ...] = ()
    links: tuple[Link, ...] = ()
    phase_blocks: tuple[tuple[str, ...], ...] = ()
    deciding_positions: tuple[DecidingPosition, ...] = ()
    gene_copies: Mapping[str, int] | None = None
    drawn: bool = True
