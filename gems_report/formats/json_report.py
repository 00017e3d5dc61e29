"""``report.json``: everything, for programs (docs/contracts.md, section 7)."""

from __future__ import annotations

import json
from typing import Any

from gems_report.model import Report, SampleResult

SCHEMA_VERSION = 1


def document_of(report: Report) -> dict[str, Any]:
    """The report as a JSON object."""
    return {
        "schema_version": SCHEMA_VERSION,
        "session_key": report.facts.session_key,
        "bucket": report.facts.bucket,
        "prefix": report.facts.prefix,
        "hla_class": report.facts.hla_class,
        "created_at": report.facts.created_at.isoformat() if report.facts.created_at else None,
        "made_by": dict(report.made_by),
        "samples": [_sample(sample) for sample in report.samples],
    }


def render(report: Report) -> bytes:
    """The file's bytes."""
    return (json.dumps(document_of(report), indent=1, ensure_ascii=False) + "\n").encode()


def _sample(sample: SampleResult) -> dict[str, Any]:
    return {
        "sample": sample.sample,
        "outcome": sample.outcome.value,
        "reason": sample.reason,
        "flags": [flag.as_json() for flag in sample.flags],
        "reads": None if sample.reads is None else dict(sample.reads),
        "cross_match": None if sample.cross_match is None else dict(sample.cross_match),
        "loci": [dict(locus.document) for locus in sample.loci],
        "unexplained": [dict(entry) for entry in sample.unexplained],
    }
