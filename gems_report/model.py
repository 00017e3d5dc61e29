"""A report before it is written: what was found in each sample, and what made it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

import gems_core
from gems_core.hla import loci_of_class
from gems_core.json_input import ODD_CONTENT
from gems_core.manifest import Artefact, Manifest
from gems_core.plate import UNPLACED, Placement
from gems_core.protocol.done_marker import SampleOutcome
from gems_core.protocol.failure import told_reason
from gems_report.errors import UnreadableTyping
from gems_report.flags import Flag
from gems_report.naming import Level
from gems_report.quality.run_quality import Quality, quality_of
from gems_report.review import RunReview, SignedSample
from gems_report.rules import rules
from gems_report.run_verdict import judge_run, judge_samples, misfit
from gems_report.verdict import Judgement

LAST_RANK = 10
"""Candidates ranked below this stay in the sample's own typing.json."""

MOST_ALLELES = 2
"""Of a locus in one person; the CSV has a column for each."""

DRAWN_OF_LOCUS = ("exons",)
DRAWN_OF_AMPLICON = ("runs", "depth")
"""Thousands of numbers a sample, for pages: they too stay in the sample's own typing.json."""


@dataclass(frozen=True)
class AlleleCall:
    """One allele as called; ``ambiguities`` begins with ``name``."""

    name: str
    ambiguities: tuple[str, ...]


@dataclass(frozen=True)
class Exon:
    """An exon of a called allele, as the release states it; a base that is not known or not seen is ``?``."""

    allele: str
    feature: str
    bases: str


@dataclass(frozen=True)
class LocusCall:
    """What was found at a locus.

    Attributes:
        state: as in typing.json (``heterozygous``, ``no_call`` ...).
        flags: what is to be said of the call.
        alleles: two, one when homozygous, or none.
        gl_string: as in typing.json; '' without a call, and of typers that write none.
        document: the locus's part of typing.json, with the candidates up to rank 10 and without what is only drawn.
        exons: of the called alleles; none of older typers, and none in a report that was read from a file.
    """

    locus: str
    state: str
    flags: tuple[Flag, ...]
    alleles: tuple[AlleleCall, ...]
    gl_string: str
    document: Mapping[str, Any]
    exons: tuple[Exon, ...] = ()


@dataclass(frozen=True)
class SampleResult:
    """What became of a sample.

    Attributes:
        reason: why it failed; '' for a typed one.
        reads, versions, cross_match: as the typer and cross_match stated them; None or empty for a failed sample.
        loci: in the report's order; none for a failed sample.
        unexplained: what each sequence is that the typer could not explain; entries of typing.json's list.
        flags: what is to be said of the sample as a whole.
    """

    sample: str
    outcome: SampleOutcome
    reason: str
    reads: Mapping[str, Any] | None
    loci: tuple[LocusCall, ...]
    versions: Mapping[str, Any]
    cross_match: Mapping[str, Any] | None
    unexplained: tuple[Mapping[str, Any], ...] = ()
    flags: tuple[Flag, ...] = ()

    def with_exons(self, exons: Mapping[str, tuple[Exon, ...]]) -> SampleResult:
        """The same with the called alleles' exons by locus, which report.json does not have and the samples' pages do."""
        loci = tuple(replace(call, exons=exons.get(call.locus, ())) for call in self.loci)
        return replace(self, loci=loci)


@dataclass(frozen=True)
class RunFacts:
    """What a report says of its run beside the results.

    Attributes:
        session_key: '' for a run outside the cloud, as are bucket and prefix.
        created_at: when the job was started, in UTC; None where nobody knows.
        artefacts: what the run was made with, by kind.
        plate: wells and roles by sample, as the sample sheet has them; without one it is empty.
    """

    session_key: str
    bucket: str
    prefix: str
    hla_class: str
    created_at: datetime | None
    artefacts: Mapping[str, Artefact]
    plate: Mapping[str, Placement] = field(default_factory=dict)

    @classmethod
    def of(cls, manifest: Manifest) -> RunFacts:
        """A job's."""
        return cls(
            str(manifest.session_key),
            manifest.bucket,
            manifest.prefix,
            manifest.hla_class,
            manifest.created_at,
            manifest.artefacts,
            manifest.plate,
        )


@dataclass(frozen=True)
class Choices:
    """What a laboratory may choose of its reports.

    Attributes:
        level: of the reporting names.
        center: who reports; HML asks for it.
        project: what the run is called; '' for the last folder of its reads.
        test_id: the laboratory's number in NCBI's registry of tests (GTR000000000.0); '' names the panel instead.
        groups: the G or P group of an allele by its name, where a library is at hand.
    """

    level: Level = Level.TWO_FIELDS
    center: str = "GeMS"
    project: str = ""
    test_id: str = ""
    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """A run's results.

    Attributes:
        loci: the loci that the job asked for, in order.
        made_by: everything that shaped the results, by version and hash.
        samples: by name.
        choices: the laboratory's.
        review: what people said of the results; None in a report that is written before anybody has looked.
        judged: verdicts that stand as they were written, by sample; all others are judged by this release's rules.
    """

    facts: RunFacts
    loci: tuple[str, ...]
    made_by: Mapping[str, Any]
    samples: tuple[SampleResult, ...]
    choices: Choices = field(default_factory=Choices)
    review: RunReview | None = None
    judged: Mapping[str, Judgement] = field(default_factory=dict)

    @cached_property
    def quality(self) -> Quality:
        """How good the run was."""
        return quality_of(self.samples, self.facts.plate, rules())

    @cached_property
    def judgement(self) -> Judgement:
        """The run's verdict."""
        return judge_run(self.samples, self.facts.plate, self.quality, self._judgements, rules())

    @cached_property
    def fits(self) -> bool:
        """Whether panel and library are those of the reads; where they are not, no new allele is headlined."""
        return not misfit(self.samples, self.facts.plate, rules())

    def judgement_of(self, sample: SampleResult) -> Judgement:
        """A sample's verdict, as one of this run's."""
        return self._judgements[sample.sample]

    def signed(self, sample: SampleResult) -> SignedSample | None:
        """A sample's review; None in a report without any."""
        return self.review.of(sample.sample) if self.review is not None else None

    def placement_of(self, sample: SampleResult) -> Placement:
        """Where a sample stood, and what it is there for."""
        return self.facts.plate.get(sample.sample, UNPLACED)

    @cached_property
    def _judgements(self) -> Mapping[str, Judgement]:
        return {**judge_samples(self.samples, self.facts.plate, self.quality, self.loci), **self.judged}


def failed_sample(sample: str, reason: str) -> SampleResult:
    """A sample that could not be typed."""
    return SampleResult(sample, SampleOutcome.FAILED, told_reason(reason), None, (), {}, None)


def typed_sample(sample: str, typing: Mapping[str, Any], cross_match: Mapping[str, Any]) -> SampleResult:
    """A typed sample from its ``typing.json`` and the state of cross_match.

    Raises:
        UnreadableTyping: typing.json has not the shape of the contract.
    """
    try:
        loci = tuple(_locus_call(locus) for locus in typing["loci"])
        versions, reads = dict(typing["versions"]), dict(typing["reads"])
        unexplained = tuple(dict(entry) for entry in typing.get("unexplained", ()))
        flags = _flags(typing.get("flags", []))
    except ODD_CONTENT as error:
        raise UnreadableTyping(
            f"typing.json of {sample}: expected the shape of docs/contracts.md, section 3, found {error!r}"
        ) from error
    return SampleResult(sample, SampleOutcome.TYPED, "", reads, loci, versions, cross_match, unexplained, flags)


def make_report(facts: RunFacts, samples: Sequence[SampleResult]) -> Report:
    """Put a run's report together."""
    return Report(facts, loci_of_class(facts.hla_class), _made_by(facts, samples), tuple(samples))


def _locus_call(locus: Mapping[str, Any]) -> LocusCall:
    if len(locus["alleles"]) > MOST_ALLELES:
        raise ValueError(f"{len(locus['alleles'])} alleles of {locus['locus']!r}"[:200])
    candidates = [candidate for candidate in locus["candidates"] if candidate["rank"] <= LAST_RANK]
    return LocusCall(
        str(locus["locus"]),
        str(locus["state"]),
        _flags(locus["flags"]),
        tuple(_allele_call(allele) for allele in locus["alleles"]),
        _text(locus.get("gl_string", "")),
        {
            **_without(locus, DRAWN_OF_LOCUS),
            "flags": [flag.as_json() for flag in _flags(locus["flags"])],
            "candidates": candidates,
            "coverage": [_without(row, DRAWN_OF_AMPLICON) for row in locus["coverage"]],
        },
        tuple(_exon(exon) for exon in locus.get("exons", ())),
    )


def _without(document: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key not in keys}


def _flags(found: object) -> tuple[Flag, ...]:
    """A sample's or a locus's flags."""
    if not isinstance(found, list):
        raise TypeError(f"expected a list of flags, found {str(found)[:100]}")
    return tuple(Flag.of(flag) for flag in found)


def _text(found: object) -> str:
    if not isinstance(found, str):
        raise TypeError(f"expected a text, found {str(found)[:100]}")
    return found


def _exon(exon: Mapping[str, Any]) -> Exon:
    return Exon(_text(exon["allele"]), _text(exon["feature"]), _text(exon["bases"]))


def _allele_call(allele: Mapping[str, Any]) -> AlleleCall:
    return AlleleCall(str(allele["name"]), tuple(str(name) for name in allele["ambiguities"]))


def _made_by(facts: RunFacts, samples: Sequence[SampleResult]) -> dict[str, Any]:
    # A negative control without reads needed no typer, and has no versions.
    typed = [sample for sample in samples if sample.outcome is SampleOutcome.TYPED and sample.versions]
    names = sorted({name for sample in typed for name in sample.versions})
    return {
        **{name: _agreed([sample.versions.get(name) for sample in typed]) for name in names},
        "gems": gems_core.__version__,
        "artefacts": {
            kind: {"version": artefact.version, "sha256": artefact.sha256}
            for kind, artefact in sorted(facts.artefacts.items())
        },
        "cross_match": _cross_match([sample.cross_match or {} for sample in typed]),
    }


def _cross_match(outcomes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    states = Counter(str(outcome.get("state")) for outcome in outcomes)
    versions = [outcome["version"] for outcome in outcomes if outcome.get("version")]
    return {"states": dict(sorted(states.items())), "version": _agreed(versions)}


def _agreed(values: Sequence[Any]) -> Any:  # noqa: ANN401 - JSON values
    """The value that all samples share; where they do not, all values, for a report must not hide that."""
    distinct = sorted({str(value): value for value in values}.items())
    if not distinct:
        return None
    return distinct[0][1] if len(distinct) == 1 else [value for _, value in distinct]
