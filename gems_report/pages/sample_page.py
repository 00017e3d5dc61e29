"""``page.json.gz``: all that the page of a sample shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gems_core.json_input import ODD_CONTENT
from gems_core.plate import Role
from gems_core.protocol.done_marker import SampleOutcome
from gems_report.errors import UnreadableDocument
from gems_report.flags import Flag
from gems_report.model import LAST_RANK, Exon, LocusCall, Report, SampleResult
from gems_report.pages.documents import from_bytes, to_bytes
from gems_report.pages.typing_parts import Allele, FlagInWords, Locus
from gems_report.quality.contamination import Trace
from gems_report.quality.losses import Losses, losses_of
from gems_report.quality.run_quality import sequencer_runs
from gems_report.quality.sequencer import Sequencing, sequencing_of
from gems_report.records import from_json, to_json
from gems_report.verdict import Judgement, Reason, Verdict, judge_call

SCHEMA_VERSION = 1
# Ten times the largest of the miseq-dev run, gzipped; beyond it nothing is drawn.
LARGEST_PAGE_BYTES = 256 * 1024
# Nobody looks at more of them on a page; report.json has all.
MOST_UNEXPLAINED = 1000


@dataclass(frozen=True)
class SamplePage:
    """A sample, as its page shows it.

    Attributes:
        created_at: when the job was started, in ISO 8601; '' where nobody knows.
        versions: what typed this sample, as typing.json has it.
        fits: whether panel and library fit the run; where not, no new allele is headlined.
        unexplained: entries of docs/contracts.md, section 3.
        contamination: the samples whose alleles this one shows, and those that show this one's.
        identical: other samples with the same alleles.
    """

    schema_version: int
    session_key: str
    bucket: str
    prefix: str
    hla_class: str
    created_at: str
    sample: str
    well: str
    role: Role
    expected: str
    outcome: SampleOutcome
    reason: str
    verdict: Verdict
    reasons: tuple[Reason, ...]
    fits: bool
    flags: tuple[FlagInWords, ...]
    losses: Losses
    sequencing: Sequencing
    loci: tuple[Locus, ...]
    unexplained: tuple[Mapping[str, Any], ...]
    cross_match: Mapping[str, Any] | None
    versions: Mapping[str, Any]
    contamination: tuple[Trace, ...]
    identical: tuple[str, ...]

    @classmethod
    def of(cls, report: Report, result: SampleResult, typing: Mapping[str, Any] | None) -> SamplePage:
        """Of one sample of a report.

        Args:
            report: the whole run's.
            result: the sample.
            typing: its typing.json with all that is drawn; None where there is none.
        """
        facts, placed, judgement = report.facts, report.placement_of(result), report.judgement_of(result)
        return cls(
            SCHEMA_VERSION,
            facts.session_key,
            facts.bucket,
            facts.prefix,
            facts.hla_class,
            facts.created_at.isoformat() if facts.created_at else "",
            result.sample,
            placed.well,
            placed.role,
            placed.expected,
            result.outcome,
            result.reason,
            judgement.verdict,
            judgement.reasons,
            report.fits,
            flags_in_words(result.flags),
            losses_of(result.reads),
            sequencing_of([sequencer_runs(result)] if result.reads else []),
            _loci(result, typing),
            result.unexplained,
            result.cross_match,
            result.versions,
            tuple(trace for trace in report.quality.contamination if result.sample in (trace.sample, trace.source)),
            _identical(report, result.sample),
        )

    @property
    def exons(self) -> Mapping[str, tuple[Exon, ...]]:
        """The called alleles' exons, by locus."""
        return {
            one.locus: tuple(Exon(exon.allele, exon.feature, exon.bases) for exon in one.exons) for one in self.loci
        }

    def to_bytes(self) -> bytes:
        """The document; what is only drawn stays out where it would be too long."""
        data = to_bytes(replace(self, unexplained=self.unexplained[:MOST_UNEXPLAINED]))
        if len(data) <= LARGEST_PAGE_BYTES:
            return data
        return to_bytes(replace(self, loci=tuple(_plain(locus) for locus in self.loci), unexplained=()))

    @classmethod
    def from_bytes(cls, data: bytes) -> SamplePage:
        """The inverse of ``to_bytes``.

        Raises:
            UnreadableDocument: it is no such document.
        """
        return from_bytes(cls, data, "page.json", SCHEMA_VERSION)


def flags_in_words(flags: Sequence[Flag]) -> tuple[FlagInWords, ...]:
    """Flags with what is to be said of them."""
    return tuple(
        FlagInWords(flag.code, flag.severity, flag.words.sentence, flag.words.advice, flag.message, dict(flag.evidence))
        for flag in flags
    )


def _identical(report: Report, sample: str) -> tuple[str, ...]:
    """The other samples with the same alleles."""
    groups = [group for group in report.quality.identical if sample in group]
    return tuple(other for group in groups for other in group if other != sample)


def _loci(result: SampleResult, typing: Mapping[str, Any] | None) -> tuple[Locus, ...]:
    """In the order of the result; typing.json's loci are the same ones in the same order."""
    documents = [call.document for call in result.loci] if typing is None else typing["loci"]
    return tuple(_locus(call, document) for call, document in zip(result.loci, documents, strict=True))


def _locus(call: LocusCall, document: Mapping[str, Any]) -> Locus:
    judgement, flags = judge_call(call), flags_in_words(call.flags)
    try:
        whole = {
            **document,
            **_judged(judgement),
            "flags": to_json(flags),
            "candidates": [candidate for candidate in document["candidates"] if candidate["rank"] <= LAST_RANK],
            "links": [{**link, "start": link["from"], "end": link["to"]} for link in document.get("links", ())],
        }
        return from_json(Locus, whole, call.locus)
    except (UnreadableDocument, *ODD_CONTENT):
        alleles = tuple(Allele(allele.name, allele.ambiguities) for allele in call.alleles)
        return Locus(
            call.locus, call.state, judgement.verdict, judgement.reasons, flags, alleles, call.gl_string, drawn=False
        )


def _judged(judgement: Judgement) -> dict[str, Any]:
    return {"verdict": judgement.verdict.value, "reasons": to_json(judgement.reasons)}


def _plain(locus: Locus) -> Locus:
    return Locus(
        locus.locus, locus.state, locus.verdict, locus.reasons, locus.flags, locus.alleles, locus.gl_string, drawn=False
    )
