"""``report.stats_mqc.json`` and ``report.calls_mqc.json``: what MultiQC shows of a run, as its custom content.

Source: docs.seqera.io/multiqc/custom_content. A file is one section, so the general statistics and the calls are two.
"""

from __future__ import annotations

import json
from html import escape
from typing import Any

from gems_core.protocol.done_marker import SampleOutcome
from gems_report.flags import SIGNS_TOLD, sign_of
from gems_report.model import Report, SampleResult
from gems_report.quality.losses import losses_of
from gems_report.reported import MadeBy, depth_of, names_at_level, naming_of, state_told

_REVIEW_HEADER = {"review": {"title": "HLA review", "description": "GeMS: whether two people have approved"}}


def render_stats(report: Report) -> bytes:
    """The general statistics: a row a sample in MultiQC's first table."""
    return _written(
        {
            "id": "gems_stats",
            "plot_type": "generalstats",
            "headers": {
                "verdict": {"title": "HLA verdict", "description": "GeMS: PASS, REVIEW or FAIL"},
                "pairs": {"title": "HLA pairs", "description": "GeMS: read pairs", "format": "{:,.0f}", "min": 0},
                "used": {"title": "HLA used", "suffix": "%", "description": "GeMS: pairs used", "min": 0, "max": 100},
                "loci": {"title": "HLA loci", "description": "GeMS: loci with a call", "format": "{:,.0f}", "min": 0},
                "depth": {"title": "HLA depth", "description": "GeMS: lowest depth of a call", "min": 0},
                "flags": {"title": "HLA flags", "description": "GeMS: flags", "format": "{:,.0f}", "min": 0},
                **({} if report.review is None else _REVIEW_HEADER),
            },
            "data": {sample.sample: _stats(report, sample) for sample in report.samples},
        }
    )


def render_calls(report: Report) -> bytes:
    """A table of the calls at the report's level; a sign marks a flagged one."""
    return _written(
        {
            "id": "gems_calls",
            "section_name": "HLA types",
            "description": f"Calls by GeMS, release {MadeBy.of(report).release or 'unknown'}. {SIGNS_TOLD}.",
            "plot_type": "table",
            "pconfig": {"id": "gems_calls_table", "title": "GeMS: HLA types", "no_violin": True},
            "headers": {locus: {"title": f"HLA-{locus}", "scale": False} for locus in report.loci},
            "data": {
                sample.sample: {call.locus: _called(report, sample, call.locus) for call in sample.loci}
                for sample in report.samples
                if sample.outcome is SampleOutcome.TYPED
            },
        }
    )


def _stats(report: Report, sample: SampleResult) -> dict[str, Any]:
    signed = report.signed(sample)
    review = {"review": signed.standing.value.replace("_", " ")} if signed is not None else {}
    return {**_counted(report, sample), **review}


def _counted(report: Report, sample: SampleResult) -> dict[str, Any]:
    verdict = report.judgement_of(sample).verdict.value
    if sample.outcome is SampleOutcome.FAILED:
        return {"verdict": verdict}
    losses = losses_of(sample.reads)
    depths = [depth.lowest for call in sample.loci if (depth := depth_of(call)) is not None]
    return {
        "verdict": verdict,
        "pairs": losses.pairs,
        "used": round(100 * losses.used_share, 1),
        "loci": sum(bool(call.alleles) for call in sample.loci),
        "depth": round(min(depths), 1) if depths else 0.0,
        "flags": len(sample.flags) + sum(len(call.flags) for call in sample.loci),
    }


def _called(report: Report, sample: SampleResult, locus: str) -> str:
    call = next(call for call in sample.loci if call.locus == locus)
    names = [name for name in names_at_level(call, naming_of(report.choices, MadeBy.of(report, sample))) if name]
    told = ("+".join(names) or state_told(call.state)) + f" {sign_of(call.flags)}".rstrip()
    signed = report.signed(sample)
    override = signed.review.overrides.get(locus) if signed is not None else None
    return f"{told}; overridden: {escape(override.call)} ({override.by})" if override is not None else told


def _written(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()
