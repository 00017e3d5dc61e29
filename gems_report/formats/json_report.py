"""``report.json``: everything, for programs (docs/contracts.md, section 7)."""

from __future__ import annotations

import json
from typing import Any

from gems_core.review.document import REVIEW_DOCUMENT, Part
from gems_core.review.views import APPROVAL, OVERRIDE
from gems_report.model import Report, SampleResult
from gems_report.quality.losses import losses_of
from gems_report.records import to_json
from gems_report.review import SignedSample
from gems_report.verdict import Judgement

SCHEMA_VERSION = 1


def document_of(report: Report) -> dict[str, Any]:
    """The report as a JSON object."""
    return {**head_of(report), "samples": [sample_of(report, sample) for sample in report.samples]}


def head_of(report: Report) -> dict[str, Any]:
    """The report but its samples."""
    return {
        "schema_version": SCHEMA_VERSION,
        "session_key": report.facts.session_key,
        "bucket": report.facts.bucket,
        "prefix": report.facts.prefix,
        "hla_class": report.facts.hla_class,
        "created_at": report.facts.created_at.isoformat() if report.facts.created_at else None,
        "made_by": dict(report.made_by),
        **_judged(report.judgement),
        "quality": to_json(report.quality),
        **({"review": REVIEW_DOCUMENT.write(Part.whole(report.review.job))} if report.review is not None else {}),
    }


def render(report: Report) -> bytes:
    """The file's bytes: those of ``json.dumps``, made sample by sample, for all at once take ten times their size."""
    head = _dumped(head_of(report)).removesuffix("\n}")
    samples = (_indented(_dumped(sample_of(report, sample))) for sample in report.samples)
    listed = ",\n".join(samples)
    return (
        f'{head},\n "samples": [\n{listed}\n ]\n}}\n'.encode() if listed else f'{head},\n "samples": []\n}}\n'.encode()
    )


def _dumped(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False)


def _indented(dumped: str) -> str:
    """Two spaces further in. textwrap.indent would take signs such as U+2028, which a text may hold, for ends of lines."""
    return "  " + dumped.replace("\n", "\n  ")


def _judged(judgement: Judgement) -> dict[str, Any]:
    return {"verdict": judgement.verdict.value, "reasons": to_json(judgement.reasons)}


def sample_of(report: Report, sample: SampleResult) -> dict[str, Any]:
    """A sample of the report as a JSON object."""
    placed, signed = report.placement_of(sample), report.signed(sample)
    return {
        "sample": sample.sample,
        "well": placed.well,
        "role": placed.role.value,
        "expected": placed.expected,
        "outcome": sample.outcome.value,
        "reason": sample.reason,
        **_judged(report.judgement_of(sample)),
        "quality": {"used_share": round(losses_of(sample.reads).used_share, 4)},
        "flags": [flag.as_json() for flag in sample.flags],
        "reads": None if sample.reads is None else dict(sample.reads),
        "cross_match": None if sample.cross_match is None else dict(sample.cross_match),
        "loci": [dict(locus.document) for locus in sample.loci],
        "unexplained": [dict(entry) for entry in sample.unexplained],
        **({"review": _signed(signed)} if signed is not None else {}),
    }


def _signed(signed: SignedSample) -> dict[str, Any]:
    """A sample's review; the entries of the log stand once, in the head of the report."""
    review = signed.review
    return {
        "standing": signed.standing.value,
        "told": signed.headline,
        "state": review.state.value,
        "assignee": review.assignee,
        "results": signed.results,
        "judged_results": signed.judged_results,
        "approvals": [APPROVAL.write(approval) for approval in review.approvals],
        "overrides": [OVERRIDE.write(override) for override in signed.overrides],
        "entries": [said.number for said in signed.said],
    }
