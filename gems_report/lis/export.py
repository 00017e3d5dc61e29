"""Approved results for a laboratory information system: a FHIR R4B Bundle of what two people have approved, and nothing else.

Each sample is a DiagnosticReport with an Observation for each gene, whose value is a GL String Code; a Provenance for each approval
says who, when and of which results. GeMS knows no patients: a Specimen has the sample's name as its accession.

fhir.resources validates: it has had three releases within a year, and HL7's guide has HLA examples. HL7 v2's hl7apy has had no stable
release since March 2024. It takes 27 MB and pydantic 10 more, so it is an extra of the command line and not in the Lambda's zip.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gems_core.plate import Role
from gems_core.protocol.done_marker import SampleOutcome
from gems_core.review.state import Approval
from gems_report.errors import LisMissing, UnreadableReport
from gems_report.lis import codes
from gems_report.lis.observations import Sent, observations
from gems_report.lis.parts import Json, coded, text, when
from gems_report.model import Report, SampleResult
from gems_report.review import SignedSample, Standing

INSTALL = 'pip install "gems-hla[fhir]"'


@dataclass(frozen=True)
class LeftOut:
    """A sample that is not in the export.

    Attributes:
        is_due: whether it is to come once it is approved; a control never does.
    """

    sample: str
    why: str
    is_due: bool


def left_out(report: Report) -> Sequence[LeftOut]:
    """The samples that are not sent, and why."""
    found = ((sample, _why_not(report, sample)) for sample in report.samples)
    return [LeftOut(sample.sample, *why) for sample, why in found if why is not None]


def bundle_of(report: Report) -> Json:
    """The bundle as a JSON object; the same report and review give the same."""
    sent = [sample for sample in report.samples if _why_not(report, sample) is None]
    entries = [entry for sample in sent for entry in _entries(report, sample)]
    moments = [_signed(report, sample).review.approvals[-1].at for sample in sent]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "identifier": {"system": "urn:gems:job", "value": text(report.facts.session_key)},
        **({"timestamp": max(moments).isoformat()} if moments else {}),
        **({"entry": entries} if entries else {}),
    }


def render(report: Report) -> bytes:
    """The file's bytes, which fhir.resources has validated.

    Raises:
        LisMissing: fhir.resources is not installed.
        UnreadableReport: a name or a word in the results is not one that FHIR can hold.
    """
    try:
        from fhir.resources.R4B.bundle import Bundle  # noqa: PLC0415 - optional, and large
    except ImportError as error:
        raise LisMissing(f"Export for a LIS needs fhir.resources, which is not installed. Type: {INSTALL}") from error
    document = bundle_of(report)
    try:
        Bundle.model_validate(document)
    except ValueError as error:
        raise UnreadableReport(f"the results do not make valid FHIR: {str(error)[:500]}") from error
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


def _why_not(report: Report, sample: SampleResult) -> tuple[str, bool] | None:
    role = report.placement_of(sample).role
    if role is not Role.SAMPLE:
        return f"a {role.value.replace('_', ' ')}", False
    signed = _signed(report, sample)
    if signed.standing is not Standing.APPROVED:
        return signed.headline, True
    if sample.outcome is SampleOutcome.FAILED:
        return f"approved, and without results: {sample.reason}", True
    return None


def _signed(report: Report, sample: SampleResult) -> SignedSample:
    signed = report.signed(sample)
    if signed is None:
        raise ValueError("only a report with a review has approved results")
    return signed


def _entries(report: Report, sample: SampleResult) -> Iterator[Json]:
    """A sample's resources; each refers to the others by its address."""
    specimen, summary = (_address(report, sample, name) for name in ("specimen", "report"))
    sent = Sent(report, sample, _signed(report, sample), specimen)
    found = [(_address(report, sample, name), resource) for name, resource in observations(sent)]
    yield _entry(specimen, {"resourceType": "Specimen", "accessionIdentifier": {"value": text(sample.sample)}})
    for address, resource in found:
        yield _entry(address, resource)
    yield _entry(summary, _summary(sent, [address for address, _ in found]))
    for number, approval in enumerate(_signed(report, sample).review.approvals, start=1):
        yield _entry(_address(report, sample, f"approval-{number}"), _approval(summary, number, approval))


def _summary(sent: Sent, found: Sequence[str]) -> Json:
    report, signed = sent.report, sent.signed
    return {
        "resourceType": "DiagnosticReport",
        "identifier": [{"system": "urn:gems:results:sha256", "value": signed.results}],
        "status": sent.status,
        "category": [coded(codes.DIAGNOSTIC_SERVICE, "GE", "Genetics")],
        "code": {**coded(codes.LOINC, *codes.REPORT), "text": "HLA typing"},
        "specimen": [{"reference": sent.specimen}],
        **when(report),
        "issued": signed.review.approvals[-1].at.isoformat(),
        "performer": [{"display": text(report.choices.center)}],
        "resultsInterpreter": [{"display": approval.by} for approval in signed.review.approvals],
        "result": [{"reference": address} for address in found],
        "conclusion": text(f"{signed.headline}. Verdict of GeMS: {report.judgement_of(sent.sample).verdict.value}."),
    }


def _approval(summary: str, number: int, approval: Approval) -> Json:
    """Who approved, when, and the digest of what."""
    digest = {"identifier": {"system": "urn:gems:results:sha256", "value": approval.results}}
    return {
        "resourceType": "Provenance",
        "target": [{"reference": summary}],
        "recorded": approval.at.isoformat(),
        "activity": {"text": f"approval {number} of 2"},
        "agent": [
            {"type": coded(codes.PARTICIPANT, "verifier", "Verifier"), "who": {"display": approval.by}},
        ],
        "entity": [{"role": "source", "what": digest}],
    }


def _address(report: Report, sample: SampleResult, name: str) -> str:
    made = f"{report.facts.session_key}/{sample.sample}/{name}/{_signed(report, sample).results}"
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'gems:{made}')}"


def _entry(address: str, resource: Json) -> Json:
    return {"fullUrl": address, "resource": resource}
