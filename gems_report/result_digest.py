"""The digest of one sample's results: what a person approves. The same from report.json and from what a page reads.

It covers what was called and what was said against it: outcome, verdict, flags, and for each locus state, alleles with all names that
fit them, and the GL String. Depths and pictures are not in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gems_core.review.chain import canonical, sha256
from gems_report.pages import SamplePage
from gems_report.pages.typing_parts import Locus


def digest_of_page(page: SamplePage) -> str:
    """The SHA-256, in hexadecimal, of what a page shows as the results of its sample."""
    loci = [
        _locus(
            locus.locus,
            locus.state,
            [(allele.name, allele.ambiguities) for allele in locus.alleles],
            locus.gl_string,
            (flag.code for flag in locus.flags),
        )
        for locus in page.loci
    ]
    return _digest(page.sample, page.outcome.value, page.verdict.value, (flag.code for flag in page.flags), loci)


def digest_of_report(sample: Mapping[str, Any]) -> str:
    """The same of a sample's part of report.json.

    Raises:
        KeyError, TypeError: it is no such part.
    """
    loci = [
        _locus(
            locus["locus"],
            locus["state"],
            [(allele["name"], allele["ambiguities"]) for allele in locus["alleles"]],
            locus.get("gl_string", ""),
            (flag["code"] for flag in locus["flags"]),
        )
        for locus in sample["loci"]
    ]
    flags = (flag["code"] for flag in sample["flags"])
    return _digest(sample["sample"], sample["outcome"], sample["verdict"], flags, loci)


def call_of(locus: Locus) -> str:
    """What the typer called at a locus, in a word: its alleles, or why there are none."""
    return "+".join(allele.name for allele in locus.alleles) or locus.state


def _locus(
    locus: str, state: str, alleles: Iterable[tuple[str, Iterable[str]]], gl_string: str, flags: Iterable[str]
) -> dict[str, object]:
    called = [{"name": name, "ambiguities": list(others)} for name, others in alleles]
    return {"locus": locus, "state": state, "alleles": called, "gl_string": gl_string, "flags": sorted(flags)}


def _digest(sample: str, outcome: str, verdict: str, flags: Iterable[str], loci: list[dict[str, object]]) -> str:
    said = {"sample": sample, "outcome": outcome, "verdict": verdict, "flags": sorted(flags), "loci": loci}
    return sha256(canonical({"format": 1, **said}))
