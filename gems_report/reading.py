"""A report from its ``report.json``, so that the other formats can be made of it later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from gems_core.hla import loci_of_class
from gems_core.json_input import ODD_CONTENT
from gems_core.manifest import Artefact
from gems_core.plate import Placement, Role
from gems_core.protocol.done_marker import SampleOutcome
from gems_core.review.document import review_of_document
from gems_core.review.job import JobReview, ReviewFaulty
from gems_report.errors import UnreadableDocument, UnreadableReport, UnreadableTyping
from gems_report.model import Choices, Report, RunFacts, SampleResult, failed_sample, typed_sample
from gems_report.records import from_json
from gems_report.result_digest import digest_of_report
from gems_report.review import RunReview
from gems_report.verdict import Judgement, Reason, Verdict

_VERSION = 1


def report_of(document: Any, choices: Choices | None = None) -> Report:  # noqa: ANN401 - JSON of anybody
    """The report of a ``report.json``; it has no exon sequences, which stay in the samples' own files.

    A review that the document holds comes along: no other format of it may lose who approved.

    Raises:
        UnreadableReport: it is no such document.
    """
    if isinstance(document, dict) and "review" in document:
        try:
            return reviewed_report(document, review_of_document(document["review"]), choices)
        except ReviewFaulty as error:
            raise UnreadableReport(f"its review: {error}") from error
    return _plain_report(document, choices)


def reviewed_report(
    document: Any,  # noqa: ANN401 - JSON of anybody
    review: JobReview,
    choices: Choices | None = None,
) -> Report:
    """The report of a ``report.json`` with what people said of its results.

    Verdicts stay as the document has them, because people approved these, whatever later rules would say.

    Raises:
        UnreadableReport: it is no such document, or not of the job that was reviewed.
    """
    report = judged_report(document, choices)
    if report.facts.session_key != review.session_key:
        raise UnreadableReport(
            f"expected the report of job {review.session_key}, which was reviewed, found that of "
            f"{report.facts.session_key or 'a run outside the cloud'}. Name the report and the review of one job."
        )
    try:
        digests = {str(sample["sample"]): digest_of_report(sample) for sample in document["samples"]}
    except ODD_CONTENT as error:
        raise UnreadableReport(f"expected a report.json with verdicts, found another form ({error!r})") from error
    return replace(report, review=RunReview(review, digests))


def judged_report(document: Any, choices: Choices | None = None) -> Report:  # noqa: ANN401 - JSON of anybody
    """The report of a ``report.json`` whose verdicts stay as it has them, whatever later rules would say.

    Raises:
        UnreadableReport: it is no such document.
    """
    report = _plain_report(document, choices)
    try:
        judged = {str(sample["sample"]): _judgement(sample) for sample in document["samples"]}
    except (*ODD_CONTENT, UnreadableDocument) as error:
        raise UnreadableReport(f"expected a report.json with verdicts, found another form ({error!r})") from error
    return replace(report, judged=judged)


def _plain_report(document: Any, choices: Choices | None) -> Report:  # noqa: ANN401 - JSON of anybody
    try:
        if document["schema_version"] != _VERSION:
            raise ValueError(f"schema_version {document['schema_version']!r}")
        made_by = dict(document["made_by"])
        samples = tuple(_sample(sample, made_by) for sample in document["samples"])
        facts = _facts(document, made_by)
    except (*ODD_CONTENT, UnreadableTyping) as error:
        raise UnreadableReport(f"expected a report.json of GeMS, found another form ({error!r})") from error
    return Report(facts, loci_of_class(facts.hla_class), made_by, samples, choices or Choices())


def _judgement(sample: Mapping[str, Any]) -> Judgement:
    reasons = tuple(from_json(Reason, reason, "report.json, reasons") for reason in sample["reasons"])
    return Judgement(Verdict(sample["verdict"]), reasons)


def _facts(document: Mapping[str, Any], made_by: Mapping[str, Any]) -> RunFacts:
    created = document.get("created_at")
    artefacts = {
        str(kind): Artefact(str(told["version"]), "", str(told["sha256"]))
        for kind, told in dict(made_by.get("artefacts") or {}).items()
    }
    return RunFacts(
        str(document.get("session_key", "")),
        str(document.get("bucket", "")),
        str(document.get("prefix", "")),
        str(document["hla_class"]),
        datetime.fromisoformat(created) if created else None,
        artefacts,
        {str(sample["sample"]): _placement(sample) for sample in document["samples"] if "role" in sample},
    )


def _placement(sample: Mapping[str, Any]) -> Placement:
    return Placement(str(sample["well"]), Role(sample["role"]), str(sample["expected"]))


def _sample(sample: Mapping[str, Any], made_by: Mapping[str, Any]) -> SampleResult:
    name = str(sample["sample"])
    if SampleOutcome(sample["outcome"]) is SampleOutcome.FAILED:
        return failed_sample(name, str(sample["reason"]))
    # What the samples disagree in is a list there, and no sample's own.
    versions = {key: value for key, value in made_by.items() if isinstance(value, str)}
    return typed_sample(name, {**sample, "versions": versions}, dict(sample.get("cross_match") or {}))
