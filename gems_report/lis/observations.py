"""The Observations of a sample: a genotype for each gene, as GL String Code, or why there is none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gems_core.errors import InvalidInput
from gems_core.hla import AlleleName
from gems_core.review.state import Override
from gems_report.flags import Severity
from gems_report.gl import Genotype, by_gene, genotypes_of, gl_of, names_in, with_prefix
from gems_report.lis import codes
from gems_report.lis.parts import Json, coded, coding, text, when
from gems_report.model import LocusCall, Report, SampleResult
from gems_report.reported import DRB345, MadeBy, flag_told, gl_string_of, is_absent, state_told
from gems_report.review import SignedSample, override_told
from gems_report.verdict import NOT_LOOKED_AT


@dataclass(frozen=True)
class Sent:
    """An approved sample of a report, and the address of its Specimen."""

    report: Report
    sample: SampleResult
    signed: SignedSample
    specimen: str

    @property
    def status(self) -> str:
        """``amended`` where other results, or another review, may have been sent before."""
        return "final" if self.signed.finals == 1 else "amended"


def observations(sent: Sent) -> Iterator[tuple[str, Json]]:
    """An Observation for each gene, each with a name that is its own in the sample."""
    for call in sent.sample.loci:
        override = sent.signed.review.overrides.get(call.locus)
        genes = _genes(call, override)
        notes = [*_notes(call), *([text(override_told(override))] if override is not None else [])]
        for gene, value in genes.items():
            yield gene, _observation(sent, gene, value, notes)


def _genes(call: LocusCall, override: Override | None) -> Mapping[str, Json | tuple[Genotype, ...]]:
    """What stands at each gene of a locus: genotypes, or what to say where there are none."""
    if override is not None:
        return _read(override.call, call.locus) or {call.locus: {"valueCodeableConcept": {"text": text(override.call)}}}
    if call.alleles:
        return by_gene(genotypes_of(gl_string_of(call)))
    if is_absent(call):
        return {call.locus: {"valueCodeableConcept": {"text": text(state_told(call.state))}}}
    reason = "not-performed" if call.state in NOT_LOOKED_AT else "unknown"
    return {call.locus: {"dataAbsentReason": {**coded(codes.ABSENT_REASON, reason), "text": state_told(call.state)}}}


def _read(call: str, locus: str) -> Mapping[str, tuple[Genotype, ...]]:
    """The genotypes that a person typed; none where it is not a GL String of alleles of this locus."""
    genotypes = genotypes_of(re.sub(r"\s|HLA-", "", call))
    try:
        loci = {AlleleName.parse(name).locus for name in names_in(genotypes)}
    except InvalidInput:
        return {}
    return by_gene(genotypes) if loci == {locus} else {}


def _observation(sent: Sent, gene: str, value: Json | Sequence[Genotype], notes: Sequence[str]) -> Json:
    report = sent.report
    made_by = MadeBy.of(report, sent.sample)
    told = "DRB3, DRB4, DRB5" if gene == DRB345 else gene
    identifier = codes.GENE.get(gene)
    studied = {"coding": [{"system": codes.HGNC, "code": identifier, "display": f"HLA-{gene}"}]} if identifier else {}
    locus = [codes.LOCUS[gene]] if gene in codes.LOCUS else []
    method = f"next-generation sequencing; GeMS, typer {made_by.typer}, panel {made_by.panel or 'none'}"
    return {
        "resourceType": "Observation",
        "status": sent.status,
        "category": [
            coded(codes.CATEGORY, "laboratory", "Laboratory"),
            coded(codes.DIAGNOSTIC_SERVICE, "GE", "Genetics"),
        ],
        "code": {
            "coding": [coding(codes.LOINC, *one) for one in (codes.GENOTYPE, *locus)],
            "text": f"HLA-{told} genotype",
        },
        "specimen": {"reference": sent.specimen},
        **when(report),
        "issued": sent.signed.review.approvals[-1].at.isoformat(),
        "performer": [{"display": text(report.choices.center)}],
        **(value if isinstance(value, dict) else _genotype(value, made_by.release)),
        **({"note": [{"text": note} for note in notes]} if notes else {}),
        "method": {"text": text(method)},
        "component": [
            {
                "code": coded(codes.LOINC, *codes.GENE_STUDIED),
                "valueCodeableConcept": {**studied, "text": f"HLA-{told}"},
            }
        ],
    }


def _genotype(genotypes: Sequence[Genotype], release: str) -> Json:
    """GL String and release; the code wants both, so without a release it is a text."""
    told = with_prefix(gl_of(genotypes))
    code = coded(codes.GL_STRING, f"hla#{release}#{told}") if release else {}
    return {"valueCodeableConcept": {**code, "text": text(told)}}


def _notes(call: LocusCall) -> Iterator[str]:
    """What the people who approved have seen beside the call."""
    for flag in call.flags:
        if flag.severity is not Severity.NOTE:
            yield text(f"{flag.severity.value}: {flag_told(flag)}")
    if call.document.get("genotypes_cut"):
        yield "More genotypes fit than are listed."
