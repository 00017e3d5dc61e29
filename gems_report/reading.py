"""A report from its ``report.json``, so that the other formats can be made of it later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gems_core.hla import loci_of_class
from gems_core.json_input import ODD_CONTENT
from gems_core.manifest import Artefact
from gems_core.plate import Placement, Role
from gems_core.protocol import SampleOutcome
from gems_report.errors import UnreadableReport, UnreadableTyping
from gems_report.model import Choices, Report, RunFacts, SampleResult, failed_sample, typed_sample

_VERSION = 1


def report_of(document: Any, choices: Choices | None = None) -> Report:  # noqa: ANN401 - JSON of anybody
    """The report of a ``report.json``; it has no exon sequences, which stay in the samples' own files.

    Raises:
        UnreadableReport: it is no such document.
    """
    try:
        if document["schema_version"] != _VERSION:
            raise ValueError(f"schema_version {document['schema_version']!r}")
        made_by = dict(document["made_by"])
        samples = tuple(_sample(sample, made_by) for sample in document["samples"])
        facts = _facts(document, made_by)
    except (*ODD_CONTENT, UnreadableTyping) as error:
        raise UnreadableReport(f"expected a report.json of GeMS, found another form ({error!r})") from error
    return Report(facts, loci_of_class(facts.hla_class), made_by, samples, choices or Choices())


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
