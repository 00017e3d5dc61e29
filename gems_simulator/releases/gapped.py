"""Alleles of a release that have bases more or fewer in an exon than the others of their family."""

from __future__ import annotations

from collections import Counter

from gems_core.bases import GAP, UNKNOWN
from gems_core.hla import AlleleName
from gems_reference.library import Locus


def gapped_alleles(locus: Locus) -> tuple[str, ...]:
    """In the release's order, those whose exons have a base where most of their family have none, or none where most have one."""
    families: dict[str, list[str]] = {}
    for name in locus.alleles:
        families.setdefault(AlleleName.parse(name).fields[0], []).append(name)
    found = {name for names in families.values() for name in _of_family(locus, names)}
    return tuple(name for name in locus.alleles if name in found)


def _of_family(locus: Locus, names: list[str]) -> set[str]:
    exons = [slot for slot, feature in enumerate(locus.features) if "exon" in feature]
    found: set[str] = set()
    for slot in exons:
        cells = {name: locus.alleles[name].cells[slot] for name in names}
        distinct = Counter(cells.values())
        rows = locus.rows[slot]
        for column in range(len(rows[0])):
            gaps = Counter[bool]()
            for cell, times in distinct.items():
                if rows[cell][column] != UNKNOWN:
                    gaps[rows[cell][column] == GAP] += times
            if len(gaps) > 1:
                usual = gaps[True] > gaps[False]
                odd = {c for c in distinct if rows[c][column] != UNKNOWN and (rows[c][column] == GAP) != usual}
                found |= {name for name, cell in cells.items() if cell in odd}
    return found
