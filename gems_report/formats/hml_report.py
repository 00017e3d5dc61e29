"""``report.hml``: HML 1.0.1, by which laboratories send typings to registries, with what MIRING asks for.

Sources: NMDP's schema hml-1.0.1.xsd, and the rules of nmdp-bioinformatics/miring-validator.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement

from gems_core.plate import Role
from gems_core.protocol.done_marker import SampleOutcome
from gems_report.flags import Flag
from gems_report.formats.hml_sequences import add_sequences
from gems_report.formats.xml_text import written, xml_text
from gems_report.gl import by_gene, genotypes_of, gl_of, with_prefix
from gems_report.model import LocusCall, Report, SampleResult
from gems_report.naming import NOT_APPLICABLE
from gems_report.reported import MadeBy, gl_string_of, is_absent, project_of, state_told
from gems_report.review import override_told, told_moment

NAMESPACE = "http://schemas.nmdp.org/spec/hml/1.0.1"
ALLELE_DATABASE = "IMGT/HLA"
REGISTRY = "NCBI-GTR"
NO_SEQUENCES = "the HML has no consensus sequences, for which MIRING asks"
_SAMPLES = "samples-go-here"
_REGISTERED = re.compile(r"GTR[0-9]{9}\.[0-9]+")
# Of a run of which nobody knows the day; HML has no way to leave it out.
_NO_DAY = datetime(1970, 1, 1, tzinfo=UTC)


def render(report: Report) -> bytes:
    """The file's bytes."""
    root = Element("hml", {"xmlns": NAMESPACE, "version": "1.0.1", "project-name": xml_text(project_of(report))})
    failed = [one for one in report.samples if one.outcome is SampleOutcome.FAILED]
    called = [one for one in report.samples if any(call.alleles for call in one.loci)]
    for name, value in _properties(report, failed):
        _property(root, name, value)
    SubElement(root, "hmlid", _identity(report))
    center = {"reporting-center-id": xml_text(report.choices.center), "reporting-center-context": "GeMS"}
    SubElement(root, "reporting-center", center)
    # The schema wants a sample and MIRING wants an assignment of each: a run without any call cannot have the second.
    numbers, told = count(1), called or report.samples
    if told:
        SubElement(root, _SAMPLES)
    samples = (_sample(report, sample, numbers) for sample in told)
    return written(root, [(_SAMPLES, 1, samples)] if told else ()) + b"\n"


def _identity(report: Report) -> dict[str, str]:
    """The document's id: an OID that a UUID makes unique without a registry (ITU-T X.667), and the run's name."""
    name = report.facts.session_key or project_of(report)
    made = "/".join((name, _day(report), *(sample.sample for sample in report.samples)))
    return {"root": f"2.25.{uuid.uuid5(uuid.NAMESPACE_URL, f'gems:{made}').int}", "extension": xml_text(name)}


def _properties(report: Report, failed: list[SampleResult]) -> Iterator[tuple[str, str]]:
    made_by = MadeBy.of(report)
    yield "software", f"GeMS {report.made_by.get('gems', '')}, hla-typer {made_by.typer}".rstrip(" ,")
    for name, value in (("panel", made_by.panel), ("ruleset", made_by.ruleset)):
        if value:
            yield name, value
    if report.review is not None:
        yield "review", report.review.head_told
    for sample in failed:
        yield "failed-sample", f"{sample.sample}: {sample.reason}"
    for sample in report.samples:
        if sample.outcome is SampleOutcome.TYPED and not any(call.alleles for call in sample.loci):
            role = report.placement_of(sample).role
            yield "uncalled-sample", f"{sample.sample}: {role.value.replace('_', ' ')}, no locus has a call"
        if not any(call.alleles for call in sample.loci):
            # Such a sample may have no element of its own.
            for name, value in _review(report, sample):
                yield f"{name}:{sample.sample}", value


def _review(report: Report, sample: SampleResult) -> Iterator[tuple[str, str]]:
    """What people said of a sample: its standing, approvals, overrides and the whole log, as HML's notes."""
    signed = report.signed(sample)
    if signed is None:
        return
    yield "review", f"{signed.standing.value}: {signed.headline}"
    yield "results", signed.results
    for number, approval in enumerate(signed.review.approvals, start=1):
        yield f"approval-{number}", f"{approval.by}, {told_moment(approval.at)}, results {approval.results}"
    for override in signed.overrides:
        yield f"override:{override.locus}", override_told(override)
    for said in signed.said:
        yield f"review-log:{said.number}", said.words


def _sample(report: Report, sample: SampleResult, numbers: Iterator[int]) -> Element:
    element = Element("sample", {"id": xml_text(sample.sample), "center-code": xml_text(report.choices.center)})
    role = report.placement_of(sample).role
    if role is not Role.SAMPLE:
        _property(element, "role", role.value)
    _property(element, "verdict", report.judgement_of(sample).verdict.value)
    for name, value in _review(report, sample):
        _property(element, name, value)
    for flag in sample.flags:
        _property(element, f"flag:{flag.code}", _told(flag))
    for call in sample.loci:
        if is_absent(call):
            _property(element, f"absent:{call.locus}", NOT_APPLICABLE)
        elif not call.alleles:
            _property(element, f"no-call:{call.locus}", state_told(call.state))
        for flag in () if call.alleles else call.flags:
            _property(element, f"flag:{call.locus}:{flag.code}", _told(flag))
    typed = [call for call in sample.loci if call.alleles]
    for call in typed:
        _add_typings(element, report, sample, call, numbers)
    if not typed:
        _property(element, "outcome", sample.reason or "no locus has a call")
        _add_method(_typing(element, report), report, sample, "HLA")
    return element


def _add_typings(
    element: Element, report: Report, sample: SampleResult, call: LocusCall, numbers: Iterator[int]
) -> None:
    """A typing of each gene of a locus; DRB3, DRB4 and DRB5 share one in GeMS, and none in HML."""
    signed = report.signed(sample)
    for gene, genotypes in by_gene(genotypes_of(gl_string_of(call))).items():
        typing = _typing(element, report)
        for flag in call.flags:
            _property(typing, f"flag:{flag.code}", _told(flag))
        override = signed.review.overrides.get(call.locus) if signed is not None else None
        if override is not None:
            _property(typing, "override", override_told(override))
        if call.document.get("genotypes_cut"):
            _property(typing, "genotypes-cut", "more genotypes fit than are listed")
        version = MadeBy.of(report, sample).release or "unknown"
        assignment = SubElement(
            typing,
            "allele-assignment",
            {"date": _day(report), "allele-db": ALLELE_DATABASE, "allele-version": xml_text(version)},
        )
        SubElement(assignment, "glstring").text = xml_text(with_prefix(gl_of(genotypes)))
        _add_method(typing, report, sample, f"HLA-{gene}")
        add_sequences(typing, call, gene, sample.unexplained, date=_day(report), release=version, numbers=numbers)


def _typing(element: Element, report: Report) -> Element:
    return SubElement(element, "typing", {"gene-family": "HLA", "date": _day(report)})


def _add_method(typing: Element, report: Report, sample: SampleResult, locus: str) -> None:
    """How it was typed, and where the reads are."""
    test = report.choices.test_id or MadeBy.of(report, sample).panel or "unknown panel"
    source = REGISTRY if _REGISTERED.fullmatch(test) else report.choices.center
    facts = {"locus": xml_text(locus), "test-id": xml_text(test), "test-id-source": xml_text(source)}
    method = SubElement(SubElement(typing, "typing-method"), "sbt-ngs", facts)
    SubElement(method, "raw-reads", _raw_reads(report, sample))


def _raw_reads(report: Report, sample: SampleResult) -> dict[str, str]:
    folder = f"{report.facts.bucket}/{report.facts.prefix.strip('/')}".strip("/")
    where = (
        f"s3://{quote(folder)}/{quote(sample.sample)}" if report.facts.bucket else f"urn:gems:{quote(sample.sample)}"
    )
    facts = {"uri": where, "format": "FASTQ", "paired": "true", "pooled": "false", "availability": "private"}
    return {**facts, "adapter-trimmed": "false", "quality-trimmed": "false"}


def _property(element: Element, name: str, value: str) -> None:
    SubElement(element, "property", {"name": xml_text(name), "value": xml_text(value)})


def _told(flag: Flag) -> str:
    return f"{flag.severity.value}: {flag.message or flag.words.sentence}"


def _day(report: Report) -> str:
    return (report.facts.created_at or _NO_DAY).date().isoformat()
