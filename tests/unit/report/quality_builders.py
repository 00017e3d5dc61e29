"""Small builders of results: a sample is said in a line, and typed as a typer would write it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gems_core.hla import loci_of_class
from gems_core.plate import Placement, Role
from gems_report.model import Report, RunFacts, SampleResult, make_report, typed_sample

STATE = {"state": "done", "reason": "", "program": "cross_match", "version": "1.1"}
NEGATIVE = Placement("H12", Role.NEGATIVE_CONTROL)


def allele(name: str, *more: str, pairs: float = 100.0, share: float = 0.5) -> dict[str, Any]:
    return {
        "name": name,
        "ambiguities": [name, *more],
        "g_group": "",
        "p_group": "",
        "ciwd": "",
        "documentation": "complete",
        "pairs": pairs,
        "share": share,
    }


def flag(code: str, **evidence: Any) -> dict[str, Any]:
    return {"code": code, "message": f"{code} it is", "evidence": evidence}


def locus(
    name: str,
    *alleles: dict[str, Any] | str,
    flags: Sequence[dict[str, Any]] = (),
    state: str | None = None,
    depths: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    """A locus of typing.json; without alleles it has no call. ``depths``: pairs of each allele by amplicon."""
    entries = [allele(one) if isinstance(one, str) else one for one in alleles]
    rows = [
        {"amplicon": amplicon, "allele": one["name"], "pairs": pairs, "known_bp": 2, "unknown_bp": 0}
        for one in entries
        for amplicon, pairs in (depths or {"Exon 2": 50.0}).items()
    ]
    return {
        "locus": name,
        "state": state or ("no_call", "homozygous", "heterozygous")[len(entries)],
        "flags": list(flags),
        "alleles": entries,
        "candidates": [],
        "coverage": [{**row, "mean_depth": 3.5, "minimum_depth": 1} for row in rows],
        "gl_string": "+".join(one["name"] for one in entries),
    }


def typing(sample: str, *loci: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """A typing.json; loci of class 1 that are not given have no call."""
    given = {one["locus"]: one for one in loci}
    filters = [{"name": "no_primer", "pairs": 2, "meaning": "no primer"}]
    return {
        "schema_version": 1,
        "sample": sample,
        "hla_class": "1",
        "versions": {"typer": "0.1.0"},
        "reads": {"pairs": 1000, "used_pairs": 998, "filters": filters, "sequencer_runs": ["M01716:1:F:1"]},
        "flags": [],
        "loci": [given.get(name) or locus(name) for name in loci_of_class("1")],
        **parts,
    }


def person(sample: str, a: Sequence[str] = (), **parts: Any) -> SampleResult:
    """A well typed person, with these alleles of HLA-A."""
    names = a or ("A*01:01:01:01", "A*02:01:01:01")
    loci = (
        locus("A", *names),
        locus("B", "B*07:02:01", "B*08:01:01"),
        locus("C", "C*07:01:01", "C*07:02:01"),
    )
    return typed(typing(sample, *loci, **parts))


def typed(document: Mapping[str, Any]) -> SampleResult:
    return typed_sample(str(document["sample"]), document, STATE)


def report_of(*samples: SampleResult, plate: Mapping[str, Placement] | None = None, hla_class: str = "1") -> Report:
    return make_report(RunFacts("key", "bucket", "run1", hla_class, None, {}, plate or {}), samples)
