"""Sequences that no genome has: adapters, primer dimers, and repeats that a polymerase slipped on."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from gems_core.bases import reverse_complement
from worker.explain import thresholds
from worker.explain.comparison import Comparison
from worker.explain.sequences import Unexplained

ADAPTERS = {
    "TruSeq": "AGATCGGAAGAGC",
    "Nextera": "CTGTCTCTTATACACATCT",
}
"""What a read goes on with when its fragment ends. Source: Illumina Adapter Sequences (document 1000000002694); the first is
what the TruSeq adapters of both reads begin with."""
_CLEAR = frozenset("ACGT")


class Kind(StrEnum):
    """What made the artefact."""

    ADAPTER = "adapter"
    PRIMER_DIMER = "primer_dimer"
    SLIPPAGE = "slippage"


@dataclass(frozen=True)
class Artefact:
    """An artefact, and in ``detail`` what shows it, for people."""

    kind: Kind
    detail: str


def read_primers(panel: Path) -> tuple[str, ...]:
    """All primers of a panel (docs/contracts.md, section 2), both strands; none of ``# panel: none``.

    Raises:
        OSError, ValueError, KeyError: the panel is not as the contract has it.
    """
    with panel.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t"))
    primers = {row[column] for row in rows for column in ("forward_primer", "reverse_primer")}
    return tuple(sorted(primers | {reverse_complement(primer) for primer in primers if set(primer) <= _CLEAR}))


def made_artefact(query: Unexplained, primers: Sequence[str]) -> Artefact | None:
    """An adapter or a primer dimer, by the sequence alone."""
    for name, adapter in ADAPTERS.items():
        for bases in (adapter, reverse_complement(adapter)):
            if bases[: thresholds.SHORTEST_ADAPTER_BP] in query.bases:
                at = query.bases.index(bases[: thresholds.SHORTEST_ADAPTER_BP]) + 1
                return Artefact(Kind.ADAPTER, f"Illumina's {name} adapter from base {at} on")
    length = len(query.bases)
    if length <= thresholds.LONGEST_DIMER_BP:
        return Artefact(Kind.PRIMER_DIMER, f"only {length} bases between the primers")
    share = _share_under_primers(query.bases, primers)
    if share >= thresholds.SMALLEST_DIMER_PRIMER_SHARE:
        return Artefact(Kind.PRIMER_DIMER, f"{share:.0%} of its bases are the panel's primers")
    return None


def slippage(share: float, comparisons: Sequence[Comparison]) -> tuple[Artefact, Comparison] | None:
    """A short repeat that is longer or shorter than in an allele that the sample has, and nothing else.

    Args:
        share: of the amplicon's pairs.
        comparisons: of the sequence with the sample's called alleles.
    """
    if share >= thresholds.LARGEST_SLIPPAGE_SHARE:
        return None
    for found in comparisons:
        repeat = changed_repeat(found)
        if repeat is not None:
            return Artefact(Kind.SLIPPAGE, f"{repeat} of {found.allele}"), found
    return None


def changed_repeat(found: Comparison) -> str | None:
    """The repeat whose length is the comparison's only difference, in words; None where there is more or another one."""
    edits = [(edit, at) for at, edits in enumerate(found.edits) for edit in edits]
    if len(edits) != 1 or (edits[0][0].old and edits[0][0].new):
        return None
    edit, at = edits[0]
    changed = edit.old or edit.new
    unit = _unit(changed)
    if unit is None:
        return None
    bases = found.laying.stretches[at].bases
    copies = _copies_around(bases, edit.query, unit) + (len(edit.old) // len(unit))
    if copies < thresholds.FEWEST_REPEAT_COPIES[len(unit)]:
        return None
    word = "shorter" if edit.old else "longer"
    return f"{copies} copies of {unit}, by {len(changed) // len(unit)} {word} than those"


def _unit(bases: str) -> str | None:
    for length in range(1, min(len(bases), thresholds.LONGEST_REPEAT_UNIT_BP) + 1):
        if len(bases) % length == 0 and bases[:length] * (len(bases) // length) == bases:
            return bases[:length]
    return None


def _copies_around(bases: str, at: int, unit: str) -> int:
    """Copies of the unit that stand before and from a place on without a break."""
    start = end = at
    while bases[end : end + len(unit)] == unit:
        end += len(unit)
    while start >= len(unit) and bases[start - len(unit) : start] == unit:
        start -= len(unit)
    return (end - start) // len(unit)


def _share_under_primers(bases: str, primers: Sequence[str]) -> float:
    size = thresholds.SHORTEST_PRIMER_MATCH_BP
    words = {primer[at : at + size] for primer in primers for at in range(len(primer) - size + 1)}
    under: set[int] = set()
    for at in range(len(bases) - size + 1):
        if bases[at : at + size] in words:
            under.update(range(at, at + size))
    return len(under) / len(bases)
