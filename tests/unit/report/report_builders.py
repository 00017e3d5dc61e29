"""Reports for tests: of the contract's own sample, and of loci that a test states."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gems_report.model import Choices, LocusCall, Report, RunFacts, SampleResult, make_report, typed_sample

CONTRACT = Path(__file__).parents[2] / "contract"
SKIPPED = {"state": "skipped", "reason": "none on PATH", "program": None, "version": None}
FACTS = RunFacts("", "", "runs/run-7", "all", datetime(2026, 11, 29, 12, tzinfo=UTC), {})


def contract_typing() -> dict[str, Any]:
    """The contract's own typing.json, one's own to change."""
    return dict(json.loads((CONTRACT / "typing.sample.json").read_text()))


def allele(name: str, *more: str, g_group: str = "", p_group: str = "") -> dict[str, Any]:
    return {
        "name": name,
        "ambiguities": [name, *more],
        "g_group": g_group,
        "p_group": p_group,
        "ciwd": "",
        "share": 0.5,
    }


def locus(
    name: str, state: str, alleles: Sequence[dict[str, Any]] = (), gl_string: str = "", **more: Any
) -> dict[str, Any]:
    """A locus of typing.json without depth; ``more`` adds or replaces keys."""
    document = {"locus": name, "state": state, "alleles": list(alleles), "gl_string": gl_string}
    return {**document, "flags": [], "candidates": [], "coverage": [], **more}


def typing_of(sample: str, *loci: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A typing.json of some loci."""
    document = contract_typing()
    return {**document, "sample": sample, "flags": [], "loci": copy.deepcopy(list(loci)), **more}


def sample_of(sample: str, *loci: dict[str, Any], **more: Any) -> SampleResult:
    return typed_sample(sample, typing_of(sample, *loci, **more), SKIPPED)


def call_of(
    name: str, state: str, alleles: Sequence[dict[str, Any]] = (), gl_string: str = "", **more: Any
) -> LocusCall:
    return sample_of("S1", locus(name, state, alleles, gl_string, **more)).loci[0]


def report_of(*samples: SampleResult, choices: Choices | None = None, facts: RunFacts = FACTS) -> Report:
    made = make_report(facts, samples)
    return Report(made.facts, made.loci, made.made_by, made.samples, choices or Choices())


def contract_report(choices: Choices | None = None) -> Report:
    """A report of the contract's own sample."""
    typing = contract_typing()
    return report_of(typed_sample(typing["sample"], typing, SKIPPED), choices=choices)
