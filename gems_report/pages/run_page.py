"""``run.json.gz``: all that the page of a run shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gems_core.errors import InvalidInput
from gems_core.hla import AlleleName
from gems_core.plate import Role
from gems_core.protocol.done_marker import SampleOutcome
from gems_report.expression import not_expressed
from gems_report.flags import Severity, gravest
from gems_report.model import LocusCall, Report, SampleResult
from gems_report.pages.documents import from_bytes, to_bytes
from gems_report.quality.losses import losses_of
from gems_report.quality.run_quality import Quality
from gems_report.verdict import NEW_ALLELE, Reason, Verdict, judge_call

SCHEMA_VERSION = 1
SHOWN_FIELDS = 3
POSSIBLE_NEW_ALLELE = "possible_new_allele"


@dataclass(frozen=True)
class LocusCell:
    """A cell of the table.

    Attributes:
        names: the called alleles, with three fields.
        severity: of the gravest flag; None without any.
        flags: their codes, in the typer's order.
        not_expressed: alleles that fit beside the called ones and are not expressed as usual, with three fields.
    """

    locus: str
    state: str
    names: tuple[str, ...]
    verdict: Verdict
    severity: Severity | None
    flags: tuple[str, ...]
    not_expressed: tuple[str, ...] = ()


@dataclass(frozen=True)
class SampleRow:
    """A row of the table.

    Attributes:
        severity: of the gravest flag of the sample and its calls.
        worst: the first reason of its verdict, in words; '' of a PASS.
        flags: codes of the sample's own flags.
    """

    sample: str
    well: str
    role: Role
    outcome: SampleOutcome
    reason: str
    verdict: Verdict
    severity: Severity | None
    worst: str
    pairs: int
    used_pairs: int
    flags: tuple[str, ...]
    loci: tuple[LocusCell, ...]


@dataclass(frozen=True)
class NewAllele:
    """A new allele in words.

    Attributes:
        source: ``new_allele`` where a sequence was looked at as a whole, else the flag ``possible_new_allele``.
    """

    sample: str
    locus: str
    source: str
    words: str


@dataclass(frozen=True)
class Counts:
    """Of samples; controls are counted apart."""

    samples: int = 0
    controls: int = 0
    typed: int = 0
    failed: int = 0
    passed: int = 0
    to_review: int = 0
    rejected: int = 0

    @classmethod
    def of(cls, report: Report) -> Counts:
        """Of a report."""
        people = [one for one in report.samples if report.placement_of(one).role is Role.SAMPLE]
        verdicts = [report.judgement_of(one).verdict for one in people]
        typed = sum(one.outcome is SampleOutcome.TYPED for one in people)
        return cls(
            len(people),
            len(report.samples) - len(people),
            typed,
            len(people) - typed,
            verdicts.count(Verdict.PASS),
            verdicts.count(Verdict.REVIEW),
            verdicts.count(Verdict.FAIL),
        )


@dataclass(frozen=True)
class RunPage:
    """A run, as its page shows it.

    Attributes:
        created_at: when the job was started, in ISO 8601; '' where nobody knows.
        fits: whether panel and library fit the reads. Where they do not, the first of the reasons says so, and
            ``new_alleles`` is empty though ``new_alleles_found`` may not be 0.
    """

    schema_version: int
    session_key: str
    bucket: str
    prefix: str
    hla_class: str
    created_at: str
    made_by: Mapping[str, Any]
    loci: tuple[str, ...]
    verdict: Verdict
    reasons: tuple[Reason, ...]
    fits: bool
    counts: Counts
    new_alleles_found: int
    new_alleles: tuple[NewAllele, ...]
    quality: Quality
    samples: tuple[SampleRow, ...]

    @classmethod
    def of(cls, report: Report) -> RunPage:
        """Of a report."""
        facts, found = report.facts, tuple(new_alleles(report))
        return cls(
            SCHEMA_VERSION,
            facts.session_key,
            facts.bucket,
            facts.prefix,
            facts.hla_class,
            facts.created_at.isoformat() if facts.created_at else "",
            report.made_by,
            report.loci,
            report.judgement.verdict,
            report.judgement.reasons,
            report.fits,
            Counts.of(report),
            len(found),
            found if report.fits else (),
            report.quality,
            tuple(_row(report, one) for one in report.samples),
        )

    def to_bytes(self) -> bytes:
        """The document."""
        return to_bytes(self)

    @classmethod
    def from_bytes(cls, data: bytes) -> RunPage:
        """The inverse of ``to_bytes``.

        Raises:
            UnreadableDocument: it is no such document.
        """
        return from_bytes(cls, data, "run.json", SCHEMA_VERSION)


def new_alleles(report: Report) -> Iterator[NewAllele]:
    """Of the people of a run, one a locus: what was looked at as a whole says more than the flag."""
    for one in report.samples:
        if report.placement_of(one).role is Role.SAMPLE:
            told = {found.locus: found for found in _of_sequences(one)}
            yield from told.values()
            yield from (found for found in _of_flags(one) if found.locus not in told)


def _of_sequences(result: SampleResult) -> Iterator[NewAllele]:
    for entry in reversed(result.unexplained):  # the one with the most pairs stays
        if entry.get("verdict") == NEW_ALLELE:
            yield NewAllele(result.sample, str(entry.get("gene", "")), NEW_ALLELE, str(entry.get("message", "")))


def _of_flags(result: SampleResult) -> Iterator[NewAllele]:
    for call in result.loci:
        for flag in call.flags:
            if flag.code == POSSIBLE_NEW_ALLELE:
                words = flag.message or flag.words.sentence
                yield NewAllele(result.sample, str(flag.evidence.get("gene", call.locus)), flag.code, words)


def _row(report: Report, one: SampleResult) -> SampleRow:
    placed, judgement, losses = report.placement_of(one), report.judgement_of(one), losses_of(one.reads)
    flags = (*one.flags, *(flag for call in one.loci for flag in call.flags))
    return SampleRow(
        one.sample,
        placed.well,
        placed.role,
        one.outcome,
        one.reason,
        judgement.verdict,
        gravest(flags),
        judgement.reasons[0].words if judgement.reasons else "",
        losses.pairs,
        losses.used_pairs,
        tuple(flag.code for flag in one.flags),
        tuple(_cell(call) for call in one.loci),
    )


def _cell(call: LocusCall) -> LocusCell:
    return LocusCell(
        call.locus,
        call.state,
        tuple(short_name(allele.name) for allele in call.alleles),
        judge_call(call).verdict,
        gravest(call.flags),
        tuple(flag.code for flag in call.flags),
        not_expressed(call),
    )


def short_name(name: str) -> str:
    """With three fields, which tell the protein and the coding sequence; a null's letter stays."""
    try:
        return AlleleName.parse(name).to_fields(SHOWN_FIELDS)
    except InvalidInput:  # a laboratory's own typer may name a new allele in its own way
        return name
