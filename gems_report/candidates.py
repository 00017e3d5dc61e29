"""The coverage table of a locus: pairs of each candidate and place, as the desktop GeMS-UI draws it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gems_core.json_input import ODD_CONTENT
from gems_report.model import LocusCall

Pairs = float | None
"""0 where the candidate has another base than its pairs, None where its sequence is not known."""


@dataclass(frozen=True)
class CandidateRow:
    """One allele; ``pairs`` has an entry for each place."""

    allele: str
    is_called: bool
    pairs: tuple[Pairs, ...]


@dataclass(frozen=True)
class CandidateTable:
    """Rows in the typer's order. Of a typer that counts called alleles only, these."""

    places: tuple[str, ...]
    rows: tuple[CandidateRow, ...]


def candidate_table(call: LocusCall) -> CandidateTable:
    """The table of a call; empty where nothing was counted, and where the typer counts in another way."""
    told = call.document.get("candidate_pairs")
    try:
        return _of_candidates(told) if told else _of_coverage(call)
    except ODD_CONTENT:
        return CandidateTable((), ())


def _of_candidates(told: Mapping[str, Any]) -> CandidateTable:
    rows = (
        CandidateRow(
            str(row["allele"]),
            bool(row["called"]),
            tuple(None if pairs is None else float(pairs) for pairs in row["pairs"]),
        )
        for row in told["rows"]
    )
    return CandidateTable(tuple(str(place) for place in told["places"]), tuple(rows))


def _of_coverage(call: LocusCall) -> CandidateTable:
    """Of typers that count no candidates: the called alleles, in each place."""
    counted = call.document.get("coverage", ())
    places = tuple(dict.fromkeys(str(row["amplicon"]) for row in counted))
    found: dict[str, dict[str, Pairs]] = {}
    for row in counted:
        pairs = float(row["pairs"]) if row["known_bp"] else None
        found.setdefault(str(row["allele"]), {})[str(row["amplicon"])] = pairs
    rows = (CandidateRow(allele, True, tuple(of.get(place) for place in places)) for allele, of in found.items())
    return CandidateTable(places, tuple(rows))
